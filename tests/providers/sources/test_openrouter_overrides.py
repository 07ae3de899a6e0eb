"""Overrides of OpenRouter's prices, against a slow reading of its own rule."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.facts import Condition, Price, Schedule
from providers.pricing import Request, rule_for
from providers.sources.answer import Gathering
from providers.sources.openrouter_prices import read_prices

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
KEYS = {"prompt": "input", "completion": "output", "input_cache_read": "cache_read"}


def prices_of(pricing: dict[str, Any]) -> tuple[tuple[Price, ...], Gathering]:
    gathering = Gathering("openrouter")
    return read_prices(pricing, ["text"], gathering, "acme/one"), gathering


def charged(prices: tuple[Price, ...], component: str, tokens: int, when: datetime) -> str | None:
    price = rule_for(prices, component, Request(when, tokens))
    return None if price is None else str(price.amount)


# -- the law --------------------------------------------------------------------------------------

CLOCK = st.builds(
    lambda hour, minute: hour * 100 + minute, st.integers(0, 23), st.sampled_from([0, 15, 30])
)
AMOUNT = st.integers(1, 9).map(lambda number: f"0.00000{number}")
OVERRIDE = st.fixed_dictionaries(
    {},
    optional={
        "min_prompt_tokens": st.sampled_from([1000, 2000, 3000]),
        "window": st.tuples(CLOCK, CLOCK).filter(lambda pair: pair[0] != pair[1]),
        "prompt": AMOUNT,
        "input_cache_read": AMOUNT,
    },
).filter(lambda one: "min_prompt_tokens" in one or "window" in one)


def flattened(override: dict[str, Any]) -> dict[str, Any]:
    flat = {key: value for key, value in override.items() if key != "window"}
    if "window" in override:
        flat["utc_start"], flat["utc_end"] = override["window"]
    return flat


def by_their_rule(pricing: dict[str, Any], key: str, tokens: int, when: datetime) -> str | None:
    """Among the overrides all of whose conditions hold, the later wins; else the base."""
    stated = pricing.get(key)
    clock = when.hour * 100 + when.minute
    for override in pricing["overrides"]:
        start, end = override.get("utc_start"), override.get("utc_end")
        if start is not None:
            inside = start <= clock < end if start < end else clock >= start or clock < end
            if not inside:
                continue
        if tokens <= override.get("min_prompt_tokens", -1):
            continue
        stated = override.get(key, stated)
    return None if stated is None else str((Decimal(stated) * 1_000_000).normalize())


@given(
    overrides=st.lists(OVERRIDE, max_size=4),
    base=st.fixed_dictionaries(
        {"prompt": AMOUNT, "completion": AMOUNT}, optional={"input_cache_read": AMOUNT}
    ),
    tokens=st.sampled_from([0, 1000, 1001, 2000, 2001, 3000, 3001]),
    minutes=st.integers(0, 7 * 96 - 1).map(lambda quarter: quarter * 15),
)
def test_every_request_is_charged_as_their_rule_says(
    overrides: list[dict[str, Any]], base: dict[str, str], tokens: int, minutes: int
) -> None:
    pricing = {**base, "overrides": [flattened(override) for override in overrides]}
    prices, gathering = prices_of(pricing)
    when = MONDAY + timedelta(minutes=minutes)
    assert gathering.refused == []
    for key, component in KEYS.items():
        assert charged(prices, component, tokens, when) == by_their_rule(pricing, key, tokens, when)


# -- examples -------------------------------------------------------------------------------------

BASE = {"prompt": "0.000001", "completion": "0.000004"}


def test_a_day_cut_into_windows_becomes_one_schedule() -> None:
    dear = {"prompt": "0.000002"}
    prices, _ = prices_of(
        BASE
        | {
            "overrides": [
                {"utc_start": 1000, "utc_end": 100, "prompt": "0.000001"},
                {"utc_start": 100, "utc_end": 400, **dear},
                {"utc_start": 400, "utc_end": 600, "prompt": "0.000001"},
                {"utc_start": 600, "utc_end": 1000, **dear},
            ]
        }
    )
    (peak,) = (price for price in prices if price.condition.schedule)
    assert isinstance(peak.condition.schedule, Schedule)
    assert peak.condition.schedule.ranges[:2] == ((60, 240), (360, 600))
    assert peak.amount == 2


def test_a_threshold_is_strictly_above() -> None:
    prices, _ = prices_of(BASE | {"overrides": [{"min_prompt_tokens": 200, "prompt": "0.000002"}]})
    assert Condition(above_tokens=200) in {price.condition for price in prices}
    assert charged(prices, "input", 200, MONDAY) == "1"
    assert charged(prices, "input", 201, MONDAY) == "2"


def test_an_override_that_repeats_the_base_needs_no_mention() -> None:
    prices, _ = prices_of(BASE | {"overrides": [{"min_prompt_tokens": 200, "prompt": "0.000001"}]})
    assert len(prices) == 2


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ({"prompt": "0.000002"}, "without a condition"),
        ({"min_prompt_tokens": -1}, "out of range"),
        ({"min_prompt_tokens": 5, "weekdays": [1]}, "weekdays: not a condition"),
        ({"utc_start": 2500, "utc_end": 100}, "not a time of day"),
        ({"utc_start": 1275, "utc_end": 100}, "not a time of day"),
        ({"utc_start": 900, "utc_end": 900}, "no window"),
        ({"utc_start": 900}, "whole number"),
        (7, "expected an object"),
    ],
)
def test_an_override_nobody_understands_is_refused_and_the_rest_stands(
    override: Any, reason: str
) -> None:
    prices, gathering = prices_of(BASE | {"overrides": [override]})
    assert [refusal.item for refusal in gathering.refused] == ["acme/one, overrides[0]"]
    assert reason in gathering.refused[0].reason
    assert len(prices) == 2
