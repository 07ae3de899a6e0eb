"""Connections that go only where they may and end when they must.

Addresses are checked when connecting, not before: a name that pointed to the public a moment ago
may point to this machine now. The very address that was checked is the one connected to.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpcore2
import httpx2
from httpcore2 import NetworkBackend, NetworkStream, SyncBackend

from .addresses import Address, Network, is_allowed, is_public, written_address

# Names that stand for machines of a local network, for proxies: they look names up themselves.
_LOCAL_NAMES = (".local", ".localdomain", ".internal", ".home.arpa")


class Forbidden(Exception):
    """An address that a source may not lead to."""


class DeadlinePassed(Exception):
    """The time for the whole request is over."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret for one origin, like https://openrouter.ai; nobody else is sent it."""

    origin: str
    secret: str = field(repr=False)


def origin(url: httpx2.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode()}"


def resolved(host: str, port: int) -> list[Address]:
    """The addresses of a host, in the order of the system's resolver."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(f"{host} has no address: {error}") from None
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def resolved_within(host: str, port: int, deadline: float) -> list[Address]:
    """The same, at the latest by the deadline: the resolver itself knows none.

    A look-up that takes longer is left to a thread that nobody waits for.
    """
    if written_address(host) is not None:
        return resolved(host, port)  # nobody is asked
    answers: SimpleQueue[list[Address] | httpcore2.ConnectError] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(resolved(host, port))
        except httpcore2.ConnectError as error:
            answers.put(error)

    Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds_left(deadline))
    except Empty:
        raise DeadlinePassed from None
    if isinstance(answer, httpcore2.ConnectError):
        raise answer
    return answer


def checked(host: str, port: int, allowed: Sequence[Network], deadline: float) -> str:
    """The first address of a host, when all of its addresses may be called."""
    addresses = resolved_within(host, port, deadline)
    for address in addresses:
        if not is_public(address) and not is_allowed(address, allowed):
            raise Forbidden(
                f"{host} is {address}, which is not public; "
                "name its network in ALLOWED_PRIVATE_NETWORKS if it may be called"
            )
    return str(addresses[0])


def check_url(url: httpx2.URL, allowed: Sequence[Network]) -> None:
    """https everywhere; plain http only inside networks that the operator allowed."""
    if not url.host:
        raise Forbidden(f"{url} names no host")
    if url.userinfo:
        raise Forbidden(f"{url.host} is written behind a user name; leave that out")
    if url.scheme == "https" or (url.scheme == "http" and _all_allowed(url, allowed)):
        return
    raise Forbidden(f"{url} is not https")


def _all_allowed(url: httpx2.URL, allowed: Sequence[Network]) -> bool:
    """Whether the operator named the networks of all addresses of the host; asks the resolver."""
    return bool(allowed) and all(
        is_allowed(address, allowed) for address in resolved(url.host, url.port or 80)
    )


def check_behind_proxy(url: httpx2.URL, allowed: Sequence[Network]) -> None:
    """Refuses what can be refused unresolved: there it is the proxy that looks up names."""
    address = written_address(url.host)
    if address is None:
        name = url.host.lower().rstrip(".")
        is_local = name.endswith(_LOCAL_NAMES) or "." not in name
        # A proxy's localhost is the proxy, which no setting of ours speaks of.
        if name.endswith("localhost") or (is_local and not _all_allowed(url, allowed)):
            raise Forbidden(f"{url.host} is not public")
        return
    if not is_public(address) and not is_allowed(address, allowed):
        raise Forbidden(f"{url.host} is not public")


class TimedStream(NetworkStream):
    """A stream each of whose steps must end before the deadline of the whole request.

    It tells when its first bytes left and its latest came, on the clock of `time.monotonic`:
    whoever measures would else count in what it does before and after.
    """

    def __init__(self, stream: NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline
        self.sent_at: float | None = None
        self.read_at = 0.0

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        received = self._stream.read(max_bytes, seconds_left(self._deadline))
        self.read_at = time.monotonic()
        return received

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = seconds_left(self._deadline)
        self.sent_at = self.sent_at or time.monotonic()
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        left = seconds_left(self._deadline)
        return TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def seconds_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise DeadlinePassed
    return left


class GuardedBackend(NetworkBackend):
    """Opens connections to allowed addresses only. `proxy_host` is the operator's own choice."""

    def __init__(self, allowed: Sequence[Network], deadline: float, proxy_host: str = "") -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._proxy_host = proxy_host
        self._plain = SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        address = (
            host if host == self._proxy_host else checked(host, port, self._allowed, self._deadline)
        )
        left = seconds_left(self._deadline)
        stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
        return TimedStream(stream, self._deadline)


@cache
def ssl_context() -> ssl.SSLContext:
    """One for all: reading the system's certificates takes longer than most answers."""
    return httpx2.create_ssl_context()


class GuardedTransport(httpx2.BaseTransport):
    """httpx2 over the guarded backend: it offers no door of its own for one."""

    def __init__(self, allowed: Sequence[Network], deadline: float, proxy: str = "") -> None:
        proxy_url = httpx2.URL(proxy) if proxy else None
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl_context(),
            proxy=httpcore2.Proxy(proxy) if proxy else None,
            network_backend=GuardedBackend(allowed, deadline, proxy_url.host if proxy_url else ""),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        body = _Body(answer)
        return httpx2.Response(answer.status, headers=answer.headers, stream=body)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
