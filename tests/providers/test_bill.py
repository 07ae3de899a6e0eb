"""What a request costs: laws, edges, and a slow oracle that reads the rules another way."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.facts import Condition, Price, Schedule
from providers.pricing import Line, Usage, price_at

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)  # a Monday


def price(component, amount, unit="1M tokens", currency="USD", state="known", **condition):
    amount = None if amount is None else Decimal(amount)
    return Price(component, amount, unit, currency, Condition(**condition), state)


def billed(prices, *, when=NOON, tier="", region="", **used):
    return price_at(prices, when=when, usage=Usage(**used), tier=tier, region=region)


def total(prices, **asked):
    bill = billed(prices, **asked)
    assert bill.is_complete, bill.refused
    return bill.totals.get("USD", 0)


CARD = (
    price("input", "3"),
    price("output", "15"),
    price("cache_read", "0.3"),
    price("cache_write", "3.75"),
    price("input", "6", above_tokens=200_000),
    price("output", "22.5", above_tokens=200_000),
)


# -- exactness ------------------------------------------------------------------------------------


def test_a_bill_is_exact_to_the_last_place():
    bill = billed(CARD, input_tokens=1, cache_read_tokens=1, output_tokens=1)
    assert bill.totals == {"USD": Decimal("0.0000183")}


def test_large_quantities_lose_nothing():
    used = 10**15 - 1
    cost = total([price("output", "123456.789012345")], output_tokens=used)
    assert Fraction(cost) == Fraction("123456.789012345") * used / 10**6


def test_every_unit_is_counted_in_its_own_measure():
    prices = [
        price("audio_input", "0.36", "hour"),
        price("image_output", "0.04", "image"),
        price("web_search", "10", "1K requests"),
        price("request", "5", "1K requests"),
        price("page", "0.002", "page"),
        price("input", "15", "1M characters"),
    ]
    bill = billed(
        prices,
        input_characters=2_000_000,
        audio_input_seconds=Decimal("100"),
        images_out=3,
        web_searches=2,
        pages=4,
    )
    assert bill.is_complete
    assert {line.component: line.amount for line in bill.lines} == {
        "input": Decimal(30),
        "audio_input": Decimal("0.01"),
        "image_output": Decimal("0.12"),
        "web_search": Decimal("0.02"),
        "request": Decimal("0.005"),
        "page": Decimal("0.008"),
    }


def test_the_unit_of_the_price_picks_the_measure():
    used = {"images_in": 2, "image_input_tokens": 2000}
    assert total([price("image_input", "0.001", "image")], **used) == Decimal("0.002")
    assert total([price("image_input", "4")], **used) == Decimal("0.008")
    assert total([price("input", "2")], **used) == Decimal("0.004")


def test_currencies_are_never_added():
    bill = billed(
        [price("input", "1"), price("output", "8", currency="CNY")],
        input_tokens=10**6,
        output_tokens=10**6,
    )
    assert bill.totals == {"USD": 1, "CNY": 8}


def test_a_negative_quantity_is_refused():
    with pytest.raises(ValueError, match="input_tokens of -1; write 0 or more"):
        Usage(input_tokens=-1)


# -- thresholds -----------------------------------------------------------------------------------


def test_a_threshold_is_strictly_above_and_reprices_the_whole_request():
    assert total(CARD, input_tokens=200_000) == Decimal("0.6")
    assert total(CARD, input_tokens=200_001) == Decimal("1.200006")
    assert total(CARD, input_tokens=200_001, output_tokens=1000) == Decimal("1.222506")


def test_cached_and_written_tokens_count_towards_the_threshold():
    cached = {"cache_read_tokens": 150_000, "cache_write_tokens": 50_000}
    assert total(CARD, **cached) == Decimal("0.2325")
    # One fresh token more: it costs the dear price, the cache keeps its only one.
    assert total(CARD, **cached, input_tokens=1) == Decimal("0.232506")


def test_of_several_thresholds_the_highest_that_is_passed_holds():
    prices = [*CARD, price("input", "9", above_tokens=500_000)]
    assert total(prices, input_tokens=500_000) == 3
    assert total(prices, input_tokens=500_001) == Decimal("4.500009")


# -- what stands in -------------------------------------------------------------------------------


def test_a_tier_that_leaves_a_component_out_charges_its_standard_price_and_says_so():
    prices = [*CARD, price("input", "1.5", tier="batch"), price("output", "7.5", tier="batch")]
    bill = billed(
        prices, tier="batch", input_tokens=10**5, cache_read_tokens=10**4, output_tokens=10**5
    )
    assert bill.totals == {"USD": Decimal("0.903")}
    assert bill.assumptions == ("no batch price stated, standard price",)
    assert [line.why for line in bill.lines] == [
        "price of the batch tier",
        "list price",
        "price of the batch tier",
    ]


def test_two_tiers_of_one_card_do_not_mix():
    prices = [*CARD, price("input", "1.5", tier="batch"), price("input", "6", tier="priority")]
    assert total(prices, input_tokens=10**5, tier="priority") == Decimal("0.6")
    assert total(prices, input_tokens=10**5, tier="batch") == Decimal("0.15")
    assert total(prices, input_tokens=10**5) == Decimal("0.3")


def test_cached_tokens_without_a_price_cost_what_fresh_ones_do_and_the_line_says_so():
    [line] = billed([price("input", "2")], cache_read_tokens=10**6).lines
    assert (line.amount, line.rule.component) == (2, "input")
    assert line.in_stead == "no cache read price stated, billed as input"


def test_reasoning_without_a_price_is_output():
    used = {"output_tokens": 10**6, "reasoning_tokens": 10**6}
    assert total([price("output", "8")], **used) == 16
    assert total([price("output", "8"), price("reasoning", "12")], **used) == 20


def test_a_written_cache_costs_its_own_lifetime_else_the_default_one():
    prices = [price("input", "3"), price("cache_write", "3.75"), price("cache_write_1h", "6")]
    assert total(prices, cache_write_1h_tokens=10**6) == 6
    assert total(prices, cache_write_5m_tokens=10**6) == Decimal("3.75")


# -- never silently smaller -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "used", "component", "reason"),
    [
        ([price("input", "1")], {"output_tokens": 1}, "output", "no known price"),
        ([price("input", "1")], {"web_searches": 1}, "web_search", "no known price"),
        ([], {}, "request", "no known price"),
        (
            [price("input", None, state="plan")],
            {"input_tokens": 1},
            "input",
            "in a plan; no price per use",
        ),
        (
            [price("output", None, state="varies")],
            {"output_tokens": 1},
            "output",
            "decided per request",
        ),
        (
            [price("output", None, state="unknown")],
            {"output_tokens": 1},
            "output",
            "no known price",
        ),
        (
            [price("image_output", "1", "image", named=(("size", "1024x1024"),))],
            {"images_out": 1},
            "image_output",
            "priced by size, which a bill cannot tell",
        ),
        (
            [price("request", "1", "1K requests", named=(("search context", "low"),))],
            {"requests": 1},
            "request",
            "priced by search context, which a bill cannot tell",
        ),
        (
            [price("input", "1", tier="batch")],
            {"input_tokens": 1},
            "input",
            "priced on other tiers only: batch",
        ),
        (
            [price("input", "1", region="eu")],
            {"input_tokens": 1},
            "input",
            "priced in some regions only: eu",
        ),
        (
            [price("input", "1", above_tokens=5)],
            {"input_tokens": 5},
            "input",
            "priced above some input or in some hours only",
        ),
        (
            [price("image_output", "1", "image")],
            {"image_output_tokens": 9},
            "image_output",
            "priced per image; only tokens are known",
        ),
        (
            [price("page", "1", "credit")],
            {"pages": 1},
            "page",
            "priced per credit; only pages are known",
        ),
    ],
)
def test_what_cannot_be_billed_is_refused_by_name(prices, used, component, reason):
    bill = billed(prices, **used)
    assert not bill.is_complete
    assert [(item.component, item.reason) for item in bill.refused] == [(component, reason)]


def test_a_free_thing_is_billed_at_nothing():
    bill = billed([price("input", None, state="free")], input_tokens=5, cache_read_tokens=5)
    assert bill.is_complete
    assert bill.totals == {"USD": 0}


def test_a_request_without_a_fee_costs_only_what_it_used():
    assert [line.component for line in billed(CARD, input_tokens=1).lines] == ["input"]


def test_a_price_of_a_part_does_not_stand_in_for_one_that_does_not_hold():
    """Cached tokens are priced on the batch tier alone: what they cost here, nobody says."""
    prices = [price("input", "1"), price("cache_read", "0.1", tier="batch")]
    assert not billed(prices, cache_read_tokens=1).is_complete


# -- regions and hours ----------------------------------------------------------------------------


def test_a_region_without_a_price_costs_what_every_region_does_and_says_so():
    prices = [price("input", "1"), price("input", "1.1", region="eu")]
    assert total(prices, input_tokens=10**6, region="eu") == Decimal("1.1")
    bill = billed(prices, input_tokens=10**6, region="us")
    assert bill.totals == {"USD": 1}
    assert bill.assumptions == ("no price stated for us, price of all regions",)


def test_hours_begin_on_their_first_minute_and_end_before_their_last():
    morning = Schedule("UTC", ((30, 510),))  # Monday 00:30 to 08:30
    prices = [price("input", "2"), price("input", "1", schedule=morning)]
    monday = datetime(2026, 11, 16, tzinfo=UTC)

    def at(*, minute, microsecond=0):
        when = monday + timedelta(minutes=minute, microseconds=microsecond)
        return total(prices, when=when, input_tokens=10**6)

    assert at(minute=30, microsecond=-1) == 2
    assert at(minute=30) == 1
    assert at(minute=510, microsecond=-1) == 1
    assert at(minute=510) == 2


def test_hours_follow_the_clock_of_their_zone_through_a_change():
    """New York leaves summer time on 1 November 2026, at 06:00 UTC."""
    evening = Schedule(
        "America/New_York", tuple((d * 1440 + 1200, d * 1440 + 1440) for d in range(7))
    )
    prices = [price("input", "2"), price("input", "1", schedule=evening)]

    def at(day, hour):
        return total(prices, when=datetime(2026, 11, day, hour, tzinfo=UTC), input_tokens=10**6)

    assert at(1, 0) == 1  # Saturday 20:00 in summer time
    assert at(2, 0) == 2  # Sunday 19:00 in winter time
    assert at(2, 1) == 1  # Sunday 20:00


def test_an_hour_that_comes_twice_is_billed_alike_both_times():
    night = Schedule("Europe/Berlin", ((6 * 1440 + 120, 6 * 1440 + 180),))  # Sunday 02:00 to 03:00
    prices = [price("input", "2"), price("input", "1", schedule=night)]
    for hour, amount in ((0, 1), (1, 1), (2, 2)):  # 02:00 CEST, 02:00 CET, 03:00 CET
        when = datetime(2026, 10, 25, hour, tzinfo=UTC)
        assert total(prices, when=when, input_tokens=10**6) == amount


def test_of_hours_that_overlap_the_dearer_price_is_charged_in_any_order():
    prices = [
        price("input", "2", schedule=Schedule("UTC", ((0, 1440),))),
        price("input", "3", schedule=Schedule("UTC", ((600, 900),))),
    ]
    assert total(prices, input_tokens=10**6) == total(prices[::-1], input_tokens=10**6) == 3


# -- the oracle -----------------------------------------------------------------------------------

THRESHOLDS = (None, 0, 100, 1000)
TIERS = ("", "batch", "priority")
REGIONS = ("", "eu", "us-east-1")
SCHEDULES = (
    None,
    Schedule("UTC", ((0, 480), (1440, 2000))),
    Schedule("Asia/Shanghai", ((30, 510), (9000, 10080))),
    Schedule("America/New_York", ((0, 5000),)),
)
NAMED = (*[()] * 7, (("size", "large"),))
TOKEN_PRICED = (
    *("input", "output", "cache_read", "cache_write", "cache_write_5m", "cache_write_1h"),
    *("reasoning", "image_input", "audio_input", "audio_cache_read", "image_output"),
)
OTHERS = (
    *(("request", "1K requests"), ("web_search", "1K requests"), ("image_output", "image")),
    *(("audio_input", "hour"), ("page", "page"), ("input", "1M characters")),
)
AMOUNTS = st.integers(1, 10**9).map(lambda n: Decimal(n).scaleb(-6))
# The weeks of two clock changes, in and around which every zone above is tried.
MOMENTS = st.datetimes(
    datetime(2026, 10, 24), datetime(2026, 11, 9), timezones=st.just(UTC)
)  # fmt: skip

CONDITIONS = st.builds(
    Condition,
    above_tokens=st.sampled_from(THRESHOLDS),
    tier=st.sampled_from(TIERS),
    region=st.sampled_from(("", *REGIONS)),
    schedule=st.sampled_from((None, *SCHEDULES)),
    named=st.sampled_from(NAMED),
) | st.just(Condition())

# Much of what is stated is of the same few components, under many conditions.
METERED = st.sampled_from(
    [*((c, "1M tokens") for c in (*["input", "output"] * 8, *TOKEN_PRICED)), *OTHERS]
)


@st.composite
def priced(draw):
    component, unit = draw(METERED)
    state = draw(st.sampled_from(("known",) * 20 + ("free", "plan", "varies", "unknown")))
    return Price(
        component,
        draw(AMOUNTS) if state == "known" else None,
        unit,
        draw(st.sampled_from(("USD", "USD", "CNY"))),
        draw(CONDITIONS),
        state,
    )


CARDS = st.lists(priced(), min_size=8, max_size=24, unique_by=lambda p: (p.component, p.condition))
COUNTS = st.sampled_from((0, 0, 0, 0, 0, 1, 50, 99, 100, 101, 901, 12_345))
USAGES = st.builds(
    Usage,
    **{f"{component}_tokens": COUNTS for component in TOKEN_PRICED},
    **dict.fromkeys(("web_searches", "pages", "images_out", "input_characters"), COUNTS),
    audio_input_seconds=st.decimals(0, 5000, places=1),
    requests=st.sampled_from((0, 1, 1)),
)
CALLS = st.lists(
    st.tuples(MOMENTS, st.sampled_from(TIERS), st.sampled_from(REGIONS)), min_size=5, max_size=5
)

INSTEAD = {
    "cache_read": "input",
    "cache_write": "cache_write_5m input",
    "cache_write_5m": "cache_write input",
    "cache_write_1h": "cache_write input",
    "image_input": "input",
    "audio_input": "audio input",
    "audio_cache_read": "audio_input cache_read input",
    "reasoning": "output",
    "image_output": "output",
}
SIZES = {
    "1M tokens": ("tokens", 10**6),
    "1M characters": ("characters", 10**6),
    "1K requests": ("requests", 1000),
    "image": ("images", 1),
    "hour": ("seconds", 3600),
    "page": ("pages", 1),
}


def quantities(used: Usage) -> dict[str, dict[str, Fraction]]:
    """What was used, by component and measure."""
    found = {name: {"tokens": getattr(used, f"{name}_tokens")} for name in TOKEN_PRICED}
    found["input"]["characters"] = used.input_characters
    found["image_output"]["images"] = used.images_out
    found["audio_input"]["seconds"] = used.audio_input_seconds
    found |= {"web_search": {"requests": used.web_searches}, "page": {"pages": used.pages}}
    found["request"] = {"requests": used.requests}
    positive = {
        name: {measure: Fraction(n) for measure, n in counts.items() if n}
        for name, counts in found.items()
    }
    return {name: counts for name, counts in positive.items() if counts}


def local_minute(when: datetime, zone: str) -> int:
    """Minute of the week by the wall clock of a zone, read off its calendar."""
    wall = when.astimezone(ZoneInfo(zone)).strftime("%u %H %M").split()
    return (int(wall[0]) - 1) * 1440 + int(wall[1]) * 60 + int(wall[2])


def is_open(condition: Condition, when: datetime) -> bool:
    return condition.schedule is None or any(
        local_minute(when, condition.schedule.zone) in range(*pair)
        for pair in condition.schedule.ranges
    )


def narrowed(prices, wanted):
    """Those that are wanted, if there are any; else all."""
    return [p for p in prices if wanted(p.condition)] or prices


def oracle_rule(prices, when, tier, region, whole):
    """Takes away what cannot hold, then narrows down step by step."""
    left = [p for p in prices if not p.condition.named and is_open(p.condition, when)]
    left = [p for p in left if not p.condition.tier or p.condition.tier == tier]
    left = [p for p in left if not p.condition.region or p.condition.region == region]
    left = [p for p in left if p.condition.above_tokens is None or whole > p.condition.above_tokens]
    left = narrowed(left, lambda c: c.tier)
    left = narrowed(left, lambda c: c.region)
    left = narrowed(left, lambda c: c.schedule)
    passed = [p.condition.above_tokens for p in left if p.condition.above_tokens is not None]
    if passed:
        left = [p for p in left if p.condition.above_tokens == max(passed)]
    return max(left, key=lambda p: (p.amount or 0, p.condition.key())) if left else None


def oracle(prices, when, tier, region, used):
    """Amounts by component and currency as fractions, and what has no price."""
    counted = quantities(used)
    whole = sum(
        counts.get("tokens", 0)
        for name, counts in counted.items()
        if not name.endswith("output") and name != "reasoning"
    )
    amounts, missing = {}, set()
    for name, counts in counted.items():
        for candidate in (name, *INSTEAD.get(name, "").split()):
            known = [p for p in prices if p.component == candidate and p.state != "unknown"]
            if known:
                break
        rule = oracle_rule(known, when, tier, region, whole)
        measure, size = SIZES[rule.unit] if rule else ("", 1)
        if rule and rule.state == "free":
            amounts[name] = (rule.currency, Fraction(0))
        elif rule and rule.state == "known" and measure in counts:
            amounts[name] = (rule.currency, Fraction(rule.amount) * counts[measure] / size)
        elif known or name != "request":
            missing.add(name)
    if "request" in counted and not amounts and not missing:
        missing.add("request")
    return amounts, missing


# 1,000 cards, 4 usages and 5 calls each: 20,000 bills.
@settings(
    max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(CARDS, st.lists(USAGES, min_size=4, max_size=4), CALLS)
def test_bills_equal_a_slow_oracle(prices, usages, calls):
    for used, (when, tier, region) in product(usages, calls):
        bill = price_at(prices, when=when, usage=used, tier=tier, region=region)
        amounts, missing = oracle(prices, when, tier, region, used)
        assert {item.component for item in bill.refused} == missing
        assert {line.component for line in bill.lines} == set(amounts)
        for line in bill.lines:
            agree(line, *amounts[line.component])
        for currency, sum_ in bill.totals.items():
            exact = sum(amount for code, amount in amounts.values() if code == currency)
            assert abs(Fraction(sum_) - exact) <= Fraction(1, 10**40)


def agree(line: Line, currency: str, amount: Fraction) -> None:
    """Exact, save for hours: a third of a second's price has no last place."""
    assert line.rule.currency == currency
    slack = Fraction(1, 10**40) if line.rule.unit == "hour" else 0
    assert abs(Fraction(line.amount) - amount) <= slack
