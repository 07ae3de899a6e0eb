"""Jobs under real processes: workers that die, ticks that meet."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from providers import jobs, work
from providers.models import Job

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds; a worker starts in two on an idle machine
APP = [sys.executable, "-m", "celery", "--app", "config.celery", "--quiet"]

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def database_url() -> str:
    """The test's own database, as another process must name it."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    return f"postgres://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


class Site:
    """Workers and ticks with a broker folder of their own, on the test's database."""

    def __init__(self, folder: Path) -> None:
        self.naps = folder / "naps"
        self.environment = os.environ | {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url(),
            "CELERY_BROKER_URL": "filesystem://",
            "NAPS": str(self.naps),
        }
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_worker(self) -> subprocess.Popen[bytes]:
        command = [*APP, "worker", "--pool", "solo", "--include", "tests.faults.slow"]
        self.workers.append(subprocess.Popen(command, cwd=ROOT, env=self.environment))
        return self.workers[-1]

    def tick(self) -> None:
        command = [*APP, "call", "providers.tasks.tick"]
        subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, stdout=subprocess.DEVNULL
        )

    def nap_count(self) -> int:
        return len(self.naps.read_text().splitlines()) if self.naps.exists() else 0


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    for worker in site.workers:
        worker.kill()
        worker.wait()


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def now() -> datetime:
    return datetime.now(UTC)


def test_a_killed_workers_job_is_picked_up_by_a_later_tick(site: Site) -> None:
    job = Job.objects.create(name="nap", due_at=now())
    worker = site.start_worker()
    site.tick()
    wait_until(lambda: Job.objects.get().message == "napping")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    site.start_worker()
    site.tick()  # the lease still stands: nobody may take the job
    Job.objects.filter(pk=job.pk).update(leased_until=now() - timedelta(seconds=1))
    assert site.nap_count() == 1
    site.tick()
    wait_until(lambda: Job.objects.get().message == "rested")
    assert site.nap_count() == 2
    assert Job.objects.get().lease == ""


def test_many_ticks_and_two_workers_run_a_job_once(site: Site) -> None:
    site.naps.write_text("")  # the first nap is over: none sleeps
    Job.objects.create(name="nap", due_at=now())
    for _ in range(2):
        site.start_worker()
    ringing = [threading.Thread(target=site.tick) for _ in range(3)]
    for thread in ringing:
        thread.start()
    for thread in ringing:
        thread.join()
    wait_until(lambda: Job.objects.get().message == "rested")
    broker = Path(site.environment["DATA_DIR"]) / "broker"
    wait_until(lambda: not list(broker.glob("*.celery.msg")))
    assert site.nap_count() == 1


def test_of_many_who_answer_at_once_one_gets_the_lease() -> None:
    job = Job.objects.create(name="nap", due_at=now())
    start = threading.Barrier(8)
    held: list[Job] = []

    def answer() -> None:
        start.wait()
        try:
            if taken := jobs.claim_lease(job.pk, now()):
                held.append(taken)
        finally:
            connection.close()

    threads = [threading.Thread(target=answer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == 1
    assert Job.objects.get().lease == held[0].lease


def test_a_job_runs_once_however_many_carry_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job.objects.create(name="nap", due_at=now())
    runs: list[int] = []
    duty = work.Duty(
        run=lambda job, now, tell: runs.append(job.pk) or "rested",
        every=lambda job: timedelta(hours=1),
        fallback=lambda job: "",
    )
    monkeypatch.setattr(work, "DUTIES", {"nap": duty})
    assert [work.carry_out(job.pk) for _ in range(3)] == [True, False, False]
    assert len(runs) == 1
