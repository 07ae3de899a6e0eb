"""The calendar for calendar programs: RFC 5545, one event for each endpoint and date."""

from datetime import timedelta
from hashlib import sha256

from icalendar import Calendar, Event

from catalog import words
from catalog.pages.calendar import PRICE, CalendarPage, Day, Entry, Id, Place, PriceChange

PRODUCT = "-//Model Almanac//Calendar//EN"


def as_ics(page: CalendarPage, *, host: str) -> str:
    """The page as iCalendar text; `host` makes the identities ours.

    Identities stay when a date moves, so a calendar program moves the event it already has.
    """
    feed = Calendar()
    feed.add("prodid", PRODUCT)
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", f"Model Almanac: {page.title.lower()}")
    for month in page.months:
        for day in month.days:
            for entry in day.entries:
                for place in entry.places:
                    for one in place.ids:
                        feed.add_component(_event(page, day, entry, place, one, host))
    text: bytes = feed.to_ical()
    return text.decode()


def _event(page: CalendarPage, day: Day, entry: Entry, place: Place, one: Id, host: str) -> Event:
    event = Event()
    event.add("uid", f"{_identity(day, entry, place, one)}@{host}")
    event.add("dtstamp", page.as_of)
    event.add("dtstart", day.on)
    event.add("dtend", day.on + timedelta(days=1))
    event.add("summary", f"{entry.model.text} {entry.verb} {place.provider.text}")
    event.add("description", "\n".join(_lines(entry, place, one)))
    event.add("categories", [entry.kind])
    event.add("transp", "TRANSPARENT")
    return event


def _identity(day: Day, entry: Entry, place: Place, one: Id) -> str:
    """An endpoint retires once, but may change its price on many days."""
    parts = [entry.kind, place.provider_slug, one.native_id, one.operation, one.upstream]
    if entry.kind == PRICE:
        parts.append(day.on.isoformat())
    return sha256("\n".join(parts).encode()).hexdigest()[:32]


def _lines(entry: Entry, place: Place, one: Id) -> list[str]:
    lines = [f"Id: {one.native_id}"]
    lines += [_change_words(change) for change in entry.changes]
    if entry.replacement:
        lines.append(f"Replaced by {entry.replacement}")
    lines += [mark.label[:1].upper() + mark.label[1:] for mark in place.marks]
    return lines


def _change_words(change: PriceChange) -> str:
    """`Input: $0.15 → $0.30 per 1M tokens`."""
    before, after = (
        words.price(money.amount, state=money.state, currency=money.currency)
        for money in (change.before, change.after)
    )
    component = words.component_label(change.component)
    return f"{component}: {before} → {after} {words.unit_words(change.after.unit)}"
