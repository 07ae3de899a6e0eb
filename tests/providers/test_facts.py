from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.choices import Kind, State
from providers.facts import (
    BadFact,
    Condition,
    Fact,
    ModelStatement,
    Offer,
    Price,
    Schedule,
    amount,
    full_date,
    partial_date,
    precise,
    text,
    url,
    whole,
)

# -- amounts


@pytest.mark.parametrize(
    ("stated", "amount_"),
    [
        (1.5e-07 * 10**6, "0.15"),
        (2.9999999999999997e-07 * 10**6, "0.3"),
        ("0.09375", "0.09375"),
        (0.30000000000000004, "0.3"),
        (100, "100"),
        (Decimal("0.0000001"), "0.0000001"),
    ],
)
def test_amounts_lose_binary_noise_and_keep_every_stated_digit(stated, amount_):
    assert amount(stated) == Decimal(amount_)


@pytest.mark.parametrize("bad", ["-1", -0.5, "NaN", float("inf"), "cheap", True, None, [], 10**12])
def test_amounts_refuse_what_is_no_price(bad):
    with pytest.raises(BadFact):
        amount(bad)


@given(st.decimals(min_value="0.0001", max_value=3000, places=6))
def test_amounts_survive_a_float(number):
    assert amount(float(number)) == amount(number)


# -- prices and conditions


def test_zero_is_not_a_price():
    with pytest.raises(BadFact, match="free"):
        Price("input", Decimal(0))


def test_a_free_price_has_no_amount():
    with pytest.raises(BadFact):
        Price("input", Decimal(1), state=State.FREE)


@pytest.mark.parametrize("currency", ["usd", "$", "EURO", ""])
def test_a_currency_is_a_code(currency):
    with pytest.raises(BadFact):
        Price("input", Decimal(1), currency=currency)


_schedules = st.builds(
    Schedule,
    st.sampled_from(["UTC", "Asia/Shanghai"]),
    st.sampled_from([((0, 60),), ((60, 120), (180, 240))]),
)
_conditions = st.builds(
    Condition,
    above_tokens=st.one_of(st.none(), st.integers(0, 10**6)),
    tier=st.sampled_from(["", "batch", "flex"]),
    region=st.sampled_from(["", "eu"]),
    schedule=st.one_of(st.none(), _schedules),
    named=st.lists(
        st.tuples(st.text(max_size=9), st.text(max_size=9)), max_size=3, unique_by=lambda x: x[0]
    ).map(tuple),
)


@given(_conditions)
def test_a_condition_survives_its_key(condition):
    assert Condition.from_key(condition.key()) == condition


@given(_conditions, _conditions)
def test_conditions_are_equal_when_their_keys_are(one, other):
    assert (one == other) == (one.key() == other.key())


def test_overlapping_hours_are_refused():
    with pytest.raises(BadFact, match="overlaps"):
        Schedule("UTC", ((0, 60), (30, 90)))


def test_a_time_zone_must_exist():
    with pytest.raises(BadFact, match="Asia/Shanghai"):
        Schedule("Mars/Olympus", ((0, 60),))


# -- precision


@pytest.mark.parametrize(
    ("stated", "value", "slack"),
    [
        ("16.38K", 16_380, 5),
        ("128.00K", 128_000, 5),
        ("1M", 1_000_000, 500_000),
        ("0.28", "0.28", 0),
    ],
)
def test_the_last_digit_written_bounds_the_rounding(stated, value, slack):
    read = precise(stated)
    assert (read.value, read.slack) == (Decimal(value), slack)


def test_a_rounded_limit_covers_the_exact_one():
    assert precise("16.38K").covers(Decimal(16_384))
    assert not precise("16.38K").covers(Decimal(16_390))


# -- other values


@pytest.mark.parametrize("good", ["2024", "2024-07", "2024-07-18"])
def test_dates_are_kept_as_far_as_stated(good):
    assert partial_date(good) == good


@pytest.mark.parametrize("bad", ["1970-01-01", "2024-13", "2024-02-30", "July", "2024-7", ""])
def test_dates_that_are_none_are_refused(bad):
    with pytest.raises(BadFact):
        partial_date(bad)


def test_a_retirement_needs_its_day():
    with pytest.raises(BadFact, match="YYYY-MM-DD"):
        full_date("2027-01")


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "128000", float("nan"), float("inf"), 10**13])
def test_limits_are_positive_whole_numbers(bad):
    with pytest.raises(BadFact):
        whole(bad)


@pytest.mark.parametrize("bad", ["javascript:alert(1)", "//host", "ftp://host/x", "https://[x", ""])
def test_addresses_are_of_the_web(bad):
    with pytest.raises(BadFact):
        url(bad)


def test_text_that_postgresql_would_refuse_is_refused_here():
    for bad in ("a\x00b", "x" * 501, "  "):
        with pytest.raises(BadFact):
            text(bad)


# -- statements


def test_an_offer_refuses_a_fact_without_a_room():
    with pytest.raises(BadFact, match="no room"):
        Offer("openai", "x", Kind.CHAT, facts=(Fact("colour", "red"),))


def test_an_offer_refuses_a_fact_stated_twice():
    with pytest.raises(BadFact, match="twice"):
        Offer("openai", "x", Kind.CHAT, facts=(Fact("max_output", 1), Fact("max_output", 2)))


def test_an_offer_names_the_fact_that_is_wrong():
    with pytest.raises(BadFact, match="max_output"):
        Offer("openai", "x", Kind.CHAT, facts=(Fact("max_output", "many"),))


@pytest.mark.parametrize("bad", ["gpt-4o", "OpenAI/gpt", "a/b/c", ""])
def test_a_model_is_named_by_author_and_slug(bad):
    with pytest.raises(BadFact):
        ModelStatement(bad)
