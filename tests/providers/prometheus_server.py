"""A real Prometheus, scraping an exporter of the test's own. Debian's package `prometheus`."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

BINARY = shutil.which("prometheus") or ""
SECONDS = 60  # until it must have come up, or have scraped
CONFIG = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: engine
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


@dataclass
class Exporter:
    """Answers /metrics with `text`, and counts how often it was asked."""

    text: str = ""
    scrapes: int = 0
    asked: threading.Condition = field(default_factory=threading.Condition)


@dataclass
class Prometheus:
    base: str
    exporter: Exporter

    def show(self, text: str) -> None:
        """Export this from now on; returns when it was scraped a few times."""
        with self.exporter.asked:
            self.exporter.text = text
            wanted = self.exporter.scrapes + 5
            assert self.exporter.asked.wait_for(
                lambda: self.exporter.scrapes >= wanted, timeout=SECONDS
            )

    def value(self, query: str) -> float:
        """What its own answer to a query is; 0 where it has none."""
        address = f"{self.base}/api/v1/query"
        found = requests.get(address, {"query": query}, timeout=10).json()["data"]["result"]
        return float(found[0]["value"][1]) if found else 0.0

    def wait_for(self, query: str, value: float) -> None:
        end = time.monotonic() + SECONDS
        while self.value(query) != value:
            assert time.monotonic() < end, f"{query} never was {value}"
            time.sleep(0.1)


@contextmanager
def exporting() -> Iterator[tuple[int, Exporter]]:
    exporter = Exporter()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with exporter.asked:
                body = exporter.text.encode()
                exporter.scrapes += 1
                exporter.asked.notify_all()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1], exporter
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running(folder: Path) -> Iterator[Prometheus]:
    with exporting() as (port, exporter):
        config = folder / "prometheus.yml"
        config.write_text(CONFIG.format(port=port))
        with socket.create_server(("127.0.0.1", 0)) as free:
            own = free.getsockname()[1]
        process = subprocess.Popen(
            [
                BINARY,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{own}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            server = Prometheus(f"http://127.0.0.1:{own}", exporter)
            _wait_until_ready(server.base, process)
            yield server
        finally:
            process.terminate()
            process.wait()


def _wait_until_ready(base: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"{base}/-/ready", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise AssertionError("Prometheus did not come up")
