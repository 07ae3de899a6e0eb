"""OpenTelemetry's own SDK and exporters send to a running site, over real HTTP."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from providers import senders, stat_queries
from providers.choices import Inlet
from providers.models import Endpoint
from providers.stats import rollup
from providers.stats.tally import Tally
from tests.factories import NOW, EndpointFactory

pytestmark = pytest.mark.django_db(transaction=True)
CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "server.address": "api.openai.com",
}
SHOP = Resource({"service.name": "shop"})


@pytest.fixture
def endpoint() -> Endpoint:
    return EndpointFactory(provider__slug="openai", native_id="gpt-4o")


@pytest.fixture
def headers(endpoint: Endpoint) -> dict[str, str]:
    return {"Authorization": f"Bearer {senders.issue('sdk', now=NOW)}"}


def counted(endpoint: Endpoint, inlet: Inlet) -> Tally:
    now = datetime.now(UTC)
    rollup.fold_all(now=now)
    hours = stat_queries.totals([endpoint.pk], since=now - timedelta(hours=2), until=now)
    return hours[endpoint.pk][inlet.value]


def chat(provider: TracerProvider, **told: Any) -> Span:
    tracer = provider.get_tracer("tests")
    return tracer.start_span("chat gpt-4o", kind=SpanKind.CLIENT, attributes={**CHAT, **told})


@contextmanager
def tracing(exporter: OTLPSpanExporter) -> Iterator[TracerProvider]:
    provider = TracerProvider(resource=SHOP)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    yield provider
    assert provider.force_flush()
    provider.shutdown()


def test_spans_of_the_sdk_are_counted(
    live_server: Any, endpoint: Endpoint, headers: dict[str, str]
) -> None:
    exporter = OTLPSpanExporter(
        endpoint=f"{live_server.url}/v1/traces", headers=headers, compression=Compression.Gzip
    )
    with tracing(exporter) as provider:
        for number in range(10):
            span = chat(provider, **{"gen_ai.response.time_to_first_chunk": 0.0})
            span.set_attribute("gen_ai.usage.input_tokens", 100 + number)
            span.set_attribute("gen_ai.usage.output_tokens", 20)
            span.end()
        failed = chat(provider, **{"error.type": "openai.InternalServerError"})
        failed.set_status(Status(StatusCode.ERROR))
        failed.end()
        with provider.get_tracer("tests").start_as_current_span("a page of the shop"):
            pass
    tally = counted(endpoint, Inlet.OTLP)
    assert (tally.ok, tally.provider_error, tally.latency.count) == (10, 1, 10)
    assert (tally.input_tokens, tally.output_tokens) == (1045, 200)
    [use] = stat_queries.top_apps(
        [endpoint.pk],
        inlet=Inlet.OTLP,
        since=datetime.now(UTC) - timedelta(days=2),
        until=datetime.now(UTC) + timedelta(days=1),
        most=5,
    )
    assert (use.app, use.requests) == ("shop", 11)


def test_the_variables_that_the_help_page_names_are_enough(
    live_server: Any, endpoint: Endpoint, headers: dict[str, str]
) -> None:
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": live_server.url,
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization={headers['Authorization']}".replace(
            " ", "%20"
        ),
    }
    with patch.dict(os.environ, environment), tracing(OTLPSpanExporter()) as provider:
        chat(provider).end()
    assert counted(endpoint, Inlet.OTLP).ok == 1


def test_a_batch_exported_twice_counts_once(
    live_server: Any, endpoint: Endpoint, headers: dict[str, str]
) -> None:
    exporter = OTLPSpanExporter(endpoint=f"{live_server.url}/v1/traces", headers=headers)
    span = chat(TracerProvider(resource=SHOP))
    span.end()
    for _ in range(3):
        assert exporter.export([span]) == SpanExportResult.SUCCESS  # type: ignore[list-item]
    assert counted(endpoint, Inlet.OTLP).ok == 1


@pytest.mark.parametrize("exponential", [True, False])
def test_histograms_of_the_sdk_are_counted(
    live_server: Any, endpoint: Endpoint, headers: dict[str, str], exponential: bool
) -> None:
    exporter = OTLPMetricExporter(
        endpoint=f"{live_server.url}/v1/metrics",
        headers=headers,
        preferred_temporality={Histogram: AggregationTemporality.DELTA},
        preferred_aggregation={Histogram: ExponentialBucketHistogramAggregation()}
        if exponential
        else {},
    )
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    provider = MeterProvider([reader], resource=SHOP)
    meter = provider.get_meter("tests")
    duration = meter.create_histogram(
        "gen_ai.client.operation.duration",
        unit="s",
        explicit_bucket_boundaries_advisory=[0.01 * 2**k for k in range(14)],
    )
    tokens = meter.create_histogram("gen_ai.client.token.usage", unit="{token}")
    seconds = [0.2 + number / 100 for number in range(100)]
    for second in seconds:
        duration.record(second, CHAT)
        tokens.record(50, {**CHAT, "gen_ai.token.type": "input"})
    duration.record(9, {**CHAT, "error.type": "429"})
    assert provider.force_flush()
    provider.shutdown()
    tally = counted(endpoint, Inlet.OTLP_METRICS)
    assert (tally.ok, tally.rate_limited, tally.latency.count) == (100, 1, 100)
    assert (tally.input_tokens, tally.with_tokens) == (5000, 100)
    assert tally.latency.mean == pytest.approx(sum(seconds) / 100)
    median = tally.latency.quantile(0.5)
    assert median is not None
    assert abs(median - seconds[49]) / seconds[49] <= (0.02 if exponential else 1)
    assert (tally.latency.low, tally.latency.high) == (min(seconds), max(seconds))
