"""POST /v1/traces and /v1/metrics: OTLP/HTTP, for Collectors, gateways and programs."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from . import senders
from .choices import Inlet
from .receiving import BUSY, RETRY_SECONDS, Refused, body_of, kind_of, sender_of
from .stats import counters
from .stats.ingest import BadBody
from .stats.naming import Told
from .stats.otlp import bodies, metrics, spans
from .stats.otlp.attributes import Faults
from .stats.record import Receipt, first_known, hosts, record, record_points

M = TypeVar("M", bound=Message)
Take = Callable[[M, str, datetime], Message]

log = structlog.get_logger(__name__)
MOST_REASONS = 10
# google.rpc.Code by HTTP status; whatever else is refused is an invalid argument.
CODES = {401: 16, 403: 7, 405: 12, 413: 8, 503: 14}
INVALID_ARGUMENT = 3


@csrf_exempt  # no cookie is looked at: the token in the header says who it is
def traces(request: HttpRequest) -> HttpResponse:
    return _answered(request, ExportTraceServiceRequest(), _take_spans)


@csrf_exempt
def metric_points(request: HttpRequest) -> HttpResponse:
    return _answered(request, ExportMetricsServiceRequest(), _take_points)


def _answered(request: HttpRequest, message: M, take: Take[M]) -> HttpResponse:
    now = datetime.now(UTC)
    kind = kind_of(request)
    try:
        sender = sender_of(request, Inlet.OTLP)
        body = bodies.read(message, body_of(request, bodies.MAX_BYTES), kind)
        answer = take(body, sender.name, now)
        senders.saw(sender, now)
    except Refused as error:
        return _refused(str(error), error.status, kind, error.headers)
    except BadBody as error:
        return _refused(str(error), error.status, kind)
    except (OperationalError, InterfaceError):
        log.exception("telemetry not taken")
        return _refused(BUSY, 503, kind, {"Retry-After": RETRY_SECONDS})
    return _response(answer, 200, kind)


def _take_spans(
    request: ExportTraceServiceRequest, sender: str, now: datetime
) -> ExportTraceServiceResponse:
    found = spans.read(request, hosts())
    batch = first_known(found.told)
    receipt = record(batch, sender=sender, inlet=Inlet.OTLP, now=now)
    counters.came_in(Inlet.OTLP, refused=sum(found.faults.counts.values()))
    answer = ExportTraceServiceResponse()
    rejected, why = _rejected(found.faults, receipt, found.told)
    if rejected:
        answer.partial_success.rejected_spans = rejected
        answer.partial_success.error_message = why
    return answer


def _take_points(
    request: ExportMetricsServiceRequest, sender: str, now: datetime
) -> ExportMetricsServiceResponse:
    found = metrics.read(request, hosts())
    receipt = record_points(found.points, sender=sender, inlet=Inlet.OTLP_METRICS, now=now)
    counters.came_in(Inlet.OTLP_METRICS, refused=sum(found.faults.counts.values()))
    answer = ExportMetricsServiceResponse()
    rejected, why = _rejected(found.faults, receipt, [point.told for point in found.points])
    if rejected:
        answer.partial_success.rejected_data_points = rejected
        answer.partial_success.error_message = why
    return answer


def _rejected(faults: Faults, receipt: Receipt, told: list[Told]) -> tuple[int, str]:
    """How many were not taken, and why; the commonest reasons first."""
    for _, reason in receipt.refused:
        faults.add(reason)
    for index, reason in receipt.quarantined:
        one = told[index].observation
        faults.add(f"{one.provider or '(no provider)'} {one.model or '(no model)'}: {reason}")
    counts = sorted(faults.counts.items(), key=lambda pair: -pair[1])
    reasons = [f"{count} × {reason}" for reason, count in counts[:MOST_REASONS]]
    if len(counts) > MOST_REASONS:
        reasons.append(f"{len(counts) - MOST_REASONS} more reasons")
    return sum(faults.counts.values()), "; ".join(reasons)


def _refused(
    reason: str, status: int, kind: str, headers: dict[str, str] | None = None
) -> HttpResponse:
    body = Status(code=CODES.get(status, INVALID_ARGUMENT), message=reason)
    response = _response(body, status, kind)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def _response(message: Message, status: int, kind: str) -> HttpResponse:
    """In the kind that was sent; JSON to who sent neither."""
    kind = bodies.KINDS.get(kind, bodies.JSON)
    response = HttpResponse(bodies.written(message, kind), content_type=kind, status=status)
    response["Cache-Control"] = "no-store"
    return response
