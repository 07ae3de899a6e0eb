"""Geometry of the small charts, drawn by the server as SVG: pure functions, no colours, no words.

All are 372 units wide, so that 13-unit type stays 13 pixels on a phone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10, sqrt

WIDTH = 372
_ROW = 50
_TOP = 34  # of the first range, below its figure
_UPTIME_ROW = 34
_STAND = 9  # how high a worked hour stands
_HANG = 12  # how deep an hour hangs in which everything failed
_LETTER = 6.6  # width of a letter of a row's label
_FIGURE = 6.2  # width of a figure beside a mark
_LEAST_GUTTER = 56
_MOST_GUTTER = 150
_MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the axis. `value` is in the unit of the chart."""

    x: float
    value: Decimal


@dataclass(frozen=True, slots=True)
class Range:
    """Least, middle and most of one series, in the unit of the chart.

    `upper`: its p90; `note`: what tells it from another of the same label, in a second line.
    """

    label: str
    least: Decimal
    middle: Decimal
    most: Decimal
    upper: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RangeBar:
    """One range as drawn; anchors keep the figures of its ends from running together."""

    range: Range
    y: int
    least: float
    middle: float
    most: float
    least_anchor: str
    most_anchor: str
    upper: float | None = None

    @property
    def cap_top(self) -> int:
        return self.y - 5

    @property
    def label_y(self) -> int:
        return self.y + 5

    @property
    def note_y(self) -> int:
        return self.y + 21

    @property
    def figure_y(self) -> int:
        return self.y - 12

    @property
    def ends_y(self) -> int:
        return self.y + 20


@dataclass(frozen=True, slots=True)
class RangeChart:
    """Ranges over a logarithmic axis that begins and ends at a 1, 2 or 5."""

    height: int
    left: float
    right: float
    axis_y: int
    ticks: tuple[Tick, ...]
    bars: tuple[RangeBar, ...]
    width: int = WIDTH

    @property
    def ticks_y(self) -> int:
        return self.axis_y + 18


def range_chart(ranges: Sequence[Range]) -> RangeChart:
    """At least one range, all values above zero."""
    names = [name for one in ranges for name in (one.label, one.note)]
    left, right = _gutter(names), WIDTH - 16
    low = step_below(min(one.least for one in ranges))
    high = step_above(max(one.most for one in ranges))

    def x(value: Decimal) -> float:
        share = log10(value / low) / log10(high / low)
        return round(left + share * (right - left), 1)

    axis_y = _TOP + _ROW * (len(ranges) - 1) + 30
    return RangeChart(
        height=axis_y + 26,
        left=left,
        right=right,
        axis_y=axis_y,
        ticks=tuple(Tick(x(value), value) for value in _ticks(low, high)),
        bars=tuple(_bar(one, _TOP + _ROW * n, x) for n, one in enumerate(ranges)),
    )


def _bar(one: Range, y: int, x: Callable[[Decimal], float]) -> RangeBar:
    """Figures of ends that stand close together lean away from each other."""
    least, most = x(one.least), x(one.most)
    room = (len(f"{one.least:,}") + len(f"{one.most:,}")) / 2 * _FIGURE + 6
    anchors = ("end", "start") if most - least < room else ("middle", "middle")
    upper = x(one.upper) if one.upper else None
    return RangeBar(one, y, least, x(one.middle), most, *anchors, upper)


def _gutter(labels: Sequence[str]) -> float:
    widest = max(len(label) for label in labels) * _LETTER + 10
    return round(min(max(widest, _LEAST_GUTTER), _MOST_GUTTER), 1)


_STEPS = (Decimal(1), Decimal(2), Decimal(5))


def step_below(value: Decimal) -> Decimal:
    decade = Decimal(10) ** floor(log10(value))
    return max(step * decade for step in _STEPS if step * decade <= value)


def step_above(value: Decimal) -> Decimal:
    decade = Decimal(10) ** floor(log10(value))
    return min(step * decade for step in (*_STEPS, Decimal(10)) if step * decade > value)


def _ticks(low: Decimal, high: Decimal) -> list[Decimal]:
    """Every 1, 2 and 5 from low to high; only the powers of ten where that is too many."""
    found = []
    decade = Decimal(10) ** floor(log10(low))
    while decade <= high:
        found += [step * decade for step in _STEPS if low <= step * decade <= high]
        decade *= 10
    if len(found) > _MOST_TICKS:
        found = [value for value in found if value.as_tuple().digits[0] == 1]
    return found


# -- uptime ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hour:
    """What one slot of a series measured: the share that worked, 0 to 100; None: nothing was."""

    slot: int
    worked: Decimal | None
    too_few: bool = False  # fewer requests than it takes to say


@dataclass(frozen=True, slots=True)
class UptimeMark:
    """A line standing on the level (`ok`, `few`) or hanging below it (`bad`)."""

    x: float
    tip: float
    kind: str


@dataclass(frozen=True, slots=True)
class UptimeRow:
    """A spirit level: marks where something was measured, a dotted line where nothing was."""

    label: str
    value: str
    y: int
    marks: tuple[UptimeMark, ...]
    voids: tuple[tuple[float, float], ...]

    @property
    def label_y(self) -> int:
        return self.y + 5


@dataclass(frozen=True, slots=True)
class UptimeChart:
    height: int
    left: float
    right: float
    rows: tuple[UptimeRow, ...]
    width: int = WIDTH

    @property
    def ends_y(self) -> int:
        return self.height - 8


def uptime_chart(series: Sequence[tuple[str, str, Sequence[Hour]]], slots: int) -> UptimeChart:
    """Series of (label, figure at the right, hours), each over the same number of slots."""
    left, right = _gutter([label for label, _, _ in series]), WIDTH - 80.0
    return UptimeChart(
        height=_UPTIME_ROW * len(series) + 22,
        left=left,
        right=right,
        rows=tuple(
            _uptime_row(label, value, 18 + _UPTIME_ROW * n, hours, left, (right - left) / slots)
            for n, (label, value, hours) in enumerate(series)
        ),
    )


def _uptime_row(
    label: str, value: str, y: int, hours: Sequence[Hour], left: float, step: float
) -> UptimeRow:
    measured = sorted((hour for hour in hours if hour.worked is not None), key=lambda h: h.slot)
    slots = round((WIDTH - 80.0 - left) / step)
    marks = [mark for hour in measured for mark in _marks(hour, left + (hour.slot + 0.5) * step, y)]
    voids = []
    begun = 0
    for slot in [*(hour.slot for hour in measured), slots]:
        if slot > begun:
            voids.append((round(left + begun * step, 1), round(left + slot * step, 1)))
        begun = slot + 1
    return UptimeRow(label, value, y, tuple(marks), tuple(voids))


def _marks(hour: Hour, x: float, y: int) -> list[UptimeMark]:
    """Green stands by what worked; red hangs by the root of what failed, so that a little shows."""
    if hour.worked is None:
        return []
    x = round(x, 1)
    standing = UptimeMark(x, y - (_STAND / 2 if hour.too_few else _STAND),
                          "few" if hour.too_few else "ok")  # fmt: skip
    failed = 100 - float(hour.worked)
    marks = [standing] if hour.worked else []
    if failed > 0:
        marks.append(UptimeMark(x, round(y + _HANG * sqrt(failed / 100), 1), "bad"))
    return marks
