"""A small real HTTP server that answers as the market's APIs do, and keeps what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER = "Twice a day."
SOUND = b"ID3 not really music"

_MESSAGE = {"role": "assistant", "content": ANSWER}
_CHOICE = {"index": 0, "finish_reason": "stop", "message": _MESSAGE, "text": ANSWER}
_OUTPUT = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": ANSWER, "annotations": []}],
}
_PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
# What a path ends in → what comes back.
_ANSWERS: dict[str, Any] = {
    "/chat/completions": {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{**_CHOICE, "message": {**_MESSAGE, "images": [_PICTURE]}}],
    },
    "/completions": {
        "id": "c",
        "object": "text_completion",
        "created": 1,
        "model": "m",
        "choices": [_CHOICE],
    },
    "/responses": {
        "id": "r",
        "object": "response",
        "created_at": 1,
        "model": "m",
        "output": [{"id": "t", "type": "reasoning", "summary": []}, _OUTPUT],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    },
    "/v1/messages": {
        "id": "a",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": ANSWER}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    },
    "/converse": {"output": {"message": {"role": "assistant", "content": [{"text": ANSWER}]}}},
    "/embeddings": {
        "object": "list",
        "model": "m",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -0.5]}],
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    },
    "/images/generations": {"created": 1, "data": [{"url": "https://example.com/dusk.png"}]},
    "/audio/transcriptions": {"text": ANSWER},
    "/speech-to-text": {"text": ANSWER},
    "/listen": {"results": {"channels": [{"alternatives": [{"transcript": ANSWER}]}]}},
    "/rerank": {
        "results": [{"index": 0, "relevance_score": 0.9}],
        "data": [{"index": 0, "relevance_score": 0.9}],
    },
    "/moderations": {"id": "mod", "model": "m", "results": [{"flagged": False}]},
    "/ocr": {"pages": [{"index": 0, "markdown": ANSWER}]},
}
_PICTURES = {"images": [{"url": "https://example.com/dusk.png"}]}  # fal answers at any path


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Standin:
    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def standin() -> Iterator[Standin]:
    """Serves on a free port of the loopback until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    place = Standin(f"http://127.0.0.1:{server.server_port}")
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

    def do_POST(self) -> None:
        body = self._body()
        self.server.place.asked.append(Asked(self.path, self.headers, body))  # type: ignore[attr-defined]
        path = self.path.partition("?")[0]
        if path.endswith("/audio/speech") or "/text-to-speech/" in path:
            self._answer("audio/mpeg", SOUND)
            return
        # The longest ending wins: /chat/completions before /completions.
        ending = max((end for end in _ANSWERS if path.endswith(end)), key=len, default="")
        self._answer("application/json", json.dumps(_ANSWERS.get(ending, _PICTURES)).encode())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: tests look at what was asked."""
