"""The instrument against a stand-in that wrote down, on the same clock, when each token left."""

import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

import pytest

from providers.addresses import networks
from providers.network import Key
from providers.stats.dialects import SPOKEN
from providers.stats.probe import probe
from providers.stats.probed import Door, Limits, Probed, Target
from tests.standin_provider import Behaviour, Served, apart

pytestmark = pytest.mark.once

BEHAVIOUR = Behaviour(ttft_ms=300, tokens_per_second=60, tokens=60)
# They begin one after the other, as jobs with jitter do, and all run together for most of a second.
APART = 0.01  # seconds
LOOPBACK = Door(networks(["127.0.0.1/32"]))
ROUNDS = 4  # a busy machine spoils some; an instrument that is wrong is wrong in all of them


@dataclass(frozen=True, slots=True)
class Pair:
    """What a probe says of a request, and what the server knows of it."""

    probed: Probed
    served: Served

    @property
    def ttft_off_ms(self) -> float:
        return (self.probed.ttft_ms or 0) - self.served.ttft_ms

    @property
    def ttft_error(self) -> float:
        """Of the tolerance, which is 10 ms or 3 %."""
        return self.ttft_off_ms / max(10, 0.03 * self.served.ttft_ms)

    @property
    def rate_error(self) -> float:
        """Of the tolerance, which is 3 %."""
        stream_seconds = (self.probed.stream_ms or 0) / 1000
        rate = ((self.probed.output_tokens or 0) - 1) / stream_seconds
        return (rate / self.served.tokens_per_second - 1) / 0.03


def in_parallel(number: int) -> list[Pair]:
    """So many probes at once, of all protocols, and the same requests as they were served."""
    with apart({"m": BEHAVIOUR}) as provider:
        key = Key(provider.base.removesuffix("/v1"), "sk-secret")

        def one(place: int) -> Probed:
            time.sleep(place * APART)
            target = Target(provider.base, SPOKEN[place % 3], "m", 64)
            return probe(target, key, f"prompt {place}!", Limits(seconds=60), LOOPBACK)

        with ThreadPoolExecutor(number) as pool:
            probed = list(pool.map(one, range(number)))
        served = {_place(one): one for one in provider.served()}
    return [Pair(one, served[place]) for place, one in enumerate(probed)]


def _place(served: Served) -> int:
    found = re.search(r"prompt (\d+)!", str(served.body))
    assert found
    return int(found[1])


def of_bare_sockets(number: int) -> list[float]:
    """What so many clients at once see that do nothing but look at the clock: milliseconds by
    which their TTFT is off, because this machine is slow to wake whoever waits.
    """
    with apart({"m": BEHAVIOUR}) as provider:
        port = int(provider.base.rpartition(":")[2].partition("/")[0])

        def one(place: int) -> float:
            body = json.dumps({"model": "m", "stream": True, "prompt": f"prompt {place}!"}).encode()
            head = f"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n"
            time.sleep(place * APART)
            with socket.create_connection(("127.0.0.1", port)) as connection:
                sent_at = time.monotonic()
                connection.sendall(head.encode() + body)
                received = b""
                while b'"content": "the' not in received:
                    received += connection.recv(2**16)
                seen_ms = (time.monotonic() - sent_at) * 1000
                while connection.recv(2**16):
                    pass
                return seen_ms

        with ThreadPoolExecutor(number) as pool:
            seen = list(pool.map(one, range(number)))
        served = {_place(one): one for one in provider.served()}
    return [ms - served[place].ttft_ms for place, ms in enumerate(seen)]


@pytest.mark.parametrize("number", [1, 10, 50])
def test_it_tells_the_truth_to_three_percent(number: int) -> None:
    """TTFT within 10 ms or 3 %, throughput within 3 %; where the machine itself keeps sockets
    waiting longer than that, no further off than a client that only looks at the clock.
    """
    seen: list[str] = []
    for _ in range(ROUNDS):
        pairs = in_parallel(number)
        assert [pair.probed.outcome for pair in pairs] == ["ok"] * number
        ttft = median(abs(pair.ttft_error) for pair in pairs)
        rate = median(abs(pair.rate_error) for pair in pairs)
        if ttft <= 1 and rate <= 1:
            return
        bare = median(of_bare_sockets(number)) / max(10, 0.03 * BEHAVIOUR.ttft_ms)
        if ttft <= 1 + bare and rate <= 1:
            return
        seen.append(f"TTFT {ttft:.2f}, bare sockets {bare:.2f}, throughput {rate:.2f}")
    pytest.fail(f"off by so many times the tolerance: {seen}")


def test_it_is_never_faster_than_the_truth() -> None:
    """However slow the machine: it starts its watch before the server does and stops it after."""
    for pair in in_parallel(6):
        sent_at, ttft_ms = pair.probed.sent_at, pair.probed.ttft_ms
        assert sent_at is not None and ttft_ms is not None
        assert sent_at <= pair.served.received_at
        assert sent_at + ttft_ms / 1000 >= pair.served.content_at[0]
