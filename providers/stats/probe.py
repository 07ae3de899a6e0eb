"""One measured request to a provider: real, streaming, bounded, and only to where its key belongs.

Times are taken when bytes arrive, before anything is made of them. No redirect is followed: what
was asked elsewhere would say nothing of this provider, and must not see its key.
"""

import errno
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpcore2
import httpx2
import msgspec

from ..choices import Outcome
from ..network import (
    DeadlinePassed,
    Forbidden,
    GuardedBackend,
    Key,
    check_behind_proxy,
    check_url,
    origin,
    ssl_context,
)
from . import dialects
from .dialects import Token, Told
from .events import TooLong, events
from .observation import outcome_of
from .probed import Door, Limits, Probed, Target

_DONE = b"[DONE]"
_ERROR_BODY = 64 * 1024  # bytes of an error's body that are looked at
# Reasons for which no connection came about that are the provider's own.
_REFUSED = {errno.ECONNREFUSED, errno.ECONNRESET}


# Is handed each piece of text, and whether it is reasoning, after its time was taken.
Hear = Callable[[str, bool], None]


def probe(
    target: Target, key: Key, prompt: str, limits: Limits, door: Door, hear: Hear | None = None
) -> Probed:
    """What a request measured; takes at most `limits.seconds`, and raises nothing.

    What `hear` raises comes through: who listens has had enough.
    """
    attempt = _Attempt(target, limits, door, hear)
    try:
        attempt.run(key, prompt)
    except _Failed as failure:
        return attempt.failed(failure.outcome, failure.reason)
    except (Forbidden, httpx2.InvalidURL) as error:
        return attempt.failed(None, str(error))
    except httpcore2.ProxyError:
        return attempt.failed(None, "the proxy did not let it through")
    except (DeadlinePassed, httpcore2.TimeoutException):
        return attempt.broken(f"not done within {limits.seconds:g} seconds")
    except TooLong as error:
        return attempt.broken(f"its answer has {error}")
    except httpcore2.ConnectError as error:
        return attempt.unconnected(error)
    except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
        return attempt.broken(_BROKEN.get(type(error), "the connection broke"))
    return attempt.ended()


def can_be_reached(base: str, door: Door, seconds: float = 5.0) -> bool:
    """Whether a connection to the API's host comes about; nothing is sent. At most so long."""
    url = httpx2.URL(base)
    backend = GuardedBackend(door.allowed, time.monotonic() + seconds)
    try:
        check_url(url, door.allowed)
        backend.connect_tcp(url.host, url.port or (443 if url.scheme == "https" else 80)).close()
    except (Forbidden, DeadlinePassed, httpcore2.NetworkError, httpcore2.TimeoutException):
        return False
    return True


class _Failed(Exception):
    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


_BROKEN: dict[type[Exception], str] = {
    httpcore2.RemoteProtocolError: "its answer is not HTTP, or ended too early",
    httpcore2.ReadError: "the connection was reset",
}


class _Attempt:
    """The stopwatch of one probe."""

    def __init__(self, target: Target, limits: Limits, door: Door, hear: Hear | None) -> None:
        self._target, self._limits, self._door, self._hear = target, limits, door, hear
        self._begun = time.monotonic()
        self._sent: float | None = None
        self._first: float | None = None
        self._content: float | None = None
        self._last: float | None = None
        self._streamed = 0
        self._connected = False
        self._status: int | None = None
        self._retry_after = 0.0
        self._told = Told()
        # What is sent first is a question to the proxy, for a way through.
        self._asks_proxy = bool(door.proxy) and target.base.startswith("https:")

    def run(self, key: Key, prompt: str) -> None:
        target, limits, door = self._target, self._limits, self._door
        url = httpx2.URL(dialects.address(target.protocol, target.base))
        if origin(url) != key.origin:
            raise Forbidden(f"the key is for {key.origin} and is sent nowhere else")
        check_url(url, door.allowed)
        if door.proxy:
            check_behind_proxy(url, door.allowed)
        proxy = httpx2.URL(door.proxy).host if door.proxy else ""
        deadline = self._begun + limits.seconds
        pool = httpcore2.ConnectionPool(
            ssl_context=ssl_context(),
            proxy=httpcore2.Proxy(door.proxy) if door.proxy else None,
            network_backend=GuardedBackend(door.allowed, deadline, proxy),
        )
        try:
            self._listen(pool.handle_request(self._request(url, key, prompt)))
        finally:
            pool.close()

    def _request(self, url: httpx2.URL, key: Key, prompt: str) -> httpcore2.Request:
        target = self._target
        content = msgspec.json.encode(
            dialects.body(
                target.protocol,
                url.host,
                model=target.model,
                prompt=prompt,
                output_tokens=target.output_tokens,
            )
        )
        secret = dialects.headers(target.protocol, header=target.header, secret=key.secret)
        headers = {
            "host": url.netloc.decode(),
            "accept": "text/event-stream",
            "accept-encoding": "identity",
            "connection": "close",
            "content-length": str(len(content)),
            "content-type": "application/json",
            "user-agent": "model-almanac",
            **secret,
        }
        return httpcore2.Request(
            method="POST",
            url=httpcore2.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=list(headers.items()),
            content=content,
            extensions={"trace": self._trace},
        )

    def _trace(self, event: str, _about: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self._connected = not self._door.proxy
        elif event != "http11.send_request_headers.started":
            return
        elif self._asks_proxy:
            self._asks_proxy = False
        else:
            self._connected = True
            self._sent = time.monotonic()

    # -- what comes back --------------------------------------------------------------------------

    def _listen(self, answer: httpcore2.Response) -> None:
        try:
            self._status = answer.status
            stream = answer.extensions["network_stream"]
            self._sent = stream.sent_at or self._sent
            if answer.status != 200:
                self._refused(answer)
            for data in events(
                answer.iter_stream(),
                max_line=self._limits.max_line,
                max_bytes=self._limits.max_bytes,
            ):
                if data == _DONE:
                    self._told.is_over = True
                else:
                    self._take(data, stream.read_at)
                if self._told.is_over:
                    break
        finally:
            answer.close()

    def _take(self, data: bytes, at: float) -> None:
        try:
            event = msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError):
            raise _Failed(Outcome.PROVIDER_ERROR, "an event of its answer is no JSON") from None
        token = dialects.read(self._target.protocol, event, self._told)
        if token is Token.NONE:
            return
        self._streamed += 1
        self._last = at
        self._first = self._first or at
        if token is Token.CONTENT:
            self._content = self._content or at
        if self._hear is not None:
            text = dialects.text_of(self._target.protocol, event)
            self._hear(text, token is Token.REASONING)

    def _refused(self, answer: httpcore2.Response) -> None:
        """Any other status than 200 ends it; 3xx means that our address is out of date."""
        status = answer.status
        if 300 <= status < 400:
            reason = f"answered {status}, a redirect, which is not followed; mend the address"
            raise _Failed(Outcome.CALLER_ERROR, reason)
        named = {name.lower(): value for name, value in answer.headers}
        after = named.get(b"retry-after", b"").decode("latin-1")
        self._retry_after = float(after) if after.isdecimal() and len(after) < 8 else 0.0
        kind = self._kind_of_error(answer)
        outcome = outcome_of(status) if status >= 400 else Outcome.PROVIDER_ERROR
        raise _Failed(outcome, f"answered {status}" + (f" ({kind})" if kind else ""))

    def _kind_of_error(self, answer: httpcore2.Response) -> str:
        """The status is known already: whatever happens to the body changes nothing."""
        content = bytearray()
        try:
            for piece in answer.iter_stream():
                content += piece
                if len(content) > _ERROR_BODY:
                    return ""
            return dialects.kind_of_error(msgspec.json.decode(bytes(content)))
        except (
            msgspec.DecodeError,
            RecursionError,
            DeadlinePassed,
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.TimeoutException,
        ):
            return ""

    # -- how it ended -----------------------------------------------------------------------------

    def ended(self) -> Probed:
        told = self._told
        if told.error is not None:
            kind = f" ({told.error_kind})" if told.error_kind else ""
            return self.failed(told.error, f"an error came inside the stream{kind}")
        if not (told.is_finished or told.is_over):
            empty = "it ended before it had begun" if not self._streamed else "it broke off"
            return self.failed(Outcome.PROVIDER_ERROR, f"a stream without an end: {empty}")
        if not self._streamed and not told.output_tokens:
            return self.failed(Outcome.PROVIDER_ERROR, "its answer has no token")
        return self._probed(Outcome.OK, "", until=self._last)

    def broken(self, reason: str) -> Probed:
        """A complete answer whose connection lingers or breaks afterwards is a complete answer."""
        if self._told.is_finished and self._told.error is None:
            return self.ended()
        return self.failed(Outcome.PROVIDER_ERROR, reason)

    def unconnected(self, error: httpcore2.ConnectError) -> Probed:
        cause = error.args[0] if error.args else None  # the pool takes the link to it away
        if isinstance(cause, ssl.SSLError):
            reason = f"no TLS: {cause.reason or 'refused'}"
        elif isinstance(cause, OSError) and cause.errno in _REFUSED:
            self._connected = True
            reason = "the connection was refused"
        else:
            reason = "it cannot be reached"
        return self.failed(Outcome.PROVIDER_ERROR, reason)

    def failed(self, outcome: Outcome | None, reason: str) -> Probed:
        return self._probed(outcome, reason, until=time.monotonic())

    def _probed(self, outcome: Outcome | None, reason: str, *, until: float | None) -> Probed:
        return Probed(
            outcome=outcome,
            reason=reason,
            status=self._status,
            is_connected=self._connected,
            is_sent=self._sent is not None,
            retry_after=self._retry_after,
            sent_at=self._sent,
            connect_ms=_ms(self._begun, self._sent),
            ttft_ms=_ms(self._sent, self._content),
            latency_ms=_ms(self._sent, until),
            stream_ms=_ms(self._first, self._last),
            streamed=self._streamed,
            told=self._told,
        )


def _ms(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else (end - start) * 1000
