"""What the page of measurements is made of: frozen rows and figures."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.pages.charts import RangeChart
from catalog.pages.performance.course import CourseChart
from catalog.pages.performance.figures import Spread
from catalog.pages.performance.strip import Strip
from providers.stats.tally import Tally

Moment = tuple[datetime, tuple[Decimal | None, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint. Counts and bars are of the bars' window, speeds of the figures' window."""

    endpoint: int
    label: str
    name: str  # of the seller alone
    note: str  # the id, where another endpoint has the same name
    native_id: str
    uptime: Decimal | None  # percent
    counts: Tally
    strip: Strip
    ttft: Spread
    throughput: Spread
    latency: Spread
    requests: int

    def spreads(self) -> tuple[Spread, Spread, Spread]:
        return self.ttft, self.throughput, self.latency


@dataclass(frozen=True, slots=True)
class RangeFigure:
    """A chart of ranges with what its caption says."""

    key: str
    title: str
    unit: str
    direction: str
    chart: RangeChart
    n: int
    left_out: int
    spoken: str


@dataclass(frozen=True, slots=True)
class CourseFigure:
    """A figure over time. `columns` and `moments`: the same as a table."""

    key: str
    title: str
    unit: str
    chart: CourseChart
    spoken: str
    columns: tuple[str, ...]
    moments: tuple[Moment, ...]
    by_day: bool
