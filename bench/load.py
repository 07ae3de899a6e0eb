"""Requests a second against one address: wrk where it is installed, else threads of our own."""

import http.client
import re
import shutil
import subprocess
import threading
import time
from urllib.parse import urlsplit

CONNECTIONS = 8
RATE = re.compile(r"Requests/sec:\s*([\d.]+)")
FAILED = re.compile(r"Non-2xx or 3xx responses: (\d+)")
HEADERS = {"Accept-Encoding": "gzip"}


def client_name() -> str:
    return "wrk" if shutil.which("wrk") else "Python threads"


def requests_per_second(address: str, *, seconds: float) -> float:
    program = shutil.which("wrk")
    return _by_wrk(program, address, seconds) if program else _by_threads(address, seconds)


def _by_wrk(program: str, address: str, seconds: float) -> float:
    command = [program, "-t", "1", "-c", str(CONNECTIONS), "-d", f"{seconds:.0f}s"]
    command += ["-H", "Accept-Encoding: gzip", address]
    said = subprocess.run(  # noqa: S603  our own command
        command, capture_output=True, text=True, check=True
    ).stdout
    if failed := FAILED.search(said):
        raise RuntimeError(f"{address}: {failed[1]} answers were no pages")
    rate = RATE.search(said)
    if rate is None:
        raise RuntimeError(f"wrk said: {said}")
    return float(rate[1])


def _by_threads(address: str, seconds: float) -> float:
    deadline = time.monotonic() + seconds
    counts = [0] * CONNECTIONS
    threads = [
        threading.Thread(target=_ask, args=(address, deadline, counts, place))
        for place in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _ask(address: str, deadline: float, counts: list[int], place: int) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    while time.monotonic() < deadline:
        connection.request("GET", target, headers=HEADERS)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address}: {answer.status}")
        counts[place] += 1
    connection.close()
