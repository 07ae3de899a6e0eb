"""Off-peak windows as weekly schedules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.facts import BadFact, Schedule
from providers.sources.litellm_hours import DAY, read_windows

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def test_hours_of_every_day():
    schedule = read_windows({"hours_utc": "01:00-02:00"})
    assert schedule.zone == "UTC"
    assert schedule.ranges == tuple((day * DAY + 60, day * DAY + 120) for day in range(7))


def test_midnight_to_midnight_is_the_whole_day_and_neighbours_are_joined():
    windows = [{"hours_utc": "00:00-00:00", "weekdays": [6, 7]}]
    assert read_windows({"windows": windows}).ranges == ((5 * DAY, 7 * DAY),)


def test_a_weekday_is_that_of_the_moment():
    """Past midnight it is another day: of a Monday only its own hours are cheap."""
    schedule = read_windows({"hours_utc": "22:00-02:00", "weekdays": [1]})
    assert schedule.ranges == ((0, 120), (22 * 60, DAY))


def test_weekdays_may_be_read_in_another_zone():
    """16:00-17:00 UTC is midnight in Shanghai, so on UTC's Sunday it is already Monday there."""
    windows = [{"hours_utc": "16:00-17:00", "weekdays": ["mon"]}]
    schedule = read_windows({"weekday_timezone": "Asia/Shanghai", "windows": windows})
    assert schedule.holds(MONDAY - timedelta(hours=8))
    assert not schedule.holds(MONDAY + timedelta(hours=16))


@given(
    st.integers(0, 23), st.integers(1, 24),
    st.sets(st.integers(1, 7), min_size=1), st.integers(0, 7 * 24 - 1),
)  # fmt: skip
def test_it_holds_in_its_hours_on_its_weekdays(start, end, weekdays, hour):
    written = f"{start:02}:00-{end % 24:02}:00"
    schedule = read_windows({"hours_utc": written, "weekdays": sorted(weekdays)})
    moment = MONDAY + timedelta(hours=hour)
    inside = start <= moment.hour < end if start < end else not end <= moment.hour < start
    assert schedule.holds(moment) == (inside and moment.isoweekday() in weekdays)
    assert isinstance(schedule, Schedule)


@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"windows": []},
        {"windows": "always"},
        {"hours_utc": "evening"},
        {"hours_utc": "24:00-25:00"},
        {"hours_utc": 5},
        {"hours_utc": "01:00-02:00", "weekdays": [0]},
        {"hours_utc": "01:00-02:00", "weekdays": ["someday"]},
        {"hours_utc": "01:00-02:00", "weekday_timezone": "Mars/Base"},
        {"hours_utc": "01:00-02:00", "weekday_timezone": "Europe/Paris"},
    ],
    ids=str,
)
def test_what_is_no_window_is_refused(stated):
    with pytest.raises(BadFact):
        read_windows(stated)
