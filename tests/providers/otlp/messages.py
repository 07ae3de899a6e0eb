"""OTLP messages for tests, as exporters build them."""

from datetime import datetime
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

DELTA, CUMULATIVE = 1, 2
CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
}


def attributes(told: dict[str, Any]) -> list[KeyValue]:
    pairs = []
    for key, value in told.items():
        pair = KeyValue(key=key)
        kinds = {bool: "bool_value", int: "int_value", float: "double_value"}
        setattr(pair.value, kinds.get(type(value), "string_value"), value)
        pairs.append(pair)
    return pairs


def nanoseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000) * 1_000_000


def span(number: int, at: datetime, *, seconds: float = 2.0, parent: int = 0, **told: Any) -> Span:
    """One of a chat; `told` adds attributes, with `__` for the dots."""
    named = {key.replace("__", "."): value for key, value in told.items()}
    start = nanoseconds(at)
    return Span(
        trace_id=b"t" * 16,
        span_id=number.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        name="chat gpt-4o",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=start,
        end_time_unix_nano=start + int(seconds * 1e9),
        attributes=attributes({**CHAT, **named}),
    )


def traces(*spans: Span, **resource: Any) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    whole = request.resource_spans.add()
    named = {key.replace("__", "."): value for key, value in resource.items()}
    whole.resource.attributes.extend(attributes(named))
    whole.scope_spans.add().spans.extend(spans)
    return request


def metrics(*all_of_them: Metric, **resource: Any) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    whole = request.resource_metrics.add()
    named = {key.replace("__", "."): value for key, value in resource.items()}
    whole.resource.attributes.extend(attributes(named))
    whole.scope_metrics.add().metrics.extend(all_of_them)
    return request


def explicit(
    name: str,
    at: datetime,
    counts: list[int],
    bounds: list[float],
    *,
    temporality: int = DELTA,
    unit: str = "s",
    seconds: int = 60,
    total: float | None = None,
    **told: Any,
) -> Metric:
    metric = Metric(name=name, unit=unit)
    metric.histogram.aggregation_temporality = temporality
    point = metric.histogram.data_points.add()
    _fill(point, at, seconds, sum(counts), told)
    point.bucket_counts.extend(counts)
    point.explicit_bounds.extend(bounds)
    if total is not None:
        point.sum = total
    return metric


def exponential(
    name: str, at: datetime, counts: list[int], *, scale: int = 5, offset: int = 0, **told: Any
) -> Metric:
    metric = Metric(name=name, unit="s")
    metric.exponential_histogram.aggregation_temporality = DELTA
    point = metric.exponential_histogram.data_points.add()
    _fill(point, at, 60, sum(counts), told)
    point.scale = scale
    point.positive.offset = offset
    point.positive.bucket_counts.extend(counts)
    return metric


def _fill(point: Any, at: datetime, seconds: int, count: int, told: dict[str, Any]) -> None:
    named = {key.replace("__", "."): value for key, value in told.items()}
    point.attributes.extend(attributes({**CHAT, **named}))
    point.start_time_unix_nano = nanoseconds(at) - seconds * 10**9
    point.time_unix_nano = nanoseconds(at)
    point.count = count
