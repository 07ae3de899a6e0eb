"""Workers, beats and web servers that start in a blink and die where they are told.

`python -m tests.faults.nursery` loads Django and Celery once, then reads orders from standard
input, one a line, as JSON, and answers each with a line. `{"start": "worker", "kill_at": 7}` forks
a worker that gets what `kill -9` sends at its seventh step: right before a statement to the
database, or right after a commit. 0 lets it live. `{"wait": pid}` answers when it is dead,
`{"kill": pid}` kills it. A newborn dies with all of its own children.
"""

import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()  # before what follows: it imports models

from celery.signals import task_postrun  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402
from django.urls import get_resolver  # noqa: E402
from granian.cli import cli as granian  # noqa: E402

from catalog import processes  # noqa: E402
from config.celery import app  # noqa: E402
from providers import jobs, network, tasks, work  # noqa: E402

# What each newborn would load for itself.
for module in (
    *("celery.apps.beat", "celery.apps.worker", "celery.bin.celery", "celery.worker"),
    "config.wsgi",
):
    importlib.import_module(module)
get_resolver().url_patterns  # noqa: B018  the admin and every view
network.ssl_context()
os.environ["CELERY_SKIP_CHECKS"] = "1"  # Django's system checks take half of a start
QUIET = [
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
    "--loglevel",
    os.environ.get("NURSERY_NOISE", "CRITICAL"),
]
if lease := os.environ.get("LEASE_SECONDS"):
    jobs.claim_lease.__kwdefaults__["for_"] = timedelta(seconds=float(lease))
    jobs.progress.__kwdefaults__["for_"] = timedelta(seconds=float(lease))
if every := os.environ.get("ROLL_UP_EVERY_SECONDS"):
    work.ROLL_UP_EVERY = timedelta(seconds=float(every))


class Doomed:
    """Counts the steps of a process, whichever thread takes them, and kills it at one."""

    def __init__(self, kill_at: int) -> None:
        self.left = kill_at
        connection_created.connect(self.watch, weak=False)
        commit = BaseDatabaseWrapper._commit

        def committed(of: Any) -> None:
            commit(of)
            self.step()

        BaseDatabaseWrapper._commit = committed

    def watch(self, connection: Any, **told: Any) -> None:
        if self not in connection.execute_wrappers:  # it may connect again
            connection.execute_wrappers.append(self)

    def __call__(self, execute: Any, *query: Any) -> Any:
        self.step()
        return execute(*query)

    def step(self) -> None:
        self.left -= 1
        if not self.left:
            os.killpg(0, signal.SIGKILL)


def worker(order: dict[str, Any]) -> None:
    if order.get("kill_at"):
        task_postrun.connect(lambda sender, **told: _die_if_done(sender), weak=False)
    queues = ["--queues", order["queues"]] if "queues" in order else []
    app.worker_main(["worker", "--pool", "solo", *QUIET, *queues])


def _die_if_done(task: Any) -> None:
    """It did its work with fewer statements than it was given."""
    if task.name == tasks.carry_out.name:
        os.kill(os.getpid(), signal.SIGKILL)


def beat(order: dict[str, Any]) -> None:
    app.conf.beat_schedule["tick"]["schedule"] = float(order["every"])
    app.conf.beat_max_loop_interval = 0.1
    app.start(["beat", "--loglevel", os.environ.get("NURSERY_NOISE", "CRITICAL"), "--pidfile", ""])


def web(order: dict[str, Any]) -> None:
    """The real server, as `make run` starts it."""
    _, _, _, *arguments = processes.commands("127.0.0.1", str(order["port"]))["web"]
    granian(arguments, standalone_mode=False)


def job(order: dict[str, Any]) -> None:
    """What a worker does that was rung for it."""
    assert work.carry_out(order["job"])


KINDS: dict[str, Callable[[dict[str, Any]], None]] = {
    "worker": worker,
    "beat": beat,
    "web": web,
    "job": job,
}


alive: set[int] = set()


def start(order: dict[str, Any]) -> int:
    """Process id of the newborn. This process has no connection to hand down."""
    child = os.fork()
    if child:
        os.setpgid(child, child)
        alive.add(child)
        return child
    status = 1
    try:
        os.setpgid(0, 0)  # both do so, since either may be first
        silence()
        if kill_at := order.get("kill_at"):
            Doomed(kill_at)
        KINDS[order["start"]](order)
        status = 0
    finally:
        os._exit(status)


def silence() -> None:
    """Standard output belongs to the answers."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2 if os.environ.get("NURSERY_NOISE") else nothing, 1)
    if not os.environ.get("NURSERY_NOISE"):
        os.dup2(nothing, 2)


def ended(pid: int, patience: float) -> int | None:
    """How it ended: the signal, or 0; None when it lives on."""
    deadline = time.monotonic() + patience
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            alive.discard(pid)
            return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        if time.monotonic() > deadline:
            return None
        time.sleep(0.005)


def answer(order: dict[str, Any]) -> Any:
    if "start" in order:
        return start(order)
    if "kill" in order:
        os.killpg(order["kill"], signal.SIGKILL)
        return ended(order["kill"], 10)
    if "wait" in order:
        return ended(order["wait"], order["patience"])
    if "call" in order:
        return call(order["call"], order["arguments"])
    with app.connection_for_write() as link:
        tasks.tick.apply_async(connection=link)
    return None


def call(function: str, arguments: list[Any]) -> Any:
    """A function of this package, on this process's database."""
    module, _, name = function.rpartition(".")
    try:
        return getattr(importlib.import_module(f"tests.faults.{module}"), name)(*arguments)
    finally:
        connection.close()  # the next newborn must not inherit it


if __name__ == "__main__":
    try:
        for line in sys.stdin:
            print(json.dumps(answer(json.loads(line))), flush=True)
    finally:
        for pid in alive:  # who gave the orders is gone
            os.killpg(pid, signal.SIGKILL)
