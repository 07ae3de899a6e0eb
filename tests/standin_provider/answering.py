"""One request of the stand-in, answered on the wire as its behaviour says."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import wording
from .behaviour import Behaviour, Fault
from .served import Served
from .wording import Told, Wording

_SLOWLY = 0.05  # seconds between two bytes of a slow-loris
_LONG_LINE = 8 * 2**20
_REASONS = {200: "OK", 302: "Found", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(slots=True)
class Answer:
    """Writes one answer; afterwards the connection is closed."""

    served: Served
    protocol: str
    behaviour: Behaviour
    writer: asyncio.StreamWriter

    async def send(self) -> None:
        try:
            await self._send()
            await self.writer.drain()
        except ConnectionError:
            pass  # the client had enough
        finally:
            self.served.ended_at = time.monotonic()

    async def _send(self) -> None:
        fault = self.behaviour.fault
        if fault.startswith("status_"):
            self._error(int(fault.removeprefix("status_")))
            return
        match fault:
            case Fault.RESET_BEFORE_HEADERS:
                self._reset()
            case Fault.CLOSED_BEFORE_HEADERS:
                pass
            case Fault.SLOW_HEADERS:
                await self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            case Fault.SLOW_BODY:
                await self._drip(self._head(200, "text/event-stream"))
            case Fault.HANGS:
                await asyncio.sleep(3600)
            case Fault.GARBAGE:
                self.writer.write(bytes(range(128, 256)) * 8 + b"\r\n\r\n")
            case Fault.REDIRECT:
                self.writer.write(self._head(302, Location=self.behaviour.redirect_to))
            case Fault.WEB_PAGE:
                self._whole(
                    200, b"<!doctype html><title>Welcome to our airport</title>", "text/html"
                )
            case _ if self.served.body.get("stream"):
                await self._stream()
            case _:
                await self._at_once()

    # -- streams ----------------------------------------------------------------------------------

    async def _stream(self) -> None:
        self.writer.write(self._head(200, "text/event-stream", Transfer_Encoding="chunked"))
        match self.behaviour.fault:
            case Fault.GARBAGE_STREAM:
                self._chunk(bytes(range(256)) * 16)
                self._end()
            case Fault.HUGE_LINE:
                self._chunk(b'data: {"choices":[{"delta":{"content":"')
                for _ in range(_LONG_LINE // 2**16):
                    self._chunk(b"x" * 2**16)
                    await self.writer.drain()
            case Fault.EMPTY_STREAM:
                self._end()
            case Fault.ENDLESS:
                words = self._wording()
                while True:
                    self._chunk(words.tokens("on and on ", reasoning=False))
                    await self.writer.drain()
            case _:
                await self._tokens()

    async def _tokens(self) -> None:
        words, told = self._wording(), self._told()
        for event in words.opening(told):
            self._chunk(event)
        for place, count, reasoning, due in self._plan():
            if place >= self.behaviour.after_tokens and await self._goes_wrong(words):
                return
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            text = "".join(wording.WORDS[i % 8] for i in range(place, place + count))
            self._token(words.tokens(text, reasoning=reasoning), count, reasoning)
        if self.behaviour.fault != Fault.CUT_SHORT:
            for event in words.closing(told):
                self._chunk(event)
            if self.behaviour.fault != Fault.NO_DONE:
                self._chunk(words.last_word())
        self._end()

    def _plan(self) -> Iterator[tuple[int, int, bool, float]]:
        """Chunks: place of the first token, how many, whether they are reasoning, when due."""
        behaviour = self.behaviour
        if behaviour.fault == Fault.NO_TOKENS:
            return
        first = self.served.received_at + behaviour.ttft_ms / 1000
        thought = behaviour.reasoning_tokens if behaviour.shows_reasoning else 0
        whole = thought + self._length()
        step = behaviour.tokens_per_chunk
        for start, end, reasoning in ((0, thought, True), (thought, whole, False)):
            for place in range(start, end, step):
                count = min(step, end - place)
                yield place, count, reasoning, first + place / behaviour.tokens_per_second

    async def _goes_wrong(self, words: Wording) -> bool:
        """Whether the stream was ended here by its fault."""
        match self.behaviour.fault:
            case Fault.BROKEN_STREAM:
                await self.writer.drain()
                await asyncio.sleep(0.02)  # what was sent is read before the reset wipes it out
                self._reset()
            case Fault.CLOSED_STREAM:
                self.writer.write(b"ffff\r\ndata: {")
            case Fault.STALLS:
                await asyncio.sleep(3600)
            case Fault.ERROR_EVENT:
                self._chunk(words.failing(500, "The server had an error."))
                self._end()
            case Fault.RATE_LIMIT_EVENT:
                self._chunk(words.failing(429, "Too many tokens in this minute."))
                self._end()
            case _:
                return False
        return True

    def _token(self, event: bytes, count: int, reasoning: bool) -> None:
        at = time.monotonic()
        self._chunk(event)
        self.served.tokens_at += [at] * count
        if not reasoning:
            self.served.content_at += [at] * count

    def _length(self) -> int:
        body = self.served.body
        asked = ("max_tokens", "max_completion_tokens", "max_output_tokens")
        allowed = [body[name] for name in asked if isinstance(body.get(name), int)]
        return int(min([self.behaviour.tokens, *allowed]))

    def _told(self) -> Told:
        behaviour = self.behaviour
        prompt = behaviour.prompt_tokens
        if prompt is None:
            prompt = len(json.dumps(self.served.body).split())
        thought = behaviour.reasoning_tokens
        answer = 0 if behaviour.fault == Fault.NO_TOKENS else self._length()
        return Told(prompt, behaviour.cached_tokens, answer + thought, thought)

    def _wording(self) -> Wording:
        return Wording(self.protocol, self.served.model, self.behaviour)

    # -- whole answers ----------------------------------------------------------------------------

    async def _at_once(self) -> None:
        tokens = self._length()
        seconds = self.behaviour.ttft_ms / 1000 + tokens / self.behaviour.tokens_per_second
        await asyncio.sleep(seconds)
        text = "".join(wording.WORDS[place % 8] for place in range(tokens))
        self._json(200, self._wording().whole(text, self._told()))

    def _error(self, status: int) -> None:
        after = self.behaviour.retry_after
        headers = {"Retry_After": str(after)} if after else {}
        self._json(status, wording.error(self.protocol, status, "As the test wanted."), **headers)

    def _json(self, status: int, said: Any, **headers: str) -> None:
        self._whole(status, json.dumps(said).encode(), "application/json", **headers)

    def _whole(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        length = {"Content_Length": str(len(body)), **headers}
        self.writer.write(self._head(status, kind, **length) + body)

    # -- bytes ------------------------------------------------------------------------------------

    def _head(self, status: int, kind: str = "", **headers: str) -> bytes:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Said So')}", "Connection: close"]
        if kind:
            lines.append(f"Content-Type: {kind}")
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def _chunk(self, content: bytes) -> None:
        if content:  # an empty chunk would end the stream
            self.writer.write(b"%x\r\n%s\r\n" % (len(content), content))

    def _end(self) -> None:
        self.writer.write(b"0\r\n\r\n")

    async def _drip(self, head: bytes) -> None:
        self.writer.write(head)
        while True:
            self.writer.write(b"x")
            await self.writer.drain()
            await asyncio.sleep(_SLOWLY)

    def _reset(self) -> None:
        """Ends with RST instead of FIN."""
        plain: socket.socket = self.writer.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
