"""The week of prices that change with the hour equals what `rule_for` charges at every minute."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.facts import WEEK_MINUTES, Condition, Price, Schedule
from providers.pricing import Ask, fixed_offset, rule_for, week_of

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
# Mondays of weeks in which clocks change somewhere, and of one in which none does.
WEEKS = (
    datetime(2026, 3, 2, tzinfo=UTC),
    datetime(2026, 3, 8, tzinfo=UTC),  # New York, forward
    datetime(2026, 10, 25, tzinfo=UTC),  # Berlin, back
    datetime(2026, 4, 4, tzinfo=UTC),  # Lord Howe, half an hour back
    datetime(2026, 10, 3, tzinfo=UTC),  # Lord Howe, forward
)
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
FIXED = ("UTC", "Asia/Shanghai", "Asia/Kolkata", "Asia/Kathmandu")
ASKS = (Ask(), Ask(input_tokens=200_001), Ask(tier="batch"))
MINUTES = st.integers(min_value=0, max_value=WEEK_MINUTES)


@st.composite
def schedules(draw: st.DrawFn, zones: tuple[str, ...]) -> Schedule:
    edges = draw(st.lists(MINUTES, min_size=2, max_size=12, unique=True).map(sorted))
    pairs = tuple(zip(edges[::2], edges[1::2], strict=False))
    return Schedule(draw(st.sampled_from(zones)), pairs)


@st.composite
def cards(draw: st.DrawFn, zones: tuple[str, ...]) -> list[Price]:
    found = {("input", Condition()): Decimal(8), ("output", Condition()): Decimal(16)}
    for n in range(draw(st.integers(min_value=1, max_value=4))):
        condition = Condition(
            above_tokens=draw(st.sampled_from((None, 200_000))),
            tier=draw(st.sampled_from(("", "batch"))),
            schedule=draw(schedules(zones)),
        )
        found[(draw(st.sampled_from(("input", "output"))), condition)] = Decimal(n + 1)
    return [Price(name, amount, condition=when) for (name, when), amount in found.items()]


def charged(card: list[Price], when: datetime) -> list[Price | None]:
    return [rule_for(card, name, ask.at(when)) for ask in ASKS for name in ("input", "output")]


def holds_all_week(card: list[Price], monday: datetime, *, step: int) -> None:
    week = week_of(card, ASKS, now=NOW)
    by_rate = {n: charged(card, moment) for n, moment in enumerate(week.moments)} if week else {}
    plain = charged(card, NOW)
    for minute in range(0, WEEK_MINUTES, step):
        when = monday + timedelta(minutes=minute)
        drawn = by_rate[week.rate_at(when)] if week else plain
        assert drawn == charged(card, when), when


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("monday", WEEKS, ids=str)
def test_every_minute_of_a_week_is_charged_as_drawn_also_when_clocks_change(zone, monday):
    card = [
        Price("input", Decimal(2)),
        Price("output", Decimal(8)),
        Price("input", Decimal(1), condition=Condition(schedule=Schedule(zone, NIGHTS))),
        Price("output", Decimal(5), condition=Condition(schedule=Schedule(zone, ((9000, 10080),)))),
    ]
    holds_all_week(card, monday, step=1)


NIGHTS = tuple((day * 1440 + 90, day * 1440 + 151) for day in range(7))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES).flatmap(lambda zone: cards((zone,))), st.sampled_from(WEEKS))
def test_any_card_on_one_clock_is_charged_as_drawn(card, monday):
    holds_all_week(card, monday, step=29)


@settings(max_examples=60, deadline=None)
@given(cards(FIXED), st.sampled_from(WEEKS))
def test_clocks_that_never_change_are_drawn_on_one(card, monday):
    holds_all_week(card, monday, step=29)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(ZONES).flatmap(lambda zone: cards((zone,))), st.sampled_from(WEEKS))
def test_turns_are_where_the_rate_changes_and_nowhere_else(card, monday):
    week = week_of(card, ASKS, now=NOW)
    if week is None:
        return
    turns = list(islice(week.turns(monday), 20))
    assert turns == sorted(turns)
    rates = dict(turns)
    rate = week.rate_at(monday - timedelta(minutes=1))
    at = monday
    while at <= turns[-1][0] and at < monday + timedelta(days=2):
        rate = rates.get(at, rate)
        assert week.rate_at(at) == rate
        at += timedelta(minutes=1)


def test_stretches_cover_the_week_and_neighbours_differ():
    schedule = Schedule("Asia/Shanghai", ((0, 480), (480, 500), (10_000, WEEK_MINUTES)))
    card = [Price("input", Decimal(2)), Price("input", Decimal(1), condition=when(schedule))]
    week = week_of(card, [Ask()], now=NOW)
    assert [(one.start, one.end) for one in week.stretches] == [
        (0, 500),
        (500, 10_000),
        (10_000, WEEK_MINUTES),
    ]
    assert sum(week.minutes(rate) for rate in range(len(week.moments))) == WEEK_MINUTES


def when(schedule: Schedule) -> Condition:
    return Condition(schedule=schedule)


def test_hours_that_change_nothing_are_no_week():
    schedule = Schedule("UTC", ((0, 480),))
    assert week_of([Price("input", Decimal(2))], [Ask()], now=NOW) is None
    batch = Price("input", Decimal(1), condition=Condition(tier="batch", schedule=schedule))
    assert week_of([Price("input", Decimal(2)), batch], [Ask()], now=NOW) is None
    assert week_of([Price("input", Decimal(2)), batch], [Ask(tier="batch")], now=NOW)


def test_clocks_of_which_one_has_summer_time_have_no_week_in_common():
    card = [
        Price("input", Decimal(2)),
        Price("input", Decimal(1), condition=when(Schedule("UTC", ((0, 480),)))),
        Price("output", Decimal(1), condition=when(Schedule("Europe/Berlin", ((0, 480),)))),
    ]
    assert week_of(card, [Ask()], now=NOW) is None


def test_an_offset_is_told_only_of_clocks_that_never_change():
    assert fixed_offset("Asia/Shanghai", now=NOW) == 480
    assert fixed_offset("America/New_York", now=NOW) is None
