"""Geometry of the small charts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pages.charts import Hour, Range, range_chart, uptime_chart

POSITIVE = st.decimals(min_value="0.001", max_value="1000000", places=3)


def chart_of(least: str, middle: str, most: str):
    return range_chart([Range("Azure", Decimal(least), Decimal(middle), Decimal(most))])


def test_the_axis_begins_and_ends_at_a_one_two_or_five():
    chart = chart_of("642", "719.82", "2742")
    assert [tick.value for tick in chart.ticks] == [500, 1000, 2000, 5000]


def test_equal_ratios_take_equal_room():
    ticks = {tick.value: tick.x for tick in chart_of("1.1", "5", "99").ticks}
    assert ticks[10] - ticks[1] == pytest.approx(ticks[100] - ticks[10], abs=0.2)


@given(st.tuples(POSITIVE, POSITIVE, POSITIVE).map(sorted))
def test_least_middle_and_most_stand_in_order_inside_the_axis(values):
    chart = range_chart([Range("Azure", *values)])
    [bar] = chart.bars
    assert chart.left <= bar.least <= bar.middle <= bar.most <= chart.right
    assert len(chart.ticks) <= 10


def test_figures_of_ends_that_stand_close_lean_apart():
    [close] = chart_of("642", "650", "660").bars
    assert (close.least_anchor, close.most_anchor) == ("end", "start")


def test_an_hour_without_requests_is_blank_and_not_up():
    chart = uptime_chart([("Azure", "100 %", [Hour(15, Decimal(100))])], 24)
    [row] = chart.rows
    assert [mark.kind for mark in row.marks] == ["ok"]
    assert len(row.voids) == 2


def test_what_failed_hangs_below_by_the_root_of_its_share():
    chart = uptime_chart([("A", "", [Hour(0, Decimal(99)), Hour(1, Decimal(0))])], 2)
    [row] = chart.rows
    little, whole = [mark.tip - row.y for mark in row.marks if mark.kind == "bad"]
    assert little == pytest.approx(whole / 10, abs=0.1)
    assert [mark.kind for mark in row.marks] == ["ok", "bad", "bad"]


def test_too_few_requests_stand_lower():
    chart = uptime_chart([("A", "", [Hour(0, Decimal(100), too_few=True)])], 1)
    [mark] = chart.rows[0].marks
    assert mark.kind == "few"
