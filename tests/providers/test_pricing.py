from datetime import UTC, datetime
from decimal import Decimal

import pytest

from providers.facts import Condition, Price, Schedule
from providers.pricing import Request, list_price, rule_for

MONDAY_NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
NIGHT = Schedule("Asia/Shanghai", ((0, 480),))  # Monday 00:00 to 08:00 there


def card(*rows: tuple[str, Condition]) -> list[Price]:
    return [Price("input", Decimal(amount), condition=when) for amount, when in rows]


PRICES = card(
    ("1", Condition()),
    ("2", Condition(above_tokens=200_000)),
    ("3", Condition(above_tokens=500_000)),
    ("0.5", Condition(tier="batch")),
    ("0.9", Condition(tier="batch", above_tokens=200_000)),
    ("1.1", Condition(region="eu")),
    ("9", Condition(named=(("size", "large"),))),
)


@pytest.mark.parametrize(
    ("request_", "amount"),
    [
        (Request(MONDAY_NOON), "1"),
        (Request(MONDAY_NOON, 200_000), "1"),  # strictly above
        (Request(MONDAY_NOON, 200_001), "2"),
        (Request(MONDAY_NOON, 600_000), "3"),
        (Request(MONDAY_NOON, 10, "batch"), "0.5"),
        (Request(MONDAY_NOON, 300_000, "batch"), "0.9"),
        (Request(MONDAY_NOON, 10, "", "eu"), "1.1"),
        (Request(MONDAY_NOON, 10, "flex"), "1"),
    ],
)
def test_the_most_particular_price_whose_condition_holds_is_charged(request_, amount):
    assert rule_for(PRICES, "input", request_).amount == Decimal(amount)


def test_a_price_under_a_condition_we_do_not_know_is_never_charged():
    assert (
        rule_for(card(("9", Condition(named=(("size", "large"),)))), "input", Request(MONDAY_NOON))
        is None
    )


def test_a_schedule_is_read_on_the_clock_of_its_zone():
    prices = card(("1", Condition()), ("0.5", Condition(schedule=NIGHT)))
    sunday_evening_utc = datetime(2026, 11, 15, 17, tzinfo=UTC)  # Monday 01:00 in Shanghai
    assert rule_for(prices, "input", Request(sunday_evening_utc)).amount == Decimal("0.5")
    assert rule_for(prices, "input", Request(MONDAY_NOON)).amount == 1


def test_the_list_price_is_the_one_without_conditions():
    assert list_price(PRICES, "input").amount == 1
    assert list_price(PRICES[1:], "input") is None
