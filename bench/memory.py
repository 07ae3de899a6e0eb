"""How much memory one push takes at most, by bodies made for nothing else.

Each is read in a process of its own, as the web server reads it, up to where the database would be
asked. What it takes is that process's peak (VmHWM, Linux) less what it had before.
"""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (  # noqa: E402
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: E402
    ExportTraceServiceRequest,
)

from providers.stats import ingest, litellm  # noqa: E402
from providers.stats.otlp import bodies, metrics, spans  # noqa: E402

ROW = "{:<38}{:>8}{:>10}{:>10}   {}"
Read = Callable[[bytes], object]
# Numbers of fields, from the request inwards.
SPANS, ATTRIBUTES, LINKS = (1, 2, 2), (1, 2, 2, 9), (1, 2, 2, 13)
METRICS, POINTS, EXPONENTIAL = (1, 2, 2), (1, 2, 2, 9, 1), (1, 2, 2, 10, 1)
BUCKETS = (*EXPONENTIAL, 8, 2)
MOST = bodies.MAX_MESSAGES


def field(number: int, content: bytes) -> bytes:
    """One of a message's fields, as protobuf writes it."""
    length, rest = bytearray(), len(content)
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    return bytes([number << 3 | 2, *length, rest]) + content


def nested(path: tuple[int, ...], content: bytes) -> bytes:
    for number in reversed(path):
        content = field(number, content)
    return content


def many(path: tuple[int, ...], count: int = 0, content: bytes = b"") -> bytes:
    """So many of the last field of that path; as many as a body may have bytes for, if 0."""
    one = field(path[-1], content)
    count = count or (bodies.MAX_BYTES - 100) // len(one)
    return nested(path[:-1], one * count)


def objects(count: int) -> bytes:
    listed = b",".join([b"{}"] * count)
    return b'{"resourceSpans":[{"scopeSpans":[{"spans":[' + listed + b"]}]}]}"


def strangers(count: int) -> bytes:
    return b'{"x":[' + b",".join([b'{"a":0}'] * count) + b"]}"


def real_spans() -> bytes:
    """As SDKs send them: fifteen attributes each."""
    pair = field(1, b"gen_ai.some.attribute") + field(2, field(1, b"a value"))
    return many(SPANS, 0, field(1, b"t" * 16) + field(2, b"s" * 8) + field(9, pair) * 15)


def read_spans(body: bytes, kind: str = bodies.PROTOBUF) -> object:
    return spans.read(bodies.read(ExportTraceServiceRequest(), body, kind), {})


def read_points(body: bytes) -> object:
    return metrics.read(bodies.read(ExportMetricsServiceRequest(), body, bodies.PROTOBUF), {})


def read_json(body: bytes) -> object:
    return read_spans(body, bodies.JSON)


def read_payloads(body: bytes) -> object:
    return litellm.read(body, "application/json")


def read_events(body: bytes) -> object:
    return ingest.decoded(body, "application/json")


def figures(count: int) -> bytes:
    return b"[" + b"0," * (count - 1) + b"0]"


CASES: tuple[tuple[str, Read, Callable[[], bytes]], ...] = (
    ("spans of a real kind", read_spans, real_spans),
    ("empty resources", read_spans, lambda: many(SPANS[:1])),
    ("empty spans", read_spans, lambda: many(SPANS)),
    ("empty spans, as many as are read", read_spans, lambda: many(SPANS, MOST - 2)),
    ("empty attributes, as many as are read", read_spans, lambda: many(ATTRIBUTES, MOST - 3)),
    ("empty links, as many as are read", read_spans, lambda: many(LINKS, MOST - 3)),
    ("empty metrics", read_points, lambda: many(METRICS)),
    ("empty metrics, as many as are read", read_points, lambda: many(METRICS, MOST - 2)),
    ("empty points, as many as are read", read_points, lambda: many(POINTS, MOST - 4)),
    ("exponential points, as many", read_points, lambda: many(EXPONENTIAL, MOST - 4)),
    (
        "points with both buckets, as many",
        read_points,
        lambda: many(EXPONENTIAL, MOST // 3 - 2, field(8, b"") + field(9, b"")),
    ),
    (
        "counts of buckets",
        read_points,
        lambda: nested(BUCKETS, b"\1" * (bodies.MAX_BYTES - 100)),
    ),
    ("JSON, empty spans", read_json, lambda: objects(bodies.MAX_BYTES // 3 - 50)),
    ("JSON, as many as are read", read_json, lambda: objects(MOST - 10)),
    ("JSON, objects that nobody knows", read_json, lambda: strangers(MOST - 10)),
    ("LiteLLM, a list of figures", read_payloads, lambda: figures(ingest.MAX_BYTES // 2)),
    (
        "LiteLLM, as many as are read",
        read_payloads,
        lambda: figures(litellm.MAX_VALUES),
    ),
    ("our own form, as many as are read", read_events, lambda: figures(600_000)),
)


def measure() -> None:
    print(ROW.format("body", "MB", "takes, MB", "s", "answer"))
    for name, read, make in CASES:
        in_a_process(name, read, make())


def in_a_process(name: str, read: Read, body: bytes) -> None:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, begun = peak_mb(), time.process_time()
    try:
        read(body)
        answer = "taken"
    except ingest.BadBody as error:
        answer = f"{error.status}"
    taken, used = peak_mb() - before, time.process_time() - begun
    size = f"{len(body) / 1e6:.1f}"
    print(ROW.format(name, size, f"{taken:.0f}", f"{used:.2f}", answer), flush=True)
    os._exit(0)


def peak_mb() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 / 1e6 if found else 0.0


if __name__ == "__main__":
    measure()
