"""Ways to run the stand-in: beside the test in a thread, or apart in a process of its own."""

import asyncio
import json
import ssl
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from .behaviour import Behaviour
from .served import Served
from .server import Server

ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class StandinProvider:
    """A running one. `base` is the root of its API."""

    base: str
    server: Server

    @property
    def port(self) -> int:
        return int(self.base.split(":")[2].partition("/")[0])

    @property
    def served(self) -> list[Served]:
        return self.server.served


@contextmanager
def beside(
    behaviours: Mapping[str, Behaviour] | Behaviour | None = None,
    *,
    key: str = "",
    tls: ssl.SSLContext | None = None,
) -> Iterator[StandinProvider]:
    """Serves in a thread until the block ends; a single behaviour is that of every model."""
    if behaviours is None or isinstance(behaviours, Behaviour):
        behaviours = {"": behaviours or Behaviour()}
    server = Server(behaviours, key)
    loop = asyncio.new_event_loop()
    listening, port = loop.run_until_complete(server.listen(ssl=tls))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    scheme = "https" if tls else "http"
    try:
        yield StandinProvider(f"{scheme}://127.0.0.1:{port}/v1", server)
    finally:
        asyncio.run_coroutine_threadsafe(_stop(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(listening: asyncio.Server) -> None:
    """Leaves no task and no open socket behind: either would be a warning in some later test."""
    for listener in listening.sockets:
        asyncio.get_running_loop().remove_reader(listener.fileno())  # nobody else comes in
    await _settle()  # who has just come in gets a task
    listening.close()
    current = asyncio.current_task()
    under_way = [task for task in asyncio.all_tasks() if task is not current]
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
    await _settle()  # what they closed is closed by the loop


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Apart:
    """A stand-in in another process: it measures nothing of what this one does meanwhile."""

    base: str

    def served(self) -> list[Served]:
        """Every request so far, in the order of their arrival."""
        address = self.base.removesuffix("/v1") + "/served"
        with urllib.request.urlopen(address) as answer:  # noqa: S310  loopback
            return [Served(**one) for one in json.load(answer)]


@contextmanager
def apart(behaviours: Mapping[str, Behaviour]) -> Iterator[Apart]:
    """Serves in a process of its own until the block ends."""
    stated = json.dumps({name: asdict(one) for name, one in behaviours.items()})
    command = [sys.executable, "-m", "tests.standin_provider", "--behaviours", stated]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Apart(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.communicate()
