"""Laws of comparing, over generated statements."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from providers.disagreement import Disagreement, Statement, disagreements
from providers.facts import ANY, Condition, Schedule

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
# Sources without a vocabulary of their own, so that every list is complete.
SOURCES = ("zenmux", "openrouter", "vercel", "genai_prices")
PEAK = Schedule("Asia/Shanghai", ((540, 1080), (1980, 2520)))
NIGHT = Schedule("UTC", ((0, 480),))

conditions = st.builds(
    Condition,
    above_tokens=st.none() | st.sampled_from([128_000, 200_000]),
    tier=st.sampled_from(["", "batch"]),
    region=st.sampled_from(["", "eu"]),
    schedule=st.none() | st.sampled_from([PEAK, NIGHT]),
)
prices = st.one_of(
    st.sampled_from(["0.07", "0.075", "0.08", "0.15", "150", "2"]).map(
        lambda amount: {"amount": amount, "state": "known"}
    ),
    st.sampled_from(["free", "plan", "varies", "unknown"]).map(lambda state: {"state": state}),
).map(lambda value: {"unit": "1M tokens", "currency": "USD", **value})
limits = st.sampled_from(
    [
        (128_000, ""),
        (131_072, ""),
        (16_380, "16.38K"),
        (16_384, ""),
        (16_376, ""),
        (16_400, "16.4K"),
    ]
)
ages = st.sampled_from([NOW - timedelta(days=days) for days in (2, 40, 200)])


def statement(key: str, condition: Condition, value: Any, stated: str = "") -> Statement:
    return Statement(0, "", key, condition, value, stated, NOW)


claims = st.one_of(
    st.builds(statement, st.sampled_from(["price.input", "price.output"]), conditions, prices),
    limits.map(lambda limit: statement("max_output", ANY, *limit)),
    st.sampled_from(["2024", "2024-07", "2024-07-18", "2024-08"]).map(
        lambda day: statement("released_on", ANY, day)
    ),
    st.lists(st.sampled_from(["text", "image", "pdf"]), unique=True, min_size=1).map(
        lambda media: statement("input_modalities", ANY, media)
    ),
)


@st.composite
def words(draw: st.DrawFn, source: str) -> list[Statement]:
    """What one source says: one value a fact and condition, as the claims' table holds."""
    as_of = draw(ages)
    said = draw(st.lists(claims, max_size=6, unique_by=lambda one: (one.key, one.condition)))
    return [replace(one, source=source, as_of=as_of) for one in said]


markets = st.tuples(*(words(source) for source in SOURCES[:3])).map(
    lambda said: [one for those in said for one in those]
)


def shape(found: tuple[Disagreement, ...]) -> set[tuple[object, ...]]:
    """Differences without the order of their sides."""
    return {
        (one.key, one.condition, one.cause, frozenset(frozenset(s.sources()) for s in one.sides))
        for one in found
    }


@given(markets, st.randoms(use_true_random=False))
def test_the_order_of_statements_changes_nothing(said: list[Statement], order: random.Random):
    shuffled = order.sample(said, len(said))
    found, again = disagreements(said, now=NOW), disagreements(shuffled, now=NOW)
    assert shape(found) == shape(again)
    assert {one.digest() for one in found} == {one.digest() for one in again}


@given(words("zenmux"))
def test_a_source_never_disagrees_with_itself(said: list[Statement]):
    assert disagreements(said, now=NOW) == ()


@given(words("zenmux"))
def test_two_sources_that_say_the_same_agree(said: list[Statement]):
    copy = [replace(one, source="vercel") for one in said]
    assert disagreements([*said, *copy], now=NOW) == ()


@given(markets)
def test_a_source_that_repeats_another_adds_no_difference(said: list[Statement]):
    copy = [replace(one, source="genai_prices") for one in said if one.source == SOURCES[0]]
    alone, together = disagreements(said, now=NOW), disagreements([*said, *copy], now=NOW)
    assert {(one.key, one.condition) for one in together} == {
        (one.key, one.condition) for one in alone
    }


@given(markets)
def test_sides_are_different_sources_with_different_words(said: list[Statement]):
    for one in disagreements(said, now=NOW):
        assert len(one.sides) > 1
        sources = [source for side in one.sides for source in side.sources()]
        assert len(sources) == len(set(sources))
        assert all(statement.key == one.key for side in one.sides for statement in side.statements)


@given(markets)
def test_a_ratio_is_never_below_one(said: list[Statement]):
    ratios = [one.ratio() for one in disagreements(said, now=NOW)]
    assert all(ratio is None or ratio > 1 for ratio in ratios)
