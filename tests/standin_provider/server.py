"""The stand-in's server: reads requests and has them answered, on one event loop."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

from . import wording
from .answering import Answer
from .behaviour import Behaviour
from .served import Served

_TLS = b"\x16"  # how somebody begins who expects TLS


class Server:
    """Answers `POST …/chat/completions`, `…/responses`, `…/messages`; `GET /served` tells all.

    `behaviours`: by model id; "" is for any other. `key`: what has to come as a key; empty: any.
    """

    def __init__(self, behaviours: Mapping[str, Behaviour], key: str = "") -> None:
        self.behaviours = dict(behaviours)
        self.key = key
        self.served: list[Served] = []
        self.connections = 0

    async def listen(self, port: int = 0, ssl: Any = None) -> tuple[asyncio.Server, int]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", port, ssl=ssl)
        return server, server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            first = await reader.readexactly(1)
            if first == _TLS:
                writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
                return
            served = await self._read(first, reader)
            await self._answer(served, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass  # no whole request
        except asyncio.CancelledError:
            writer.transport.abort()  # the test is over; what would have hung for ever is let go
        finally:
            writer.close()

    async def _read(self, begun: bytes, reader: asyncio.StreamReader) -> Served:
        head = begun + await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, path, _version = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        received_at = time.monotonic()
        body = json.loads(content) if content else None
        return Served(method, path, headers, body, received_at)

    async def _answer(self, served: Served, writer: asyncio.StreamWriter) -> None:
        if served.path == "/served":
            content = json.dumps([one.json() for one in self.served]).encode()
            head = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(content)}\r\n\r\n"
            writer.write(head.encode() + content)
            await writer.drain()
            return
        self.served.append(served)
        protocol = wording.protocol_of(served.path)
        await Answer(served, protocol, self._behaviour(served, protocol), writer).send()

    def _behaviour(self, served: Served, protocol: str) -> Behaviour:
        if not protocol or not isinstance(served.body, dict):
            return Behaviour.of({"fault": "status_404"})
        if self.key and self.key not in _keys(served.headers):
            return Behaviour.of({"fault": "status_401"})
        named = self.behaviours.get(served.model)
        return named or self.behaviours.get("") or Behaviour.of({"fault": "status_404"})


def _keys(headers: Mapping[str, str]) -> set[str]:
    bearer = headers.get("authorization", "").removeprefix("Bearer ")
    return {bearer, headers.get("x-api-key", ""), headers.get("api-key", "")}
