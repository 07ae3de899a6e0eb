"""What a workload costs at a provider's prices. Pure.

Bills come from `providers.pricing` alone; here they are only multiplied by the requests of a month
and, where prices change with the hour, weighted by the hours in which they hold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Generic
from zoneinfo import ZoneInfo

from providers.choices import Book, Kind
from providers.facts import WEEK_MINUTES, Schedule
from providers.pricing import EXACT, Bill, P, in_book, price_at

from .ask import DAY_HOURS, Workload


@dataclass(frozen=True, slots=True)
class Share(Generic[P]):
    """The bill of a request in some hours of the week."""

    minutes: int
    bill: Bill[P]


@dataclass(frozen=True, slots=True)
class Cost(Generic[P]):
    """What a workload costs by currency; unless complete, the sums leave things out.

    `shares`: the bill that holds most of the week first; one, unless prices change with the hour.
    """

    requests: int
    shares: tuple[Share[P], ...]

    @property
    def bill(self) -> Bill[P]:
        return self.shares[0].bill

    @property
    def minutes(self) -> int:
        """Minutes of the week in which anything is asked."""
        return sum(share.minutes for share in self.shares)

    @property
    def is_complete(self) -> bool:
        return all(share.bill.is_complete for share in self.shares)

    @property
    def assumptions(self) -> tuple[str, ...]:
        said = (words for share in self.shares for words in share.bill.assumptions)
        return tuple(dict.fromkeys(said))

    @property
    def per_request(self) -> dict[str, Decimal]:
        """The mean over the hours."""
        return self._mean(1)

    @property
    def per_month(self) -> dict[str, Decimal]:
        return self._mean(self.requests)

    def _mean(self, times: int) -> dict[str, Decimal]:
        """Multiplied before it is divided, so that nothing is lost but what no decimal holds."""
        sums: dict[str, Decimal] = {}
        for share in self.shares:
            for currency, amount in share.bill.totals.items():
                weighted = EXACT.multiply(amount, Decimal(share.minutes * times))
                sums[currency] = EXACT.add(sums.get(currency, Decimal(0)), weighted)
        whole = Decimal(self.minutes)
        return {currency: EXACT.divide(amount, whole) for currency, amount in sums.items()}


def cost(
    workload: Workload,
    prices: Iterable[P],
    *,
    when: datetime,
    kind: str = Kind.CHAT,
    book: str = Book.PUBLIC.value,
) -> Cost[P]:
    """What the workload costs by a book's prices in force at `when`, evenly over its hours."""
    card = in_book(prices, book)
    usage = workload.usage(kind)

    def bill(at: datetime) -> Bill[P]:
        return price_at(
            card, when=at, usage=usage, tier=workload.tier, region=workload.region, book=book
        )

    schedules = {price.condition.schedule for price in card if price.condition.schedule}
    if not schedules:
        return Cost(workload.requests, (Share(WEEK_MINUTES, bill(when)),))
    monday = _monday(when)
    shares: dict[Bill[P], int] = {}
    for start, end in _stretches(workload.hours, schedules, monday):
        at = bill(monday + timedelta(minutes=start))
        shares[at] = shares.get(at, 0) + end - start
    longest_first = sorted(shares.items(), key=lambda item: -item[1])
    return Cost(workload.requests, tuple(Share(minutes, at) for at, minutes in longest_first))


def _monday(when: datetime) -> datetime:
    day = when.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _stretches(
    hours: str, schedules: Iterable[Schedule], monday: datetime
) -> Iterator[tuple[int, int]]:
    """Minutes of the week in UTC between which no price changes, within the workload's hours."""
    windows = list(_windows(hours))
    turns = {turn for schedule in schedules for turn in _turns(schedule, monday)}
    edges = sorted({0, WEEK_MINUTES, *turns, *(edge for window in windows for edge in window)})
    for start, end in zip(edges, edges[1:], strict=False):
        if any(first <= start < last for first, last in windows):
            yield start, end


def _windows(hours: str) -> Iterator[tuple[int, int]]:
    """The workload's hours as minutes of the week; over midnight they are two windows a day."""
    if not hours:
        yield 0, WEEK_MINUTES
        return
    first, last = (int(hour) * 60 for hour in hours.split("-"))
    for midnight in range(0, WEEK_MINUTES, DAY_HOURS * 60):
        if first < last:
            yield midnight + first, midnight + last
        else:
            yield midnight, midnight + last
            yield midnight + first, midnight + DAY_HOURS * 60


def _turns(schedule: Schedule, monday: datetime) -> Iterator[int]:
    """Minutes of the week in UTC at which the schedule may begin or end to hold."""
    for since, offset in _offsets(schedule.zone, monday):
        yield since
        for pair in schedule.ranges:
            for edge in pair:
                yield (edge - offset) % WEEK_MINUTES


@lru_cache(maxsize=64)
def _offsets(zone: str, monday: datetime) -> tuple[tuple[int, int], ...]:
    """From which minute of the week on a zone is how many minutes ahead of UTC.

    Clocks change on the quarter of an hour at the finest.
    """
    found: list[tuple[int, int]] = []
    for minute in range(0, WEEK_MINUTES, 15):
        local = (monday + timedelta(minutes=minute)).astimezone(ZoneInfo(zone))
        offset = int((local.utcoffset() or timedelta()).total_seconds()) // 60
        if not found or found[-1][1] != offset:
            found.append((minute, offset))
    return tuple(found)
