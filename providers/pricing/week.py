"""Prices that change with the hour, as one week: which of them hold in which minutes of it.

A schedule is a weekly rhythm on one clock, so what is told here is true in every week: only where
an instant falls on that clock changes with the seasons.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from ..facts import WEEK_MINUTES, Schedule
from .rules import P, Request, rule_for

DAY_MINUTES = 24 * 60
# An offset from UTC that is the same on the first of every month for so long does not change.
_MONTHS_ASKED = 13


@dataclass(frozen=True, slots=True)
class Ask:
    """A request but for its moment."""

    input_tokens: int = 0
    tier: str = ""
    region: str = ""

    def at(self, when: datetime) -> Request:
        return Request(when, self.input_tokens, self.tier, self.region)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Half-open minutes of the week, Monday 00:00 = 0, in which one rate holds."""

    start: int
    end: int
    rate: int


@dataclass(frozen=True)
class Week:
    """What is charged in which minutes of the week, on the clock of `zone`.

    `stretches` cover the week; `moments` holds one instant of each rate, to ask for its prices.
    """

    zone: str
    stretches: tuple[Stretch, ...]
    moments: tuple[datetime, ...]

    @cached_property
    def rates(self) -> tuple[int, ...]:
        """The rate of every minute of the week."""
        return tuple(one.rate for one in self.stretches for _ in range(one.start, one.end))

    def rate_at(self, when: datetime) -> int:
        return self.rates[minute_of_week(when, self.zone)]

    def minutes(self, rate: int) -> int:
        """How many of the week's minutes it holds in."""
        return sum(one.end - one.start for one in self.stretches if one.rate == rate)

    def schedule(self, rate: int) -> Schedule:
        ranges = tuple((one.start, one.end) for one in self.stretches if one.rate == rate)
        return Schedule(self.zone, ranges)

    def turns(self, since: datetime) -> Iterator[tuple[datetime, int]]:
        """Instants from `since` on at which another rate begins, in order, without end.

        Clocks are changed on a quarter of an hour: each is looked at.
        """
        at = since.astimezone(UTC).replace(second=0, microsecond=0)
        before = self.rate_at(at - timedelta(minutes=1))
        while True:
            minute = minute_of_week(at, self.zone)
            rate = self.rates[minute]
            if rate != before:
                yield at, rate
                before = rate
            at += timedelta(minutes=min(self._left[minute], 15 - at.minute % 15))

    @cached_property
    def _left(self) -> tuple[int, ...]:
        """Minutes until the stretch ends, for every minute of the week."""
        return tuple(one.end - m for one in self.stretches for m in range(one.start, one.end))


def week_of(prices: Iterable[P], asks: Sequence[Ask], *, now: datetime) -> Week | None:
    """The week of what is charged for any of `asks`; None where no hour makes a difference.

    None too for schedules on several clocks of which one has summer time: no one week is true of
    them all the year.
    """
    card = tuple(prices)
    schedules = {price.condition.schedule for price in card if price.condition.schedule}
    zone = _clock(schedules, now)
    if zone is None:
        return None
    edges = sorted({0, WEEK_MINUTES, *_edges(schedules, zone, now)})
    components = sorted({price.component for price in card})
    numbers: dict[tuple[P | None, ...], int] = {}
    moments: list[datetime] = []
    found: list[Stretch] = []
    for start, end in pairwise(edges):
        when = moment_of(start, zone, after=now)
        charged = tuple(rule_for(card, name, ask.at(when)) for ask in asks for name in components)
        if charged not in numbers:
            numbers[charged] = len(moments)
            moments.append(when)
        rate = numbers[charged]
        if found and found[-1].rate == rate:
            found[-1] = Stretch(found[-1].start, end, rate)
        else:
            found.append(Stretch(start, end, rate))
    return Week(zone, tuple(found), tuple(moments)) if len(moments) > 1 else None


def minute_of_week(when: datetime, zone: str) -> int:
    local = when.astimezone(ZoneInfo(zone))
    return local.weekday() * DAY_MINUTES + local.hour * 60 + local.minute


def moment_of(minute: int, zone: str, *, after: datetime) -> datetime:
    """An instant at which the clock of `zone` shows this minute of the week; soon after another.

    Where clocks are put forward that week, it is of a later one.
    """
    day, of_day = divmod(minute, DAY_MINUTES)
    local = after.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    wall = midnight + timedelta(days=(day - local.weekday()) % 7, minutes=of_day)
    while True:
        at = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if minute_of_week(at, zone) == minute:
            return at
        wall += timedelta(days=7)


def fixed_offset(zone: str, *, now: datetime) -> int | None:
    """Minutes that a clock is ahead of UTC; None where that changes with the seasons."""
    since = now.astimezone(UTC)
    offsets = {
        (since + timedelta(days=30 * month)).astimezone(ZoneInfo(zone)).utcoffset()
        for month in range(_MONTHS_ASKED)
    }
    offset = offsets.pop()
    return None if offsets or offset is None else offset // timedelta(minutes=1)


def _clock(schedules: Iterable[Schedule], now: datetime) -> str | None:
    """The one clock of them all, else UTC where none of theirs ever changes."""
    zones = {schedule.zone for schedule in schedules}
    if len(zones) <= 1:
        return next(iter(zones), None)
    return None if any(fixed_offset(zone, now=now) is None for zone in zones) else "UTC"


def _edges(schedules: Iterable[Schedule], zone: str, now: datetime) -> Iterator[int]:
    """Minutes of the week on `zone`'s clock at which a schedule may begin or end to hold."""
    for schedule in schedules:
        ahead = 0 if schedule.zone == zone else fixed_offset(schedule.zone, now=now) or 0
        for pair in schedule.ranges:
            for edge in pair:
                yield (edge - ahead) % WEEK_MINUTES
