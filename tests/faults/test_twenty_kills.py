"""Twenty deaths each of worker, beat and web server: nothing is lost and nothing counted twice.

Workers and web servers die at a random statement to the database or after a random commit, beats
and brokers at a random moment. `KILL_SEED` repeats a run, `KILLS` makes it longer.
"""

import shutil
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import Sum

from providers import senders
from providers.choices import Inlet, Period
from providers.models import Delivery, Job, Rollup
from providers.stats import rollup
from providers.stats.record import record
from providers.stats.tally import merged
from tests.factories import NOW, EndpointFactory

from .brokers import REDIS, own_redis
from .crew import KILLS, Crew, chance, crew_of, pause, steps
from .doors import BATCH, EVENTS, PAYLOADS, POINTS, SPANS, Door
from .test_counting import batch, expect_each_counted_once, unused_port
from .test_jobs import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

__all__ = ["unused_port"]
WORKER_STEPS = 30  # of a roll-up of one batch, and a few more
WEB_STEPS = 30  # about two batches


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with crew_of(tmp_path) as crew:
        yield crew


@pytest.fixture(autouse=True)
def _endpoint(db: None) -> None:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")


def take(number: int) -> None:
    assert record(batch(number), sender="gateway", inlet=Inlet.PUSH, now=NOW).accepted


def roll_up() -> Job:
    return Job.objects.create(name="roll-up", due_at=datetime.now(UTC))


def a_lease_later(job: Job) -> None:
    now = datetime.now(UTC)
    ended = now - timedelta(seconds=1)
    Job.objects.filter(pk=job.pk).update(due_at=now, paused=False)
    Job.objects.filter(pk=job.pk, leased_until__gt=ended).update(leased_until=ended)


def all_is_counted() -> bool:
    return not Delivery.objects.filter(folded_at=None).exists()


def test_killed_workers_count_each_measurement_once(crew: Crew) -> None:
    rng, job = chance("worker"), roll_up()
    for number, place in enumerate(steps(rng, WORKER_STEPS)):
        take(number)
        a_lease_later(job)
        worker = crew.start("worker", kill_at=place)
        crew.ring()
        assert crew.ending(worker) == signal.SIGKILL
    a_lease_later(job)
    crew.start("worker")
    crew.ring()
    wait_until(all_is_counted)
    expect_each_counted_once(KILLS)


@pytest.mark.parametrize("door", [EVENTS, PAYLOADS, SPANS], ids=lambda door: door.path)
def test_killed_web_servers_keep_what_they_acknowledged_once(
    crew: Crew, unused_port: int, door: Door
) -> None:
    batches = kept_under_kills(crew, unused_port, door)
    rollup.fold_all(now=NOW)
    expect_each_counted_once(batches)


def test_killed_web_servers_add_each_point_once(crew: Crew, unused_port: int) -> None:
    """What senders counted themselves is not an observation and goes into the hours at once."""
    requests = kept_under_kills(crew, unused_port, POINTS) * BATCH
    assert Delivery.objects.aggregate(Sum("count"))["count__sum"] == requests
    for period in Period:
        tallies = [rollup.tally_of(row) for row in Rollup.objects.filter(period=period)]
        total = merged(tallies)
        assert (total.ok, total.output_tokens) == (requests, requests)
        assert (total.latency.count, total.ttft.count) == (requests, requests)


def kept_under_kills(crew: Crew, port: int, door: Door) -> int:
    """How many batches were acknowledged by servers that died at KILLS random steps."""
    rng, token, done = chance(door.path), senders.issue("gateway", now=NOW), 0
    for place in steps(rng, WEB_STEPS):
        web = crew.start("web", port=port, kill_at=place)
        while crew.is_alive(web):
            done += door.takes(port, token, done)
    crew.start("web", port=port)
    # What got no answer is sent again, as a sender would; it may have been kept or not.
    wait_until(lambda: door.takes(port, token, done))
    return done + 1


@pytest.mark.once  # the broker is tried, not the database
def test_killed_beats_are_followed_by_others_that_ring(crew: Crew) -> None:
    rng, job, workers = chance("beat"), roll_up(), [crew.start("worker")]
    for number in range(KILLS):
        take(number)
        beat = crew.start("beat", every=0.05)
        pause(rng, 0.4)
        assert crew.is_alive(beat)
        crew.kill(beat)
    last = datetime.now(UTC)
    crew.start("beat", every=0.05)
    wait_until(lambda: goes_on(crew, workers, job, since=last))
    wait_until(all_is_counted)
    expect_each_counted_once(KILLS)


def test_two_beats_and_two_workers_do_no_harm(crew: Crew) -> None:
    roll_up()
    workers = [crew.start("worker") for _ in range(2)]
    beats = [crew.start("beat", every=0.05) for _ in range(2)]
    for number in range(KILLS):
        take(number)
    wait_until(lambda: restarted(crew, workers) and all_is_counted())
    assert all(map(crew.is_alive, beats))
    expect_each_counted_once(KILLS)


def goes_on(crew: Crew, workers: list[int], job: Job, *, since: datetime) -> bool:
    """Whether the job has ended once more."""
    restarted(crew, workers)
    return (Job.objects.get(pk=job.pk).last_finished_at or NOW) > since


def restarted(crew: Crew, workers: list[int]) -> bool:
    """Starts those that fell, as a supervisor does; true.

    A worker falls when it reads a file of this broker that another has opened and not yet written,
    or never will: a beat that was killed.
    """
    for place, worker in enumerate(workers):
        if not crew.is_alive(worker):
            workers[place] = restarted_worker(crew)
    return True


@pytest.mark.once  # the broker is tried, not the database
def test_a_deleted_broker_folder_comes_back_with_the_worker(crew: Crew) -> None:
    """The worker ends without its folder; its restart makes it anew, as under `make run`."""
    rng, job = chance("broker folder"), roll_up()
    workers = [crew.start("worker")]
    beat = crew.start("beat", every=0.05)
    for number in range(KILLS):
        take(number)
        pause(rng, 0.3)
        for folder in ("broker", "broker-control"):
            shutil.rmtree(crew.folder / folder, ignore_errors=True)
        if crew.ending(workers[0], 1.0) is not None:
            workers[0] = restarted_worker(crew)
    last = datetime.now(UTC)
    wait_until(lambda: goes_on(crew, workers, job, since=last))
    wait_until(all_is_counted)
    assert crew.is_alive(beat)
    expect_each_counted_once(KILLS)


def restarted_worker(crew: Crew) -> int:
    """What a start of the worker does before anything else: settings make the folders."""
    for folder in ("broker", "broker-control"):
        (crew.folder / folder).mkdir(exist_ok=True)
    return crew.start("worker")


@pytest.mark.once  # the broker is tried, not the database
def test_a_wiped_redis_loses_no_work(tmp_path: Path) -> None:
    rng, job = chance("redis"), roll_up()
    with own_redis() as redis, crew_of(tmp_path, REDIS) as crew:
        worker, beat = crew.start("worker"), crew.start("beat", every=0.05)
        for number in range(KILLS):
            take(number)
            pause(rng, 0.3)
            redis.flushdb()
        last = datetime.now(UTC)
        wait_until(lambda: (Job.objects.get(pk=job.pk).last_finished_at or NOW) > last)
        wait_until(all_is_counted)
        assert crew.is_alive(worker) and crew.is_alive(beat)
    expect_each_counted_once(KILLS)
