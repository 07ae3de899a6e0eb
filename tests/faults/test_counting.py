"""Measurements under kill -9: what was acknowledged is counted, and nothing is counted twice."""

import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from catalog import processes
from providers import senders
from providers.choices import Inlet, Outcome, Period
from providers.models import Delivery, Observation, Rollup
from providers.stats import rollup
from providers.stats.observation import Observation as Seen
from providers.stats.record import record
from tests.factories import NOW, EndpointFactory

from .doors import BATCH, EVENTS
from .test_jobs import ROOT, database_url, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

KILLS = 20  # random points, for those that take and for those that count


def batch(number: int) -> list[Seen]:
    return [
        Seen(
            id=f"{number}-{n}",
            at=NOW - timedelta(minutes=n),
            outcome=Outcome.OK,
            provider="openai",
            model="gpt-4o",
            ttft_ms=float(100 + n),
            output_tokens=1,
        )
        for n in range(BATCH)
    ]


@contextmanager
def forked(work: Callable[[], None]) -> Iterator[int]:
    """A process of its own that is killed on leaving, wherever it is then."""
    connection.close()  # or both would speak on one
    pid = os.fork()
    if not pid:
        try:
            work()
        finally:
            os._exit(0)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def take_from(first: int, acknowledged: int) -> None:
    """Batch after batch; the number of each is written once it was taken."""
    number = first
    while True:
        record(batch(number), sender="gateway", inlet=Inlet.PUSH, now=NOW)
        os.write(acknowledged, b"%d\n" % number)
        number += 1


def count_on() -> None:
    while True:
        if not rollup.fold(now=NOW, at_most=BATCH):
            time.sleep(0.002)


def lines(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()]


def expect_each_counted_once(batches: int) -> None:
    assert Observation.objects.count() == batches * BATCH
    assert not Delivery.objects.filter(folded_at=None).exists()
    for period in Period:
        tallies = [rollup.tally_of(row) for row in Rollup.objects.filter(period=period)]
        assert sum(tally.ok for tally in tallies) == batches * BATCH
        assert sum(tally.output_tokens for tally in tallies) == batches * BATCH
        assert sum(tally.ttft.count for tally in tallies) == batches * BATCH


def test_takers_and_counters_that_are_killed_lose_and_double_nothing(tmp_path: Path) -> None:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    acknowledgements = tmp_path / "acknowledged"
    acknowledgements.touch()
    rng = random.Random(20)  # noqa: S311  moments to die
    for _ in range(KILLS):
        known = lines(acknowledgements)
        # A sender that heard nothing sends its last batch again.
        first = known[-1] + 1 if known else 0
        file = os.open(acknowledgements, os.O_WRONLY | os.O_APPEND)
        with forked(count_on), forked(lambda first=first, file=file: take_from(first, file)):
            time.sleep(rng.uniform(0.02, 0.25))
        os.close(file)
    known = lines(acknowledgements)
    assert known == list(range(len(known)))
    last = record(batch(len(known)), sender="gateway", inlet=Inlet.PUSH, now=NOW)
    assert last.accepted + last.duplicates == BATCH
    rollup.fold_all(now=NOW)
    expect_each_counted_once(len(known) + 1)


# -- over HTTP ------------------------------------------------------------------------------------


@contextmanager
def web(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url(),
        "LOG_LEVEL": "ERROR",
        "DEBUG": "1",
        "PGAPPNAME": "almanac-web",
    }
    command = processes.commands("127.0.0.1", str(port))["web"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield server
    finally:
        os.killpg(server.pid, signal.SIGKILL)  # the server and its worker
        server.wait()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections to cut")
def test_a_database_that_cuts_its_connections_loses_and_doubles_nothing(
    tmp_path: Path, unused_port: int
) -> None:
    """As a restart of PostgreSQL does, at random moments while batches come in."""
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    token = senders.issue("gateway", now=NOW)
    rng = random.Random(5)  # noqa: S311  moments to cut
    done = 0
    cut: list[int] = []
    with web(tmp_path, unused_port):
        wait_until(lambda: EVENTS.takes(unused_port, token, 0))
        for _ in range(KILLS):
            cutter = threading.Timer(rng.uniform(0.005, 0.2), cut_connections, [cut])
            cutter.start()
            while cutter.is_alive():
                done += EVENTS.takes(unused_port, token, done)
            wait_until(partial(EVENTS.takes, unused_port, token, done))
    assert len(cut) >= KILLS / 2
    rollup.fold_all(now=NOW)
    expect_each_counted_once(done + 1)


def cut_connections(cut: list[int]) -> None:
    """Those of the web server; notes their processes."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'almanac-web'"
            )
            for (pid,) in cursor.fetchall():
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
                cut.append(pid)
    finally:
        connection.close()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
