"""`manage.py serve`, from an empty folder: the whole site, as `make run` starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240.0  # seconds; a first start takes half a minute on two idle cores
LINK = re.compile(r"http://127\.0\.0\.1:\d+(/setup/\S+)")

pytestmark = [pytest.mark.faults, pytest.mark.once]


class Site:
    """The supervisor with its three children, in a session of its own."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.port = port
        self.said = data_dir / "said"
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env=environment | {"DATA_DIR": str(data_dir), "PORT": str(port)},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self.status("/healthz") != 200:
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.2)

    def children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, check=True
        )
        return [int(pid) for pid in listed.stdout.split()]

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    started: list[Site] = []
    yield started
    for site in started:
        if site.process.poll() is None:
            site.stop(signal.SIGTERM)


def test_an_empty_folder_becomes_a_site_and_a_second_start_keeps_it(
    tmp_path: Path, port: int, sites: list[Site]
) -> None:
    sites.append(Site(tmp_path, port))
    sites[0].wait()
    said = sites[0].said.read_text()
    link = LINK.search(said)
    assert link is not None, said
    assert sites[0].status(link[1]) == 200
    assert sites[0].status("/models/") == 200
    children = sites[0].children()
    assert len(children) == 3
    assert sites[0].stop(signal.SIGINT) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)

    sites.append(Site(tmp_path, port))
    sites[1].wait()
    assert "recorded answers" not in sites[1].said.read_text()
    assert sites[1].status(link[1]) == 404, "a new start voids the old link"
    assert sites[1].stop(signal.SIGTERM) == 0


def test_a_taken_port_is_named_before_anything_is_done(
    tmp_path: Path, port: int, sites: list[Site]
) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        sites.append(Site(tmp_path, port))
        assert sites[0].process.wait(PATIENCE) != 0
    assert f"Cannot listen on 127.0.0.1:{port}" in sites[0].said.read_text()
    assert not (tmp_path / "almanac.sqlite3").exists()
