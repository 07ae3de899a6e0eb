"""Web, worker and beat side by side: one that dies is started again, a signal stops all.

Run as `python -m catalog.processes`, after `manage.py serve` has prepared the site. It never loads
Django, so that watching the others costs 10 MB.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

LOOK_EVERY = 0.2  # seconds between two looks at the children
STEADY = 10.0  # a child that lived this long has started well
MAX_FALSE_STARTS = 3  # deaths in a row before STEADY; then something must be mended first
GRACE = 10.0  # seconds from SIGTERM to SIGKILL; a job cut short is picked up by a later tick
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def commands(host: str, port: str) -> dict[str, list[str]]:
    """What the site consists of, by name.

    Beat is a process of its own: `celery worker -B` orphans its beat child when it is killed.
    """
    # Nice: a refresh must not make readers wait, nor the worker's start the first page.
    celery = [
        "nice",
        "-n",
        "10",
        sys.executable,
        "-m",
        "celery",
        "--app",
        "config.celery",
        "--quiet",
    ]
    return {
        "web": [
            *(sys.executable, "-m", "granian", "config.wsgi:application"),
            *("--interface", "wsgi", "--host", host, "--port", port),
            *("--workers", "1", "--blocking-threads", "4", "--no-ws", "--log-level", "warning"),
        ],
        "worker": [
            *(*celery, "worker", "--pool", "solo", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        # A pid file would stop a second beat from starting after a kill -9; two beats do no harm.
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""],
    }


class Supervisor:
    """Keeps the children alive until a signal or until one of them cannot be started."""

    def __init__(
        self, commands: Mapping[str, Sequence[str]], *, say: Callable[[str], None] = print
    ) -> None:
        self._commands = commands
        self._say = say
        self._stopping = False
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}
        self._false_starts = dict.fromkeys(commands, 0)

    def run(self) -> int:
        """Returns an exit status: 0 after a signal, 1 when a child kept dying."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)
        try:
            for name in self._commands:
                self._start(name)
            return self._watch()
        finally:
            self._end_all()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _watch(self) -> int:
        while not self._stopping:
            for name, child in list(self._children.items()):
                if child.poll() is not None and not self._stopping and not self._revive(name):
                    return 1
            time.sleep(LOOK_EVERY)
        return 0

    def _start(self, name: str) -> None:
        # A process group each: Granian killed with -9 leaves a worker that would hold the port.
        self._children[name] = subprocess.Popen(  # noqa: S603  our own table of commands
            self._commands[name], process_group=0, preexec_fn=_die_with_parent
        )
        self._started[name] = time.monotonic()

    def _revive(self, name: str) -> bool:
        """Start `name` again; False when it has died too often too soon."""
        steady = time.monotonic() - self._started[name] >= STEADY
        self._false_starts[name] = 0 if steady else self._false_starts[name] + 1
        ending = _ending(self._children[name].returncode)
        _kill_group(self._children[name].pid)
        if self._false_starts[name] >= MAX_FALSE_STARTS:
            self._say(f"{name} {ending} and does not start; stopping the others")
            return False
        self._say(f"{name} {ending}; starting it again")
        self._start(name)
        return True

    def _end_all(self) -> None:
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + GRACE
        for name, child in self._children.items():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{name} did not stop within {GRACE:.0f} s; killing it")
            _kill_group(child.pid)
            child.wait()


def _kill_group(leader: int) -> None:
    """Whatever is left of a child and its own children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _die_with_parent() -> None:
    """In the child: ask Linux to stop it when we are killed with -9. Elsewhere it is orphaned."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _ending(status: int) -> str:
    return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"


def main() -> int:
    table = commands(os.environ["HOST"], os.environ["PORT"])
    return Supervisor(table, say=lambda text: print(text, file=sys.stderr, flush=True)).run()


if __name__ == "__main__":
    sys.exit(main())
