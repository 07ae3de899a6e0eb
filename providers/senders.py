"""Who may hand in measurements: tokens are shown once and kept as hashes."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from .models import Sender

PREFIX = "almanac_"
HINT = 4  # characters of a token that lists show
SEEN_EVERY = timedelta(minutes=1)


def issue(name: str, *, now: datetime, inlets: Sequence[str] | None = None) -> str:
    """The token of a new sender, shown this once. Raises IntegrityError on a taken name."""
    token = _new_token()
    fields = {} if inlets is None else {"inlets": list(inlets)}
    Sender.objects.create(name=name, created_at=now, **_kept(token), **fields)
    return token


def renew(sender: Sender) -> str:
    """A new token; the one before is void from now on."""
    token = _new_token()
    Sender.objects.filter(pk=sender.pk).update(**_kept(token))
    return token


def pause(sender: Sender, paused: bool) -> None:
    Sender.objects.filter(pk=sender.pk).update(paused=paused)


def named(name: str) -> Sender | None:
    return Sender.objects.filter(name=name).first()


def who(token: str) -> Sender | None:
    """The sender whose token this is. One query.

    It is looked up by its hash, so that the time this takes says nothing of the token.
    """
    token_hash = _hash(token)
    sender = Sender.objects.filter(token_hash=token_hash).first()
    if sender is None or not hmac.compare_digest(sender.token_hash, token_hash):
        return None
    return sender


def saw(sender: Sender, now: datetime) -> None:
    """Note that it was here, once a minute."""
    if sender.last_seen_at is None or now - sender.last_seen_at >= SEEN_EVERY:
        earlier = Q(last_seen_at=None) | Q(last_seen_at__lt=now)
        Sender.objects.filter(earlier, pk=sender.pk).update(last_seen_at=now)


def _new_token() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _kept(token: str) -> dict[str, str]:
    return {"token_hash": _hash(token), "token_hint": token[-HINT:]}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
