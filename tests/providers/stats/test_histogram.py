from math import ceil, inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.stats.histogram import (
    EMPTY,
    MAX_COUNT,
    SCALE,
    ZERO,
    BadHistogram,
    Histogram,
    merged,
    summed,
)

pytestmark = pytest.mark.once
VALUES = st.floats(min_value=0, max_value=1e9, allow_nan=False)
MANY = st.lists(VALUES, max_size=60)


def nearest_rank(values: list[float], q: float) -> float:
    return sorted(values)[max(1, ceil(round(q * len(values), 6))) - 1]


@given(st.lists(MANY, max_size=6), st.randoms())
def test_the_order_of_merging_changes_nothing(parts: list[list[float]], random: object) -> None:
    histograms = [Histogram.of(part) for part in parts]
    shuffled = histograms.copy()
    random.shuffle(shuffled)
    halves = merged(shuffled[::2]) + merged(shuffled[1::2])
    assert merged(histograms) == merged(shuffled) == halves


@given(st.lists(MANY, max_size=6))
def test_merging_parts_is_counting_the_whole(parts: list[list[float]]) -> None:
    whole = [value for part in parts for value in part]
    assert merged(Histogram.of(part) for part in parts) == Histogram.of(whole)


@given(st.lists(VALUES, min_size=1, max_size=300), st.floats(min_value=0, max_value=1))
def test_a_quantile_is_within_its_stated_error(values: list[float], q: float) -> None:
    histogram = Histogram.of(values)
    true = nearest_rank(values, q)
    assert histogram.error < 0.011
    assert histogram.quantile(q) == pytest.approx(true, rel=histogram.error + 1e-9, abs=ZERO)


@given(st.lists(VALUES, min_size=1, max_size=60))
def test_extremes_count_and_sum_are_exact(values: list[float]) -> None:
    histogram = Histogram.of(values)
    assert (histogram.quantile(0), histogram.quantile(1)) == (min(values), max(values))
    assert histogram.count == len(values)
    assert histogram.millionths == sum(round(value * 1_000_000) for value in values)


@given(MANY)
def test_what_is_stored_is_read_back(values: list[float]) -> None:
    histogram = Histogram.of(values)
    assert Histogram.from_bytes(histogram.to_bytes()) == histogram


@pytest.mark.parametrize("times", [1, 255, 256, 70_000, 2**33])
def test_large_counts_are_stored_in_wider_places(times: int) -> None:
    histogram = Histogram.from_buckets(scale=SCALE, offset=-3, counts=[times, 0, 1])
    assert Histogram.from_bytes(histogram.to_bytes()).buckets() == [(-3, times), (-1, 1)]


@given(st.lists(st.tuples(MANY, st.integers(min_value=-4, max_value=SCALE)), max_size=8))
def test_adding_up_what_is_stored_is_adding_histograms(
    parts: list[tuple[list[float], int]],
) -> None:
    histograms = [Histogram.of(values).at_scale(scale) for values, scale in parts]
    assert summed(histogram.to_bytes() for histogram in histograms) == merged(histograms)


COUNTS = st.sampled_from([0, 1, 255, 256, 2**16 - 1, 2**16, 2**32 - 1, 2**32, 10**11])


@given(
    st.lists(
        st.tuples(st.integers(-70, 70), COUNTS, COUNTS, st.integers(2, SCALE)),
        max_size=8,
    )
)
def test_stored_counts_of_every_width_add_up(parts: list[tuple[int, int, int, int]]) -> None:
    histograms = [
        Histogram.from_buckets(scale=scale, offset=offset, counts=[one, 0, other])
        for offset, one, other, scale in parts
    ]
    assert summed(histogram.to_bytes() for histogram in histograms) == merged(histograms)


@pytest.mark.parametrize("most", [2**8 - 1, 2**16 - 1, 2**32 - 1])
def test_no_count_runs_over_into_the_next(most: int) -> None:
    """Ten thousand of the largest that their width holds."""
    full = Histogram.from_buckets(scale=SCALE, offset=0, counts=[most, most, most]).to_bytes()
    assert summed([full] * 10_000).buckets() == [(n, 10_000 * most) for n in range(3)]


def test_nothing_is_stored_as_nothing() -> None:
    assert EMPTY.to_bytes() == b""
    assert Histogram.from_bytes(b"") == Histogram.of([]) == EMPTY
    assert (EMPTY.quantile(0.5), EMPTY.mean) == (None, None)


def test_a_power_of_two_belongs_to_the_bucket_below_it() -> None:
    assert Histogram.of([1.0]).buckets() == [(-1, 1)]
    assert Histogram.of([1.0001]).buckets() == [(0, 1)]
    assert Histogram.of([2.0]).buckets() == [(31, 1)]


@given(MANY, st.integers(min_value=-2, max_value=SCALE))
def test_a_coarser_scale_loses_no_count(values: list[float], scale: int) -> None:
    coarse = Histogram.of(values).at_scale(scale)
    assert sum(n for _, n in coarse.buckets()) + coarse.zeros == len(values)
    both = coarse + Histogram.of([3.0])
    assert both.count == len(values) + 1
    assert both.scale == (scale if values else SCALE)


@given(st.lists(st.integers(min_value=0, max_value=9), max_size=80), st.integers(6, 20))
def test_a_finer_histogram_from_elsewhere_merges_without_loss(
    counts: list[int], scale: int
) -> None:
    theirs = Histogram.from_buckets(scale=scale, offset=-7, counts=counts, zeros=2)
    assert theirs.scale == SCALE
    assert (theirs + Histogram.of([1.0, 2.0])).count == sum(counts) + 4


def test_what_was_not_told_comes_from_the_buckets() -> None:
    theirs = Histogram.from_buckets(scale=0, offset=0, counts=[1, 0, 1])  # (1, 2] and (4, 8]
    assert (theirs.low, theirs.high) == (1.0, 8.0)
    assert theirs.mean == pytest.approx((4 / 3 + 16 / 3) / 2, rel=1e-6)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"scale": 21}, "scale 21"),
        ({"counts": [1, -1]}, "negative"),
        ({"zeros": -1}, "negative"),
        ({"counts": [MAX_COUNT, 1]}, "counts more"),
        ({"total": nan}, "not a number"),
        ({"high": inf}, "not a number"),
        ({"low": -1.0}, "negative"),
        ({"offset": 2**31 - 1}, "outside"),
        ({"offset": -(2**31)}, "outside"),
    ],
)
def test_a_broken_histogram_is_refused_by_name(told: dict[str, object], reason: str) -> None:
    with pytest.raises(BadHistogram, match=reason):
        Histogram.from_buckets(**{"scale": 5, "offset": 0, "counts": [1], **told})


def test_an_unknown_form_is_not_guessed_at() -> None:
    stored = b"\x09" + Histogram.of([1.0]).to_bytes()[1:]
    with pytest.raises(BadHistogram, match="form 9"):
        Histogram.from_bytes(stored)
