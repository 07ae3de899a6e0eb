"""Geometry of figures over time: lines that break where nothing was measured, and daily columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.pages.charts import WIDTH, step_above
from catalog.queries.statistics import Window
from providers.choices import Period

HEIGHT = 190
_TOP, _BOTTOM = 10, 160
_LEFT, _RIGHT = 46, 268
_LABEL_ROW = 16
MOST_LINES = 4
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """Values by slot; slots that are missing were not measured."""

    label: str
    values: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True)
class DrawnLine:
    label: str
    path: str
    dots: str  # single measured slots between blank ones
    label_y: float


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class CourseChart:
    """From zero up, over whole slots of time. `columns`: a path of daily columns instead."""

    lines: tuple[DrawnLine, ...]
    values: tuple[Tick, ...]
    times: tuple[Tick, ...]
    grid: str
    columns: str = ""
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    value_x: int = _LEFT - 6
    label_x: int = _RIGHT + 10
    times_y: int = _BOTTOM + 18


def course_chart(lines: Sequence[Line], window: Window, now: datetime) -> CourseChart | None:
    """None where nothing was measured."""
    drawn = [line for line in lines if line.values][:MOST_LINES]
    if not drawn:
        return None
    top = _top([value for line in drawn for value in line.values.values()])
    ys = _label_ys([_y(line.values[max(line.values)], top) for line in drawn])
    return CourseChart(
        lines=tuple(_line(line, window, top, y) for line, y in zip(drawn, ys, strict=True)),
        values=_values(top),
        times=_times(window, now),
        grid=_grid(top),
    )


def column_chart(values: Mapping[int, int], window: Window, now: datetime) -> CourseChart | None:
    """Columns, such as tokens a day; a day without any is blank."""
    if not any(values.values()):
        return None
    top = _top([Decimal(value) for value in values.values()])
    columns = "".join(
        f"M{_x(place, window):g} {_BOTTOM}V{_y(Decimal(value), top):g}"
        for place, value in sorted(values.items())
        if value
    )
    return CourseChart((), _values(top), _times(window, now), _grid(top), columns)


def _top(values: Sequence[Decimal]) -> Decimal:
    """The next 1, 2 or 5 above the highest."""
    return step_above(max(max(values), Decimal("0.001")))


def _x(place: int, window: Window) -> float:
    return round(_LEFT + (place + 0.5) * (_RIGHT - _LEFT) / window.slots, 1)


def _y(value: Decimal, top: Decimal) -> float:
    return round(_BOTTOM - float(value / top) * (_BOTTOM - _TOP), 1)


def _line(line: Line, window: Window, top: Decimal, label_y: float) -> DrawnLine:
    path, dots = [], []
    for place, value in sorted(line.values.items()):
        x, y = _x(place, window), _y(value, top)
        joins = place - 1 in line.values
        path.append(f"{'L' if joins else 'M'}{x:g} {y:g}")
        if not joins and place + 1 not in line.values:
            dots.append(f"M{x - 1:g} {y:g}h2")
    return DrawnLine(line.label, "".join(path), "".join(dots), label_y)


def _label_ys(ends: Sequence[float]) -> list[float]:
    """Names at the ends of their lines, pushed down where they would overlap."""
    order = sorted(range(len(ends)), key=lambda n: ends[n])
    found = [0.0] * len(ends)
    least = float(_TOP)
    for left, n in enumerate(order):
        most = _BOTTOM - (len(order) - 1 - left) * _LABEL_ROW
        found[n] = round(min(max(ends[n], least), most) + 4, 1)
        least = found[n] - 4 + _LABEL_ROW
    return found


def _values(top: Decimal) -> tuple[Tick, ...]:
    return tuple(Tick(_y(value, top) + 4, _short(value)) for value in (top, top / 2, Decimal(0)))


def _short(value: Decimal) -> str:
    """`2M`, `500K`, `0.5`: an axis is read, not quoted."""
    for size, sign in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if value >= size:
            return f"{(value / size).normalize():f}{sign}"
    return f"{value.normalize():f}"


def _grid(top: Decimal) -> str:
    return "".join(f"M{_LEFT} {_y(value, top):g}H{_RIGHT}" for value in (top, top / 2, Decimal(0)))


def _times(window: Window, now: datetime) -> tuple[Tick, ...]:
    since = window.since(now)
    pattern = "%H:%M" if window.period is Period.HOUR and window.slots <= 24 else "%-d %b"
    places = [n * window.slots // _TICKS for n in range(_TICKS)]
    return tuple(
        Tick(_x(place, window), f"{since + place * window.step:{pattern}}") for place in places
    )
