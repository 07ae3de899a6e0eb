"""Live refreshes from simulated gateways, by 1, 2 and 4 workers that share the jobs.

Each number of workers starts on a copy of the same site, that has read the lists and no part of
them. A worker is a process that carries out what is due until nothing is. The clock runs from the
first part that was begun to the last that was done, so that starting a process does not count.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench import servers

WORKERS = (1, 2, 4)
MODELS = 120  # of each gateway
ANSWER_AFTER = 0.1  # seconds; as far away as a server in another country
DATABASE = "almanac.sqlite3"
ROW = "{:>8}{:>9}{:>10}{:>12}{:>10}"


@dataclass(frozen=True, slots=True)
class Pace:
    """What a number of workers did."""

    parts: int
    claims: int
    seconds: float

    @property
    def claims_per_second(self) -> float:
        return self.claims / self.seconds


def measure(folder: Path) -> None:
    with simulated_gateways() as sources_at:
        paces = {workers: refresh(folder, sources_at, workers) for workers in WORKERS}
    print(f"live refresh, {MODELS} models of two gateways, answers after {ANSWER_AFTER:g} s")
    print(ROW.format("workers", "parts", "claims", "claims/s", "speed-up"))
    one = paces[WORKERS[0]]
    for workers, pace in paces.items():
        rate = pace.claims_per_second
        up = rate / one.claims_per_second
        print(ROW.format(workers, pace.parts, pace.claims, f"{rate:.0f}", f"{up:.2f}"))
    print()


@contextmanager
def simulated_gateways() -> Iterator[str]:
    port = servers.free_port()
    command = [sys.executable, "-m", "tests.upstreams", "--only-serve", "--port", str(port)]
    command += ["--models", str(MODELS), "--after", str(ANSWER_AFTER)]
    with servers.running(command, port, os.environ):
        yield f"http://{servers.HOST}:{port}"


def refresh(folder: Path, sources_at: str, workers: int) -> Pace:
    mine = folder / f"live-{workers}"
    lists = folder / "live"
    if not lists.exists():
        run(["migrate", "-v0"], site(lists, sources_at))
        run(["refresh", "openrouter", "vercel"], site(lists, sources_at))
    shutil.copytree(lists, mine)
    command = [sys.executable, "manage.py", "jobs", "--run-due"]
    working = [
        subprocess.Popen(  # noqa: S603  our own command
            command,
            cwd=servers.ROOT,
            env=site(mine, sources_at),
            stdout=subprocess.DEVNULL,
        )
        for _ in range(workers)
    ]
    if any(worker.wait() for worker in working):
        sys.exit(f"one of {workers} workers failed")
    return pace_of(mine / DATABASE)


def site(folder: Path, sources_at: str) -> dict[str, str]:
    """The environment of a site in a folder of its own, whatever else is configured here."""
    return os.environ | {
        "SOURCES_AT": sources_at,
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "ERROR",
    }


def pace_of(database: Path) -> Pace:
    """What was read of parts, from the runs and the jobs themselves."""
    connection = sqlite3.connect(database)
    begun, parts = connection.execute(
        "SELECT min(started_at), count(*) FROM providers_run WHERE part <> ''"
    ).fetchone()
    (done,) = connection.execute(
        "SELECT max(last_finished_at) FROM providers_job WHERE name = 'details'"
    ).fetchone()
    (claims,) = connection.execute(
        "SELECT count(*) FROM providers_claim JOIN providers_run ON providers_run.id = begun_by_id"
        " WHERE part <> ''"
    ).fetchone()
    connection.close()
    seconds = datetime.fromisoformat(done) - datetime.fromisoformat(begun)
    return Pace(parts, claims, seconds.total_seconds())


def run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(  # noqa: S603  our own command
        [sys.executable, "manage.py", *command],
        cwd=servers.ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
