"""Base-2 exponential histograms, as OpenTelemetry defines them. They merge by addition.

At scale s, bucket i holds the values above b^i and up to b^(i+1), with b = 2^(2^-s). At scale 5 a
bucket is 2.2 % wide, and its middle is at most 1.09 % away from anything in it.

The counts lie in one large integer, 64 bits a bucket. Two histograms are then added by adding two
integers, which is what counting does all the time. Pages add up thousands that are stored, and do
so in the narrow form in which they are stored; see `summed`.
"""

import struct
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, isfinite, log2

from .lanes import (
    AT_ONCE,
    NO_LANES,
    added,
    coarser,
    length,
    narrowed,
    narrowest,
    packed,
    together,
    unpacked,
    widened,
)

SCALE = 5
ZERO = 1e-6  # at most so much is zero: a microsecond, where values are seconds
PER_UNIT = 1_000_000  # sums are kept in millionths, as integers: no order of adding changes them
MAX_COUNT = 10**12  # of one histogram that comes in; ten million of them do not overflow a lane
# 2^-20 is below ZERO; 2^40 seconds are 35,000 years.
LOWEST, HIGHEST = -20, 40  # exponents of two of the outermost bounds
COARSEST, FINEST = -4, 20  # scales that OpenTelemetry's SDKs send

# Version, scale, width, offset, zeros, count, sum (128 bits, signed), low, high.
_HEAD = struct.Struct("<BbBiQQQqdd")
_VERSION = 1
_LOWER = 2**64 - 1


class BadHistogram(ValueError):
    """Names what is wrong with a histogram that came in."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts by bucket, with exact extremes and an exact sum."""

    scale: int = SCALE
    offset: int = 0  # index of the first bucket that is not empty
    lanes: int = 0  # counts from that bucket on, the first in the lowest bits
    zeros: int = 0
    count: int = 0
    millionths: int = 0  # sum of the values
    low: float = 0.0  # extremes; 0 when there is nothing
    high: float = 0.0

    @classmethod
    def of(cls, values: Sequence[float]) -> "Histogram":
        """Of finite values, none negative."""
        if not values:
            return EMPTY
        per_doubling = 1 << SCALE
        buckets = Counter([ceil(log2(v) * per_doubling) - 1 for v in values if v > ZERO])
        offset, lanes = packed(buckets)
        return cls(
            offset=offset,
            lanes=lanes,
            zeros=len(values) - buckets.total(),
            count=len(values),
            millionths=sum([round(v * PER_UNIT) for v in values]),
            low=min(values),
            high=max(values),
        )

    @classmethod
    def from_buckets(
        cls,
        *,
        scale: int,
        offset: int,
        counts: Sequence[int],
        zeros: int = 0,
        total: float | None = None,
        low: float | None = None,
        high: float | None = None,
    ) -> "Histogram":
        """One that somebody else counted (OTLP), at scale 5 or coarser. Raises BadHistogram.

        Extremes that were not told are the outer bounds of the outer buckets, and a sum that was
        not told is the buckets' middles.
        """
        _check(scale, offset, counts, zeros, (total, low, high))
        buckets = {offset + place: count for place, count in enumerate(counts) if count}
        first, lanes = packed(buckets)
        _check_reach(scale, buckets)
        if low is None:
            low = 0.0 if zeros or not buckets else _bound(scale, min(buckets))
        if high is None:
            high = _bound(scale, max(buckets) + 1) if buckets else 0.0
        if total is None:
            total = sum(count * _middle(scale, index) for index, count in buckets.items())
        count = zeros + sum(buckets.values())
        if not count:
            return EMPTY
        whole = cls(scale, first, lanes, zeros, count, round(total * PER_UNIT), low, high)
        return whole.at_scale(min(scale, SCALE))

    def __add__(self, other: "Histogram") -> "Histogram":
        """Both together, at the coarser of their scales."""
        if not self.count:
            return other
        if not other.count:
            return self
        scale = min(self.scale, other.scale)
        mine, theirs = self.at_scale(scale), other.at_scale(scale)
        offset, lanes = added((mine.offset, mine.lanes), (theirs.offset, theirs.lanes))
        return Histogram(
            scale,
            offset,
            lanes,
            self.zeros + other.zeros,
            self.count + other.count,
            self.millionths + other.millionths,
            min(self.low, other.low),
            max(self.high, other.high),
        )

    def at_scale(self, scale: int) -> "Histogram":
        """The same counts in buckets as wide as those of a coarser scale."""
        if scale == self.scale or not self.count:
            return self
        offset, lanes = coarser((self.offset, self.lanes), self.scale - scale)
        return Histogram(
            scale,
            offset,
            lanes,
            self.zeros,
            self.count,
            self.millionths,
            self.low,
            self.high,
        )

    def buckets(self) -> list[tuple[int, int]]:
        """(index, count) of the buckets that are not empty, lowest first."""
        return [(self.offset + i, n) for i, n in enumerate(unpacked(self.lanes)) if n]

    def quantile(self, q: float) -> float | None:
        """The value of nearest rank, q from 0 to 1; None when there is nothing.

        The least and the greatest are exact, others at most `error` away from the true one.
        Interpolating inside a bucket would look finer and be twice as wrong at worst.
        """
        return self.quantiles(q)[0]

    def quantiles(self, *qs: float) -> list[float | None]:
        """Several at once, for the price of one."""
        reached = list(accumulate(unpacked(self.lanes), initial=self.zeros))
        return [self._ranked(q, reached) for q in qs]

    def _ranked(self, q: float, reached: Sequence[int]) -> float | None:
        """`reached`: how many there are below each bucket."""
        if not self.count:
            return None
        rank = max(1, ceil(round(q * self.count, 6)))
        if rank >= self.count:
            return self.high
        if rank == 1 or rank <= self.zeros:
            return self.low
        index = self.offset + bisect_left(reached, rank) - 1
        return min(max(_middle(self.scale, index), self.low), self.high)

    @property
    def mean(self) -> float | None:
        return self.millionths / PER_UNIT / self.count if self.count else None

    @property
    def error(self) -> float:
        """How far a quantile may be from the true value, as a share of it: 0.0109 at scale 5."""
        base: float = 2.0 ** (2.0**-self.scale)
        return (base - 1) / (base + 1)

    def to_bytes(self) -> bytes:
        """For the database: a head of 55 bytes, then each count in as few bytes as all need."""
        if not self.count:
            return b""
        raw = self.lanes.to_bytes(8 * length(self.lanes), "little")
        width = narrowest(raw)
        head = _HEAD.pack(
            _VERSION,
            self.scale,
            width,
            self.offset,
            self.zeros,
            self.count,
            self.millionths & _LOWER,
            self.millionths >> 64,
            self.low,
            self.high,
        )
        return head + narrowed(raw, width)

    @classmethod
    def from_bytes(cls, stored: bytes | memoryview) -> "Histogram":
        if not stored:
            return EMPTY
        version, scale, width, offset, zeros, count, lower, upper, low, high = _HEAD.unpack_from(
            stored
        )
        _expect_version(version)
        raw = widened(bytes(stored[_HEAD.size :]), width)
        lanes, millionths = int.from_bytes(raw, "little"), (upper << 64) + lower
        return cls(scale, offset, lanes, zeros, count, millionths, low, high)


EMPTY = Histogram()


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """All together, in any order."""
    return sum(histograms, start=EMPTY)


def summed(stored: Iterable[bytes | memoryview]) -> Histogram:
    """All of these together as `merged` adds them, from their stored form: pages read thousands."""
    told = [one for one in stored if one]
    if len(told) < 2:
        return Histogram.from_bytes(told[0]) if told else EMPTY
    heads = [_HEAD.unpack_from(one) for one in told]
    versions, scales, _, _, zeros, counts, lower, upper, lows, highs = zip(*heads, strict=True)
    for version in set(versions):
        _expect_version(version)
    alike: dict[tuple[int, int], list[tuple[int, bytes]]] = defaultdict(list)  # by scale and width
    for (_, scale, width, offset, *_), one in zip(heads, told, strict=True):
        if narrow := bytes(one[_HEAD.size :]):  # none where every value is zero
            alike[scale, width].append((offset, narrow))
    coarsest, whole = min(scales), NO_LANES
    for (scale, width), some in alike.items():
        for at in range(0, len(some), AT_ONCE):
            same = together(width, some[at : at + AT_ONCE])
            whole = added(whole, coarser(same, scale - coarsest))
    millionths = sum(lower) + (sum(upper) << 64)
    return Histogram(coarsest, *whole, sum(zeros), sum(counts), millionths, min(lows), max(highs))


# -- where a bucket lies --------------------------------------------------------------------------


def _bound(scale: int, index: int) -> float:
    """The lower bound of a bucket."""
    bound: float = 2.0 ** (index * 2.0**-scale)
    return bound


def _middle(scale: int, index: int) -> float:
    """The value whose greatest relative distance from any in the bucket is least."""
    low, high = _bound(scale, index), _bound(scale, index + 1)
    return 2 * low * high / (low + high)


def _expect_version(version: int) -> None:
    if version != _VERSION:
        raise BadHistogram(f"stored in form {version}, this version reads form {_VERSION}")


def _check(
    scale: int,
    offset: int,
    counts: Sequence[int],
    zeros: int,
    figures: tuple[float | None, ...],
) -> None:
    if not COARSEST <= scale <= FINEST:
        raise BadHistogram(f"scale {scale} is not between {COARSEST} and {FINEST}")
    if zeros < 0 or any(count < 0 for count in counts):
        raise BadHistogram("a count is negative")
    if zeros + sum(counts) > MAX_COUNT:
        raise BadHistogram(f"it counts more than {MAX_COUNT:,}")
    if any(figure is not None and not (isfinite(figure) and figure >= 0) for figure in figures):
        raise BadHistogram("sum, min or max is negative or not a number")


def _check_reach(scale: int, buckets: dict[int, int]) -> None:
    per_doubling = 2.0**scale
    if buckets and not (
        LOWEST * per_doubling <= min(buckets) and max(buckets) < HIGHEST * per_doubling
    ):
        raise BadHistogram(f"a bucket lies outside 2^{LOWEST} to 2^{HIGHEST}")
