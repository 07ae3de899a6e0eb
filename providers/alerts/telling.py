"""Hands alerts on: one message a rule, over its webhook or by e-mail, until it was taken."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpcore2
import httpx2
import msgspec
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q

from .. import jobs, vault
from ..addresses import networks
from ..choices import AlertEvent
from ..facts import MAX_TEXT
from ..models import Alert, AlertRule
from ..models.alert import addresses_in
from ..network import (
    DeadlinePassed,
    Forbidden,
    GuardedTransport,
    check_behind_proxy,
    check_url,
)

SECONDS = 10.0  # for one message, all in all
MOST_NAMED = 20  # alerts that the words of one message name; its data names all
MOST_AT_ONCE = 500
_BROKEN = (
    httpx2.HTTPError,
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    OSError,
)


class NotTold(Exception):
    """Why a message was not taken."""


def tell(*, now: datetime) -> int:
    """Hands on what nobody was told of yet; how many alerts. A way that fails is tried later."""
    due = Q(next_try_at=None) | Q(next_try_at__lte=now)
    has_way = ~Q(sealed_webhook="") | ~Q(emails="")
    told = 0
    for rule in AlertRule.objects.filter(due, has_way, enabled=True):
        news = _news(rule)
        if not news:
            continue
        try:
            _send(rule, news)
        except NotTold as error:
            _put_off(rule, now, str(error))
            continue
        for event in AlertEvent:
            those = [alert.pk for alert in news if alert.event is event]
            Alert.objects.filter(pk__in=those).update(told=event.value)
        AlertRule.objects.filter(pk=rule.pk).update(next_try_at=None, tries=0, last_error="")
        told += len(news)
    return told


def test(rule: AlertRule, *, now: datetime) -> None:
    """Sends a message that says it is a test. Raises NotTold."""
    _send(rule, [Alert(rule=rule, subject="test", said="This is a test.", opened_at=now)])


def _news(rule: AlertRule) -> list[Alert]:
    """Opened and not told, or over and not told so; the oldest first."""
    untold = Q(told="") | Q(told=AlertEvent.OPENED.value, closed_at__isnull=False)
    rows = rule.alerts.filter(untold).select_related("endpoint__provider", "endpoint__upstream")
    return list(rows.order_by("opened_at", "pk")[:MOST_AT_ONCE])


def _put_off(rule: AlertRule, now: datetime, error: str) -> None:
    delay = min(jobs.retry_after(rule.tries + 1), timedelta(hours=1))
    AlertRule.objects.filter(pk=rule.pk).update(
        next_try_at=now + delay, tries=rule.tries + 1, last_error=error[:MAX_TEXT]
    )


def _send(rule: AlertRule, alerts: Sequence[Alert]) -> None:
    if rule.emails:
        _mail(rule, alerts)
    else:
        _post(rule, alerts)


# -- the message -----------------------------------------------------------------------------------


def text(rule: AlertRule, alerts: Sequence[Alert]) -> str:
    """What people read: a heading, then a line an alert."""
    lines = [f"{_WORDS[alert.event]}: {alert.said}" for alert in alerts[:MOST_NAMED]]
    if len(alerts) > MOST_NAMED:
        lines.append(f"and {len(alerts) - MOST_NAMED} more")
    return "\n".join([f"Model Almanac, {rule.name}:", *lines])


_WORDS = {AlertEvent.OPENED: "Trouble", AlertEvent.CLOSED: "Over"}


def payload(rule: AlertRule, alerts: Sequence[Alert]) -> dict[str, Any]:
    """What programs read. `text` is what chat systems show of an incoming webhook."""
    return {
        "text": text(rule, alerts),
        "rule": rule.name,
        "kind": rule.kind,
        "alerts": [
            {
                "id": f"{alert.pk or 'test'}:{alert.event.value}",
                "event": alert.event.value,
                "said": alert.said,
                "provider": alert.endpoint.provider.slug if alert.endpoint else None,
                "endpoint": alert.endpoint.native_id if alert.endpoint else None,
                "opened_at": alert.opened_at.isoformat(),
                "closed_at": alert.closed_at.isoformat() if alert.closed_at else None,
            }
            for alert in alerts
        ],
    }


# -- ways ------------------------------------------------------------------------------------------


def _post(rule: AlertRule, alerts: Sequence[Alert]) -> None:
    """One POST that must be answered 2xx; no redirect is followed, and the answer is not read."""
    try:
        url = httpx2.URL(vault.unseal(rule.sealed_webhook))
    except vault.Sealed as error:
        raise NotTold(str(error)) from None
    allowed = networks(settings.ALLOWED_PRIVATE_NETWORKS)
    transport = GuardedTransport(allowed, time.monotonic() + SECONDS, settings.HTTPS_PROXY)
    with httpx2.Client(transport=transport, trust_env=False, timeout=None) as client:  # noqa: S113 the deadline bounds every step
        try:
            check_url(url, allowed)
            if settings.HTTPS_PROXY:
                check_behind_proxy(url, allowed)
            request = client.build_request(
                "POST",
                url,
                content=msgspec.json.encode(payload(rule, alerts)),
                headers={"Content-Type": "application/json", "User-Agent": "model-almanac"},
            )
            answer = client.send(request, stream=True)
            answer.close()
        except DeadlinePassed:
            raise NotTold(f"{url.host} did not answer within {SECONDS:g} seconds") from None
        except Forbidden:
            raise NotTold(
                f"{url.host} may not be called: neither https and public nor within "
                "ALLOWED_PRIVATE_NETWORKS"
            ) from None
        except _BROKEN:
            raise NotTold(f"the connection to {url.host} broke") from None
    if not answer.is_success:
        raise NotTold(f"{url.host} answered {answer.status_code}")


def _mail(rule: AlertRule, alerts: Sequence[Alert]) -> None:
    if not settings.EMAIL_URL:
        raise NotTold("EMAIL_URL is not set any more")
    message = EmailMessage(
        subject=f"[Model Almanac] {' '.join(rule.name.split())}: {len(alerts)}",
        body=text(rule, alerts),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=addresses_in(rule.emails),
    )
    try:
        message.send()
    except OSError as error:  # smtplib's errors are of this kind
        raise NotTold(f"the mail server: {error}") from None
