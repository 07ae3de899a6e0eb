"""What was measured of some endpoints, for one page: a fixed number of queries."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from providers import stat_queries
from providers.choices import Period
from providers.stat_queries import DayOfUse, Outcomes, Slot, Use
from providers.stats.definitions import DAY_HOURS, MONTH_DAYS, QUOTED, WEEK_DAYS
from providers.stats.tally import Tally, merged

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
    totals: Mapping[int, Mapping[tuple[str, str], Tally]]  # by inlet and region
    days: Mapping[int, Sequence[DayOfUse]]  # thirty of them
    apps: Sequence[Use]  # of the same days

    @property
    def inlets(self) -> frozenset[str]:
        """Ways by which anything came in at all, over any of the windows."""
        return frozenset(
            [day.inlet for days in self.days.values() for day in days]
            + [hour.inlet for hours in self.outcomes.values() for hour in hours]
        )

    def total(self, endpoint_id: int, inlet: str) -> Tally:
        """Of all regions together."""
        found = self.totals.get(endpoint_id, {})
        return merged(tally for (by, _), tally in found.items() if by == inlet)

    def regions(self, inlet: str) -> tuple[str, ...]:
        """Where it was measured from, as far as that was told."""
        named = {where for by in self.totals.values() for one, where in by if one == inlet}
        return tuple(sorted(named - {""}))


def of_page(
    endpoint_ids: Collection[int], *, now: datetime, uptime: Window, over: Window
) -> PageStatistics:
    """Bars over one window, figures over another, use by day and top apps. Four queries."""
    month, end = LAST_MONTH.since(now), LAST_MONTH.until(now)
    return PageStatistics(
        outcomes=stat_queries.outcomes(
            endpoint_ids, period=uptime.period, since=uptime.since(now), until=uptime.until(now)
        ),
        totals=stat_queries.regions(
            endpoint_ids, period=over.period, since=over.since(now), until=over.until(now)
        ),
        days=stat_queries.days_of_use(endpoint_ids, since=month, until=end),
        apps=stat_queries.top_apps(endpoint_ids, since=month, until=end, most=MOST_APPS),
    )


def course(endpoint_ids: Collection[int], *, now: datetime, over: Window) -> dict[int, list[Slot]]:
    """Hour by hour or day by day: for the few endpoints whose course is drawn. One query."""
    return stat_queries.slots(
        endpoint_ids, period=over.period, since=over.since(now), until=over.until(now)
    )


def of_last_day(endpoint_ids: Collection[int], *, now: datetime) -> dict[int, dict[str, Tally]]:
    """By endpoint and inlet, over 24 hours. One query."""
    return stat_queries.totals(
        endpoint_ids, period=Period.HOUR, since=LAST_DAY.since(now), until=LAST_DAY.until(now)
    )
