"""Sources read over real sockets from simulated servers: list, parts, politeness, faults."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from providers import errand, jobs, refresh, work
from providers.choices import RunState
from providers.claims import Recorder
from providers.facts import Condition
from providers.models import Claim, Endpoint, Job, Price, Provider, Reading, Run, Source
from providers.sources.http import Limits
from providers.sources.registry import PARTED
from tests import simulated
from tests.simulated import OPENROUTER, VERCEL, Model
from tests.upstreams import Response, Upstreams, upstreams

from .market import tables

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
LIST = f"{OPENROUTER}/models?output_modalities=all"
SMALL = Model("acme/small", "Small", "0.15", "0.6", tags=("openai", "openai/flex", "azure/eu"))
LARGE = Model("acme/large", "Large", "2", "8", tags=("deepinfra/fp8",))
MODELS = (SMALL, LARGE)


def endpoints_of(model: Model) -> str:
    return f"{OPENROUTER}/models/{model.id}/endpoints"


@pytest.fixture
def market(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Upstreams]:
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    settings.AFTER_PUBLISH = []
    settings.DATA_DIR = tmp_path
    with upstreams() as place:
        settings.SOURCES_AT = place.url
        place.answers.update(simulated.openrouter(MODELS))
        place.answers.update(simulated.vercel(MODELS))
        yield place


def read(slug: str = "openrouter", *, days: int = 0) -> Run:
    return refresh.run([slug], now=NOW + timedelta(days=days))[slug]


def read_parts(*, days: int = 0, minutes: int = 0) -> None:
    """What workers do with all parts that are due."""
    now = NOW + timedelta(days=days, minutes=minutes)
    for job in jobs.due(now):
        assert work.carry_out(job.pk, clock=lambda: now)


def prices_of(upstream: str) -> dict[tuple[str, str], Decimal | None]:
    """(component, condition) → amount in force."""
    rows = Price.objects.filter(endpoint__upstream__slug=upstream, valid_to=None)
    return {(row.component, row.condition): row.amount for row in rows}


# -- the list -------------------------------------------------------------------------------------


def test_a_list_is_fetched_parsed_and_published(market: Upstreams) -> None:
    assert read().state == RunState.PUBLISHED
    endpoint = Endpoint.objects.get(native_id="acme/small")
    assert (endpoint.upstream, endpoint.context_length) == (None, 131_072)
    assert Price.objects.get(endpoint=endpoint, component="input").amount == Decimal("0.15")


def test_a_list_makes_a_job_for_each_part(market: Upstreams) -> None:
    read()
    assert set(Job.objects.values_list("name", "argument")) == {
        ("details", "openrouter:providers"),
        ("details", "openrouter:acme/small"),
        ("details", "openrouter:acme/large"),
    }


def test_the_job_of_a_model_that_is_gone_goes(market: Upstreams) -> None:
    read()
    market.answers.update(simulated.openrouter([SMALL]))
    read(days=1)
    assert not Job.objects.filter(argument="openrouter:acme/large").exists()


def test_what_the_server_still_has_is_not_sent_again(market: Upstreams) -> None:
    first = read()
    again = read(days=1)
    assert (again.state, again.sha256) == (RunState.UNCHANGED, first.sha256)
    assert again.as_of == NOW + timedelta(days=1)
    assert market.asked[-1].headers["If-None-Match"] == first.etag
    assert read(days=2).state == RunState.UNCHANGED  # and so on


def test_a_new_parser_wants_the_bytes(market: Upstreams) -> None:
    read()
    Run.objects.update(parser_version=0)
    read(days=1)
    assert market.asked[-1].headers["If-None-Match"] is None


def test_an_interrupted_run_is_not_confirmed_by_an_etag(market: Upstreams) -> None:
    run = read()
    Run.objects.create(source=run.source, started_at=NOW, state=RunState.STARTED.value)
    assert read(days=1).state == RunState.PUBLISHED


# -- parts ----------------------------------------------------------------------------------------


def test_parts_name_who_runs_a_model(market: Upstreams) -> None:
    read()
    read_parts()
    upstreams_of = Endpoint.objects.filter(native_id="acme/small").values_list(
        "upstream__slug", flat=True
    )
    assert set(upstreams_of) == {None, "openai", "azure"}


def test_tiers_and_regions_of_one_upstream_are_told_apart(market: Upstreams) -> None:
    read()
    read_parts()
    assert prices_of("openai") == {
        ("input", ""): Decimal("0.15"),
        ("output", ""): Decimal("0.6"),
        ("input", Condition(tier="flex").key()): Decimal("0.075"),
        ("output", Condition(tier="flex").key()): Decimal("0.3"),
    }
    # One region alone is where it runs, not a condition.
    assert prices_of("azure") == {("input", ""): Decimal("0.165"), ("output", ""): Decimal("0.66")}
    assert Endpoint.objects.get(upstream__slug="azure").regions == ["eu"]


def test_readings_come_with_their_windows(market: Upstreams) -> None:
    read()
    read_parts()
    mine = Reading.objects.filter(endpoint__upstream__slug="deepinfra")
    assert set(mine.values_list("metric", "statistic", "window", "unit")) == {
        ("uptime", "latest", "last 30 minutes", "%"),
        ("uptime", "latest", "last day", "%"),
        *(("ttft", p, "last 30 minutes", "ms") for p in ("p50", "p75", "p90", "p99")),
        *(("throughput", p, "last 30 minutes", "tokens/s") for p in ("p50", "p75", "p90", "p99")),
    }


def test_providers_are_a_part(market: Upstreams) -> None:
    read()
    read_parts()
    provider = Provider.objects.get(slug="deepinfra")
    assert (provider.headquarters, provider.terms_url) == ("US", "https://deepinfra.example/terms")


def test_a_part_ends_only_upstreams_of_its_own_model(market: Upstreams) -> None:
    read()
    read_parts()
    without_azure = Model(SMALL.id, SMALL.name, SMALL.input, SMALL.output, tags=("openai",))
    market.answers.update(simulated.openrouter([without_azure, LARGE]))
    read_parts(days=2)
    gone = Endpoint.objects.exclude(gone_since=None)
    assert [(one.native_id, one.upstream and one.upstream.slug) for one in gone] == [
        ("acme/small", "azure")
    ]


def test_a_list_without_a_model_ends_its_upstreams_too(market: Upstreams) -> None:
    read()
    read_parts()
    market.answers.update(simulated.openrouter([SMALL]))
    read(days=1)
    gone = Endpoint.objects.exclude(gone_since=None).values_list("native_id", "upstream__slug")
    assert set(gone) == {("acme/large", None), ("acme/large", "deepinfra")}


def test_a_part_asked_for_before_its_list_dropped_it_brings_nothing_back(
    market: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its answer comes in before the list has ended the model's claims, or after."""
    read()
    read_parts()
    dearer = replace(LARGE, input="3")  # what the address of the part goes on to answer
    market.answers.update(simulated.openrouter([SMALL, dearer]))
    market.answers.update(simulated.openrouter([SMALL]))
    end_absent = Recorder._end_absent

    def late(recorder: Recorder, present: set[int]) -> None:
        end_absent(recorder, present)
        if not recorder.run.part:
            asked.append(refresh.run_part("openrouter", LARGE.id, now=NOW + timedelta(days=1)))

    asked: list[Run] = []
    monkeypatch.setattr(Recorder, "_end_absent", late)
    assert read(days=1).state == RunState.PUBLISHED
    asked.append(refresh.run_part("openrouter", LARGE.id, now=NOW + timedelta(days=1)))
    assert [run.state for run in asked] == [RunState.REFUSED] * 2
    assert "does not lead to acme/large any more" in asked[0].error
    assert not Claim.objects.live().filter(endpoint__native_id=LARGE.id).exists()


def test_a_first_look_at_a_part_says_at_least(market: Upstreams) -> None:
    read()
    read_parts()
    claims = Claim.objects.filter(endpoint__upstream__slug="openai", ended_at=None)
    assert all(claim.at_least for claim in claims)
    dearer = Model(SMALL.id, SMALL.name, "0.2", SMALL.output, tags=SMALL.tags)
    market.answers.update(simulated.openrouter([dearer, LARGE]))
    read_parts(days=2)
    changed = claims.get(key="price.input", condition="")
    assert not changed.at_least


def test_one_model_that_fails_leaves_the_others(market: Upstreams) -> None:
    market.misbehave[endpoints_of(SMALL)] = [Response(404)]
    read()
    read_parts()
    failed = Job.objects.get(argument="openrouter:acme/small")
    assert (failed.attempt, "answered 404" in failed.last_error) == (1, True)
    assert NOW < failed.due_at < NOW + timedelta(minutes=2)
    assert Endpoint.objects.filter(upstream__slug="deepinfra").exists()
    read_parts(minutes=2)
    assert Endpoint.objects.filter(upstream__slug="azure").exists()


def test_vercel_has_parts_of_its_own(market: Upstreams) -> None:
    read("vercel")
    read_parts()
    assert f"{VERCEL}/models/acme/small/endpoints" in market.paths()
    endpoint = Endpoint.objects.get(provider__slug="vercel", upstream__slug="azure")
    assert Reading.objects.filter(endpoint=endpoint, metric="ttft", unit="ms").count() == 2


@pytest.mark.parametrize("seed", range(5))
def test_tasks_delivered_thrice_in_any_order_end_in_equal_tables(
    market: Upstreams, seed: int
) -> None:
    read()
    read("vercel")
    ids = list(Job.objects.values_list("pk", flat=True))
    read_parts()
    once = tables()
    for model in (Reading, Price, Claim, Endpoint, Run, Job):
        model.objects.all().delete()
    read()
    read("vercel")
    ids = list(Job.objects.values_list("pk", flat=True)) * 3
    random.Random(seed).shuffle(ids)  # noqa: S311
    for pk in ids:
        work.carry_out(pk, clock=lambda: NOW)
    assert tables() == once


# -- politeness -----------------------------------------------------------------------------------


def test_calls_for_parts_keep_their_distance() -> None:
    Source.objects.create(slug="openrouter", name="OpenRouter", siglum="O")
    pace, patience = timedelta(seconds=2), timedelta(seconds=5)
    waits = [jobs.turn("openrouter", NOW, pace=pace, patience=patience) for _ in range(4)]
    assert waits == [timedelta(seconds=seconds) for seconds in (0, 2, 4, 6)]
    # The last took no turn: who comes later does not wait for it.
    assert jobs.turn("openrouter", NOW, pace=pace, patience=timedelta(seconds=7)) == waits[3]


def test_who_would_wait_too_long_comes_again(
    market: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    read()
    jobs.stay_away("openrouter", NOW + timedelta(minutes=3))
    read_parts()
    job = Job.objects.get(argument="openrouter:acme/small")
    assert (job.attempt, job.message) == (0, "waits for its turn")
    assert job.due_at > NOW + timedelta(minutes=2)
    assert endpoints_of(SMALL) not in market.paths()


def test_429_keeps_every_worker_away_as_long_as_asked(market: Upstreams) -> None:
    busy = Response(429, headers={"Retry-After": "600"})
    market.misbehave[f"{OPENROUTER}/providers"] = [busy]
    read()
    first = Job.objects.get(argument="openrouter:providers")
    work.carry_out(first.pk, clock=lambda: NOW)
    first.refresh_from_db()
    assert first.due_at > NOW + timedelta(minutes=8)
    read_parts()
    assert endpoints_of(SMALL) not in market.paths()
    read_parts(minutes=12)
    assert endpoints_of(SMALL) in market.paths()


# -- keys -----------------------------------------------------------------------------------------


def test_a_key_goes_to_its_own_source_alone(
    market: Upstreams, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-secret")
    market.keys["openrouter.ai"] = "sk-secret"
    assert read().state == RunState.PUBLISHED
    assert read("vercel").state == RunState.PUBLISHED
    assert market.asked[-1].headers["Authorization"] is None
    assert "sk-secret" not in caplog.text


def test_a_wrong_key_is_refused_with_a_reason(
    market: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-wrong")
    market.keys["openrouter.ai"] = "sk-right"
    run = read()
    assert run.state == RunState.REFUSED
    assert "the key is refused" in run.error and "sk-wrong" not in run.error


def test_a_redirect_takes_no_key_along(market: Upstreams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-secret")
    with upstreams() as elsewhere:
        market.misbehave[LIST] = [Response(302, headers={"Location": elsewhere.url + "/x"})]
        read()
        assert [asked.headers["Authorization"] for asked in elsewhere.asked] == [None]


# -- bad servers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", ["http://127.0.0.2/", "http://10.0.0.1/", "http://[::1]/"])
def test_a_redirect_inside_is_not_followed(market: Upstreams, inside: str) -> None:
    market.misbehave[LIST] = [Response(302, headers={"Location": inside})]
    run = read()
    assert run.state == RunState.REFUSED
    assert "not https" in run.error or "not public" in run.error


def test_a_bomb_is_refused(market: Upstreams) -> None:
    market.answers[endpoints_of(SMALL)] = bytes(errand.PART_LIMITS.max_bytes + 1)
    read()
    assert "larger than" in refresh.run_part("openrouter", SMALL.id, now=NOW).error


def test_a_dripping_answer_ends_at_the_deadline(
    market: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errand, "PART_LIMITS", Limits(seconds=0.4, attempts=1))
    market.misbehave[endpoints_of(SMALL)] = [Response(200, b"x" * 1000, pause=0.05)]
    read()
    assert "not done within 0.4" in refresh.run_part("openrouter", SMALL.id, now=NOW).error


# -- what is read when ----------------------------------------------------------------------------


def test_recorded_refreshes_leave_live_sources_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    live = {slug: module for slug, module in refresh.SOURCES.items() if slug in PARTED}
    monkeypatch.setattr(refresh, "SOURCES", live)
    call_command("refresh", recorded=True)
    said = capsys.readouterr().out
    assert "openrouter: has no recording" in said and "vercel: has no recording" in said
    assert not Run.objects.exists()


def test_old_readings_and_empty_runs_are_dropped(market: Upstreams) -> None:
    read()
    read_parts()
    market.answers.update(simulated.openrouter(MODELS, turn=1))
    read_parts(days=2)
    kept = Reading.objects.filter(run__started_at__gte=NOW + timedelta(days=1)).count()
    market.answers[LIST] += b" "
    read(days=31)
    assert Reading.objects.count() == kept
    # Those of the first day began the claims.
    assert Run.objects.filter(part="acme/small").count() == 2
