"""Sums are read from a Prometheus server: a real one where Debian's package is installed."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from providers import prometheus_servers, work
from providers.models import Endpoint, Job, PrometheusMatch, PrometheusServer, Rollup
from providers.stats import rollup
from providers.stats.prometheus import (
    READY,
    BadAnswer,
    BadMapping,
    Hour,
    Metrics,
    read_mapping,
)
from tests.factories import EndpointFactory

from .prometheus_server import BINARY, Prometheus, running

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
MODEL = 'model_name="llama-3.1-8b"'
BOUNDS = (0.1, 0.2, 0.4, 0.8)
ALLOWED = override_settings(ALLOWED_PRIVATE_NETWORKS=["127.0.0.1/32"])


def exposed(requests: int) -> str:
    """What an engine exports after so many requests: half took up to 0.2 s, half up to 0.4 s."""
    half = requests // 2
    lines = [f'vllm:request_success_total{{{MODEL},finished_reason="stop"}} {requests}']
    lines.append(f'vllm:request_success_total{{{MODEL},finished_reason="error"}} {requests // 10}')
    lines.append(f"vllm:prompt_tokens_total{{{MODEL}}} {requests * 100}")
    lines.append(f"vllm:generation_tokens_total{{{MODEL}}} {requests * 20}")
    for name in ("time_to_first_token", "e2e_request_latency", "request_time_per_output_token"):
        up_to = dict(zip(BOUNDS, (0, half, requests, requests), strict=True))
        for bound, count in [*up_to.items(), ("+Inf", requests)]:
            lines.append(f'vllm:{name}_seconds_bucket{{{MODEL},le="{bound}"}} {count}')
        lines.append(f"vllm:{name}_seconds_sum{{{MODEL}}} {requests * 0.25}")
        lines.append(f"vllm:{name}_seconds_count{{{MODEL}}} {requests}")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that saw an engine answer a thousand requests.

    Missing: skipped on a developer's machine, failed in CI.
    """
    if not BINARY:
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("prometheus is not installed")
    with running(Path(tmp_path_factory.mktemp("prometheus"))) as server:
        server.show(exposed(0))
        server.show(exposed(1000))
        server.wait_for('vllm:request_success_total{finished_reason="stop"}', 1000)
        yield server


@pytest.fixture
def endpoint() -> Endpoint:
    return EndpointFactory(provider__slug="acme", native_id="llama-3.1-8b")


def listed(base: str, endpoint: Endpoint, **told: Any) -> PrometheusServer:
    fields = {"name": "engines", "mapping": "vllm", "region": "cellar", **told}
    return PrometheusServer.objects.create(base=base, provider=endpoint.provider, **fields)


@pytest.mark.django_db
@ALLOWED
def test_what_a_real_server_keeps_stands_in_the_roll_ups(
    engine: Prometheus, endpoint: Endpoint
) -> None:
    """Prometheus extrapolates an increase over so short a life: by less than a fifth."""
    server = listed(engine.base, endpoint)
    prometheus_servers.read(server.pk, now=datetime.now(UTC) + timedelta(seconds=1))
    days = Rollup.objects.filter(period="day")
    tallies = [rollup.tally_of(row) for row in days]
    assert {(row.endpoint_id, row.inlet, row.region) for row in days} == {
        (endpoint.pk, "prometheus", "cellar")
    }
    tally = sum(tallies[1:], start=tallies[0])
    assert 1000 <= tally.ok <= 1200
    assert tally.provider_error == pytest.approx(tally.ok / 10, abs=1)
    assert tally.input_tokens == pytest.approx(tally.ok * 100, rel=0.01)
    # Each bucket is extrapolated and rounded by itself.
    assert tally.ttft.count == pytest.approx(tally.ok, abs=10)
    assert tally.latency.count == pytest.approx(tally.ok, abs=10)
    assert tally.ttft.mean == pytest.approx(0.25, rel=0.01)
    low, high = tally.ttft.quantile(0.2), tally.ttft.quantile(0.9)
    assert low is not None and high is not None and 0.1 <= low <= 0.4 and 0.2 <= high <= 0.8
    rate = tally.throughput.quantile(0.5)
    assert rate is not None and 1 / 0.8 <= rate <= 1 / 0.1


@pytest.mark.django_db
@ALLOWED
def test_an_hour_that_is_read_again_is_replaced_and_never_added_to(
    engine: Prometheus, endpoint: Endpoint
) -> None:
    server = listed(engine.base, endpoint)
    now = datetime.now(UTC) + timedelta(seconds=1)
    other = listed(engine.base, endpoint, name="others", region="attic")
    for one in (server, other, server, server):
        PrometheusServer.objects.update(read_until=None)
        prometheus_servers.read(one.pk, now=now)
    counts = Rollup.objects.filter(period="day").values_list("region", "ok")
    by_region: dict[str, int] = {}
    for region, ok in counts:
        by_region[region] = by_region.get(region, 0) + ok
    assert by_region["cellar"] == by_region["attic"] <= 1200
    hours = sum(Rollup.objects.filter(period="hour", region="cellar").values_list("ok", flat=True))
    assert hours == by_region["cellar"]


@pytest.mark.django_db
@ALLOWED
def test_a_job_reads_it_and_names_what_no_endpoint_bears(
    engine: Prometheus, endpoint: Endpoint
) -> None:
    sold = EndpointFactory(provider=endpoint.provider, native_id="llama-hosted")
    Endpoint.objects.filter(pk=endpoint.pk).update(native_id="another")
    server = listed(engine.base, endpoint)
    now = datetime.now(UTC) + timedelta(seconds=1)
    work.ensure_standing(now=now - timedelta(days=1))
    job = Job.objects.get(name="prometheus", argument=str(server.pk))
    assert work.carry_out(job.pk, clock=lambda: now)
    job.refresh_from_db()
    assert "no endpoint bears llama-3.1-8b: match them" in job.message
    assert not Rollup.objects.exists()
    PrometheusMatch.objects.create(server=server, model="llama-3.1-8b", endpoint=sold)
    prometheus_servers.read(server.pk, now=now)
    PrometheusServer.objects.update(read_until=None)
    assert set(Rollup.objects.values_list("endpoint_id", flat=True)) == {sold.pk}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:9", "http://169.254.169.254", "https://localhost:9"]
)
def test_private_addresses_are_not_called_unless_they_are_named(
    endpoint: Endpoint, base: str
) -> None:
    with pytest.raises(prometheus_servers.NotReadable):
        prometheus_servers.read(listed(base, endpoint).pk, now=START)
    assert not Rollup.objects.exists()


@pytest.mark.django_db
def test_a_token_comes_from_the_variable_that_is_named(endpoint: Endpoint) -> None:
    server = listed("https://prometheus.example.org", endpoint, variable="PROMETHEUS_KEY_NONE")
    with pytest.raises(prometheus_servers.NotReadable, match="PROMETHEUS_KEY_NONE is not set"):
        prometheus_servers.read(server.pk, now=START)


def hour(metrics: Metrics, rows: dict[str, list[tuple[dict[str, str], str]]]) -> Hour:
    """One whose server answers a query by the metric in it."""

    def get(url: str) -> bytes:
        found = next((each for name, each in rows.items() if name in url), [])
        result = [{"metric": labels, "value": [0, value]} for labels, value in found]
        data = {"resultType": "vector", "result": result}
        return json.dumps({"status": "success", "data": data}).encode()

    return Hour(get, "https://p", metrics, START, START + timedelta(hours=1))


def test_an_hour_with_failures_of_nobody_knows_whom_tells_no_outcomes() -> None:
    metrics = READY["envoy-ai-gateway"]
    labels = {"gen_ai_provider_name": "openai", "gen_ai_request_model": "gpt-4o"}
    fine = {"duration_seconds_count%7Berror_type%3D": [(labels, "90")]}
    odd = {"duration_seconds_count%7Berror_type%21%3D": [(labels, "10")]}
    tokens = {"token_usage": [(labels, "500")]}
    [told] = hour(metrics, fine | tokens).read().values()
    assert (told.ok, told.uptime) == (90, 1.0)
    [untold] = hour(metrics, fine | odd | tokens).read().values()
    assert (untold.ok, untold.uptime, untold.input_tokens) == (0, None, 500)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b'{"status": "error", "error": "bad query"}',
        b'{"status": "success"}',
        b'{"status": "success", "data": {"resultType": "matrix", "result": []}}',
        b'{"status": "success", "data": {"resultType": "vector", "result": [{}]}}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_refused(body: bytes) -> None:
    end = START + timedelta(hours=1)
    with pytest.raises(BadAnswer):
        Hour(lambda url: body, "https://p", READY["vllm"], START, end).read()


def test_numbers_that_are_none_are_left_out() -> None:
    rows = [({"model_name": "a"}, value) for value in ("NaN", "+Inf", "-1")]
    assert hour(READY["vllm"], {"request_success": rows}).read() == {}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("model = ", "not TOML"),
        ('ok = { metric = "a" }', "names no labels"),
        ('model = "m"', "no measures"),
        ('model = "m"\nodd = 1', "odd"),
        ('model = "m"\nnames = "who"\nok = { metric = "a" }', "otel, litellm"),
        ('model = "m"\nok = "a"', "ok: write it like"),
        ('model = "m"\nok = { metric = "sum(a)" }', "is no metric"),
        ('model = "m"\nok = { metric = "a", where = "b}" }', "leave out braces"),
    ],
)
def test_a_bad_mapping_is_named(text: str, part: str) -> None:
    with pytest.raises(BadMapping, match=part):
        read_mapping(text)


def test_the_admin_takes_a_server_and_refuses_a_bad_mapping(admin_client: Any) -> None:
    told = {
        "name": "engines", "base": "https://prometheus.example.org", "mapping": "own",
        "own_mapping": "odd", "region": "cellar", "matches-TOTAL_FORMS": "0",
        "matches-INITIAL_FORMS": "0",
    }  # fmt: skip
    address = "/admin/providers/prometheusserver/add/"
    assert "This is no mapping" in admin_client.post(address, told).content.decode()
    told["own_mapping"] = 'model = "m"\nok = { metric = "requests_total" }'
    assert admin_client.post(address, told).status_code == 302
    assert Job.objects.filter(name="prometheus").count() == 1
