"""What a provider's own status page says, beside what others measured: its words, not ours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from providers.models import OfficialStatus

WINDOW = timedelta(days=30)
MAX_EARLIER = 10
STALE = timedelta(hours=2)  # read longer ago, it is no word on today


@dataclass(frozen=True, slots=True)
class Said:
    """One word of the page, from when to when it was read there."""

    words: str
    indicator: str
    since: datetime
    read: datetime


@dataclass(frozen=True, slots=True)
class OfficialSeries:
    """The latest word, and the ones before that differ, newest first."""

    page: str
    now: Said
    is_stale: bool
    earlier: tuple[Said, ...]
    more: int  # earlier ones left out


def official(rows: Iterable[OfficialStatus], *, now: datetime) -> OfficialSeries | None:
    """None when the page was never read in the window. `rows`: oldest first."""
    found = list(rows)
    if not found:
        return None
    *before, last = found
    earlier = [_said(row) for row in reversed(before) if row.words != last.words]
    return OfficialSeries(
        page=last.page,
        now=_said(last),
        is_stale=now - last.confirmed_at > STALE,
        earlier=tuple(earlier[:MAX_EARLIER]),
        more=max(0, len(earlier) - MAX_EARLIER),
    )


def _said(row: OfficialStatus) -> Said:
    return Said(row.words, row.indicator, row.first_read_at, row.confirmed_at)
