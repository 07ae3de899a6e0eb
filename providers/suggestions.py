"""Readers' suggestions: kept for the editors, counted against floods, answered once.

Nobody needs an account, so a sender is a network address, and of that only a digest is kept. Its
key changes with the day: it counts what one sender sent and follows nobody any longer.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.crypto import salted_hmac

from .choices import Answer
from .facts import BadFact
from .models import Suggestion

PER_HOUR = 5
PER_DAY = 20
# Of all senders together: what editors could still read.
SITE_PER_DAY = 500
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_V6_NETWORK = 64  # one household or server has at least such a network to itself


@dataclass(frozen=True, slots=True)
class Words:
    """What a reader typed; lengths are those of the columns."""

    note: str
    proposed: str = ""
    link: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What it is about: at most one of endpoint, provider, model; `path`: the page it stood on."""

    endpoint: int | None = None
    provider: int | None = None
    model: str = ""
    key: str = ""
    condition: str = ""
    shown: str = ""
    path: str = ""


class TooMany(Exception):
    """Not kept: this sender, or all together, sent too many. `wait`: until one fits again."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


def suggest(about: About, words: Words, *, address: str, now: datetime) -> Suggestion:
    """Keeps a suggestion; raises TooMany. The same words sent twice are kept once.

    Written first and counted then: of any number of web processes that write at once, the last to
    count sees the others, so the limits hold without a lock.
    """
    senders = _senders(address, now)
    same = _row(about, words, senders[0], now)
    twin = Suggestion.objects.filter(
        **{
            name: getattr(same, name)
            for name in ("endpoint_id", "provider_id", "model", "key", "condition", "note")
        },
        proposed=words.proposed,
        sender__in=senders,
        state=Answer.OPEN.value,
        made_at__gt=now - _HOUR,
    ).first()
    if twin:
        return twin
    same.save()
    try:
        _refuse_flood(senders, now)
    except TooMany:
        same.delete()
        raise
    return same


def answer(suggestion: Suggestion, *, accept: bool, by: User, why: str, now: datetime) -> None:
    """An editor's word on a suggestion; the first one stands, a later one is refused (BadFact)."""
    if not accept and not why.strip():
        raise BadFact("say why it is declined: the next editor will ask")
    state = Answer.ACCEPTED if accept else Answer.DECLINED
    answered = Suggestion.objects.filter(pk=suggestion.pk, state=Answer.OPEN.value).update(
        state=state.value, answered_by=by, answered_at=now, answer=why.strip()
    )
    suggestion.refresh_from_db()
    if not answered:
        raise BadFact(f"already {suggestion.state} by {suggestion.answered_by}")


def _row(about: About, words: Words, sender: str, now: datetime) -> Suggestion:
    return Suggestion(
        endpoint_id=about.endpoint,
        provider_id=about.provider,
        model=about.model,
        key=about.key,
        condition=about.condition,
        shown=about.shown,
        path=about.path,
        note=words.note,
        proposed=words.proposed,
        link=words.link,
        contact=words.contact,
        sender=sender,
        made_at=now,
    )


# -- counting -------------------------------------------------------------------------------------


def _refuse_flood(senders: tuple[str, str], now: datetime) -> None:
    mine = Q(sender__in=senders)
    _limit(mine, PER_HOUR, _HOUR, now, f"You sent {PER_HOUR} reports within an hour.")
    _limit(mine, PER_DAY, _DAY, now, f"You sent {PER_DAY} reports within a day.")
    _limit(Q(), SITE_PER_DAY, _DAY, now, "Readers sent more reports today than editors can read.")


def _limit(whose: Q, most: int, within: timedelta, now: datetime, message: str) -> None:
    """Raises TooMany when more than `most` were kept in the time before now. One query."""
    kept = Suggestion.objects.filter(whose, made_at__gt=now - within).order_by("-made_at", "-pk")
    # The newest is the one in question: the last to fit before it must grow old first.
    blocking = kept.values_list("made_at", flat=True)[most : most + 1].first()
    if blocking is not None:
        raise TooMany(message, max(blocking + within - now, timedelta(seconds=1)))


def _senders(address: str, now: datetime) -> tuple[str, str]:
    """Digests of a sender, today's and yesterday's: a day's limit reaches over midnight."""
    network = _network(address)
    today, yesterday = (
        salted_hmac("almanac.suggestion", f"{day:%Y-%m-%d} {network}", algorithm="sha256")
        for day in (now, now - _DAY)
    )
    return today.hexdigest(), yesterday.hexdigest()


def _network(address: str) -> str:
    """An IPv4 address, or the /64 network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address  # a socket file: all who come through it are one sender
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _V6_NETWORK), strict=False))
