"""Opens an alert where a rule finds something wrong, and closes it when that is over."""

from datetime import datetime, timedelta

from ..choices import AlertEvent, AlertKind
from ..facts import MAX_TEXT
from ..models import Alert, AlertRule
from .findings import GONE_IS_OVER, Finding, find

KEPT = timedelta(days=90)


def check(*, now: datetime) -> tuple[int, int]:
    """Looks at every rule; how many alerts were opened and closed.

    Safe to repeat and to be killed anywhere: an alert is open once, whoever opens it.
    """
    rules = AlertRule.objects.select_related("provider", "endpoint__provider")
    opened = closed = 0
    for rule in rules.filter(enabled=True):
        standing = {alert.subject: alert for alert in rule.alerts.filter(closed_at=None)}
        found = {finding.subject[:MAX_TEXT]: finding for finding in find(rule, now=now)}
        opened += _open(rule, {s: f for s, f in found.items() if f.is_wrong}, standing, now)
        stays_when_gone = AlertKind(rule.kind) not in GONE_IS_OVER
        over = [
            alert.pk
            for subject, alert in standing.items()
            if not (found[subject].is_wrong if subject in found else stays_when_gone)
        ]
        closed += Alert.objects.filter(pk__in=over, closed_at=None).update(closed_at=now)
    for rule in AlertRule.objects.filter(enabled=False):
        drop(rule, now=now)
    Alert.objects.filter(closed_at__lt=now - KEPT).delete()
    return opened, closed


def drop(rule: AlertRule, *, now: datetime) -> None:
    """Closes what the rule has open, without a word: it is off, or looks elsewhere now."""
    rule.alerts.filter(closed_at=None).update(closed_at=now, told=AlertEvent.CLOSED.value)


def _open(
    rule: AlertRule, wrong: dict[str, Finding], standing: dict[str, Alert], now: datetime
) -> int:
    new = [
        Alert(
            rule=rule,
            subject=subject,
            endpoint_id=finding.endpoint,
            said=finding.said[:MAX_TEXT],
            opened_at=now,
        )
        for subject, finding in wrong.items()
        if subject not in standing
    ]
    Alert.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
