"""POST /v1/traces."""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from google.protobuf.json_format import MessageToDict
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from providers import senders
from providers.models import Observation, Provider, Quarantined, Sender
from tests.factories import NOW, EndpointFactory, ProviderFactory

from .messages import span, traces

pytestmark = pytest.mark.django_db
PROTOBUF = "application/x-protobuf"


@pytest.fixture
def token() -> str:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    return senders.issue("collector", now=NOW)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def send(token: str, request: Any, *, kind: str = PROTOBUF, **headers: str) -> Any:
    body = request if isinstance(request, bytes) else request.SerializeToString()
    headers = {"Authorization": f"Bearer {token}", **headers}
    client = Client(enforce_csrf_checks=True)
    return client.post("/v1/traces", body, content_type=kind, headers=headers)


def rejected(answer: Any) -> tuple[int, str]:
    assert (answer.status_code, answer["Content-Type"]) == (200, PROTOBUF)
    said = ExportTraceServiceResponse.FromString(answer.content).partial_success
    return said.rejected_spans, said.error_message


def test_a_span_is_an_observation_with_all_that_it_says(token: str, now: datetime) -> None:
    request = traces(
        span(
            1,
            now,
            seconds=2.5,
            gen_ai__usage__input_tokens=100,
            gen_ai__usage__output_tokens=40,
            gen_ai__usage__cache_read__input_tokens=60,
            gen_ai__usage__reasoning__output_tokens=8,
            gen_ai__response__time_to_first_chunk=0.25,
            gen_ai__usage__cost=0.0125,
        ),
        service__name="shop",
        cloud__region="eu-central-1",
    )
    assert rejected(send(token, request)) == (0, "")
    row = Observation.objects.select_related("delivery", "endpoint").get()
    assert (row.delivery.sender, row.delivery.inlet) == ("collector", "otlp")
    assert (row.endpoint.native_id, row.outcome, row.app) == ("gpt-4o", "ok", "shop")
    assert (row.ttft_us, row.latency_us, row.region) == (250_000, 2_500_000, "eu-central-1")
    assert (row.input_tokens, row.output_tokens) == (100, 40)
    assert (row.cached_tokens, row.reasoning_tokens) == (60, 8)
    assert row.cost_pico == int(Decimal("0.0125") * 10**12)
    assert row.at_ms == int(now.timestamp() * 1000)


def test_a_replayed_export_counts_once(token: str, now: datetime) -> None:
    request = traces(span(1, now), span(2, now))
    for _ in range(3):
        assert rejected(send(token, request)) == (0, "")
    assert Observation.objects.count() == 2


def test_json_with_hexadecimal_ids_is_the_same_event(token: str, now: datetime) -> None:
    request = traces(span(1, now, gen_ai__usage__input_tokens=7))
    tree = MessageToDict(request)
    for one in tree["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        one["traceId"] = base64.b64decode(one["traceId"]).hex()
        one["spanId"] = base64.b64decode(one["spanId"]).hex()
        one["somethingNew"] = {"of": "a later version"}
    answer = send(token, json.dumps(tree).encode(), kind="application/json")
    assert (answer.status_code, answer.json()) == (200, {})
    send(token, request)
    assert Observation.objects.count() == 1


def test_gzip_comes_in_the_same(token: str, now: datetime) -> None:
    body = gzip.compress(traces(span(1, now)).SerializeToString())
    assert rejected(send(token, body, **{"Content-Encoding": "gzip"})) == (0, "")
    assert Observation.objects.count() == 1


def test_an_empty_export_is_welcome(token: str) -> None:
    """What OpenRouter tests a destination with."""
    answer = send(token, b'{"resourceSpans": []}', kind="application/json")
    assert (answer.status_code, answer.json()) == (200, {})


def test_other_spans_are_passed_over(token: str, now: datetime) -> None:
    plain = span(1, now)
    del plain.attributes[:]
    tool = span(2, now, gen_ai__operation__name="execute_tool")
    assert rejected(send(token, traces(plain, tool))) == (0, "")
    assert not Observation.objects.exists()


def test_a_request_told_by_two_libraries_counts_once(token: str, now: datetime) -> None:
    request = traces(span(1, now, seconds=2.1), span(2, now, seconds=2.0, parent=1))
    assert rejected(send(token, request)) == (0, "")
    assert Observation.objects.get().latency_us == 2_100_000


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"error__type": "429"}, "rate_limited"),
        ({"error__type": "openai.RateLimitError"}, "rate_limited"),
        ({"error__type": "timeout"}, "provider_error"),
        ({"error__type": "overloaded_error"}, "provider_error"),
        ({"error__type": "503"}, "provider_error"),
        ({"error__type": "invalid_request_error"}, "caller_error"),
        ({"error__type": "anthropic.AuthenticationError"}, "caller_error"),
        ({"error__type": "_OTHER", "http__response__status_code": 500}, "provider_error"),
        ({"error__type": "_OTHER", "http__response__status_code": 404}, "caller_error"),
    ],
)
def test_failures_are_told_apart(
    token: str, now: datetime, told: dict[str, Any], outcome: str
) -> None:
    assert rejected(send(token, traces(span(1, now, **told)))) == (0, "")
    assert Observation.objects.get().outcome == outcome


def test_a_failure_that_tells_nothing_is_not_guessed_at(token: str, now: datetime) -> None:
    count, why = rejected(send(token, traces(span(1, now, error__type="_OTHER"), span(2, now))))
    assert (count, Observation.objects.count()) == (1, 1)
    assert "'_OTHER' does not tell whose failure it was" in why
    assert "http.response.status_code" in why


def test_the_host_says_more_than_the_sdks_flavour(token: str, now: datetime) -> None:
    """OpenAI's SDK says openai wherever it calls."""
    groq = ProviderFactory(slug="groq", api_base="https://api.groq.com/openai/v1")
    sold = EndpointFactory(provider=groq, native_id="gpt-4o")
    send(token, traces(span(1, now, server__address="api.groq.com")))
    assert Observation.objects.get().endpoint_id == sold.pk


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("aws.bedrock", "amazon-bedrock"),
        ("azure.ai.openai", "azure"),
        ("az.ai.openai", "azure"),
        ("gcp.vertex_ai", "google-vertex"),
        ("gcp.gemini", "google"),
        ("mistral_ai", "mistral"),
        ("moonshot_ai", "moonshotai"),
        ("x_ai", "xai"),
        ("deepseek", "deepseek"),
        ("OpenAI", "openai"),
    ],
)
def test_the_conventions_names_are_the_rosters_providers(
    token: str, now: datetime, name: str, slug: str
) -> None:
    provider = Provider.objects.filter(slug=slug).first() or ProviderFactory(slug=slug)
    sold = EndpointFactory(provider=provider, native_id="some-model")
    told = {"gen_ai__provider__name": name, "gen_ai__request__model": "some-model"}
    assert rejected(send(token, traces(span(1, now, **told)))) == (0, "")
    assert Observation.objects.get().endpoint_id == sold.pk


def test_the_model_that_answered_is_tried_second(token: str, now: datetime) -> None:
    told = {"gen_ai__request__model": "smart", "gen_ai__response__model": "gpt-4o"}
    assert rejected(send(token, traces(span(1, now, **told)))) == (0, "")
    assert Observation.objects.get().endpoint.native_id == "gpt-4o"


@pytest.mark.parametrize("upstream_is_sold", [True, False])
def test_openrouter_is_who_is_paid_and_its_provider_who_runs(
    token: str, now: datetime, upstream_is_sold: bool
) -> None:
    gateway = ProviderFactory(slug="openrouter")
    plain = EndpointFactory(provider=gateway, native_id="openai/gpt-4o")
    upstream = Provider.objects.get(slug="openai")
    if upstream_is_sold:
        sold = EndpointFactory(provider=gateway, native_id="openai/gpt-4o", upstream=upstream)
    else:
        sold = plain
    told = {
        "gen_ai.provider.name": "OpenAI",
        "gen_ai.request.model": "openai/gpt-4o",
        "trace.metadata.openrouter.provider_slug": "openai",
        "gen_ai.usage.total_cost": 0.002,
    }
    told = {key.replace(".", "__"): value for key, value in told.items()}
    request = traces(span(1, now, **told), service__name="openrouter")
    assert rejected(send(token, request)) == (0, "")
    row = Observation.objects.get()
    assert (row.endpoint_id, row.app, row.cost_pico) == (sold.pk, "", 2 * 10**9)


def test_an_unknown_model_waits_in_quarantine_and_is_named(token: str, now: datetime) -> None:
    request = traces(span(1, now, gen_ai__request__model="gpt-4p"), span(2, now))
    count, why = rejected(send(token, request))
    assert (count, "openai gpt-4p" in why) == (1, True)
    assert (Quarantined.objects.get().model, Observation.objects.count()) == ("gpt-4p", 1)


@pytest.mark.parametrize(
    ("told", "part"),
    [
        ({"gen_ai__usage__input_tokens": "many"}, "write a number"),
        ({"gen_ai__usage__input_tokens": 1.5}, "write a whole number"),
        ({"gen_ai__usage__input_tokens": -1}, "input_tokens is -1"),
        ({"gen_ai__usage__cost": float("nan")}, "write a number"),
        ({"gen_ai__response__time_to_first_chunk": 9.0}, "more than latency_ms"),
        ({"gen_ai__request__model": ""}, "model are missing"),
    ],
)
def test_a_bad_span_is_named_and_the_others_are_taken(
    token: str, now: datetime, told: dict[str, Any], part: str
) -> None:
    count, why = rejected(send(token, traces(span(1, now, **told), span(2, now))))
    assert (count, part in why, Observation.objects.count()) == (1, True, 1), why


def test_clocks_that_are_off_are_refused_by_name(token: str, now: datetime) -> None:
    request = traces(span(1, now + timedelta(minutes=9)), span(2, now - timedelta(days=9)))
    count, why = rejected(send(token, request))
    assert (count, "5 minutes ahead" in why, "8 days ago" in why) == (2, True, True)


def test_refusals_are_a_status_message_in_the_senders_encoding(token: str, now: datetime) -> None:
    answer = send("wrong", traces(span(1, now)))
    assert (answer.status_code, answer["Content-Type"]) == (401, PROTOBUF)
    said = Status.FromString(answer.content)
    assert (said.code, "no sender has this token" in said.message) == (16, True)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\xff" * 5000, PROTOBUF, 400),
        (b"[]", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}',
         "application/json", 400),
        (b'{"resourceSpans": 3}', "application/json", 400),
        (b"x", "text/plain", 415),
        (b"x" * (4 * 1024 * 1024 + 1), PROTOBUF, 413),
    ],
)  # fmt: skip
def test_junk_is_refused_whole(token: str, body: bytes, kind: str, status: int) -> None:
    answer = send(token, body, kind=kind)
    assert answer.status_code == status
    assert not Observation.objects.exists()


def test_a_gzip_bomb_is_cut_off(token: str) -> None:
    bomb = gzip.compress(b"\x12\x00" * 50_000_000)
    assert len(bomb) < 200_000
    assert send(token, bomb, **{"Content-Encoding": "gzip"}).status_code == 413


def test_a_million_empty_spans_are_refused(token: str) -> None:
    empty = b"\x12\x00" * 1_000_000  # a million empty spans in one scope
    scope = b"\x12" + _varint(len(empty)) + empty
    body = b"\x0a" + _varint(len(scope)) + scope
    answer = send(token, body)
    assert answer.status_code == 413


def test_a_sender_of_other_inlets_and_a_paused_one_are_told_so(token: str, now: datetime) -> None:
    Sender.objects.update(inlets=["push"])
    assert send(token, traces(span(1, now))).status_code == 403
    Sender.objects.update(inlets=["otlp"], paused=True)
    assert send(token, traces(span(1, now))).status_code == 403


def _varint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found += bytes([number & 0x7F | 0x80])
        number >>= 7
    return found + bytes([number])
