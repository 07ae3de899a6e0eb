"""Reading a web address once and for all: one deadline, one size, public addresses only.

A read time-out is not a deadline: a server that sends a byte now and then never trips it. So the
whole reading, with its redirects and repetitions, has one end in time. The size is that of the
decoded answer, counted while it is unpacked, so a small gzip file cannot become a large memory.
"""

import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import httpcore2
import httpx2

from ..addresses import Network, networks
from ..network import (
    DeadlinePassed,
    Forbidden,
    GuardedTransport,
    Key,
    check_behind_proxy,
    check_url,
    origin,
    seconds_left,
)

_BROKEN = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
    OSError,
)
# Worth another try: too many requests, or the server's own trouble.
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_CHUNK = 64 * 1024
_GZIP_OR_ZLIB = 47  # zlib's window bits for "either, by its header"


class FetchFailed(Exception):
    """An address that could not be read; the message names it and says why.

    `after`: how long the server asks us to stay away, in seconds.
    """

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


class NotModified(Exception):
    """The server still has what it sent when we were given the etag."""


class _Again(Exception):
    """A failure that may pass. `after` is how long the server asks us to wait, in seconds."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one `get`, redirects and repetitions included."""

    seconds: float = 120.0
    max_bytes: int = 64 * 2**20
    attempts: int = 3
    redirects: int = 5
    first_pause: float = 0.5  # seconds; doubles with every attempt


class Fetcher:
    """Reads web addresses within `limits`. `allowed_private` are networks like 10.0.0.0/8.

    `etag`: of the answer we have; a server that still has the same one raises `NotModified`. After
    a reading it is that of the new answer. `elsewhere`: an address below which https://host/path is
    read as host/path instead, for a site that runs on simulated sources.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        proxy: str = "",
        allowed_private: Iterable[str] = (),
        sleep: Callable[[float], None] = time.sleep,
        etag: str = "",
        key: Key | None = None,
        elsewhere: str = "",
    ) -> None:
        self._limits = limits or Limits()
        self._proxy = proxy
        self._allowed: tuple[Network, ...] = networks(allowed_private)
        self._sleep = sleep
        self._key = key
        self._elsewhere = elsewhere
        self.etag = etag

    def get(self, url: str) -> bytes:
        """The decoded body of an address. Raises `FetchFailed`, or `NotModified` for an etag."""
        if self._elsewhere:
            url = f"{self._elsewhere}/{url.removeprefix('https://')}"
        deadline = time.monotonic() + self._limits.seconds
        transport = GuardedTransport(self._allowed, deadline, self._proxy)
        # trust_env: proxies come from our settings, never from the environment unseen.
        with httpx2.Client(transport=transport, trust_env=False, timeout=None) as client:  # noqa: S113 the deadline bounds every step
            try:
                return self._persistently(client, url, deadline)
            except DeadlinePassed:
                seconds = self._limits.seconds
                raise FetchFailed(f"{url}: not done within {seconds:g} seconds") from None
            except (Forbidden, httpx2.InvalidURL) as error:
                raise FetchFailed(f"{url}: {error}") from None

    def _persistently(self, client: httpx2.Client, url: str, deadline: float) -> bytes:
        pause = self._limits.first_pause
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return self._once(client, url, deadline)
            except _Again as failure:
                asked_too_much = failure.after > seconds_left(deadline)
                if attempt == self._limits.attempts or asked_too_much:
                    tries = f"after {attempt} attempts: " if attempt > 1 else ""
                    raise FetchFailed(f"{url}: {tries}{failure}", failure.after) from None
                self._sleep(min(max(pause, failure.after), seconds_left(deadline)))
                pause *= 2
        raise AssertionError("attempts is at least 1")

    def _once(self, client: httpx2.Client, url: str, deadline: float) -> bytes:
        request = client.build_request("GET", url, headers=_HEADERS | self._condition())
        try:
            for _hop in range(self._limits.redirects + 1):
                self._check(request.url)
                self._sign(request)
                response = client.send(request, stream=True)
                try:
                    if response.next_request is None:
                        return self._body(response, deadline)
                    request = response.next_request
                finally:
                    response.close()
        except _BROKEN as error:
            seconds_left(deadline)  # a time-out of ours is the deadline, not the server's fault
            raise _Again(f"{type(error).__name__} {error}".strip()) from None
        raise FetchFailed(f"{url}: more than {self._limits.redirects} redirects")

    def _check(self, url: httpx2.URL) -> None:
        check_url(url, self._allowed)
        if self._proxy:
            check_behind_proxy(url, self._allowed)

    def _condition(self) -> dict[str, str]:
        return {"If-None-Match": self.etag} if self.etag else {}

    def _sign(self, request: httpx2.Request) -> None:
        """Adds the key where it belongs; a redirect elsewhere goes without."""
        request.headers.pop("Authorization", None)
        if self._key and origin(request.url) == self._key.origin:
            request.headers["Authorization"] = f"Bearer {self._key.secret}"

    def _body(self, response: httpx2.Response, deadline: float) -> bytes:
        status = response.status_code
        if status in _PASSING:
            raise _Again(f"answered {status}", _retry_after(response))
        if status == 304 and self.etag:
            raise NotModified(str(response.url))
        if status != 200:
            refused = ", the key is refused" if self._key and status in (401, 403) else ""
            raise FetchFailed(f"{response.url}: answered {status}{refused}")
        body = bytearray()
        for piece in _decoded(response):
            body += piece
            seconds_left(deadline)
            if len(body) > self._limits.max_bytes:
                raise FetchFailed(
                    f"{response.url}: larger than {self._limits.max_bytes} bytes unpacked"
                )
        self.etag = response.headers.get("etag", "")
        return bytes(body)


_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",  # what `_decoded` can bound; nothing else is asked for
    "User-Agent": "model-almanac",
}


def _decoded(response: httpx2.Response) -> Iterator[bytes]:
    """The body in pieces of at most 64 KiB, unpacked."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        yield from response.iter_raw()
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise FetchFailed(f"{response.url}: packed as {encoding!r}, which was not asked for")
    unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        for packed in response.iter_raw():
            while packed:
                yield unpacker.decompress(packed, _CHUNK)
                packed = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise FetchFailed(f"{response.url}: damaged {encoding}: {error}") from None
    if not unpacker.eof:
        raise _Again("the packed answer ends too early")


def _retry_after(response: httpx2.Response) -> float:
    """Seconds that the server asks for; its other form, a date, is ignored."""
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else 0.0
