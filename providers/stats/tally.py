"""What many observations amount to: counts, sums and histograms that merge by addition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

from ..choices import Outcome
from .histogram import EMPTY, Histogram
from .observation import MIN_STREAM_MS

MIN_N = 5  # requests; below it a share or a percentile is not shown
PICO_PER_USD = 10**12
MIN_STREAM_US = int(MIN_STREAM_MS * 1000)
US_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Tally:
    """Requests of one endpoint over some time. Adding two is exact, in any order."""

    ok: int = 0
    provider_error: int = 0
    rate_limited: int = 0
    caller_error: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    with_tokens: int = 0  # requests that told tokens at all
    input_with_cached: int = 0  # input tokens of requests that told how many were cached
    cost_pico: int = 0  # 10^-12 USD
    with_cost: int = 0
    # Of successful requests: seconds, seconds, tokens per second.
    ttft: Histogram = EMPTY
    latency: Histogram = EMPTY
    throughput: Histogram = EMPTY

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*[getattr(self, name) + getattr(other, name) for name in FIELDS])

    @property
    def requests(self) -> int:
        return self.ok + self.provider_error + self.rate_limited + self.caller_error

    @property
    def judged(self) -> int:
        """The requests that uptime is a share of."""
        return self.ok + self.provider_error

    @property
    def uptime(self) -> float | None:
        """Share of requests that the provider answered, 0 to 1; None below MIN_N of them."""
        return self.ok / self.judged if self.judged >= MIN_N else None

    @property
    def cache_rate(self) -> float | None:
        """Share of input tokens read from a cache, where it was told; None when nowhere."""
        return self.cached_tokens / self.input_with_cached if self.input_with_cached else None

    @property
    def cost(self) -> Decimal | None:
        """USD, of the requests that told one; None when none did."""
        return Decimal(self.cost_pico) / PICO_PER_USD if self.with_cost else None


FIELDS = tuple(field.name for field in fields(Tally))
NOTHING = Tally()


def merged(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, start=NOTHING)


class Count:
    """Adds up observations one by one; `done` gives the tally."""

    __slots__ = ("outcomes", "sums", "ttft", "latency", "throughput")

    def __init__(self) -> None:
        self.outcomes = dict.fromkeys(map(str, Outcome), 0)
        self.sums = [0] * 8  # as in Tally, from input_tokens to with_cost
        self.ttft: list[float] = []
        self.latency: list[float] = []
        self.throughput: list[float] = []

    def add(
        self,
        outcome: str,
        ttft_us: int | None,
        latency_us: int | None,
        tokens: Sequence[int | None],
        cost_pico: int | None,
    ) -> None:
        """One observation; tokens are input, output, cached and reasoning."""
        self.outcomes[outcome] += 1
        self._add_tokens(*tokens)
        if cost_pico is not None:
            self.sums[6] += cost_pico
            self.sums[7] += 1
        if outcome != Outcome.OK:
            return
        if ttft_us is not None:
            self.ttft.append(ttft_us / US_PER_SECOND)
        if latency_us is not None:
            self.latency.append(latency_us / US_PER_SECOND)
            if ttft_us is not None and tokens[1] is not None:
                self._add_throughput(latency_us - ttft_us, tokens[1] - (tokens[3] or 0) - 1)

    def _add_throughput(self, stream_us: int, after_first: int) -> None:
        if stream_us >= MIN_STREAM_US and after_first > 0:
            self.throughput.append(after_first * US_PER_SECOND / stream_us)

    def _add_tokens(
        self, given: int | None, made: int | None, cached: int | None, reasoning: int | None
    ) -> None:
        sums = self.sums
        if given is not None:
            sums[0] += given
            if cached is not None:
                sums[5] += given
                sums[2] += cached  # never without its input: the two make a rate
        if made is not None:
            sums[1] += made
        if reasoning is not None:
            sums[3] += reasoning
        if given is not None or made is not None:
            sums[4] += 1

    def done(self) -> Tally:
        counts = [self.outcomes[outcome] for outcome in Outcome]
        return Tally(
            **dict(zip(FIELDS, counts + self.sums, strict=False)),
            ttft=Histogram.of(self.ttft),
            latency=Histogram.of(self.latency),
            throughput=Histogram.of(self.throughput),
        )
