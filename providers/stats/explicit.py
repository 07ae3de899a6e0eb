"""Histograms with bounds that their sender chose, as base-2 exponential ones.

Where in a bucket its values lay was never told. They are spread over it evenly by logarithm, into
buckets that are at least as wide, so that the result's scale tells of what the sender could not
know: with bounds that double, `error` is 33 % and not 1 %. A value near a bound may have gone one
bucket further. Counts stay exact.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import ceil, floor, inf, isfinite, log2

from .histogram import COARSEST, EMPTY, SCALE, ZERO, BadHistogram, Histogram

MAX_BUCKETS = 10_000
DOUBLE = 2.0  # how wide an outer bucket is taken to be that has no neighbour


def from_bounds(
    bounds: Sequence[float],
    counts: Sequence[int],
    *,
    total: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Histogram:
    """Upper bounds, and one count more than there are bounds. Raises BadHistogram.

    The first bucket and the last, which are open, are taken to be as wide as their neighbours
    unless the least and the greatest value were told.
    """
    _check(bounds, counts)
    if not bounds or not any(counts):
        return EMPTY
    buckets = _closed(bounds, counts, low, high)
    zeros = sum(n for _, top, n in buckets if top <= ZERO)
    above = [(max(bottom, ZERO), top, n) for bottom, top, n in buckets if top > ZERO]
    scale = min([_scale_of(top / bottom) for bottom, top, _ in above], default=SCALE)
    spread: Counter[int] = Counter()
    for bottom, top, n in above:
        spread.update(_spread(bottom, top, n, scale))
    first = min(spread, default=0)
    dense = [spread[index] for index in range(first, max(spread, default=-1) + 1)]
    return Histogram.from_buckets(
        scale=scale, offset=first, counts=dense, zeros=zeros, total=total, low=low, high=high
    )


def reciprocal_bounds(
    bounds: Sequence[float], counts: Sequence[int]
) -> tuple[list[float], list[int]]:
    """The same counts of 1/x: seconds a token become tokens a second."""
    if any(bound <= 0 for bound in bounds):
        raise BadHistogram("a bound is not above 0")
    return [1 / bound for bound in reversed(bounds)], list(reversed(counts))


def _check(bounds: Sequence[float], counts: Sequence[int]) -> None:
    if len(counts) > MAX_BUCKETS:
        raise BadHistogram(f"it has more than {MAX_BUCKETS:,} buckets")
    if len(counts) != len(bounds) + 1 and (bounds or counts):
        raise BadHistogram("it must have one count more than bounds")
    if not all(isfinite(bound) for bound in bounds):
        raise BadHistogram("a bound is not a number")
    if any(a >= b for a, b in pairwise(bounds)):
        raise BadHistogram("its bounds do not grow")


def _closed(
    bounds: Sequence[float], counts: Sequence[int], low: float | None, high: float | None
) -> list[tuple[float, float, int]]:
    """(bottom, top, count) of the buckets that are not empty."""
    bottoms = [_below(bounds, low), *bounds]
    tops = [*bounds, _above(bounds, high)]
    return [each for each in zip(bottoms, tops, counts, strict=True) if each[2]]


def _below(bounds: Sequence[float], low: float | None) -> float:
    if low is not None and low < bounds[0]:
        return low
    narrow = len(bounds) > 1 and bounds[0] > ZERO
    return bounds[0] * bounds[0] / bounds[1] if narrow else bounds[0] / DOUBLE


def _above(bounds: Sequence[float], high: float | None) -> float:
    last = max(bounds[-1], ZERO)
    if high is not None and last < high < inf:
        return high
    has_neighbour = len(bounds) > 1 and bounds[-2] > ZERO
    return last * last / bounds[-2] if has_neighbour else last * DOUBLE


def _scale_of(ratio: float) -> int:
    """The finest scale whose buckets are at least so wide."""
    return max(COARSEST, min(SCALE, floor(-log2(log2(ratio)))))


def _spread(bottom: float, top: float, count: int, scale: int) -> dict[int, int]:
    """Counts by index, evenly by logarithm; rounded so that they add up."""
    per_doubling = 2.0**scale
    begin, end = log2(bottom) * per_doubling, log2(top) * per_doubling
    found: dict[int, int] = {}
    given = 0
    for index in range(floor(begin), max(floor(begin) + 1, ceil(end))):
        share = (min(index + 1, end) - begin) / (end - begin)
        due = round(count * share) if index + 1 < end else count
        if due > given:
            found[index] = due - given
        given = max(given, due)
    return found
