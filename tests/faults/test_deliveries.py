"""Messages that come three times, in any order, to workers that answer at once."""

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from providers import jobs, tasks, work
from providers.choices import Inlet
from providers.models import Job, Reading, Run
from providers.stats import rollup
from providers.stats.record import record
from tests import simulated
from tests.factories import EndpointFactory
from tests.providers.market import tables
from tests.simulated import Model
from tests.upstreams import Upstreams, upstreams

from .crew import KILLS, chance
from .test_counting import batch, expect_each_counted_once

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
LISTS = ("openrouter", "vercel")
MODELS = [
    Model(f"acme/m{n}", f"M {n}", str(n + 1), tags=("openai", "openai/flex", "azure/eu"))
    for n in range(4)
]
WORKERS = 4
TIMES = 3


@pytest.fixture
def market(settings: Any, tmp_path: Path) -> Iterator[Upstreams]:
    settings.DATA_DIR = tmp_path
    with upstreams() as place:
        settings.SOURCES_AT = place.url
        place.answers.update(simulated.openrouter(MODELS))
        place.answers.update(simulated.vercel(MODELS))
        yield place


def ring_once(turn: int) -> None:
    """What one worker does with one message for each job: first the lists, then their parts."""
    now = said(turn)
    for slug in LISTS:
        jobs.ask("refresh", slug, now=now)
    while due := jobs.due(now):
        for job in due:
            work.carry_out(job.pk, clock=lambda: now)


def ring_thrice(turn: int, chance: random.Random) -> None:
    """Every message three times, shuffled, among workers that answer at once."""
    now = said(turn)
    for slug in LISTS:
        jobs.ask("refresh", slug, now=now)
    while due := jobs.due(now):
        messages = [job.pk for job in due] * TIMES
        chance.shuffle(messages)
        answer(messages, now)


def answer(messages: list[int], now: datetime) -> None:
    """Workers take messages until none is left."""
    waiting: SimpleQueue[int] = SimpleQueue()
    for message in messages:
        waiting.put(message)

    def work_on() -> None:
        try:
            while True:
                work.carry_out(waiting.get_nowait(), clock=lambda: now)
        except Empty:
            connection.close()

    threads = [threading.Thread(target=work_on) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def said(turn: int) -> datetime:
    return NOW + timedelta(days=2 * turn)  # every part is due again by then


def change(market: Upstreams) -> None:
    """Every other model dearer, one gone, one sold by another upstream."""
    sold = [
        Model(one.id, one.name, str(int(one.input) * 2), tags=one.tags) if n % 2 else one
        for n, one in enumerate(MODELS[1:])
    ]
    sold[0] = Model(sold[0].id, sold[0].name, sold[0].input, tags=("openai", "together"))
    market.answers.update(simulated.openrouter(sold, turn=1))
    market.answers.update(simulated.vercel(sold, turn=1))


def everything() -> dict[str, Any]:
    readings = Reading.objects.values_list(
        "source__slug", "endpoint__native_id", "endpoint__upstream__slug", "metric", "statistic",
        "window", "value", "at",
    )  # fmt: skip
    return {**tables(), "readings": sorted(readings, key=repr)}


def assert_equal(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Table by table, and short where they differ."""
    for table, rows in wanted.items():
        assert [row for row in found[table] if row not in rows] == [], table
        assert [row for row in rows if row not in found[table]] == [], table
        assert found[table] == rows


@pytest.fixture
def once(market: Upstreams) -> list[dict[str, Any]]:
    """The tables after each turn, where every message came once and nobody else was there."""
    found = []
    for turn in range(2):
        if turn:
            change(market)
        ring_once(turn)
        found.append(everything())
    call_command("flush", interactive=False, verbosity=0)
    market.answers.update(simulated.openrouter(MODELS))
    market.answers.update(simulated.vercel(MODELS))
    return found


@pytest.mark.parametrize("seed", range(2))
def test_messages_that_come_thrice_and_reordered_end_in_equal_tables(
    market: Upstreams, once: list[dict[str, Any]], seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    for turn in range(2):
        if turn:
            change(market)
        ring_thrice(turn, chance)
        assert_equal(everything(), once[turn])
    # Each message was answered by one worker, whoever came first.
    assert Run.objects.filter(part="acme/m1", source__slug="vercel").count() == 2
    assert not Job.objects.filter(attempt__gt=0).exists()


def test_workers_that_do_the_same_job_at_once_end_in_equal_tables(
    market: Upstreams, once: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when leases run out under workers that were only slow."""
    chance = random.Random(3)  # noqa: S311
    for turn in range(2):
        if turn:
            change(market)
        with monkeypatch.context() as patch:
            patch.setattr(jobs.claim_lease, "__kwdefaults__", {"for_": timedelta(0)})
            ring_thrice(turn, chance)
        assert_equal(everything(), once[turn])


@pytest.mark.parametrize("lease", [jobs.LEASE, timedelta(0)], ids=["held", "run out at once"])
def test_measurements_are_counted_once_however_often_and_whoever_is_rung(
    lease: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Roll-ups rung three times each, among workers that answer at once while more comes in."""
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    monkeypatch.setattr(jobs.claim_lease, "__kwdefaults__", {"for_": lease})
    rng = chance("measurements")
    for number in range(KILLS):
        now = NOW + timedelta(minutes=number)
        record(batch(number), sender="gateway", inlet=Inlet.PUSH, now=NOW)
        for name in ("roll-up", "prune"):
            jobs.ask(name, now=now)
        messages = [job.pk for job in jobs.due(now)] * TIMES
        rng.shuffle(messages)
        answer(messages, now)
    rollup.fold_all(now=NOW)
    expect_each_counted_once(KILLS)
    assert not Job.objects.filter(attempt__gt=0).exists()


def test_a_task_is_its_job_however_often_it_is_called(market: Upstreams) -> None:
    """Through the tasks themselves, on the clock of the wall."""
    for slug in LISTS:
        jobs.ask("refresh", slug, now=datetime.now(UTC))
    for _ in range(TIMES):
        for job in jobs.everything():
            tasks.carry_out(job.pk)
    assert Run.objects.filter(part="").count() == len(LISTS)
    assert Run.objects.exclude(part="").count() == Job.objects.filter(name=jobs.PARTS).count()
