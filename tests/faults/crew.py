"""Workers, beats and web servers of a nursery, as a test wants them."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .test_jobs import ROOT, database_url

KILLS = int(os.environ.get("KILLS", "20"))  # random moments, for each fault
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
FILESYSTEM = "filesystem://"


def chance(what: str) -> random.Random:
    """Random moments that can be had again; printed where a test fails."""
    print(f"KILL_SEED={SEED}  # {what}")
    return random.Random(f"{SEED} {what}")  # noqa: S311  moments to die


def steps(rng: random.Random, at_most: int) -> list[int]:
    """KILLS steps to die at, each of the first so many before any comes again."""
    rounds = -(-KILLS // at_most)
    return [n for _ in range(rounds) for n in rng.sample(range(1, at_most + 1), at_most)][:KILLS]


class Crew:
    """Processes on one database and one broker; all are gone when the test ends."""

    def __init__(
        self, nursery: subprocess.Popen[str], folder: Path, environment: dict[str, str]
    ) -> None:
        self._nursery = nursery
        self.folder = folder
        self.environment = environment
        self._alive: set[int] = set()

    def ask(self, **order: Any) -> Any:
        assert self._nursery.stdin and self._nursery.stdout
        self._nursery.stdin.write(json.dumps(order) + "\n")
        self._nursery.stdin.flush()
        return json.loads(self._nursery.stdout.readline())

    def start(self, kind: str, **wanted: Any) -> int:
        pid = int(self.ask(start=kind, **wanted))
        self._alive.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        self._alive.discard(pid)
        self.ask(kill=pid)

    def ending(self, pid: int, patience: float = 60.0) -> int | None:
        """The signal that ended it, 0 when it left by itself, None while it lives."""
        how = self.ask(wait=pid, patience=patience)
        if how is not None:
            self._alive.discard(pid)
        return None if how is None else int(how)

    def is_alive(self, pid: int) -> bool:
        return pid in self._alive and self.ending(pid, 0) is None

    def ring(self) -> None:
        """One tick, as beat would send it."""
        self.ask(ring=True)

    def call(self, function: str, *arguments: Any) -> Any:
        """What a function of tests.faults answers that asks the crew's database."""
        return self.ask(call=function, arguments=arguments)

    def leave(self) -> None:
        for pid in list(self._alive):
            self.kill(pid)
        assert self._nursery.stdin
        self._nursery.stdin.close()
        self._nursery.wait(30)
        assert self._nursery.stdout
        self._nursery.stdout.close()


@contextmanager
def crew_of(folder: Path, broker: str = FILESYSTEM, **environment: str) -> Iterator[Crew]:
    """Leases last a second and roll-ups come as fast as the ticks."""
    wanted = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url(),
        "CELERY_BROKER_URL": broker,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "CRITICAL",
        "LEASE_SECONDS": "1",
        "ROLL_UP_EVERY_SECONDS": "0.01",
    }
    whole = os.environ | wanted | environment
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.nursery"],
        cwd=ROOT,
        env=whole,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the test, which then ends them in order
    )
    crew = Crew(nursery, folder, whole)
    try:
        yield crew
    finally:
        crew.leave()


def pause(rng: random.Random, at_most: float) -> None:
    time.sleep(rng.uniform(0.0, at_most))
