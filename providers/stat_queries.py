"""Every read of what was measured: by hour, by day, over a window, by app.

Figures of different inlets never come as one: whoever shows them says whose they are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import BigIntegerField, F, Func, QuerySet, Sum

from .choices import Period
from .models import Rollup, StatisticsEdition
from .stats.histogram import Sum as HistogramSum
from .stats.tally import FIELDS, Tally

HISTOGRAMS = ("ttft", "latency", "throughput")
COUNTS = tuple(name for name in FIELDS if name not in HISTOGRAMS)
_TOKEN_SUMS = (
    "with_tokens", "input_tokens", "output_tokens", "cached_tokens", "input_with_cached",
)  # fmt: skip


class Epoch(Func):
    """A time as whole seconds since 1970: reading thousands of datetimes takes most of a page."""

    function = "EXTRACT"
    output_field = BigIntegerField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="EXTRACT(EPOCH FROM %(expressions)s)::bigint"
        )

    def as_sqlite(self, compiler: Any, connection: Any, **extra_context: Any) -> Any:
        template = "CAST(strftime('%%%%s', %(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **extra_context)


class Total(Sum):
    """A sum that stays a whole number: PostgreSQL would answer with thousands of decimals."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="%(function)s(%(distinct)s%(expressions)s)::bigint"
        )


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How the requests of one hour or day ended. There is none for an idle one."""

    start: datetime
    inlet: str
    ok: int
    provider_error: int
    rate_limited: int
    caller_error: int


@dataclass(frozen=True, slots=True)
class Slot:
    """All that one inlet brought about an endpoint in one hour or day."""

    start: datetime
    inlet: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """Requests and tokens that one inlet brought of an endpoint on one day (UTC)."""

    day: datetime
    inlet: str
    requests: int
    with_tokens: int  # requests that told tokens at all; without one the sums are unknown
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    input_with_cached: int  # input of requests that told how much of it was cached


@dataclass(frozen=True, slots=True)
class Use:
    """What one app used of an endpoint over a window."""

    app: str
    inlet: str
    requests: int
    input_tokens: int
    output_tokens: int


def statistics_edition() -> int:
    """Grows when figures change, at most once a minute. One small query."""
    number = StatisticsEdition.objects.values_list("number", flat=True).first()
    return number or 0


def ever_measured(endpoint_ids: Collection[int]) -> bool:
    """Whether anything came in about any of them, at any time. One query."""
    return Rollup.objects.filter(endpoint_id__in=endpoint_ids).exists()


def outcomes(
    endpoint_ids: Collection[int], *, period: Period, since: datetime, until: datetime
) -> dict[int, list[Outcomes]]:
    """Counts by outcome for each hour or day that had any, oldest first. One query."""
    rows = _rows(endpoint_ids, period, since, until)
    found: dict[int, list[Outcomes]] = defaultdict(list)
    counts = ("ok", "provider_error", "rate_limited", "caller_error")
    by = ("endpoint_id", "at", "inlet")
    grouped = rows.annotate(at=Epoch("start")).values_list(*by).order_by("at", "inlet")
    at = _Clock()
    for endpoint_id, second, *columns in grouped.annotate(*[Total(name) for name in counts]):
        found[endpoint_id].append(Outcomes(at[second], *columns))
    return dict(found)


def slots(
    endpoint_ids: Collection[int], *, period: Period, since: datetime, until: datetime
) -> dict[int, list[Slot]]:
    """Tallies of each hour or day that had any, oldest first. One query."""
    rows = _rows(endpoint_ids, period, since, until).annotate(at=Epoch("start"))
    found: dict[int, list[Slot]] = defaultdict(list)
    at = _Clock()
    sums = _sums(rows, "endpoint_id", "at", "inlet")
    for (endpoint_id, second, inlet), tally in sorted(sums, key=lambda pair: pair[0]):
        found[endpoint_id].append(Slot(at[second], inlet, tally))
    return dict(found)


def totals(
    endpoint_ids: Collection[int], *, period: Period, since: datetime, until: datetime
) -> dict[int, dict[str, Tally]]:
    """What came in from one moment to another, by endpoint and inlet. One query.

    Take hours for windows up to a few days and days beyond: a day is as good and 24 times less.
    """
    found: dict[int, dict[str, Tally]] = defaultdict(dict)
    rows = _rows(endpoint_ids, period, since, until)
    for (endpoint_id, inlet), tally in _sums(rows, "endpoint_id", "inlet"):
        found[endpoint_id][inlet] = tally
    return dict(found)


def regions(
    endpoint_ids: Collection[int], *, period: Period, since: datetime, until: datetime
) -> dict[int, dict[tuple[str, str], Tally]]:
    """As totals, by inlet and region: where it was measured from. One query."""
    found: dict[int, dict[tuple[str, str], Tally]] = defaultdict(dict)
    rows = _rows(endpoint_ids, period, since, until)
    for (endpoint_id, inlet, region), tally in _sums(rows, "endpoint_id", "inlet", "region"):
        found[endpoint_id][inlet, region] = tally
    return dict(found)


def days_of_use(
    endpoint_ids: Collection[int], *, since: datetime, until: datetime
) -> dict[int, list[DayOfUse]]:
    """Requests and tokens by day, oldest first; days without any are left out. One query."""
    found: dict[int, list[DayOfUse]] = defaultdict(list)
    calls = Total("ok") + Total("provider_error") + Total("rate_limited") + Total("caller_error")
    sums = [Total(name) for name in _TOKEN_SUMS]
    rows = _rows(endpoint_ids, Period.DAY, since, until).annotate(at=Epoch("start"))
    by_day = rows.values_list("endpoint_id", "at", "inlet").annotate(calls=calls)
    by_day = by_day.annotate(*sums)
    at = _Clock()
    for endpoint_id, second, *columns in by_day.order_by("at", "inlet"):
        found[endpoint_id].append(DayOfUse(at[second], *columns))
    return dict(found)


def top_apps(
    endpoint_ids: Collection[int], *, since: datetime, until: datetime, most: int
) -> list[Use]:
    """Apps that named themselves, by tokens, over whole days. One query."""
    rows = _rows(endpoint_ids, Period.DAY, since, until).exclude(app="")
    calls = Total("ok") + Total("provider_error") + Total("rate_limited") + Total("caller_error")
    used = (
        rows.values_list("app", "inlet")
        .annotate(calls=calls, given=Total("input_tokens"), made=Total("output_tokens"))
        .order_by(-(F("given") + F("made")), "-calls", "app")
    )
    return [Use(*columns) for columns in used[:most]]


class _Clock(dict[int, datetime]):
    """Moments by their seconds, each made once: many rows share an hour."""

    def __missing__(self, second: int) -> datetime:
        self[second] = datetime.fromtimestamp(second, UTC)
        return self[second]


def _rows(
    endpoint_ids: Collection[int], period: Period, since: datetime, until: datetime
) -> "QuerySet[Rollup]":
    return Rollup.objects.filter(
        endpoint_id__in=endpoint_ids, period=period.value, start__gte=since, start__lt=until
    )


def _sums(rows: "QuerySet[Rollup]", *by: str) -> Iterator[tuple[tuple[Any, ...], Tally]]:
    """Tallies by these columns. Counts are added here: the rows are read for their histograms."""
    counts: dict[tuple[Any, ...], list[tuple[int, ...]]] = defaultdict(list)
    histograms: dict[tuple[Any, ...], list[HistogramSum]] = {}
    width = len(by)
    for row in rows.values_list(*by, *COUNTS, *HISTOGRAMS):
        key = row[:width]
        counts[key].append(row[width:-3])
        if key not in histograms:
            histograms[key] = [HistogramSum() for _ in HISTOGRAMS]
        for total, stored in zip(histograms[key], row[-3:], strict=True):
            total.add(stored)
    for key, lists in counts.items():
        told: dict[str, Any] = dict(zip(COUNTS, map(sum, zip(*lists, strict=True)), strict=True))
        told |= {name: h.done() for name, h in zip(HISTOGRAMS, histograms[key], strict=True)}
        yield key, Tally(**told)
