"""Figures as drawn: rounded to what histograms can tell, never told of too few requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10

from providers.stats.histogram import Histogram
from providers.stats.tally import MIN_N, Tally

DIGITS = 3  # a percentile is 1 % off at most


@dataclass(frozen=True, slots=True)
class Spread:
    """Statistics of one metric in its unit. None: nothing was measured, or of too few requests.

    Least, mean and most are exact; they too wait for enough requests, so that a row is one thing.
    """

    n: int
    least: Decimal | None = None
    mean: Decimal | None = None
    p50: Decimal | None = None
    p90: Decimal | None = None
    p99: Decimal | None = None
    most: Decimal | None = None

    @property
    def is_known(self) -> bool:
        return self.p50 is not None

    def values(self) -> tuple[Decimal | None, ...]:
        return (self.least, self.mean, self.p50, self.p90, self.p99, self.most)


# Metric of a tally → its name and unit.
METRICS: Mapping[str, tuple[str, str, str]] = {
    "ttft": ("Time to first token", "seconds", "left is sooner"),
    "throughput": ("Throughput", "tokens per second", "right is faster"),
    "latency": ("Latency", "seconds", "left is sooner"),
}
STATISTICS = ("least", "mean", "p50", "p90", "p99", "most")


def spread(histogram: Histogram) -> Spread:
    if histogram.count < MIN_N:
        return Spread(histogram.count)
    found = (histogram.low, histogram.mean, *histogram.quantiles(0.5, 0.9, 0.99), histogram.high)
    return Spread(histogram.count, *[rounded(value) for value in found if value is not None])


def rounded(value: float) -> Decimal:
    """Three digits; the whole digits of large values stay."""
    if value <= 0:
        return Decimal(0)
    places = max(0, DIGITS - 1 - floor(log10(value)))
    return Decimal(f"{value:.{places}f}")


def middle(histogram: Histogram) -> Decimal | None:
    """The median, or None of too few."""
    median = histogram.quantile(0.5) if histogram.count >= MIN_N else None
    return None if median is None else rounded(median)


def uptime(tally: Tally) -> Decimal | None:
    """In percent, cut and not rounded: 100 only where nothing failed."""
    if tally.uptime is None:
        return None
    return Decimal(tally.ok * 10_000 // tally.judged) / 100
