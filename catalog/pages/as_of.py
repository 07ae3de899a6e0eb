"""The day a page is to be true for: today, or a day gone by that its address names."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

EARLIEST = date(2000, 1, 1)
MAX_SHOWN = 40  # of an address that names no day


@dataclass(frozen=True, slots=True)
class AsOf:
    """`on` None: today. `message`: why a day that was asked for is not it."""

    on: date | None = None
    message: str = ""

    @property
    def day(self) -> str:
        """As an address names it; empty: today."""
        return self.on.isoformat() if self.on else ""

    def moment(self, now: datetime) -> datetime:
        """When the page is read: now, or at the end of the day, UTC."""
        if self.on is None:
            return now
        return datetime.combine(self.on, time(), UTC) + timedelta(days=1, microseconds=-1)

    def past(self, now: datetime) -> datetime | None:
        """The moment where it is gone by: what is known of then is asked for."""
        return self.moment(now) if self.on else None


TODAY = AsOf()


def read(written: str, *, today: date) -> AsOf:
    """The day an address asks for; nonsense is told and means today."""
    if not written:
        return TODAY
    try:
        day = date.fromisoformat(written)
    except ValueError:
        shown = written[:MAX_SHOWN]
        return AsOf(message=f"“{shown}” is no day; write one like 2026-03-01. This is today.")
    if day > today:
        return AsOf(message="That day has not come. This is today; the calendar looks ahead.")
    if day < EARLIEST:
        return AsOf(message="Nothing is known of that day. This is today.")
    return TODAY if day == today else AsOf(day)
