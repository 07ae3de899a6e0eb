"""Connections that go only where they may and end when they must.

Addresses are checked when connecting, not before: a name that pointed to the public a moment ago
may point to this machine now. The very address that was checked is the one connected to.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import httpcore2
import httpx2
from httpcore2 import NetworkBackend, NetworkStream, SyncBackend

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Forbidden(Exception):
    """An address that a source may not lead to."""


class DeadlinePassed(Exception):
    """The time for the whole request is over."""


def networks(written: Iterable[str]) -> tuple[Network, ...]:
    """`["10.0.0.0/8", "::1"]` as networks; a single address is a network of one."""
    return tuple(ipaddress.ip_network(item.strip(), strict=False) for item in written)


def is_public(address: Address) -> bool:
    """False for loopback, private, link-local, metadata, multicast and reserved addresses.

    IPv6 can carry an IPv4 address; then that one decides.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    return any(address in network for network in allowed)


def resolved(host: str, port: int) -> list[Address]:
    """The addresses of a host, in the order of the system's resolver."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(f"{host} has no address: {error}") from None
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def checked(host: str, port: int, allowed: Sequence[Network]) -> str:
    """The first address of a host, when all of its addresses may be called."""
    addresses = resolved(host, port)
    for address in addresses:
        if not is_public(address) and not is_allowed(address, allowed):
            raise Forbidden(
                f"{host} is {address}, which is not public; "
                "name its network in ALLOWED_PRIVATE_NETWORKS if it may be called"
            )
    return str(addresses[0])


def check_scheme(url: httpx2.URL, allowed: Sequence[Network]) -> None:
    """https everywhere; plain http only inside networks that the operator allowed."""
    if url.scheme == "https":
        return
    if url.scheme == "http":
        addresses = resolved(url.host, url.port or 80)
        if all(is_allowed(address, allowed) for address in addresses):
            return
    raise Forbidden(f"{url} is not https")


def check_behind_proxy(url: httpx2.URL, allowed: Sequence[Network]) -> None:
    """Refuses what can be refused unresolved: there it is the proxy that looks up names."""
    try:
        address = ipaddress.ip_address(url.host)
    except ValueError:
        if url.host.lower().rstrip(".").endswith("localhost"):
            raise Forbidden(f"{url.host} is not public") from None
        return
    if not is_public(address) and not is_allowed(address, allowed):
        raise Forbidden(f"{url.host} is not public")


class TimedStream(NetworkStream):
    """A stream each of whose steps must end before the deadline of the whole request."""

    def __init__(self, stream: NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, seconds_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, seconds_left(self._deadline))

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
        address = host if host == self._proxy_host else checked(host, port, self._allowed)
        left = seconds_left(self._deadline)
        stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
        return TimedStream(stream, self._deadline)


@cache
def _ssl_context() -> ssl.SSLContext:
    """One for all: reading the system's certificates takes longer than most answers."""
    return httpx2.create_ssl_context()


class GuardedTransport(httpx2.BaseTransport):
    """httpx2 over the guarded backend: it offers no door of its own for one."""

    def __init__(self, allowed: Sequence[Network], deadline: float, proxy: str = "") -> None:
        proxy_url = httpx2.URL(proxy) if proxy else None
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_ssl_context(),
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
                content=b"",
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
