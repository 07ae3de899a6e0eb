"""What was measured of a provider's endpoints in the last day, and their bad hours of a week."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse

from catalog.pages import links
from catalog.pages.incidents import Incident, incidents
from catalog.pages.links import Link
from catalog.pages.performance import figures
from catalog.pages.performance.asked import first_of
from catalog.queries import statistics
from providers import stat_queries
from providers.choices import Period
from providers.models import Endpoint
from providers.stat_queries import Outcomes
from providers.stats.definitions import WAYS
from providers.stats.tally import Tally

MOST_INCIDENTS = 20


@dataclass(frozen=True, slots=True)
class MeasuredRow:
    """One endpoint over 24 hours; None: not measured, or of too few requests."""

    model: Link
    native_id: str
    performance_href: str  # empty: it serves no model that is shown
    counts: Tally
    uptime: Decimal | None
    ttft: Decimal | None  # median, seconds
    throughput: Decimal | None  # median, tokens per second
    incidents: int  # of seven days


@dataclass(frozen=True, slots=True)
class IncidentRow:
    model: Link
    native_id: str
    incident: Incident


@dataclass(frozen=True, slots=True)
class ProviderMeasured:
    """Of one way of measuring. `way` empty: nothing in the last seven days."""

    way: str
    n: int
    rows: tuple[MeasuredRow, ...]
    incidents: tuple[IncidentRow, ...]  # newest first
    more_incidents: int


def measured(endpoints: Sequence[Endpoint], *, now: datetime) -> ProviderMeasured:
    """Two queries."""
    by_id = {endpoint.pk: endpoint for endpoint in endpoints}
    totals = statistics.of_last_day(by_id, now=now)
    week = statistics.LAST_WEEK
    hours = stat_queries.outcomes(
        by_id, period=Period.HOUR, since=week.since(now), until=week.until(now)
    )
    inlet = first_of({one.inlet for of in hours.values() for one in of})
    found = {pk: _bad(of, inlet) for pk, of in hours.items()}
    rows = [
        _row(by_id[pk], totals.get(pk, {}).get(inlet, Tally()), len(found[pk]))
        for pk, of in hours.items()
        if any(one.inlet == inlet for one in of)
    ]
    bad = [
        IncidentRow(links.to_served(by_id[pk]), by_id[pk].native_id, one)
        for pk, several in found.items()
        for one in several
    ]
    bad.sort(key=lambda row: row.incident.since, reverse=True)
    return ProviderMeasured(
        way=next((way.label for by, way in WAYS.items() if by == inlet), ""),
        n=sum(row.counts.requests for row in rows),
        rows=tuple(sorted(rows, key=lambda row: (row.model.text.casefold(), row.native_id))),
        incidents=tuple(bad[:MOST_INCIDENTS]),
        more_incidents=max(0, len(bad) - MOST_INCIDENTS),
    )


def _bad(hours: Iterable[Outcomes], inlet: str) -> list[Incident]:
    return incidents(one for one in hours if one.inlet == inlet)


def _row(endpoint: Endpoint, tally: Tally, bad: int) -> MeasuredRow:
    model = links.model_of(endpoint)
    shown = model is not None and model.is_shown()
    return MeasuredRow(
        model=links.to_served(endpoint),
        native_id=endpoint.native_id,
        performance_href=reverse("catalog:performance", args=[model.author.slug, model.slug])
        if model and shown
        else "",
        counts=tally,
        uptime=figures.uptime(tally),
        ttft=figures.middle(tally.ttft),
        throughput=figures.middle(tally.throughput),
        incidents=bad,
    )
