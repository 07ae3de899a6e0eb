"""LiteLLM's off-peak windows as weekly schedules.

`{"windows": [{"hours_utc": ["00:00-01:00", …], "weekdays": [1, …, 7]}], "weekday_timezone": …}`;
hours are UTC, Monday is 1. Without weekdays a window holds every day. A range whose end is not
after its start runs past midnight.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from providers.facts import BadFact, Schedule, time_zones

from .answer import listing, mapping
from .hours import DAY, joined

_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)\Z")
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]


def read_windows(stated: Mapping[str, Any]) -> Schedule:
    zone = str(stated.get("weekday_timezone") or "UTC")
    shift = _minutes_from_utc(zone)
    windows = listing(stated["windows"]) if "windows" in stated else [stated]
    ranges = [span for window in map(mapping, windows) for span in _spans(window, shift)]
    return Schedule(zone, joined(ranges))


def _minutes_from_utc(zone: str) -> int:
    """The zone's distance from UTC, which must not change with the seasons."""
    if zone != "UTC" and zone not in time_zones():
        raise BadFact(f"{zone!r} is not a time zone")
    offsets = {
        datetime(2026, month, 1, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()
        for month in (1, 4, 7, 10)
    }
    offset = offsets.pop()
    if offsets or offset is None:
        raise BadFact(f"hours in UTC with weekdays in {zone}, which has summer time")
    return offset // timedelta(minutes=1)


def _spans(window: Mapping[str, Any], shift: int) -> Iterator[tuple[int, int]]:
    """Minutes of the week on the weekdays' clock.

    A weekday is that of the moment, not of the window's start: what runs past midnight wraps
    around in its own day.
    """
    hours = window.get("hours_utc")
    for written in hours if isinstance(hours, list) else [hours]:
        start, end = _minutes(written)
        for weekday in listing(window.get("weekdays") or _EVERY_DAY):
            midnight = _days_since_monday(weekday) * DAY
            for left, right in _within_a_day(start + shift, end + shift):
                yield midnight + left, midnight + right


def _days_since_monday(weekday: object) -> int:
    if isinstance(weekday, str) and weekday[:3].lower() in _NAMES:
        return _NAMES.index(weekday[:3].lower())
    if isinstance(weekday, int) and weekday in _EVERY_DAY and not isinstance(weekday, bool):
        return weekday - 1
    raise BadFact(f"weekday {weekday!r}; Monday is 1, Sunday 7")


def _within_a_day(start: int, end: int) -> Iterator[tuple[int, int]]:
    """A range of minutes cut at each midnight, each piece as minutes of a day."""
    while start < end:
        stop = min(end, (start // DAY + 1) * DAY)
        yield start % DAY, start % DAY + stop - start
        start = stop


def _minutes(written: object) -> tuple[int, int]:
    found = _HOURS.match(written) if isinstance(written, str) else None
    if not found:
        raise BadFact(f"hours {written!r}; write them like 16:30-00:30")
    start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if start >= DAY or end > DAY:
        raise BadFact(f"hours {written!r} leave the day")
    return start, end if end > start else end + DAY
