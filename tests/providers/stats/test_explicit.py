"""Histograms with bounds of the sender's own."""

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from providers.stats.explicit import from_bounds

BOUNDS = [0.01 * 2**k for k in range(14)]
SECONDS = st.lists(st.floats(0.0001, 150), min_size=1, max_size=300)


def counted(values: list[float]) -> list[int]:
    counts = [0] * (len(BOUNDS) + 1)
    for value in values:
        counts[bisect_left(BOUNDS, value)] += 1
    return counts


@given(SECONDS)
def test_no_count_is_lost(values: list[float]) -> None:
    assert from_bounds(BOUNDS, counted(values)).count == len(values)


@given(SECONDS, SECONDS)
def test_merging_adds_counts(some: list[float], more: list[float]) -> None:
    both = from_bounds(BOUNDS, counted(some)) + from_bounds(BOUNDS, counted(more))
    assert both.count == len(some) + len(more)


@given(st.lists(st.floats(0.011, 80), min_size=20, max_size=300))
def test_a_percentile_is_no_further_off_than_two_of_the_senders_buckets(
    values: list[float],
) -> None:
    histogram = from_bounds(
        BOUNDS, counted(values), low=min(values), high=max(values), total=sum(values)
    )
    true = sorted(values)[max(0, round(0.5 * len(values) + 0.499999) - 1)]
    told = histogram.quantile(0.5)
    assert told is not None and true / 4 <= told <= true * 4


def test_wide_bounds_make_a_coarse_histogram() -> None:
    fine = from_bounds([1.0, 1.01, 1.02], [0, 5, 5, 0])
    doubling = from_bounds([1.0, 2.0, 4.0], [0, 5, 5, 0])
    assert (fine.scale, doubling.scale) == (5, 0)
    assert fine.error < 0.011 < 0.3 < doubling.error
