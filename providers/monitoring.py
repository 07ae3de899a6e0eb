"""GET /metrics: the site about itself, in Prometheus' text format. Closed unless allowed.

What one process counts comes from `prometheus_client`; what all of them share is read from the
database at each scrape.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from secrets import compare_digest

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from . import jobs, monitor_queries, queries

CLOSED = (
    "Metrics are closed. Name the scraper's network in METRICS_ALLOWED, or set METRICS_TOKEN and "
    "send it as `Authorization: Bearer …`. Through a proxy the token alone opens them.\n"
)
# A proxy's own address says nothing about who asked it.
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not is_allowed(request):
        answer = HttpResponse(CLOSED, status=403, content_type="text/plain; charset=utf-8")
    else:
        answer = HttpResponse(_text(datetime.now(UTC)), content_type=CONTENT_TYPE_LATEST)
    answer["Cache-Control"] = "no-store"
    return answer


def is_allowed(request: HttpRequest) -> bool:
    """By the token, or by the address of who asks in person."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in network for network in settings.METRICS_ALLOWED)


def _text(now: datetime) -> bytes:
    shared = CollectorRegistry()
    shared.register(Shared(now))
    return generate_latest(_counted()) + generate_latest(shared)


def _counted() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # registers itself
    return registry


class Shared(Collector):
    """What is the same whichever process is asked. Six queries."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def describe(self) -> list[Metric]:
        """Nothing, or registering would already read the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield from self._jobs()
        yield from self._sources()
        yield from self._measurements()
        yield from self._alerts()

    def _jobs(self) -> Iterator[Metric]:
        by_state = _gauge("almanac_jobs", "Jobs by name and state.", "name", "state")
        failing = _gauge("almanac_jobs_failing", "Jobs whose last attempt failed.", "name")
        late = _gauge("almanac_job_overdue_seconds", "How long the first due job waits.", "name")
        for row in jobs.standing(self.now):
            for state, count in row.counts.items():
                by_state.add_metric([row.name, state], count)
            failing.add_metric([row.name], row.failing)
            late.add_metric([row.name], self._age(row.due_since or self.now))
        yield from (by_state, failing, late)

    def _sources(self) -> Iterator[Metric]:
        ages = _gauge(
            "almanac_source_age_seconds",
            "Age of what a source last stated as a whole; none before its first reading.",
            "source",
        )
        for source in queries.sources().values():
            if source.as_of:
                ages.add_metric([source.slug], self._age(source.as_of))
        yield ages

    def _measurements(self) -> Iterator[Metric]:
        taken = _gauge(
            "almanac_observations_last_hour",
            "Measurements of the last hour, whichever process took them.",
            "inlet",
        )
        for inlet, count in monitor_queries.taken_in_the_last_hour(self.now).items():
            taken.add_metric([inlet], count)
        waiting, since = monitor_queries.waiting_to_be_counted()
        names, events = monitor_queries.quarantined()
        yield taken
        yield _single("almanac_deliveries_uncounted", "Deliveries in no roll-up yet.", waiting)
        yield _single(
            "almanac_delivery_uncounted_seconds",
            "How long the oldest of them waits.",
            self._age(since or self.now),
        )
        yield _single("almanac_quarantined_names", "Names that no endpoint bears.", names)
        yield _single("almanac_quarantined_observations", "Measurements that bore them.", events)

    def _alerts(self) -> Iterator[Metric]:
        alerts = _gauge("almanac_alerts_open", "Alerts that are not over.", "rule")
        for rule, count in monitor_queries.open_alerts().items():
            alerts.add_metric([rule], count)
        yield alerts

    def _age(self, moment: datetime) -> float:
        return max(0.0, (self.now - moment).total_seconds())


def _gauge(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, labels=labels)


def _single(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)
