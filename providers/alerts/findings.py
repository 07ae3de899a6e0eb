"""What a rule finds wrong at a moment, what it finds in order, and what it cannot tell.

What cannot be told, for want of requests, opens no alert and closes none: a monitor's own outage is
no news of a provider.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from .. import stat_queries
from ..choices import AlertKind, Inlet, Period
from ..models import AlertRule, Endpoint, Job, ProbePlan, Rollup, Sender
from ..stat_queries import Outcomes, Slot
from ..stats.definitions import WAYS

HOUR = timedelta(hours=1)
MEDIAN = 0.5
# Of these a rule speaks as long as they are there; what is gone is over.
GONE_IS_OVER = {AlertKind.SILENT, AlertKind.STUCK}


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject`: what it is about, the same as long as it lasts. `said`: in words, with n."""

    subject: str
    said: str
    is_wrong: bool
    endpoint: int | None = None


def find(rule: AlertRule, *, now: datetime) -> list[Finding]:
    """All that the rule has something to say of. A few queries, however much is measured."""
    kind = AlertKind(rule.kind)
    if kind is AlertKind.FAILING:
        return list(_uptimes(rule, now))
    if kind is AlertKind.SLOW:
        return list(_medians(rule, now))
    if kind is AlertKind.SILENT:
        return list(_silences(rule, now))
    return list(_stuck_jobs(rule))


# -- what was measured -----------------------------------------------------------------------------


def _uptimes(rule: AlertRule, now: datetime) -> Iterator[Finding]:
    endpoints = _measured(rule, now)
    since, until = _two_hours(now)
    found = stat_queries.outcomes(endpoints, period=Period.HOUR, since=since, until=until)
    for pk, hours in found.items():
        for inlet in sorted({hour.inlet for hour in hours}):
            told = [hour for hour in hours if hour.inlet == inlet and _answers(hour) >= rule.least]
            if told:
                yield _uptime(rule, endpoints[pk], pk, told[-1])


def _uptime(rule: AlertRule, name: str, endpoint: int, hour: Outcomes) -> Finding:
    n = _answers(hour)
    percent = 100 * hour.ok / n
    told = f"uptime {percent:.1f} %, {hour.ok} of {n} ok"
    return Finding(
        subject=f"endpoint:{endpoint}:{hour.inlet}",
        said=f"{name}: {told}, {_measurement(hour.inlet, hour.start)}",
        is_wrong=percent < rule.threshold,
        endpoint=endpoint,
    )


def _answers(hour: Outcomes) -> int:
    return hour.ok + hour.provider_error


def _medians(rule: AlertRule, now: datetime) -> Iterator[Finding]:
    endpoints = _measured(rule, now)
    since, until = _two_hours(now)
    for inlet in Inlet:
        found = stat_queries.slots(
            endpoints, inlet=inlet, period=Period.HOUR, since=since, until=until
        )
        for pk, hours in found.items():
            told = [hour for hour in hours if hour.ttft.count >= rule.least]
            if told:
                yield _median(rule, endpoints[pk], pk, inlet, told[-1])


def _median(rule: AlertRule, name: str, endpoint: int, inlet: str, hour: Slot) -> Finding:
    milliseconds = 1000 * (hour.ttft.quantile(MEDIAN) or 0.0)
    told = f"TTFT p50 {milliseconds:.0f} ms, n = {hour.ttft.count}"
    return Finding(
        subject=f"endpoint:{endpoint}:{inlet}",
        said=f"{name}: {told}, {_measurement(inlet, hour.start)}",
        is_wrong=milliseconds > rule.threshold,
        endpoint=endpoint,
    )


def _measurement(inlet: str, hour: datetime) -> str:
    return f"in the hour from {hour:%H:%M} UTC, source: {WAYS[Inlet(inlet)].label}"


def _two_hours(now: datetime) -> tuple[datetime, datetime]:
    """The running hour and the one before: the newest with enough requests is judged."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return hour - HOUR, hour + HOUR


def _measured(rule: AlertRule, now: datetime) -> Mapping[int, str]:
    """Endpoints in the rule's reach that have figures of these hours, with their names."""
    since, until = _two_hours(now)
    of_late = Rollup.objects.filter(period=Period.HOUR, start__gte=since, start__lt=until)
    among = Endpoint.objects.filter(_reach(rule), pk__in=of_late.values("endpoint_id"))
    rows = among.values_list("pk", "provider__name", "native_id", "upstream__name")
    return {
        pk: f"{provider} {native_id}" + (f" over {upstream}" if upstream else "")
        for pk, provider, native_id, upstream in rows
    }


def _reach(rule: AlertRule) -> Q:
    reach = Q()
    if rule.provider_id:
        reach &= Q(provider=rule.provider_id)
    if rule.endpoint_id:
        reach &= Q(pk=rule.endpoint_id)
    return reach


# -- what was not ----------------------------------------------------------------------------------


def _silences(rule: AlertRule, now: datetime) -> Iterator[Finding]:
    """Plans that are on, and senders that once sent: by when the last of them came."""
    plans = ProbePlan.objects.filter(enabled=True)
    if rule.provider_id:
        plans = plans.filter(endpoint__provider=rule.provider_id)
    if rule.endpoint_id:
        plans = plans.filter(endpoint=rule.endpoint_id)
    for plan in plans.select_related("endpoint__provider", "endpoint__upstream"):
        if plan.last_at is not None:
            limit = max(timedelta(minutes=rule.threshold), 2 * plan.every)
            yield _silence(f"plan:{plan.pk}", f"Probes of {plan}", plan.last_at, limit, now)
    if rule.provider_id or rule.endpoint_id:
        return
    limit = timedelta(minutes=rule.threshold)
    for sender in Sender.objects.filter(paused=False):
        if sender.last_seen_at is not None:
            last = sender.last_seen_at
            yield _silence(f"sender:{sender.pk}", f"Sender {sender}", last, limit, now)


def _silence(subject: str, what: str, last: datetime, limit: timedelta, now: datetime) -> Finding:
    minutes = (now - last) // timedelta(minutes=1)
    return Finding(
        subject=subject,
        said=f"{what}: nothing for {minutes} minutes, the last at {last:%Y-%m-%d %H:%M} UTC",
        is_wrong=now - last > limit,
    )


def _stuck_jobs(rule: AlertRule) -> Iterator[Finding]:
    for job in Job.objects.filter(paused=False):
        yield Finding(
            subject=f"job:{job}",
            said=f"Job {job}: failed {job.attempt} times in a row, at last with: {job.last_error}",
            is_wrong=job.attempt >= rule.threshold,
        )
