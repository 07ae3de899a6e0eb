"""The addresses that take measurements, as senders use them that repeat what got no answer.

A batch is made from its number, so that it is the same bytes each time. It tells of BATCH requests
to openai's gpt-4o that went well, each with a time to first token and one token of output.
"""

import http.client
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests.providers.otlp import messages

BATCH = 40
START = datetime.now(UTC) - timedelta(minutes=1)
JSON, PROTOBUF = "application/json", "application/x-protobuf"
RECORDED = Path(__file__).parents[1] / "providers/recorded/litellm-1.106.2.json"


@dataclass(frozen=True, slots=True)
class Door:
    path: str
    kind: str
    body: Callable[[int], bytes]
    took_all: Callable[[bytes], bool]

    def takes(self, port: int, token: str, number: int) -> bool:
        """Whether that batch was acknowledged."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": self.kind}
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as link:
                link.request("POST", self.path, self.body(number), headers)
                answer = link.getresponse()
                said = answer.read()
        except (OSError, http.client.HTTPException):
            return False
        if answer.status == 503:  # told to send it again
            return False
        assert answer.status == 200, said
        assert self.took_all(said), said
        return True


# -- our own form, and LiteLLM's ------------------------------------------------------------------


def events(number: int) -> bytes:
    told = {"at": START.isoformat(), "outcome": "ok", "provider": "openai", "model": "gpt-4o"}
    return json.dumps(
        [
            {"id": f"{number}-{n}", **told, "ttft_ms": 100 + n, "output_tokens": 1}
            for n in range(BATCH)
        ]
    ).encode()


@cache
def recorded() -> dict[str, Any]:
    """A streamed answer, as a proxy posted it."""
    payload: dict[str, Any] = json.loads(RECORDED.read_bytes())[0]
    return payload


def payloads(number: int) -> bytes:
    begun = START.timestamp()
    times = {"startTime": begun, "completionStartTime": begun + 0.1, "endTime": begun + 2}
    told = {**recorded(), **times, "model": "openai/gpt-4o", "completion_tokens": 1}
    return json.dumps([{**told, "litellm_call_id": f"{number}-{n}"} for n in range(BATCH)]).encode()


def receipt_is_whole(said: bytes) -> bool:
    receipt = json.loads(said)
    return bool(receipt["accepted"] + receipt["duplicates"] == BATCH)


# -- OTLP -----------------------------------------------------------------------------------------

DURATION = "gen_ai.client.operation.duration"
FIRST = "gen_ai.server.time_to_first_token"
TOKENS = "gen_ai.client.token.usage"


def spans(number: int) -> bytes:
    told = {
        "gen_ai__response__time_to_first_chunk": 0.1,
        "gen_ai__usage__output_tokens": 1,
        "gen_ai__usage__reasoning__output_tokens": 0,
    }
    return messages.traces(
        *(messages.span(number * BATCH + n + 1, START, **told) for n in range(BATCH))
    ).SerializeToString()


def points(number: int) -> bytes:
    """What was counted in a millisecond of its own; and the total so far, which must not count."""
    at = START + timedelta(milliseconds=number)
    so_far = [(number + 1) * BATCH, 0]
    return messages.metrics(
        messages.exponential(DURATION, at, [BATCH]),
        messages.exponential(FIRST, at, [BATCH]),
        messages.explicit(
            TOKENS, at, [BATCH, 0], [1], unit="{token}", total=BATCH, gen_ai__token__type="output"
        ),
        messages.explicit(DURATION, at, so_far, [1], temporality=messages.CUMULATIVE),
    ).SerializeToString()


def no_span_was_rejected(said: bytes) -> bool:
    return not ExportTraceServiceResponse.FromString(said).partial_success.rejected_spans


def the_total_alone_was_rejected(said: bytes) -> bool:
    told = ExportMetricsServiceResponse.FromString(said).partial_success
    return told.rejected_data_points == 1 and "not delta" in told.error_message


EVENTS = Door("/api/v1/observations", JSON, events, receipt_is_whole)
PAYLOADS = Door("/api/v1/observations/litellm", JSON, payloads, receipt_is_whole)
SPANS = Door("/v1/traces", PROTOBUF, spans, no_span_was_rejected)
POINTS = Door("/v1/metrics", PROTOBUF, points, the_total_alone_was_rejected)
