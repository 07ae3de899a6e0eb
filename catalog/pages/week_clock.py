"""The week of an endpoint whose prices change with the hour, as seven bars a server can draw.

Drawn is the weekly rhythm on the provider's own clock, which no cached page can get wrong. Where it
falls on the reader's clock, and what comes next, a script works out in the browser (week.js).
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from catalog import words
from catalog.pages.charts import WIDTH
from providers.choices import Component
from providers.pricing import Ask, Week, fixed_offset, rule_for, week_of
from providers.queries import PriceRow

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LEFT = 36
SPAN = WIDTH - LEFT  # 24 hours
TOP = 20
PITCH = 17
BAR = 13
_HOURS = (0, 6, 12, 18, 24)
_DAY = words.DAY_MINUTES
# Shades of the style sheet; further rates share the last.
SHADES = 4


@dataclass(frozen=True, slots=True)
class Rate:
    """Prices that hold together. `moment` is an instant at which they do."""

    name: str  # `peak`; empty where there are more than two
    when: str  # `Mon–Fri 01:00–04:00`, or `all other hours`
    hours: str  # `35 of 168 hours a week`
    shade: str  # its class
    path: str  # all its minutes, as one SVG path
    moment: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """The instant at which a rate begins. `text`: its hour in UTC, and its day if not today."""

    at: datetime
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Clock:
    """`rates`: the dearest first. `turns`: of the day of the page, and the first one after it."""

    zone: str
    rates: tuple[Rate, ...]
    changes: str  # `Mon–Fri at 01:00 and 04:00`
    utc: str  # how that clock stands to UTC, in words; empty where it is UTC
    utc_hours: tuple[Label, ...]  # the same axis in UTC, where the clock never changes
    turns: tuple[Turn, ...]
    day: datetime
    spoken: str
    script: str  # JSON, for week.js
    width: int = WIDTH
    left: int = LEFT

    @property
    def days(self) -> tuple[Label, ...]:
        return tuple(Label(TOP + PITCH * n + BAR - 2, day) for n, day in enumerate(DAYS))

    @property
    def hours(self) -> tuple[Label, ...]:
        return tuple(Label(_x(hour * 60), f"{hour}") for hour in _HOURS)

    @property
    def grid(self) -> str:
        """Ticks above the bars."""
        return "".join(f"M{_x(hour * 60)} {TOP - 5}v{PITCH * len(DAYS) + 4}" for hour in _HOURS)

    @property
    def below(self) -> int:
        return TOP + PITCH * len(DAYS) + 12

    @property
    def height(self) -> int:
        return self.below + 4 if self.utc_hours else TOP + PITCH * len(DAYS)


def clock(prices: Iterable[PriceRow], *, now: datetime, is_past: bool = False) -> Clock | None:
    """The clock of one endpoint's prices; None where no hour makes a difference.

    Of a day gone by there are no turns to wait for.
    """
    card = [price for price in prices if not price.condition.named]
    week = week_of(card, asks(card), now=now)
    if week is None:
        return None
    order = _dearest_first(week, card)
    rates = tuple(_rate(week, order, n) for n in range(len(order)))
    labels = dict(zip(order, (rate.name or rate.when for rate in rates), strict=True))
    offset = fixed_offset(week.zone, now=now)
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Clock(
        zone=week.zone,
        rates=rates,
        changes=words.week_times(_week_turns(week)),
        utc=_against_utc(week.zone, offset),
        utc_hours=_utc_hours(offset) if offset else (),
        turns=()
        if is_past
        else tuple(Turn(at, _hour(at, day), labels[rate]) for at, rate in _turns(week, day)),
        day=day,
        spoken=f"On the clock of {week.zone}: "
        + "; ".join(f"{rate.name} {rate.when}".strip() for rate in rates),
        script=_script(week, order, labels),
    )


def asks(prices: Iterable[PriceRow]) -> list[Ask]:
    """Every request that the prices tell apart but for its hour, the plain one first."""
    conditions = [price.condition for price in prices]
    found = {
        Ask(0 if c.above_tokens is None else c.above_tokens + 1, c.tier, c.region)
        for c in conditions
    } - {Ask()}
    return [Ask(), *sorted(found, key=lambda ask: (ask.tier, ask.region, ask.input_tokens))]


def _dearest_first(week: Week, card: Sequence[PriceRow]) -> list[int]:
    """Rates by what a plain request pays under them, input before output."""

    def asked(rate: int) -> list[float]:
        request = Ask().at(week.moments[rate])
        rules = (rule_for(card, component, request) for component in Component)
        return [-float(rule.amount or 0) if rule else 0.0 for rule in rules]

    return sorted(range(len(week.moments)), key=asked)


def _rate(week: Week, order: Sequence[int], place: int) -> Rate:
    rate = order[place]
    texts = {one: words.hours_words(week.schedule(one)) for one in order}
    longest = max(order, key=lambda one: len(texts[one]))
    names = ("peak", "off-peak") if len(order) == len(("peak", "off-peak")) else ()
    hours = words.figure(round(Decimal(week.minutes(rate)) / 60, 2))
    return Rate(
        name=names[place] if names else "",
        when="all other hours" if rate == longest else texts[rate],
        hours=f"{hours} of 168 hours a week",
        shade=shade(place),
        path=path(week, rate),
        moment=week.moments[rate],
    )


def shade(place: int) -> str:
    return f"r{min(place + 1, SHADES)}"


# -- turns ----------------------------------------------------------------------------------------


def _week_turns(week: Week) -> Iterator[int]:
    """Minutes of the week at which another rate begins."""
    before = week.stretches[-1].rate
    for stretch in week.stretches:
        if stretch.rate != before:
            yield stretch.start
        before = stretch.rate


def _turns(week: Week, day: datetime) -> Iterator[tuple[datetime, int]]:
    """Those of the UTC day on which the page is printed, and the first after it."""
    tomorrow = day + timedelta(days=1)
    turns = week.turns(day)
    for at, rate in turns:
        yield at, rate
        if at >= tomorrow:
            return


def _hour(at: datetime, day: datetime) -> str:
    return f"{at:%H:%M}" if at.date() == day.date() else f"{words.short_day(at)}, {at:%H:%M}"


def _against_utc(zone: str, offset: int | None) -> str:
    if zone == "UTC" or offset == 0:
        return ""
    if offset is not None:
        return f"UTC {'plus' if offset > 0 else 'minus'} {_span(abs(offset))}"
    return "that clock has summer time, so the hours in UTC change with the season"


def _span(minutes: int) -> str:
    """`8 hours`, `5:30 hours`."""
    hours, rest = divmod(minutes, 60)
    if rest:
        return f"{hours}:{rest:02d} hours"
    return "1 hour" if hours == 1 else f"{hours} hours"


# -- drawing --------------------------------------------------------------------------------------


def path(week: Week, rate: int) -> str:
    """A box for every run of its minutes within a day."""
    boxes = []
    for stretch in week.stretches:
        if stretch.rate != rate:
            continue
        for day in range(stretch.start // _DAY, (stretch.end - 1) // _DAY + 1):
            start = max(stretch.start - day * _DAY, 0)
            end = min(stretch.end - day * _DAY, _DAY)
            left, right = _x(start), _x(end)
            boxes.append(f"M{left} {TOP + PITCH * day}H{right}v{BAR}H{left}z")
    return "".join(boxes)


def _x(minute: int) -> float:
    """Where a minute of the day stands; one minute is wider than what rounding loses."""
    x = round(LEFT + minute * SPAN / _DAY, 2)
    return int(x) if x == int(x) else x


def _utc_hours(offset: int) -> tuple[Label, ...]:
    """UTC's hours under those of the clock; minutes where it is a part of an hour off."""
    return tuple(Label(_x(hour * 60), _utc_hour((hour * 60 - offset) % _DAY)) for hour in _HOURS)


def _utc_hour(minute: int) -> str:
    hour, rest = divmod(minute, 60)
    return f"{hour}:{rest:02d}" if rest else f"{hour}"


def _script(week: Week, order: Sequence[int], labels: dict[int, str]) -> str:
    """What week.js needs to draw the same week on another clock."""
    place = {rate: n for n, rate in enumerate(order)}
    return json.dumps(
        {
            "zone": week.zone,
            "since": [[one.start, place[one.rate]] for one in week.stretches],
            "labels": [labels[rate] for rate in order],
            "box": [LEFT, TOP, SPAN, PITCH, BAR],
        },
        separators=(",", ":"),
    )
