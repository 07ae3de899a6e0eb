"""A tick, a roll-up and a region's job on every broker; on SQLite and then on PostgreSQL."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from providers.choices import Inlet
from providers.models import Delivery, Job
from providers.stats.record import record
from tests.factories import NOW, EndpointFactory

from .brokers import AMQP, REDIS, REGION, own_rabbitmq, own_redis
from .crew import FILESYSTEM, Crew, crew_of
from .test_counting import batch, expect_each_counted_once
from .test_jobs import ROOT, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
Place = Callable[[], AbstractContextManager[Any]]
BROKERS: dict[str, tuple[str, Place]] = {
    "filesystem": (FILESYSTEM, nullcontext),
    "redis": (REDIS, own_redis),
    "rabbitmq": (AMQP, own_rabbitmq),
}


@pytest.fixture(params=BROKERS)
def crew(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crew]:
    url, own = BROKERS[request.param]
    with own(), crew_of(tmp_path, url) as crew:
        yield crew


def take(number: int) -> None:
    assert record(batch(number), sender="gateway", inlet=Inlet.PUSH, now=NOW).accepted


def is_counted() -> bool:
    return not Delivery.objects.filter(folded_at=None).exists()


def test_a_tick_finds_what_is_due_and_a_worker_counts(crew: Crew) -> None:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    take(0)
    job = Job.objects.create(name="roll-up", due_at=datetime.now(UTC))
    region = Job.objects.create(name="nap", queue=REGION, due_at=datetime.now(UTC))
    worker = crew.start("worker")
    crew.ring()
    wait_until(is_counted)
    wait_until(lambda: Job.objects.get(pk=job.pk).lease == "")
    job.refresh_from_db()
    assert (job.message, job.attempt, job.last_error) == ("40 observations", 0, "")

    # A region's job waits for a worker of that region, in its own queue.
    assert Job.objects.get(pk=region.pk).last_finished_at is None
    crew.start("worker", queues=REGION)
    wait_until(lambda: Job.objects.get(pk=region.pk).last_finished_at is not None)

    # Killed in the middle of the next one: another does it, a lease and a tick later.
    crew.kill(worker)
    take(1)
    Job.objects.filter(pk=job.pk).update(due_at=datetime.now(UTC))
    crew.ring()
    assert crew.ending(crew.start("worker", kill_at=12)) == signal.SIGKILL
    ended = datetime.now(UTC) - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(due_at=ended, leased_until=None)
    crew.start("worker")
    crew.ring()
    wait_until(is_counted)
    expect_each_counted_once(2)


@pytest.mark.once  # the test above tries the databases
def test_worker_and_beat_as_people_start_them(crew: Crew) -> None:
    """The commands of the README, with Celery's own pool of processes."""
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    take(0)
    Job.objects.create(name="roll-up", due_at=datetime.now(UTC))
    command = [sys.executable, "-m", "celery", "--app", "config.celery", "--quiet", "worker"]
    worker = subprocess.Popen(
        [*command, "--loglevel", "CRITICAL", "--queues", "celery,rollup"],
        cwd=ROOT,
        env=crew.environment,
        start_new_session=True,
    )
    try:
        crew.start("beat", every=0.5)
        wait_until(is_counted)
        expect_each_counted_once(1)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
