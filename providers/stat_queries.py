"""Every read of what was measured: by hour, by day, over a window, by app.

Figures of different inlets never come as one: whoever shows them says whose they are. The reads of
a page are written by hand: building them through the ORM, and having it look at each column of
thousands of rows, took longer than all the rest.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from django.db import connection

from .choices import Period
from .models import Rollup, StatisticsEdition
from .stats.histogram import EMPTY, Histogram, summed
from .stats.tally import FIELDS, Tally

DAY = timedelta(days=1)
_TABLE = Rollup._meta.db_table
_OUTCOMES = ("ok", "provider_error", "rate_limited", "caller_error")
_REQUESTS = " + ".join(_OUTCOMES)
# What is read fastest of a time: as it is stored, or seconds since 1970. See _Clock.
_MOMENTS = {"sqlite": "CAST({} AS text)", "postgresql": "CAST(EXTRACT(EPOCH FROM {}) AS bigint)"}

Columns = tuple[Any, ...]
T = TypeVar("T")


class Outcomes(NamedTuple):
    """How the requests of one hour or day ended. There is none for an idle one."""

    start: datetime
    inlet: str
    ok: int
    provider_error: int
    rate_limited: int
    caller_error: int


class Slot(NamedTuple):
    """How fast an endpoint was in one hour or day."""

    start: datetime
    ttft: Histogram  # seconds
    throughput: Histogram  # tokens per second


class DayOfUse(NamedTuple):
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
class Speed:
    """How fast an endpoint was over a window, by one inlet. The histograms are of successes."""

    requests: int = 0  # however they ended
    regions: frozenset[str] = frozenset()  # where it was measured from, as far as that was told
    ttft: Histogram = EMPTY  # seconds
    latency: Histogram = EMPTY  # seconds
    throughput: Histogram = EMPTY  # tokens per second


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
    rows = _by_slot(_Span(endpoint_ids, period, since, until), *_OUTCOMES)
    return _by_endpoint(rows, Outcomes._make)


def slots(
    endpoint_ids: Collection[int], *, inlet: str, period: Period, since: datetime, until: datetime
) -> dict[int, list[Slot]]:
    """How fast they were in each hour or day that had any, oldest first. One query."""
    span = _Span(endpoint_ids, period, since, until, inlet)
    rows = _read(f"endpoint_id, {_moment('start')}, ttft, throughput", span)
    found: dict[int, list[Slot]] = defaultdict(list)
    at = _Clock()
    for (endpoint_id, moment), (ttft, throughput) in sorted(_alike(rows, keys=2)):
        found[endpoint_id].append(Slot(at[moment], summed(ttft), summed(throughput)))
    return dict(found)


def totals(
    endpoint_ids: Collection[int], *, since: datetime, until: datetime
) -> dict[int, dict[str, Tally]]:
    """What came in from one whole hour to another, by endpoint and inlet. One query."""
    found: dict[int, dict[str, Tally]] = defaultdict(dict)
    rows = _read(", ".join(("endpoint_id", "inlet", *FIELDS)), *_spans(endpoint_ids, since, until))
    for (endpoint_id, inlet), (*counts, ttft, latency, throughput) in _alike(rows, keys=2):
        told: list[Any] = [*map(sum, counts), *map(summed, (ttft, latency, throughput))]
        found[endpoint_id][inlet] = Tally(*told)
    return dict(found)


def speeds(
    endpoint_ids: Collection[int], *, inlet: str, since: datetime, until: datetime
) -> dict[int, Speed]:
    """How fast they were from one whole hour to another. One query."""
    columns = f"endpoint_id, {_REQUESTS}, region, ttft, latency, throughput"
    rows = _read(columns, *_spans(endpoint_ids, since, until, inlet))
    return {
        endpoint_id: Speed(
            sum(requests),
            frozenset(regions) - {""},
            summed(ttft),
            summed(latency),
            summed(throughput),
        )
        for (endpoint_id,), (requests, regions, ttft, latency, throughput) in _alike(rows, keys=1)
    }


def days_of_use(
    endpoint_ids: Collection[int], *, since: datetime, until: datetime
) -> dict[int, list[DayOfUse]]:
    """Requests and tokens by day, oldest first; days without any are left out. One query."""
    rows = _by_slot(
        _Span(endpoint_ids, Period.DAY, since, until),
        *(_REQUESTS, "with_tokens", "input_tokens", "output_tokens"),
        *("cached_tokens", "input_with_cached"),
    )
    return _by_endpoint(rows, DayOfUse._make)


def top_apps(
    endpoint_ids: Collection[int], *, inlet: str, since: datetime, until: datetime, most: int
) -> list[Use]:
    """Apps that named themselves, by tokens, over whole days. One query."""
    made, given = _sum("output_tokens"), _sum("input_tokens")
    rows = _read(
        f"app, inlet, {_sum(_REQUESTS)}, {given}, {made}",
        _Span(endpoint_ids, Period.DAY, since, until, inlet),
        then=f" AND app <> '' GROUP BY app, inlet ORDER BY {given} + {made} DESC, 3 DESC, app"
        f" LIMIT {most:d}",
    )
    return [Use(*row) for row in rows]


class _Clock(dict[str | int, datetime]):
    """Moments by what was read of them, each made once: many rows share an hour."""

    def __missing__(self, read: str | int) -> datetime:
        self[read] = (
            datetime.fromisoformat(read).replace(tzinfo=UTC)
            if isinstance(read, str)
            else datetime.fromtimestamp(read, UTC)
        )
        return self[read]


def _by_endpoint(rows: Iterable[Columns], make: Callable[[Iterable[Any]], T]) -> dict[int, list[T]]:
    """Of rows that begin with an endpoint and a moment, and stand together by endpoint."""
    at = _Clock()
    return {
        endpoint_id: [make((at[moment], *told)) for _, moment, *told in same]
        for endpoint_id, same in groupby(rows, key=itemgetter(0))
    }


# -- what is asked --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Span:
    """Rows of hours or days, of one inlet or of all."""

    endpoint_ids: Collection[int]
    period: Period
    since: datetime
    until: datetime
    inlet: str = ""

    def condition(self) -> str:
        endpoints = ", ".join(["%s"] * len(self.endpoint_ids))
        told = f"endpoint_id IN ({endpoints}) AND period = %s AND start >= %s AND start < %s"
        return f"{told} AND inlet = %s" if self.inlet else told

    def parameters(self) -> list[Any]:
        ends = map(connection.ops.adapt_datetimefield_value, (self.since, self.until))
        told = [*self.endpoint_ids, self.period.value, *ends]
        return [*told, self.inlet] if self.inlet else told


def _spans(
    endpoint_ids: Collection[int], since: datetime, until: datetime, inlet: str = ""
) -> list[_Span]:
    """What makes up a window: whole days where it has some, hours at its ends.

    A day is the sum of its hours.
    """
    first, last = _midnight(since), _midnight(until)
    if first < since:
        first += DAY
    if first >= last:
        first = last = until
    parts = ((Period.HOUR, since, first), (Period.DAY, first, last), (Period.HOUR, last, until))
    return [
        _Span(endpoint_ids, period, begun, ended, inlet)
        for period, begun, ended in parts
        if begun < ended
    ]


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _by_slot(span: _Span, *sums: str) -> list[Columns]:
    """Endpoint, moment, inlet and these sums of each hour or day, oldest first by endpoint."""
    columns = ", ".join(["endpoint_id", _moment("MIN(start)"), "inlet", *map(_sum, sums)])
    # By the columns of the index, in which both databases then read and group.
    by = "endpoint_id, start, inlet"
    return _read(columns, span, then=f" GROUP BY {by} ORDER BY {by}")


def _moment(of: str) -> str:
    return _MOMENTS[connection.vendor].format(of)


def _sum(of: str) -> str:
    """A sum that stays a whole number: PostgreSQL would answer with a decimal."""
    return f"CAST(SUM({of}) AS bigint)"


def _read(columns: str, *spans: _Span, then: str = "") -> list[Columns]:
    """These columns of every row of the spans. One query, none of no endpoint."""
    if not all(span.endpoint_ids for span in spans):
        return []
    asked = " UNION ALL ".join(
        f"SELECT {columns} FROM {_TABLE} WHERE {span.condition()}"  # noqa: S608  names of our own
        for span in spans
    )
    parameters = [value for span in spans for value in span.parameters()]
    with connection.cursor() as cursor:
        cursor.execute(asked + then, parameters)
        rows: list[Columns] = cursor.fetchall()
    return rows


def _alike(rows: Iterable[Columns], *, keys: int) -> Iterator[tuple[Columns, Iterator[Columns]]]:
    """Rows of the same first columns together: these, and each further column by itself."""
    found: dict[Columns, list[Columns]] = defaultdict(list)
    for row in rows:
        found[row[:keys]].append(row[keys:])
    for key, same in found.items():
        yield key, zip(*same, strict=True)
