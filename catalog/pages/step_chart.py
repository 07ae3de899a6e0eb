"""Geometry of prices over time: steps, drawn by the server as SVG. Pure; no colours, no words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from catalog.pages.charts import WIDTH, step_above, step_below

HEIGHT = 196
_TOP, _BOTTOM = 10, 168
_LEFT, _RIGHT = 44, 262  # the room at the right names the lines
_LABEL = _RIGHT + 14
_LABEL_ROW = 17
_MOST_DATES = 4
_MONTHS = (1, 2, 3, 6, 12, 24, 48)


@dataclass(frozen=True, slots=True)
class Span:
    """One value and how long it held; without an end it still does."""

    since: datetime
    until: datetime | None
    value: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """A named series of spans, oldest first; between spans nothing is known."""

    label: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """`path` is an SVG path of steps, `tie` one from its end to its label."""

    line: Line
    path: str
    tie: str
    label_y: float


@dataclass(frozen=True, slots=True)
class ValueTick:
    y: float
    value: Decimal

    @property
    def label_y(self) -> float:
        return self.y + 4


@dataclass(frozen=True, slots=True)
class DateTick:
    x: float
    on: date


@dataclass(frozen=True, slots=True)
class StepChart:
    """Prices from zero up over linear time, until the moment the page is read at."""

    lines: tuple[DrawnLine, ...]
    values: tuple[ValueTick, ...]
    dates: tuple[DateTick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = _RIGHT
    label_x: int = _LABEL
    base_y: int = _BOTTOM
    dates_y: int = _BOTTOM + 18

    @property
    def grid(self) -> str:
        """Lines of values and ticks of dates, as one path."""
        lines = "".join(f"M{self.left} {tick.y}H{self.right}" for tick in self.values)
        return lines + "".join(f"M{tick.x} {self.base_y}v5" for tick in self.dates)


def step_chart(lines: Sequence[Line], *, until: datetime) -> StepChart:
    """At least one line with a span, all values above zero, all spans begun before `until`."""
    since = min(span.since for line in lines for span in line.spans)
    most = max(span.value for line in lines for span in line.spans)
    top = most if most == step_below(most) else step_above(most)
    length = (until - since).total_seconds() or 1.0  # all of it began this very moment

    def x(at: datetime | None) -> float:
        seconds = (min(at or until, until) - since).total_seconds()
        return round(_LEFT + seconds / length * (_RIGHT - _LEFT), 1)

    def y(value: Decimal) -> float:
        return round(_BOTTOM - float(value / top) * (_BOTTOM - _TOP), 1)

    ends = [line.spans[-1] for line in lines]
    labels = _spread([y(span.value) for span in ends])
    return StepChart(
        lines=tuple(
            DrawnLine(
                line=line,
                path=" ".join(
                    _piece([(x(s.since), x(s.until), y(s.value)) for s in unbroken])
                    for unbroken in _unbroken(line.spans)
                ),
                tie=f"M{x(end.until)} {y(end.value)}L{_LABEL - 4} {label - 5}",
                label_y=label,
            )
            for line, end, label in zip(lines, ends, labels, strict=True)
        ),
        values=tuple(ValueTick(y(value), value) for value in (Decimal(0), top / 2, top)),
        dates=tuple(DateTick(x(_midnight(on, until)), on) for on in _dates(since, until)),
    )


def _unbroken(spans: Sequence[Span]) -> list[list[Span]]:
    """Spans that follow upon one another without a gap."""
    pieces = [[spans[0]]]
    for before, span in pairwise(spans):
        if before.until == span.since:
            pieces[-1].append(span)
        else:
            pieces.append([span])
    return pieces


def _piece(steps: Sequence[tuple[float, float, float]]) -> str:
    """Steps of (from x, to x, y) as one SVG path."""
    (first_x, _, first_y), *_ = steps
    moves = [f"M{first_x} {first_y}"]
    for _, to_x, at_y in steps:
        if at_y != first_y:
            moves.append(f"V{at_y}")
            first_y = at_y
        moves.append(f"H{to_x}")
    return "".join(moves)


def _spread(wanted: Sequence[float]) -> list[float]:
    """Heights near those wanted, at least a row apart and within the chart."""
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    placed = [0.0] * len(wanted)
    lowest = float(_TOP)
    for n in order:
        placed[n] = max(wanted[n], lowest)
        lowest = placed[n] + _LABEL_ROW
    highest = float(_BOTTOM)
    for n in reversed(order):
        placed[n] = min(placed[n], highest)
        highest = placed[n] - _LABEL_ROW
    return [round(at + 5, 1) for at in placed]


def _dates(since: datetime, until: datetime) -> list[date]:
    """Firsts of months at an even distance, a few of them; none within less than a month."""
    for months in _MONTHS:
        found = _firsts(since.date(), until.date(), months)
        if len(found) <= _MOST_DATES:
            return found
    return found[:: len(found) // _MOST_DATES + 1]


def _firsts(since: date, until: date, months: int) -> list[date]:
    first = since.year * 12 + since.month  # the month after `since`
    last = until.year * 12 + until.month - 1
    start = -(-first // months) * months
    return [date(n // 12, n % 12 + 1, 1) for n in range(start, last + 1, months)]


def _midnight(on: date, like: datetime) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=like.tzinfo)
