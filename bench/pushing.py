"""Events a second that one web process takes over HTTP, in batches, and what pages feel of it.

A client of several connections sends batches made beforehand, in lines, to the site of `make run`
without its worker. The model page is asked for beside it, once idle and once while events come.
"""

import http.client
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import Process
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench import servers

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
ADDRESS = "/api/v1/observations"
CONNECTIONS = 3
BATCH = 2_000
SECONDS = 8.0
STEADY = 1_000  # events a second that come in while a page is asked for
NAMES = tuple(f"m-{n}" for n in range(500))  # as bench.counting names them
PAGE = "/models/openai/gpt-4o-mini/"


def measure(folder: Path, observations: int = 100_000) -> None:
    """On SQLite, and on PostgreSQL where there is one (TEST_POSTGRES_URL)."""
    on_database(folder / "sqlite", f"sqlite:///{folder / 'counting.sqlite3'}", observations)
    with own_database(os.environ.get("TEST_POSTGRES_URL", POSTGRES)) as url:
        if url:
            on_database(folder / "postgresql", url, observations)
        else:
            print("PostgreSQL was not reached: nothing measured on it")


def on_database(data_dir: Path, url: str, observations: int) -> None:
    environment = {"DATABASE_URL": url, "DATA_DIR": str(data_dir), "LOG_LEVEL": "ERROR"}
    data_dir.mkdir()
    run(["manage.py", "migrate", "-v0"], environment)
    run(["manage.py", "collectstatic", "--no-input", "-v0"], environment)
    run(["-m", "bench.counting", "--observations", str(observations)], environment)
    token = run(["manage.py", "sender", "bench"], environment, captured=True).strip()
    used = processor_seconds()
    with servers.site(data_dir, **environment) as address:
        servers.fetch(address + "/healthz")
    starting = processor_seconds() - used
    with servers.site(data_dir, **environment) as address:
        servers.fetch(address + "/healthz")
        count, seconds, problems = push_all(address, token)
    serving = processor_seconds() - used - 2 * starting
    print(
        f"over HTTP to one web process, by {BATCH:,}: {count / seconds:,.0f} events/s, "
        f"{count / serving:,.0f} per processor second of the web process, {problems} refused"
    )


def processor_seconds() -> float:
    """Of all processes that this one has started and seen end."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def push_all(address: str, token: str) -> tuple[int, float, int]:
    """How many events were answered as taken, in how many seconds, and how many were not."""
    deadline = time.monotonic() + SECONDS
    taken: list[tuple[int, int]] = []
    threads = [
        threading.Thread(target=push, args=(address, token, number, deadline, taken))
        for number in range(CONNECTIONS)
    ]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accepted = sum(one for one, _ in taken)
    return accepted, time.monotonic() - begun, sum(other for _, other in taken)


def push(
    address: str, token: str, number: int, deadline: float, taken: list[tuple[int, int]]
) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    batches = 0
    while time.monotonic() < deadline:
        said = send(connection, token, lines(f"{number}-{batches}", BATCH))
        taken.append((said["accepted"], said["refused"] + said["quarantined"]))
        batches += 1
    connection.close()


def send(connection: http.client.HTTPConnection, token: str, body: bytes) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    connection.request("POST", ADDRESS, body, headers)
    answer = connection.getresponse()
    said: dict[str, int] = json.loads(answer.read())
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {said}")
    return said


def lines(
    batch: str, count: int, provider: str = "bench", models: tuple[str, ...] = NAMES
) -> bytes:
    """Cheap to make, so that the client does not slow the server down: only the ids differ."""
    at = datetime.now(UTC) - timedelta(seconds=1)
    rest = {
        "at": at.isoformat(), "outcome": "ok", "provider": provider, "ttft_ms": 412.7,
        "latency_ms": 3120.4, "input_tokens": 1200, "output_tokens": 310, "app": "chat",
    }  # fmt: skip
    tail = json.dumps(rest)[1:]
    return "".join(
        f'{{"id":"{batch}-{n}-{at:%f}","model":"{models[n % len(models)]}",{tail}\n'
        for n in range(count)
    ).encode()


# -- what pages feel of it ------------------------------------------------------------------------


def beside_pages(data_dir: Path) -> None:
    """The model page's p99 while STEADY events a second come in, as a ratio to the idle one."""
    token = run(
        ["manage.py", "sender", f"steady-{os.getpid()}"], {"DATA_DIR": str(data_dir)}, captured=True
    ).strip()
    with servers.site(data_dir) as address:
        servers.fetch(address + PAGE)
        idle = p99(address)
        sender = Process(target=steadily, args=(address, token), daemon=True)
        sender.start()
        busy = p99(address)
        sender.terminate()
        sender.join()
    print(
        f"model page, p99: {idle:.1f} ms idle, {busy:.1f} ms while {STEADY:,} events/s come in "
        f"(ratio {busy / idle:.2f})"
    )


def steadily(address: str, token: str) -> None:
    """Ten batches a second about the very endpoint that the page shows, until it is ended."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    for number in itertools.count():
        send(connection, token, lines(f"{number}", STEADY // 10, "openai", ("gpt-4o-mini",)))
        time.sleep(0.1 - time.monotonic() % 0.1)


def p99(address: str) -> float:
    taken = []
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        begun = time.perf_counter()
        servers.fetch(address + PAGE)
        taken.append(1000 * (time.perf_counter() - begun))
        time.sleep(0.005)
    return statistics.quantiles(taken, n=100)[98]


# -- databases and processes ----------------------------------------------------------------------


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """URL of a database that is dropped afterwards; empty when there is no server."""
    name = f"almanac_bench_{os.getpid()}"
    try:
        connection = psycopg.connect(
            server.replace("postgres://", "postgresql://", 1), autocommit=True, connect_timeout=3
        )
    except psycopg.OperationalError:
        yield ""
        return
    with connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(command: list[str], environment: dict[str, str], *, captured: bool = False) -> str:
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, *command],
        cwd=servers.ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE if captured else None,
        text=True,
        check=True,
    )
    return done.stdout or ""


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="almanac-bench-") as scratch:
        measure(Path(scratch), int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
