"""One chart of the page as a file of its own: with its title, its words and its source."""

from dataclasses import dataclass

from catalog.pages.charts import RangeChart
from catalog.pages.performance.course import CourseChart
from catalog.pages.performance.page import PerformancePage
from catalog.pages.performance.strip import Strip
from catalog.queries.statistics import LAST_MONTH

_ROW = 34
_LINE = 16
_GUTTER = 250  # for names beside bars
_MARGIN = 16
# Wider than the charts of pages: who opens a file may not have their narrow type.
_WIDTH = 440


@dataclass(frozen=True, slots=True)
class Level:
    """A row of uptime bars beside its name."""

    label: str
    value: str
    y: int
    strip: Strip

    @property
    def text_y(self) -> int:
        return self.y + 16


@dataclass(frozen=True, slots=True)
class Words:
    """A line above the chart."""

    text: str
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """`ranges`, `course` or `levels` is drawn under the head."""

    title: str
    head: tuple[Words, ...]  # the model's name first
    source: str
    spoken: str
    height: int
    width: int
    gutter: int = _GUTTER
    ranges: RangeChart | None = None
    course: CourseChart | None = None
    levels: tuple[Level, ...] = ()

    @property
    def top(self) -> int:
        """Where the chart begins."""
        return _LINE * (len(self.head) + 1)

    @property
    def view(self) -> tuple[int, int, int, int]:
        """Left, top, width and height with the margin."""
        whole = self.top + self.height
        return -_MARGIN, -_MARGIN, self.width + 2 * _MARGIN, whole + 2 * _MARGIN


def find(page: PerformancePage, key: str) -> Drawing | None:
    """The chart of that name; None where the page has none."""
    if key == "uptime":
        return _levels(page)
    for ranged in page.ranges:
        if ranged.key == key:
            chart = ranged.chart
            caption = (f"{ranged.unit}, n = {ranged.n:,}", _source(page, page.asked.over.label))
            return _drawing(page, ranged.title, caption, ranged.spoken, chart.height, ranges=chart)
    for figure in page.courses:
        if figure.key == key:
            window = LAST_MONTH.label if key == "tokens" else page.asked.over.label
            caption = (figure.unit, _source(page, window))
            height = figure.chart.height
            return _drawing(page, figure.title, caption, figure.spoken, height, course=figure.chart)
    return None


def _levels(page: PerformancePage) -> Drawing | None:
    if not page.rows:
        return None
    levels = tuple(
        Level(row.label, "" if row.uptime is None else f"{row.uptime} %", n * _ROW, row.strip)
        for n, row in enumerate(page.rows)
    )
    spoken = "; ".join(f"{one.label} {one.value or 'not known'}" for one in levels)
    caption = ("ok / (ok + provider error)", _source(page, page.asked.uptime.label))
    width = _GUTTER + page.rows[0].strip.width + 80
    return _drawing(page, "Uptime", caption, spoken, len(levels) * _ROW, levels=levels, width=width)


def _drawing(
    page: PerformancePage,
    title: str,
    caption: tuple[str, str],
    spoken: str,
    height: int,
    *,
    ranges: RangeChart | None = None,
    course: CourseChart | None = None,
    levels: tuple[Level, ...] = (),
    width: int = _WIDTH,
) -> Drawing:
    return Drawing(
        f"{page.model.text}: {title}",
        tuple(
            Words(text, _LINE * n)
            for n, text in enumerate((page.model.text, title, *caption), start=1)
        ),
        "; ".join(caption),
        spoken,
        height,
        width,
        ranges=ranges,
        course=course,
        levels=levels,
    )


def _source(page: PerformancePage, window: str) -> str:
    return f"source: {page.way}, last {window}, to {page.until:%Y-%m-%d %H:%M} UTC"
