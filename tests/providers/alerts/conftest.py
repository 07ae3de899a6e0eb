"""A receiver of webhooks: a real server that keeps what it was sent and answers as it is told."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from providers import vault
from providers.choices import AlertKind
from providers.models import AlertRule


@dataclass
class Receiver:
    """`statuses`: what it answers first, in order; then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)

    def events(self) -> list[str]:
        return [alert["id"].partition(":")[2] for sent in self.got for alert in sent["alerts"]]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.ALLOWED_PRIVATE_NETWORKS = ["127.0.0.0/8"]
    place = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            place.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            status = place.statuses.pop(0) if place.statuses else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", place.url)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    place.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def rule_of(kind: AlertKind, threshold: int, *, to: str = "", **rest: Any) -> AlertRule:
    webhook = {"sealed_webhook": vault.seal(to), "webhook_host": "127.0.0.1"} if to else {}
    return AlertRule.objects.create(
        name=f"{kind} {threshold}", kind=kind, threshold=threshold, **webhook, **rest
    )
