"""A PostgreSQL of the test's own, which may be restarted as often as one likes."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BINARIES = Path("/usr/lib/postgresql")


@dataclass(frozen=True, slots=True)
class Cluster:
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def restart(self) -> None:
        """Without a goodbye to anybody, as after a crash."""
        self._control("restart", "-m", "immediate")

    def start(self) -> None:
        # Nothing here must outlive a power cut, so nothing waits for the disk.
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off"
        self._control("start", "-o", options)

    def stop(self) -> None:
        self._control("stop", "-m", "immediate")

    def initialise(self) -> None:
        command = [_binary("initdb"), "-D", self.folder / "data", "-U", "postgres", "-A", "trust"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **_as_postgres())

    def _control(self, *what: str) -> None:
        command = [_binary("pg_ctl"), "-D", self.folder / "data", "-l", self.folder / "log", "-w"]
        subprocess.run(
            [*command, *what], check=True, stdout=subprocess.DEVNULL, cwd="/", **_as_postgres()
        )


@contextmanager
def cluster(port: int) -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="almanac-cluster-"))
    if _as_postgres():
        shutil.chown(folder, "postgres", "postgres")
    made = Cluster(folder, port)
    made.initialise()
    made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_installed() -> bool:
    return any(BINARIES.glob("*/bin/pg_ctl"))


def _binary(name: str) -> Path:
    return max(BINARIES.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))


def _as_postgres() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}
