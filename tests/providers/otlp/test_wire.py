"""What a body may hold, counted before anything is made of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from providers import senders
from providers.stats.otlp import bodies, wire
from tests.factories import NOW

from .messages import explicit, exponential, metrics, span, traces

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
ENOUGH = 10_000


def made_of(message: Message) -> int:
    """The messages inside one, at all depths."""
    found = 0
    for field, value in message.ListFields():
        if field.message_type is not None:
            several = value if field.is_repeated else [value]
            found += sum(1 + made_of(one) for one in several)
    return found


def some_spans() -> ExportTraceServiceRequest:
    request = traces(*(span(n, AT, some__number=n, some__share=0.5) for n in range(20)), app="a")
    one = request.resource_spans[0].scope_spans[0].spans[0]
    one.events.add(name="first_token").attributes.add(key="a").value.bool_value = True
    one.links.add(trace_id=b"x" * 200)
    listed = one.attributes.add(key="list").value.array_value.values
    listed.add().kvlist_value.values.add(key="deep").value.int_value = 300
    return request


def some_points() -> ExportMetricsServiceRequest:
    return metrics(
        explicit("a", AT, [1, 2], [1.0], total=3.0), exponential("b", AT, [1, 500]), app="a"
    )


@pytest.mark.parametrize("request_", [some_spans(), some_points()])
def test_it_counts_what_the_parser_makes(request_: Message) -> None:
    body = request_.SerializeToString()
    assert wire.count(body, request_, ENOUGH) == made_of(request_) > 20
    assert wire.count(body, request_, 5) == 6


@given(st.data())
def test_the_parser_makes_no_more_of_any_bytes_than_were_counted(data: st.DataObject) -> None:
    """Or they are refused: by the count, by the parser, or by both."""
    request = data.draw(st.sampled_from([some_spans(), some_points()]))
    body = bytearray(request.SerializeToString())
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), max_size=4)):
        body[place] = data.draw(st.integers(0, 255))
    body = body[: data.draw(st.integers(0, len(body)))]
    try:
        counted = wire.count(bytes(body), request, ENOUGH)
        parsed = type(request).FromString(bytes(body))
    except (wire.Malformed, DecodeError):
        return
    assert made_of(parsed) <= counted


@pytest.mark.parametrize(
    "body",
    [b"\x0a", b"\x0a\x05ab", b"\x0b\x0c", b"\xff" * 11, b"\x09abc", b"\x0a\x02\x0a\x7f"],
)  # fmt: skip
def test_what_is_no_protobuf_is_refused(body: bytes) -> None:
    with pytest.raises(wire.Malformed):
        wire.count(body, ExportTraceServiceRequest(), ENOUGH)


def refused(path: str, body: bytes, kind: str) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {senders.issue('collector', now=NOW)}"}
    answer: Any = Client().post(path, body, content_type=kind, headers=headers)
    if kind == bodies.JSON:
        return answer.status_code, answer.json()["message"]
    return answer.status_code, Status.FromString(answer.content).message


TOO_MANY = bodies.MAX_MESSAGES + 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/v1/traces", b"\x0a\x00" * TOO_MANY, bodies.PROTOBUF),
        ("/v1/metrics", b"\x0a\x00" * TOO_MANY, bodies.PROTOBUF),
        ("/v1/traces", b'{"resourceSpans":[%s{}]}' % (b"{}," * TOO_MANY), bodies.JSON),
        ("/v1/metrics", b'{"x":[%s[]]}' % (b"[]," * TOO_MANY), bodies.JSON),
    ],
    ids=["spans", "points", "json", "lists"],
)
def test_a_body_of_too_many_messages_is_refused_by_name(path: str, body: bytes, kind: str) -> None:
    status, why = refused(path, body, kind)
    assert (status, len(body) < bodies.MAX_BYTES) == (413, True)
    assert "more than 300,000 spans, points, attributes and values together; send smaller" in why
