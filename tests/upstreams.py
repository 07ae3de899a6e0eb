"""The sources' servers, simulated: real HTTP on loopback, for tests and for looking at the site.

Below `http://127.0.0.1:<port>/<host>/<path>` stands what https://<host>/<path> would answer; a site
with `SOURCES_AT=http://127.0.0.1:<port>` reads it there. Tests give answers path by path and may
have one misbehave. `python -m tests.upstreams` runs a whole site on them, with its own DATA_DIR.
"""

import argparse
import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from providers.sources import genai_prices, litellm, models_dev, recordings, zenmux

from . import simulated
from .simulated import Model

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: Message


@dataclass(frozen=True, slots=True)
class Response:
    """What is sent instead of the answer. `pause`: seconds before each byte of the body."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0


@dataclass(slots=True)
class Upstreams:
    """What the server answers, and what it was asked.

    `keys`: host → the secret that it wants. `misbehave`: path → what is sent first, in order.
    `after`: seconds that every answer takes, as if the server were far away.
    """

    url: str
    answers: dict[str, bytes] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    misbehave: dict[str, list[Response]] = field(default_factory=lambda: defaultdict(list))
    asked: list[Asked] = field(default_factory=list)
    after: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def respond(self, asked: Asked) -> Response:
        with self.lock:
            self.asked.append(asked)
            if self.misbehave[asked.path]:
                return self.misbehave[asked.path].pop(0)
        host = asked.path.split("/")[1]
        if host in self.keys and asked.headers["Authorization"] != f"Bearer {self.keys[host]}":
            return Response(401, b'{"error":{"message":"No auth credentials found"}}')
        if asked.path not in self.answers:
            return Response(404, b'{"error":{"message":"not found"}}')
        return self._answer(asked)

    def _answer(self, asked: Asked) -> Response:
        body = self.answers[asked.path]
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if asked.headers["If-None-Match"] == etag:
            return Response(304, headers={"ETag": etag})
        packed = {"Content-Encoding": "gzip", "ETag": etag, "Content-Type": "application/json"}
        return Response(200, gzip.compress(body, 1), packed)


@contextmanager
def upstreams(port: int = 0) -> Iterator[Upstreams]:
    """Serves until the block ends; port 0 is any free one."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.daemon_threads = True
    place = Upstreams(f"http://127.0.0.1:{server.server_port}")
    server.place = place  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        place: Upstreams = self.server.place  # type: ignore[attr-defined]
        time.sleep(place.after)
        response = place.respond(Asked(self.path, self.headers))
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        try:
            self._send(response)
        except OSError:
            self.close_connection = True  # the client had enough, as it should

    def _send(self, response: Response) -> None:
        if not response.pause:
            self.wfile.write(response.body)
            return
        for byte in response.body:
            time.sleep(response.pause)
            self.wfile.write(bytes([byte]))

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: tests look at what was asked."""


# -- a site on simulated sources ------------------------------------------------------------------

PORT = 8300
SOLD = 40  # models of either gateway


def main() -> None:
    parser = argparse.ArgumentParser(description="Run the site on simulated sources.")
    parser.add_argument("--port", type=int, default=PORT, help="of the simulated sources")
    parser.add_argument("--only-serve", action="store_true", help="serve, start no site")
    parser.add_argument("--models", type=int, default=SOLD, help="how many each gateway sells")
    parser.add_argument("--after", type=float, default=0.0, help="seconds an answer takes")
    wanted = parser.parse_args()
    with upstreams(wanted.port) as place:
        place.answers.update(whole_market(wanted.models))
        place.after = wanted.after
        print(f"Simulated sources: {place.url}  ({len(place.answers)} addresses)", flush=True)
        if wanted.only_serve:
            threading.Event().wait()
        own = own_database(ROOT / "var" / "simulated") | {"SOURCES_AT": place.url}
        raise SystemExit(run_site(own))


def own_database(folder: Path) -> dict[str, str]:
    """The environment of a site that shares nothing with this machine's other one."""
    return {
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'almanac.sqlite3'}",
        "CELERY_BROKER_URL": "filesystem://",
        "CACHE_URL": "locmemcache://simulated",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
    }


def run_site(environment: Mapping[str, str]) -> int:
    """Runs the site until it is stopped; its exit code."""
    command = [sys.executable, "manage.py", "serve"]
    site = subprocess.Popen(command, cwd=ROOT, env=os.environ | dict(environment))
    signal.signal(signal.SIGTERM, lambda *_: site.terminate())
    while True:
        try:
            return site.wait()
        except KeyboardInterrupt:
            continue  # Ctrl-C reaches the site too; it stops in its own time


def whole_market(models: int = SOLD) -> Iterator[tuple[str, bytes]]:
    """Recorded answers where we have them; gateways that sell recorded models at made-up prices."""
    for module in (models_dev, litellm, genai_prices, zenmux):
        parts = urlsplit(module.ADDRESS)
        yield f"/{parts.netloc}{parts.path}", recordings.recorded(module.SOURCE.slug).data
    yield from simulated.openrouter(_sold_by("openrouter", OPENROUTER_TAGS, models))
    yield from simulated.vercel(_sold_by("vercel-ai-gateway", VERCEL_UPSTREAMS, models))


OPENROUTER_TAGS = (
    *("openai", "openai/flex", "openai/fast", "azure", "azure/eu", "deepinfra/fp8"),
    *("google-vertex/global", "together", "fireworks", "amazon-bedrock"),
)
VERCEL_UPSTREAMS = ("openai", "azure", "anthropic", "bedrock", "deepinfra", "fireworks")


def _sold_by(gateway: str, tags: tuple[str, ...], models: int) -> Iterator[Model]:
    """Every few models of pi-ai's recorded list of a gateway, at its prices."""
    answer = json.loads(recordings.recorded("pi_ai").data)
    entries = [
        entry
        for group in answer["providers"][gateway].values()
        for entry in group.values()
        if entry["type"] == "chat" and entry["cost"]["input"] and ":" not in entry["id"]
    ]
    for place, entry in enumerate(entries[:: max(1, len(entries) // models)][:models]):
        cost = entry["cost"]
        yield Model(
            id=entry["id"],
            name=entry["name"],
            input=str(cost["input"]),
            output=str(cost["output"]),
            cache_read=str(cost["cacheRead"] or ""),
            context=entry["contextWindow"],
            max_output=entry["maxTokens"],
            tags=tuple(tags[(place + step) % len(tags)] for step in range(1 + place % 4)),
        )


if __name__ == "__main__":
    main()
