"""Spans of GenAI requests as observations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from ...choices import Outcome
from ..failures import outcome_of_error
from ..ingest import MAX_ITEMS, BadBody
from ..naming import Told
from ..observation import Observation, outcome_of
from .attributes import (
    OPERATION,
    OPERATIONS,
    PROVIDER,
    REQUESTED,
    BadAttribute,
    Faults,
    Source,
    dollars,
    names_of,
    plain,
    seconds,
    source_of,
    text,
    whole,
)

NS_PER_MS = 1_000_000
# Seconds to the first chunk; of gateways and engines too, which name it in their own way.
TTFT = (
    "gen_ai.response.time_to_first_chunk",
    "gen_ai.server.time_to_first_token",
    "gen_ai.latency.time_to_first_token",
)
FIRST_EVENTS = {"gen_ai.content.completion.chunk", "llm.content.completion.chunk", "first_token"}
# Names of today's conventions before those of earlier ones.
INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")
OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
CACHED = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")
REASONING = ("gen_ai.usage.reasoning.output_tokens",)
COST = ("gen_ai.usage.total_cost", "gen_ai.usage.cost")
STATUS = ("http.response.status_code", "http.status_code")


@dataclass(slots=True)
class Spans:
    """Requests found among spans, and why some could not be read. Other spans are passed over."""

    told: list[Told] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)


def read(request: ExportTraceServiceRequest, hosts: Mapping[str, str]) -> Spans:
    """All requests of a batch. Raises BadBody on too many spans."""
    found = Spans()
    asking = [each for each in _all(request) if _is_request(each[2])]
    ids = {(span.trace_id, span.span_id) for _, span, _ in asking}
    for source, span, told in asking:
        if (span.trace_id, span.parent_span_id) in ids:
            continue  # a library inside another that told of the same request
        try:
            found.told.append(_told(span, told, source, hosts))
        except BadAttribute as error:
            found.faults.add(str(error))
    return found


def _all(request: ExportTraceServiceRequest) -> Iterator[tuple[Source, Span, dict[str, Any]]]:
    count = 0
    for resource in request.resource_spans:
        source = source_of(plain(resource.resource.attributes))
        for scope in resource.scope_spans:
            count += len(scope.spans)
            if count > MAX_ITEMS:
                raise BadBody(f"more than {MAX_ITEMS:,} spans; send smaller batches", 413)
            for span in scope.spans:
                yield source, span, plain(span.attributes)


def _is_request(told: Mapping[str, Any]) -> bool:
    operation = text(told, OPERATION)
    if operation:
        return operation in OPERATIONS
    return REQUESTED in told and bool(text(told, *PROVIDER))


def _told(span: Span, told: dict[str, Any], source: Source, hosts: Mapping[str, str]) -> Told:
    if not span.trace_id or not span.span_id:
        raise BadAttribute("a span has no trace_id or no span_id")
    named, *others = names_of(told, hosts)
    provider, model, operation, upstream = named
    ttft = seconds(told, *TTFT)
    observation = Observation(
        id=f"{span.trace_id.hex()}-{span.span_id.hex()}",
        at=datetime.fromtimestamp(span.start_time_unix_nano / 1e9, UTC),
        outcome=_outcome(span, told),
        provider=provider,
        model=model,
        operation=operation,
        upstream=upstream,
        ttft_ms=_first_event(span) if ttft is None else ttft * 1000,
        latency_ms=(span.end_time_unix_nano - span.start_time_unix_nano) / NS_PER_MS,
        input_tokens=whole(told, *INPUT),
        output_tokens=whole(told, *OUTPUT),
        cached_tokens=whole(told, *CACHED),
        reasoning_tokens=whole(told, *REASONING),
        cost=dollars(told, *COST),
        app=source.app,
        region=source.region,
    )
    return Told(observation, tuple(others))


def _outcome(span: Span, told: Mapping[str, Any]) -> Outcome:
    status = whole(told, *STATUS)
    if status is not None and status >= 400:
        return outcome_of(status)
    error = text(told, "error.type") or _exception(span)
    if not error and span.status.code != Status.STATUS_CODE_ERROR:
        return Outcome.OK
    outcome = outcome_of_error(error)
    if outcome is None:
        raise BadAttribute(
            f"error.type {error[:60] or '(none)'!r} does not tell whose failure it was; "
            "add http.response.status_code"
        )
    return outcome


def _exception(span: Span) -> str:
    """The class of an exception that ended the span."""
    if span.status.code != Status.STATUS_CODE_ERROR:
        return ""
    found = [plain(event.attributes) for event in span.events if event.name == "exception"]
    return text(found[-1], "exception.type") if found else ""


def _first_event(span: Span) -> float | None:
    """Milliseconds to the first chunk that was noted as an event."""
    times = [event.time_unix_nano for event in span.events if event.name in FIRST_EVENTS]
    return (min(times) - span.start_time_unix_nano) / NS_PER_MS if times else None
