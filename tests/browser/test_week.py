"""The week clock in the reader's own time zone."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from catalog.pages.week_clock import LEFT, PITCH, SPAN, TOP

pytestmark = pytest.mark.browser

PAGE = "/models/deepseek/deepseek-v4-pro/"  # its author charges more in some hours, on UTC's clock
BOX = re.compile(r"M([\d.]+) (\d+)H([\d.]+)v")
NOON = "2026-11-14T12:00:00Z"  # a Saturday


def peak_minutes(path: str) -> set[int]:
    """Minutes of the week, Monday 00:00 = 0, that a path covers."""
    found: set[int] = set()
    for left, y, right in BOX.findall(path):
        day = (int(y) - TOP) // PITCH
        first, last = (round((float(x) - LEFT) * 1440 / SPAN) for x in (left, right))
        found |= set(range(day * 1440 + first, day * 1440 + last))
    return found


def is_peak(at: datetime) -> bool:
    return at.weekday() < 5 and (1 <= at.hour < 4 or 6 <= at.hour < 10)


@pytest.mark.parametrize(
    ("zone", "now", "monday"),
    [
        ("Asia/Shanghai", NOON, (2026, 11, 9)),
        ("America/New_York", NOON, (2026, 11, 9)),
        (
            "Europe/Berlin",
            "2026-03-30T12:00:00Z",
            (2026, 3, 30),
        ),  # the week after summer time began
        ("Asia/Kathmandu", NOON, (2026, 11, 9)),
    ],
)
def test_the_same_hours_are_drawn_on_the_readers_clock(opened, zone, now, monday):
    with opened(PAGE, timezone_id=zone) as page:
        page.clock.set_fixed_time(now)
        page.reload()
        path = page.locator(".clock path.r1")
        mine = peak_minutes(path.get_attribute("d"))
        theirs_button = page.locator("button:text('UTC, the provider’s')")
        theirs_button.click()
        expect(theirs_button).to_have_attribute("aria-pressed", "true")
        theirs = peak_minutes(path.get_attribute("d"))
    first = datetime(*monday, tzinfo=ZoneInfo(zone))
    week = [first + timedelta(minutes=minute) for minute in range(7 * 1440)]
    assert mine == {n for n, at in enumerate(week) if is_peak(at.astimezone(UTC))}
    assert theirs == {n for n, at in enumerate(week) if is_peak(at.replace(tzinfo=UTC))}


def test_what_comes_next_is_told_in_the_readers_time(opened):
    with opened(PAGE, timezone_id="Europe/Berlin") as page:
        page.clock.set_fixed_time(NOON)
        page.reload()
        expect(page.locator(".clock .next")).to_have_text(
            "Now off-peak; peak in 1 day 13 hours, at 02:00 your time."
        )
        page.clock.set_fixed_time("2027-01-01T12:00:00Z")  # a tab left open beyond what it was told
        page.reload()
        expect(page.locator(".clock .next")).to_have_count(0)


def test_on_the_providers_own_clock_there_is_nothing_to_choose(opened):
    with opened(PAGE, timezone_id="UTC") as page:
        expect(page.locator(".clock button")).to_have_count(0)


def test_without_script_the_hours_stand_on_the_providers_clock(opened):
    with opened(PAGE, java_script_enabled=False) as page:
        expect(page.locator(".clock")).to_contain_text("On the clock of UTC")
        expect(page.locator(".clock")).to_contain_text("Mon–Fri 01:00–04:00 and 06:00–10:00")
        expect(page.locator(".clock button")).to_have_count(0)
