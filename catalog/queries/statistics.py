"""What was measured of some endpoints, for one page: a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from providers import stat_queries
from providers.choices import Period
from providers.stat_queries import DayOfUse, Outcomes, Slot, Speed, Use
from providers.stats.definitions import DAY_HOURS, MONTH_DAYS, QUOTED, WEEK_DAYS
from providers.stats.tally import Tally

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MOST_APPS = 10


@dataclass(frozen=True, slots=True)
class Window:
    """So many whole hours or days of UTC, the running one last."""

    key: str
    label: str
    period: Period
    slots: int

    @property
    def step(self) -> timedelta:
        return HOUR if self.period is Period.HOUR else DAY

    def since(self, now: datetime) -> datetime:
        return self._running(now) - (self.slots - 1) * self.step

    def until(self, now: datetime) -> datetime:
        return self._running(now) + self.step

    def slot(self, start: datetime, now: datetime) -> int:
        """Which slot a moment falls into, 0 the oldest."""
        return (start - self.since(now)) // self.step

    def _running(self, now: datetime) -> datetime:
        hour = now.replace(minute=0, second=0, microsecond=0)
        return hour if self.period is Period.HOUR else hour.replace(hour=0)


LAST_DAY = Window("24h", QUOTED["day"], Period.HOUR, DAY_HOURS)
LAST_WEEK = Window("7d", QUOTED["week"], Period.HOUR, WEEK_DAYS * DAY_HOURS)
LAST_MONTH = Window("30d", QUOTED["month"], Period.DAY, MONTH_DAYS)
NINETY_HOURS = Window("90h", "90 hours", Period.HOUR, 90)
NINETY_DAYS = Window("90d", "90 days", Period.DAY, 90)


@dataclass(frozen=True, slots=True)
class PageStatistics:
    """By endpoint; inlets are told apart everywhere. Endpoints without measurements are absent."""

    outcomes: Mapping[int, Sequence[Outcomes]]
    days: Mapping[int, Sequence[DayOfUse]]  # thirty of them

    @property
    def inlets(self) -> frozenset[str]:
        """Ways by which anything came in at all, over any of the windows."""
        return frozenset(
            [day.inlet for days in self.days.values() for day in days]
            + [hour.inlet for hours in self.outcomes.values() for hour in hours]
        )


@dataclass(frozen=True, slots=True)
class InletStatistics:
    """What one inlet brought."""

    speeds: Mapping[int, Speed]  # by endpoint
    apps: Sequence[Use]  # of thirty days

    @property
    def regions(self) -> tuple[str, ...]:
        """Where it was measured from, as far as that was told."""
        return tuple(sorted({where for speed in self.speeds.values() for where in speed.regions}))


def of_page(endpoint_ids: Collection[int], *, now: datetime, uptime: Window) -> PageStatistics:
    """Bars over one window, and use by day. Two queries."""
    return PageStatistics(
        outcomes=stat_queries.outcomes(
            endpoint_ids, period=uptime.period, since=uptime.since(now), until=uptime.until(now)
        ),
        days=stat_queries.days_of_use(
            endpoint_ids, since=LAST_MONTH.since(now), until=LAST_MONTH.until(now)
        ),
    )


def of_inlet(
    endpoint_ids: Collection[int], *, inlet: str, now: datetime, over: Window
) -> InletStatistics:
    """Figures over one window, and top apps. Two queries."""
    return InletStatistics(
        speeds=stat_queries.speeds(
            endpoint_ids, inlet=inlet, since=over.since(now), until=over.until(now)
        ),
        apps=stat_queries.top_apps(
            endpoint_ids,
            inlet=inlet,
            since=LAST_MONTH.since(now),
            until=LAST_MONTH.until(now),
            most=MOST_APPS,
        ),
    )


def course(
    endpoint_ids: Collection[int], *, inlet: str, now: datetime, over: Window
) -> dict[int, list[Slot]]:
    """Hour by hour or day by day: for the few endpoints whose course is drawn. One query."""
    return stat_queries.slots(
        endpoint_ids,
        inlet=inlet,
        period=over.period,
        since=over.since(now),
        until=over.until(now),
    )


def of_last_day(endpoint_ids: Collection[int], *, now: datetime) -> dict[int, dict[str, Tally]]:
    """By endpoint and inlet, over 24 hours. One query."""
    return stat_queries.totals(endpoint_ids, since=LAST_DAY.since(now), until=LAST_DAY.until(now))
