"""The week clock: what is drawn equals what is charged, and nothing on it grows old in a cache."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.pages.week_clock import BAR, LEFT, PITCH, SPAN, TOP, Clock, clock
from providers.choices import State
from providers.facts import WEEK_MINUTES, Condition, Schedule
from providers.pricing import Request, minute_of_week, rule_for
from providers.queries import PriceRow

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)  # a Friday
PEAK = tuple(
    (day * 1440 + start, day * 1440 + end)
    for day in range(5)
    for start, end in ((60, 240), (360, 600))
)
BOX = re.compile(r"M([\d.]+) (\d+)H([\d.]+)v(\d+)H([\d.]+)z")


def row(component: str, amount: str, condition: Condition = Condition()) -> PriceRow:  # noqa: B008  frozen
    return PriceRow(
        1, component, condition, Decimal(amount), "1M tokens", "USD", State.KNOWN.value, 1, 1,
        datetime(2026, 1, 1, tzinfo=UTC), None,
    )  # fmt: skip


def card(zone: str = "UTC", ranges: tuple[tuple[int, int], ...] = PEAK) -> list[PriceRow]:
    dear = Condition(schedule=Schedule(zone, ranges))
    return [
        row("input", "0.28"),
        row("output", "0.42"),
        row("input", "0.56", dear),
        row("output", "0.84", dear),
    ]


def drawn(of: Clock) -> list[int]:
    """The rate of every minute of the week, read back from the boxes."""
    found = [-1] * WEEK_MINUTES
    for n, rate in enumerate(of.rates):
        for left, y, right, height, back in BOX.findall(rate.path):
            assert (left, int(height)) == (back, BAR)
            day = (int(y) - TOP) // PITCH
            first, last = (round((float(x) - LEFT) * 1440 / SPAN) for x in (left, right))
            for minute in range(day * 1440 + first, day * 1440 + last):
                assert found[minute] == -1, "drawn twice"
                found[minute] = n
    return found


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin"])
@pytest.mark.parametrize("monday", [(2026, 3, 8), (2026, 10, 25), (2026, 11, 16)], ids=str)
def test_the_drawn_price_of_every_minute_is_the_one_charged(zone, monday):
    prices = card(zone, ((17, 60), (1430, 1500), (6001, 10_080)))
    shown = clock(prices, now=NOW)
    rates = drawn(shown)
    since = datetime(*monday, tzinfo=UTC)
    for minute in range(0, WEEK_MINUTES):
        when = since + timedelta(minutes=minute)
        place = rates[minute_of_week(when, shown.zone)]
        for component in ("input", "output"):
            charged = rule_for(prices, component, Request(when))
            at_rate = rule_for(prices, component, Request(shown.rates[place].moment))
            assert charged == at_rate, when


def test_the_dearest_hours_come_first_and_two_rates_have_names():
    shown = clock(card(), now=NOW)
    said = [(rate.name, rate.when, rate.hours) for rate in shown.rates]
    assert said == [
        ("peak", "Mon–Fri 01:00–04:00 and 06:00–10:00", "35 of 168 hours a week"),
        ("off-peak", "all other hours", "133 of 168 hours a week"),
    ]


def test_changes_are_told_by_the_week_and_by_the_day_of_the_page():
    shown = clock(card(), now=NOW)
    assert shown.changes == "Mon–Fri at 01:00, 04:00, 06:00 and 10:00"
    assert [(turn.text, turn.label) for turn in shown.turns] == [
        ("01:00", "peak"),
        ("04:00", "off-peak"),
        ("06:00", "peak"),
        ("10:00", "off-peak"),
        ("23 Nov 2026, 01:00", "peak"),
    ]


def test_the_clock_is_the_same_at_any_hour_of_the_day():
    """The page is kept for a day: nothing drawn may depend on the minute it was printed."""
    midnight = NOW.replace(hour=0)
    prices = card("America/New_York")
    of_day = [clock(prices, now=midnight + timedelta(minutes=m)) for m in (0, 1, 611, 1439)]
    told = {(one.changes, one.utc, one.turns, one.spoken, one.script) for one in of_day}
    assert len(told) == 1


def test_a_day_gone_by_has_no_turns_to_wait_for():
    assert clock(card(), now=NOW, is_past=True).turns == ()


def test_utc_stands_beside_a_clock_that_never_changes_and_in_words_beside_one_that_does():
    assert clock(card(), now=NOW).utc == ""
    shanghai = clock(card("Asia/Shanghai"), now=NOW)
    assert shanghai.utc == "UTC plus 8 hours"
    assert [hour.text for hour in shanghai.utc_hours] == ["16", "22", "4", "10", "16"]
    new_york = clock(card("America/New_York"), now=NOW)
    assert "summer time" in new_york.utc
    assert new_york.utc_hours == ()


def test_prices_under_conditions_nobody_can_bill_turn_no_clock():
    sized = Condition(schedule=Schedule("UTC", ((0, 60),)), named=(("size", "large"),))
    assert clock([row("input", "1"), row("input", "2", sized)], now=NOW) is None
    assert clock([row("input", "1")], now=NOW) is None


def test_the_script_is_handed_the_same_week():
    shown = clock(card(), now=NOW)
    handed = json.loads(shown.script)
    since = [start for start, _ in handed["since"]]
    rates = drawn(shown)
    assert since[0] == 0
    for (start, rate), end in zip(handed["since"], [*since[1:], WEEK_MINUTES], strict=True):
        assert set(rates[start:end]) == {rate}
    assert handed["labels"] == ["peak", "off-peak"]
