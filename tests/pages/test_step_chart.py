"""The geometry of prices over time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pages.step_chart import Line, Span, StepChart, step_chart

START = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = START + timedelta(days=300)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def span(since: int, until: int | None, value: str) -> Span:
    return Span(day(since), None if until is None else day(until), Decimal(value))


def drawn(*lines: tuple[Span, ...], until: datetime = UNTIL) -> StepChart:
    return step_chart([Line(f"line {n}", spans) for n, spans in enumerate(lines)], until=until)


def test_a_price_holds_until_the_day_it_steps():
    chart = drawn((span(0, 150, "10"), span(150, None, "5")))
    assert chart.lines[0].path == "M44.0 10.0H153.0V89.0H262.0"


def test_what_ends_later_is_drawn_until_the_moment_of_the_page():
    chart = drawn((span(0, 400, "10"),))
    assert chart.lines[0].path == "M44.0 10.0H262.0"


def test_between_spans_nothing_is_drawn():
    chart = drawn((span(0, 100, "10"), span(200, None, "10")))
    assert chart.lines[0].path.count("M") == 2


def test_the_axis_begins_at_zero_and_ends_at_a_1_2_or_5():
    chart = drawn((span(0, None, "7"),))
    assert [tick.value for tick in chart.values] == [0, 5, 10]
    assert chart.values[0].y == chart.base_y


def test_time_begins_with_the_earliest_price_of_all_lines():
    chart = drawn((span(150, None, "1"),), (span(0, None, "2"),))
    assert chart.lines[0].path.startswith("M153.0 ")
    assert chart.lines[1].path.startswith("M44.0 ")


@given(st.lists(st.decimals("0.01", "100", places=2), min_size=1, max_size=4))
def test_names_of_lines_never_stand_on_one_another(values):
    chart = drawn(*((Span(START, None, value),) for value in values))
    heights = sorted(line.label_y for line in chart.lines)
    assert all(below - above > 16.8 for above, below in pairwise(heights))
    assert all(0 <= height <= chart.height for height in heights)


@pytest.mark.parametrize("days", [1, 20, 40, 100, 400, 800, 2000, 9000])
def test_dates_are_few_whatever_the_time(days):
    chart = drawn((span(0, None, "1"),), until=day(days))
    assert len(chart.dates) <= 4
    assert all(44 <= tick.x <= 262 and tick.on.day == 1 for tick in chart.dates)
