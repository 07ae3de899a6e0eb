"""The supervisor with real, small processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0  # seconds for what takes well below one on an idle machine

# Children write their pid beside the others' and sleep.
SLEEPER = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
SLEEP = "time.sleep(60)"
PARENT = """
import sys
from catalog import processes
processes.GRACE = 1.0
folder, *programs = sys.argv[1:]
table = {
    f"child{n}": [sys.executable, "-c", program, f"{folder}/child{n}"]
    for n, program in enumerate(programs)
}
sys.exit(processes.Supervisor(table, say=lambda text: print(text, flush=True)).run())
"""

pytestmark = [pytest.mark.faults, pytest.mark.once]


class Parent:
    """A supervisor in a process of its own, with children running the given programs."""

    def __init__(self, folder: Path, *programs: str) -> None:
        self.folder, self.count = folder, len(programs)
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(folder), *programs],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def pids(self) -> list[int]:
        """Of all children, once each has written its own."""
        wait_until(lambda: all(self._read(n) for n in range(self.count)))
        return [self._read(n) for n in range(self.count)]

    def pid_after(self, number: int, old: int) -> int:
        wait_until(lambda: self._read(number) not in (0, old))
        return self._read(number)

    def end(self) -> tuple[int, str]:
        said, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def _read(self, number: int) -> int:
        path = self.folder / f"child{number}"
        return int((path.exists() and path.read_text()) or 0)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[object]:
    parents: list[Parent] = []

    def start(*programs: str) -> Parent:
        parents.append(Parent(tmp_path, *programs))
        return parents[-1]

    yield start
    for parent in parents:
        parent.process.kill()
        parent.process.communicate()


def wait_until(holds: object) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all(start, number: signal.Signals) -> None:
    parent = start(f"{SLEEPER}; {SLEEP}", f"{SLEEPER}; {SLEEP}")
    pids = parent.pids()
    parent.process.send_signal(number)
    assert parent.end()[0] == 0
    assert not any(map(is_alive, pids))


def test_one_that_died_is_named_and_started_again(start) -> None:
    parent = start(f"{SLEEPER}; {SLEEP}", f"{SLEEPER}; {SLEEP}")
    kept, killed = parent.pids()
    os.kill(killed, signal.SIGKILL)
    again = parent.pid_after(1, killed)
    assert is_alive(again) and is_alive(kept)
    parent.process.terminate()
    assert "child1 was killed by signal 9; starting it again" in parent.end()[1]


def test_one_that_cannot_start_stops_the_others(start) -> None:
    parent = start(f"{SLEEPER}; {SLEEP}", f"{SLEEPER}; sys.exit(3)")
    pids = parent.pids()
    status, said = parent.end()
    assert status == 1
    assert "child1 ended with status 3 and does not start; stopping the others" in said
    assert not any(map(is_alive, pids))


def test_one_that_ignores_the_signal_is_killed(start) -> None:
    parent = start(f"{STUBBORN}; {SLEEPER}; {SLEEP}")
    (pid,) = parent.pids()
    parent.process.terminate()
    status, said = parent.end()
    assert status == 0 and "child0 did not stop" in said
    assert not is_alive(pid)


def test_what_a_dead_child_leaves_behind_is_cleared_away(start, tmp_path: Path) -> None:
    grandchild = (
        "import subprocess; left = subprocess.Popen(['sleep', '60']);"
        f"pathlib.Path({str(tmp_path / 'left')!r}).write_text(str(left.pid))"
    )
    parent = start(f"{SLEEPER}; {grandchild}; {SLEEP}")
    (killed,) = parent.pids()
    wait_until(lambda: (tmp_path / "left").exists())
    left = int((tmp_path / "left").read_text())
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not is_alive(left))


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel for it, Linux only")
def test_killing_the_supervisor_leaves_no_orphan(start) -> None:
    parent = start(f"{SLEEPER}; {SLEEP}")
    (pid,) = parent.pids()
    parent.process.kill()
    wait_until(lambda: not is_alive(pid))
