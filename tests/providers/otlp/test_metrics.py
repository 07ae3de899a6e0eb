"""POST /v1/metrics."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)

from providers import senders
from providers.models import Delivery, Quarantined, Rollup
from providers.stats import rollup
from providers.stats.histogram import Histogram
from tests.factories import NOW, EndpointFactory

from .messages import CUMULATIVE, explicit, exponential, metrics

pytestmark = pytest.mark.django_db
PROTOBUF = "application/x-protobuf"
DURATION = "gen_ai.client.operation.duration"
SERVED = "gen_ai.server.request.duration"
FIRST = "gen_ai.server.time_to_first_token"
PER_TOKEN = "gen_ai.server.time_per_output_token"
TOKENS = "gen_ai.client.token.usage"
BOUNDS = [0.01 * 2**k for k in range(14)]  # as the conventions recommend


@pytest.fixture
def token() -> str:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    return senders.issue("collector", now=NOW)


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def send(token: str, request: Any) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"}
    answer = Client(enforce_csrf_checks=True).post(
        "/v1/metrics", request.SerializeToString(), content_type=PROTOBUF, headers=headers
    )
    assert answer.status_code == 200
    said = ExportMetricsServiceResponse.FromString(answer.content).partial_success
    return said.rejected_data_points, said.error_message


def hour() -> Rollup:
    return Rollup.objects.get(period="hour")


def test_exponential_histograms_merge_without_loss_of_count(token: str, now: datetime) -> None:
    """At every scale that SDKs send; what is finer than ours becomes as coarse."""
    counts = [1, 0, 3, 7, 2]
    sent = 0
    for number, scale in enumerate((0, 3, 5, 8, 20)):
        at = now - timedelta(seconds=number)
        assert send(token, metrics(exponential(DURATION, at, counts, scale=scale))) == (0, "")
        sent += sum(counts)
    days = rollup.tally_of(Rollup.objects.get(period="day")) if _one_day() else None
    tallies = [rollup.tally_of(row) for row in Rollup.objects.filter(period="hour")]
    assert sum(tally.ok for tally in tallies) == sent
    assert sum(tally.latency.count for tally in tallies) == sent
    assert days is None or days.latency.count == sent


def _one_day() -> bool:
    return Rollup.objects.filter(period="day").count() == 1


def test_at_our_own_scale_the_buckets_are_the_senders(token: str, now: datetime) -> None:
    send(token, metrics(exponential(FIRST, now, [4, 0, 5], offset=-40)))
    stored = Histogram.from_bytes(hour().ttft)
    assert (stored.scale, stored.buckets()) == (5, [(-40, 4), (-38, 5)])


def test_explicit_buckets_keep_their_counts_and_are_labelled_coarser(
    token: str, now: datetime
) -> None:
    counts = [0, 0, 0, 0, 5, 80, 10, 5, 0, 0, 0, 0, 0, 0, 0]
    send(token, metrics(explicit(DURATION, now, counts, BOUNDS, total=30.0)))
    tally = rollup.tally_of(hour())
    assert (tally.ok, tally.latency.count, tally.latency.mean) == (100, 100, 0.3)
    assert tally.latency.error > 0.3  # not the 1 % that exponential ones have
    median = tally.latency.quantile(0.5)
    assert median is not None and 0.16 / 2 < median < 0.32 * 2


def test_failures_are_counted_and_their_durations_are_no_latency(token: str, now: datetime) -> None:
    send(
        token,
        metrics(
            exponential(DURATION, now, [10]),
            exponential(DURATION, now, [3], error__type="500"),
            exponential(DURATION, now, [2], error__type="429"),
            exponential(DURATION, now, [1], error__type="invalid_request_error"),
        ),
    )
    row = hour()
    assert (row.ok, row.provider_error, row.rate_limited, row.caller_error) == (10, 3, 2, 1)
    assert Histogram.from_bytes(row.latency).count == 10


def test_seconds_a_token_become_tokens_a_second(token: str, now: datetime) -> None:
    """2^-5 to 2^-4 seconds a token, in buckets of scale 5."""
    send(token, metrics(exponential(PER_TOKEN, now, [6], scale=5, offset=-160)))
    stored = Histogram.from_bytes(hour().throughput)
    assert stored.count == 6
    rate = stored.quantile(0.5)
    assert rate is not None and 31 < rate < 32


def test_explicit_seconds_a_token_too(token: str, now: datetime) -> None:
    send(token, metrics(explicit(PER_TOKEN, now, [0, 9, 0], [0.02, 0.04])))
    stored = Histogram.from_bytes(hour().throughput)
    rate = stored.quantile(0.5)
    assert stored.count == 9 and rate is not None and 12 < rate < 100


def test_tokens_are_summed_by_type(token: str, now: datetime) -> None:
    told = {"unit": "{token}"}
    usage = [
        explicit(TOKENS, now, [0, 4], [1], total=900, gen_ai__token__type="input", **told),
        explicit(TOKENS, now, [0, 4], [1], total=120, gen_ai__token__type="output", **told),
        explicit(TOKENS, now, [0, 4], [1], total=1020, gen_ai__token__type="total", **told),
    ]
    assert send(token, metrics(*usage)) == (0, "")
    row = hour()
    assert (row.input_tokens, row.output_tokens, row.with_tokens) == (900, 120, 4)


def test_a_replayed_export_counts_once(token: str, now: datetime) -> None:
    request = metrics(exponential(DURATION, now, [10]), service__name="shop")
    for _ in range(3):
        assert send(token, request) == (0, "")
    assert (hour().ok, hour().app, hour().inlet) == (10, "shop", "otlp_metrics")
    assert Delivery.objects.get().count == 10


def test_the_next_minute_adds_up(token: str, now: datetime) -> None:
    at = now.replace(minute=0, second=0) - timedelta(minutes=20)
    for minute in range(3):
        send(token, metrics(exponential(DURATION, at + timedelta(minutes=minute), [10])))
    assert hour().ok == 30
    assert Rollup.objects.get(period="day").ok == 30


def test_the_same_request_told_by_client_and_server_is_counted_once(
    token: str, now: datetime
) -> None:
    rejected, why = send(
        token, metrics(exponential(SERVED, now, [10]), exponential(DURATION, now, [10]))
    )
    assert (hour().ok, rejected) == (10, 1)
    assert f"{DURATION} tells of the same requests" in why


def test_cumulative_points_are_refused_with_what_to_do(token: str, now: datetime) -> None:
    metric = explicit(DURATION, now, [0, 4], [1], temporality=CUMULATIVE)
    rejected, why = send(token, metrics(metric, exponential(FIRST, now, [4])))
    assert (rejected, "TEMPORALITY_PREFERENCE=delta" in why) == (1, True)
    assert Histogram.from_bytes(hour().ttft).count == 4


@pytest.mark.parametrize(
    ("metric", "part"),
    [
        (lambda now: explicit(DURATION, now, [1], [1.0]), "one count more than bounds"),
        (lambda now: explicit(DURATION, now, [1, 1, 1], [2.0, 1.0]), "bounds do not grow"),
        (lambda now: explicit(DURATION, now, [1, 1], [1.0], unit="ms"), "send seconds"),
        (lambda now: explicit(DURATION, now, [1, 1], [1.0], seconds=7200), "more than an hour"),
        (lambda now: explicit(DURATION, now, [1, 1], [1.0], total=float("nan")), "not a number"),
        (lambda now: explicit(DURATION, now, [1, 1], [1.0], error__type="odd"), "whose failure"),
        (lambda now: explicit(TOKENS, now, [1], [], unit="1", total=-5.0), "its sum is -5"),
        (lambda now: exponential(DURATION, now, [1], scale=20, offset=2**30), "lies outside"),
        (lambda now: exponential(DURATION, now, [1] * 10_001), "more than 10,000 buckets"),
        (lambda now: exponential(DURATION, now - timedelta(days=9), [1]), "8 days ago"),
    ],
)
def test_a_bad_point_is_named_and_the_others_are_taken(
    token: str, now: datetime, metric: Any, part: str
) -> None:
    rejected, why = send(token, metrics(metric(now), exponential(FIRST, now, [4])))
    assert (rejected, part in why) == (1, True), why
    assert Histogram.from_bytes(hour().ttft).count == 4


def test_an_unknown_model_waits_in_quarantine(token: str, now: datetime) -> None:
    strange = exponential(DURATION, now, [4], gen_ai__request__model="gpt-4p")
    rejected, why = send(token, metrics(strange))
    assert (rejected, "openai gpt-4p" in why) == (1, True)
    assert Quarantined.objects.get().model == "gpt-4p"
    assert not Rollup.objects.exists()


def test_other_metrics_are_passed_over(token: str, now: datetime) -> None:
    assert send(token, metrics(exponential("http.server.request.duration", now, [4]))) == (0, "")
    assert not Rollup.objects.exists()
