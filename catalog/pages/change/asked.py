"""What a reader asks of the page of changes: two days, and what to narrow it to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from django.urls import reverse

DAYS = 30  # without a choice
MAX_TEXT = 100
MAX_PAGE = 10_000
DIRECTIONS = {"up": "up", "down": "down"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One question; the same question has one address. Days are whole, in UTC."""

    since: date  # its own changes are in
    until: date  # and so are this day's
    kind: str
    default_until: date
    provider: str = ""
    author: str = ""
    component: str = ""
    direction: str = ""
    page: int = 1

    def moments(self, now: datetime) -> tuple[datetime, datetime]:
        """After the first and by the second; nothing that is still to come."""
        before = datetime.combine(self.since, time(), UTC) - timedelta(microseconds=1)
        end = datetime.combine(self.until, time(), UTC) + timedelta(days=1, microseconds=-1)
        return before, min(end, now)

    def href(self, **changed: object) -> str:
        """The address of this question with something changed; back on the first page."""
        asked = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]
        query: dict[str, object] = {}
        if asked.until != self.default_until:
            query["to"] = asked.until.isoformat()
        if asked.since != self.default_until - timedelta(days=DAYS) or "to" in query:
            query["from"] = asked.since.isoformat()
        if asked.kind != "price":
            query["kind"] = asked.kind
        for name in ("provider", "author", "component", "direction"):
            if value := getattr(asked, name):
                query[name] = value
        if asked.page > 1:
            query["page"] = asked.page
        address = reverse("catalog:changes")
        return f"{address}?{urlencode(query)}" if query else address


def range_query(since: date, until: date) -> str:
    """The days of a question in an address."""
    return urlencode({"from": since.isoformat(), "to": until.isoformat()})


def read(
    query: Mapping[str, str], *, kinds: Mapping[str, str], today: date
) -> tuple[Asked, tuple[str, ...]]:
    """The question, and a message for each part of it that makes no sense and was left out."""
    messages: list[str] = []
    until = _day(query.get("to", ""), messages) or today
    if until > today:
        messages.append("What is still to come stands in the calendar; changes end today.")
        until = today
    since = _day(query.get("from", ""), messages) or until - timedelta(days=DAYS)
    if since > until:
        messages.append("The first day lies after the last; they were exchanged.")
        since, until = until, since
    kind = query.get("kind", "")
    if kind and kind not in kinds:
        messages.append(f"There is no kind of change “{kind[:MAX_TEXT]}”.")
    direction = query.get("direction", "")
    page = query.get("page", "")
    asked = Asked(
        since=since,
        until=until,
        default_until=today,
        kind=kind if kind in kinds else "price",
        provider=query.get("provider", "")[:MAX_TEXT],
        author=query.get("author", "")[:MAX_TEXT],
        component=query.get("component", "")[:MAX_TEXT],
        direction=direction if direction in DIRECTIONS else "",
        page=min(int(page), MAX_PAGE)
        if page.isascii() and page.isdigit() and page[:6] == page
        else 1,
    )
    return asked, tuple(messages)


def _day(written: str, messages: list[str]) -> date | None:
    if not written:
        return None
    try:
        day = date.fromisoformat(written)
    except ValueError:
        messages.append(f"“{written[:MAX_TEXT]}” is no day; write one like 2026-11-12.")
        return None
    return max(day, date(2000, 1, 1))
