"""Histograms of the GenAI conventions as tallies. What was counted elsewhere is not an observation.

Requests are counted by the metrics of duration alone; the others add their own figure.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
)

from ...choices import Outcome
from ..explicit import MAX_BUCKETS, from_bounds, reciprocal_bounds
from ..failures import outcome_of_error
from ..histogram import EMPTY, MAX_COUNT, BadHistogram, Histogram
from ..ingest import MAX_ITEMS, BadBody
from ..naming import Name, Told
from ..observation import Observation
from ..tally import Tally
from .attributes import (
    OPERATION,
    OPERATIONS,
    Faults,
    Source,
    names_of,
    plain,
    source_of,
    text,
)

# Of two in one list the first is taken where a resource sends both: they tell of the same requests.
DURATIONS = ("gen_ai.client.operation.duration", "gen_ai.server.request.duration")
FIRST_TOKENS = (
    "gen_ai.server.time_to_first_token",
    "gen_ai.client.operation.time_to_first_chunk",
)
PER_TOKEN = ("gen_ai.server.time_per_output_token",)
TOKENS = ("gen_ai.client.token.usage",)
SAME = {name: group for group in (DURATIONS, FIRST_TOKENS, PER_TOKEN, TOKENS) for name in group}
DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
NOT_DELTA = (
    "the temporality is not delta; set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta, "
    "or put the cumulativetodelta processor into the Collector"
)
LONGEST_NS = 3600 * 10**9
MAX_TOKENS = 10**15  # of one point

DataPoint = HistogramDataPoint | ExponentialHistogramDataPoint


@dataclass(frozen=True, slots=True)
class Point:
    """What one data point adds. `told` names its endpoint and end, and is no request itself."""

    told: Told
    tally: Tally


@dataclass(slots=True)
class Points:
    points: list[Point] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A data point with what surrounds it."""

    metric: Metric
    point: DataPoint
    told: dict[str, Any]
    source: Source
    names: tuple[Name, ...]


class Unread(ValueError):
    """Why a point adds nothing."""


def read(request: ExportMetricsServiceRequest, hosts: Mapping[str, str]) -> Points:
    """All points that say something of requests. Raises BadBody on too many of them."""
    found = Points()
    count = 0
    for resource in request.resource_metrics:
        about = plain(resource.resource.attributes)
        metrics = [each for scope in resource.scope_metrics for each in scope.metrics]
        count += sum(len(_data_points(each)) for each in metrics)
        if count > MAX_ITEMS:
            raise BadBody(f"more than {MAX_ITEMS:,} data points; send smaller batches", 413)
        seen = list(_seen(metrics, about, hosts))
        told_by = {(each.names[0], each.metric.name) for each in seen}
        for each in seen:
            try:
                found.points.append(_point(each, told_by, about))
            except (Unread, BadHistogram) as error:
                found.faults.add(f"{each.metric.name}: {error}")
    return found


def _data_points(metric: Metric) -> list[DataPoint]:
    kind = metric.WhichOneof("data")
    if metric.name not in SAME or kind not in ("histogram", "exponential_histogram"):
        return []
    return list(getattr(metric, kind).data_points)


def _seen(
    metrics: list[Metric], about: dict[str, Any], hosts: Mapping[str, str]
) -> Iterator[_Seen]:
    source = source_of(about)
    for metric in metrics:
        for point in _data_points(metric):
            told = plain(point.attributes)
            if text(told, OPERATION) in OPERATIONS or OPERATION not in told:
                yield _Seen(metric, point, told, source, names_of({**about, **told}, hosts))


def _point(each: _Seen, told_by: set[tuple[Name, str]], about: dict[str, Any]) -> Point:
    _check(each, told_by)
    tally = _tally(each)
    provider, model, operation, upstream = each.names[0]
    observation = Observation(
        id=_identity(each, about),
        at=datetime.fromtimestamp(max(0, each.point.time_unix_nano - 1) / 1e9, UTC),
        outcome=Outcome.OK,
        provider=provider,
        model=model,
        operation=operation,
        upstream=upstream,
        app=each.source.app,
        region=each.source.region,
    )
    return Point(Told(observation, each.names[1:]), tally)


def _check(each: _Seen, told_by: set[tuple[Name, str]]) -> None:
    kind = each.metric.WhichOneof("data")
    if kind is None or getattr(each.metric, kind).aggregation_temporality != DELTA:
        raise Unread(NOT_DELTA)
    if each.metric.name not in TOKENS and each.metric.unit not in ("", "s"):
        raise Unread(f"its unit is {each.metric.unit[:20]!r}; send seconds, unit s")
    length = each.point.time_unix_nano - each.point.start_time_unix_nano
    if not 0 <= length <= LONGEST_NS:
        raise Unread("a point covers more than an hour; export at least once an hour")
    if each.point.count > MAX_COUNT:
        raise Unread(f"it counts more than {MAX_COUNT:,}")
    for other in SAME[each.metric.name]:
        if other == each.metric.name:
            return
        if (each.names[0], other) in told_by:
            raise Unread(f"{other} tells of the same requests and is the one that is counted")


def _tally(each: _Seen) -> Tally:
    name, count = each.metric.name, each.point.count
    if name in TOKENS:
        return _tokens(each)
    outcome = _outcome(each.told)
    if name in DURATIONS:
        # Durations of failures are no latency; that they happened is counted.
        latency = _histogram(each.point) if outcome == Outcome.OK else EMPTY
        counts: dict[str, Any] = {outcome.value: count}
        return Tally(latency=latency, **counts)
    if outcome != Outcome.OK:
        return Tally()
    if name in FIRST_TOKENS:
        return Tally(ttft=_histogram(each.point))
    return Tally(throughput=_rates(each.point))


def _outcome(told: Mapping[str, Any]) -> Outcome:
    error = text(told, "error.type")
    if not error:
        return Outcome.OK
    outcome = outcome_of_error(error)
    if outcome is None:
        raise Unread(f"error.type {error[:60]!r} does not tell whose failure it was")
    return outcome


def _tokens(each: _Seen) -> Tally:
    total = each.point.sum
    if not 0 <= total <= MAX_TOKENS:  # NaN neither
        raise Unread(f"its sum is {total}; a count from 0 to {MAX_TOKENS} is wanted")
    kind = text(each.told, "gen_ai.token.type")
    if kind == "input":
        return Tally(input_tokens=round(total), with_tokens=each.point.count)
    if kind in ("output", "completion"):
        return Tally(output_tokens=round(total))
    return Tally()  # totals, and parts of the two


def _histogram(point: DataPoint) -> Histogram:
    """Seconds."""
    told = {
        "total": point.sum if point.HasField("sum") else None,
        "low": point.min if point.HasField("min") else None,
        "high": point.max if point.HasField("max") else None,
    }
    if isinstance(point, HistogramDataPoint):
        return from_bounds(point.explicit_bounds, point.bucket_counts, **told)
    _expect_positive(point)
    return Histogram.from_buckets(
        scale=point.scale,
        offset=point.positive.offset,
        counts=point.positive.bucket_counts,
        zeros=point.zero_count,
        **told,
    )


def _rates(point: DataPoint) -> Histogram:
    """Tokens per second from seconds per token; who took no time at all has no rate."""
    low = 1 / point.max if point.HasField("max") and point.max > 0 else None
    high = 1 / point.min if point.HasField("min") and point.min > 0 else None
    if isinstance(point, HistogramDataPoint):
        bounds, counts = reciprocal_bounds(point.explicit_bounds, point.bucket_counts)
        return from_bounds(bounds, counts, low=low, high=high)
    _expect_positive(point)
    # 1/x of what lies between b^i and b^(i+1) lies between b^-(i+1) and b^-i.
    counts = list(reversed(point.positive.bucket_counts))
    offset = -(point.positive.offset + len(counts))
    return Histogram.from_buckets(
        scale=point.scale, offset=offset, counts=counts, low=low, high=high
    )


def _expect_positive(point: ExponentialHistogramDataPoint) -> None:
    if any(point.negative.bucket_counts):
        raise BadHistogram("it counts negative values")
    if len(point.positive.bucket_counts) > MAX_BUCKETS:
        raise BadHistogram(f"it has more than {MAX_BUCKETS:,} buckets")


def _identity(each: _Seen, about: dict[str, Any]) -> str:
    """The same for the same point sent again, and for no other."""
    span = (each.point.start_time_unix_nano, each.point.time_unix_nano)
    whole = (each.metric.name, span, sorted(about.items()), sorted(each.told.items()))
    return hashlib.blake2b(repr(whole).encode(), digest_size=16).hexdigest()
