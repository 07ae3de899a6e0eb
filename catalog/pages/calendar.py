"""The calendar: what retires, is deprecated or changes its price, day by day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby, pairwise
from urllib.parse import urlencode

from django.urls import reverse

from catalog.models import Author
from catalog.pages import links
from catalog.pages.links import Link
from catalog.pages.parts import Mark, Money, Witness
from catalog.pages.signs import Signs
from catalog.queries import calendar as queries
from providers import queries as market
from providers.facts import Condition
from providers.models import Endpoint, Price, Provider

RETIRES, DEPRECATED, PRICE = "retires", "deprecated", "price"
# What happens to a model on the day, said before the provider's name.
VERBS = {RETIRES: "leaves", DEPRECATED: "is deprecated at", PRICE: "changes its price at"}
PAST_VERBS = {RETIRES: "left", DEPRECATED: "was deprecated at"}


@dataclass(frozen=True, slots=True)
class Id:
    """An endpoint at its provider."""

    native_id: str
    operation: str
    upstream: str


@dataclass(frozen=True, slots=True)
class Place:
    """The provider where it happens, to which of its endpoints, and who says so."""

    provider: Link
    provider_slug: str
    ids: tuple[Id, ...]
    marks: tuple[Mark, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Native ids, each once."""
        return tuple(dict.fromkeys(one.native_id for one in self.ids))


@dataclass(frozen=True, slots=True)
class PriceChange:
    component: str
    condition: Condition
    before: Money
    after: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happens to one model on one day, at every place where it does."""

    kind: str
    verb: str
    model: Link
    places: tuple[Place, ...]
    replacement: str = ""
    changes: tuple[PriceChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class CalendarPage:
    title: str
    past: bool
    months: tuple[Month, ...]
    count: int
    authors: tuple[Option, ...]
    providers: tuple[Option, ...]
    witnesses: tuple[Witness, ...]
    # The freshest source's date: what the page is true for.
    as_of: datetime
    other_href: str  # dates past from those ahead, and back
    ics_href: str
    messages: tuple[str, ...] = ()
    filtered: bool = False


@dataclass(frozen=True, slots=True)
class _Event:
    """One date of one endpoint, before like ones are put together."""

    on: date
    kind: str
    endpoint: Endpoint
    source: int | None
    changes: tuple[PriceChange, ...] = field(default=())


def build(query: Mapping[str, str], *, now: datetime) -> CalendarPage:
    """Dates ahead by month, soonest first; with `past=1` those gone by, latest first."""
    past = query.get("past") == "1"
    signs = Signs(market.sources(), now)
    authors, author_message = _options(queries.authors_by_name(), query.get("author", ""), "author")
    providers, provider_message = _options(
        queries.providers_by_name(), query.get("provider", ""), "provider"
    )
    events = list(_events(now, past=past))
    if author := _chosen(authors):
        events = [event for event in events if _author(event.endpoint) == author]
    if provider := _chosen(providers):
        events = [event for event in events if event.endpoint.provider.slug == provider]
    return CalendarPage(
        title="Dates past" if past else "Calendar",
        past=past,
        months=_months(events, signs, past=past),
        count=len(events),
        authors=authors,
        providers=providers,
        witnesses=signs.witnesses(event.source for event in events if event.source),
        as_of=max((row.as_of for row in signs.sources.values() if row.as_of), default=now),
        other_href=_href("calendar", author, provider, past=not past),
        ics_href=_href("calendar_ics", author, provider, past=past),
        messages=tuple(filter(None, (author_message, provider_message))),
        filtered=bool(author or provider),
    )


# -- filters --------------------------------------------------------------------------------------


def _options(
    rows: Iterable[Author | Provider], wanted: str, noun: str
) -> tuple[tuple[Option, ...], str]:
    """The choices, and a message when the one asked for is not among them."""
    options = tuple(Option(row.slug, row.name, row.slug == wanted) for row in rows)
    if not wanted or _chosen(options):
        return options, ""
    return options, f"No {noun} is called “{wanted[:100]}”; every {noun} is shown."


def _chosen(options: tuple[Option, ...]) -> str:
    return next((option.value for option in options if option.chosen), "")


def _href(view: str, author: str, provider: str, *, past: bool) -> str:
    asked = {"author": author, "provider": provider, "past": "1" if past else ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse(f"catalog:{view}") + (f"?{query}" if query else "")


def _author(endpoint: Endpoint) -> str:
    model = links.model_of(endpoint)
    return model.author.slug if model else ""


# -- events ---------------------------------------------------------------------------------------


def _events(now: datetime, *, past: bool) -> Iterator[_Event]:
    today = now.date()
    if past:
        endpoints = queries.endpoints_with_dates_past(today)
    else:
        endpoints = queries.endpoints_with_dates_ahead(today)
        yield from _price_events(queries.prices_about_to_change(now), now)
    sources = queries.sources_of_dates(gone=past)
    for endpoint in endpoints:
        for kind, key in ((RETIRES, "retires_on"), (DEPRECATED, "deprecated_on")):
            on = getattr(endpoint, key)
            if on and (on < today) == past:
                yield _Event(on, kind, endpoint, sources.get(endpoint.provenance.get(key)))


def _price_events(prices: Iterable[Price], now: datetime) -> Iterator[_Event]:
    """One event for each endpoint and day on which a price of it begins, ends or changes."""
    changes: dict[tuple[int, date], list[PriceChange]] = {}
    known: dict[int, Price] = {}
    for _, slot in groupby(prices, key=lambda p: (p.endpoint_id, p.component, p.condition)):
        rows = list(slot)
        for before, after in pairwise([None, *rows, None]):
            row = after or before
            at = _boundary(before, after)
            if row is None or at is None or at <= now or _money(before) == _money(after):
                continue
            known[row.endpoint_id] = row
            condition = Condition.from_key(row.condition)
            changes.setdefault((row.endpoint_id, at.date()), []).append(
                PriceChange(row.component, condition, _money(before), _money(after))
            )
    for (endpoint_id, day), changed in changes.items():
        row = known[endpoint_id]
        yield _Event(day, PRICE, row.endpoint, row.claim.source_id, tuple(changed))


def _boundary(before: Price | None, after: Price | None) -> datetime | None:
    """When one price gives way to the next, or ends without one."""
    if after is not None:
        return after.valid_from
    return before.valid_to if before is not None else None


def _money(price: Price | None) -> Money:
    if price is None:
        return Money()
    return Money(price.state, price.amount, price.currency, price.unit)


# -- months ---------------------------------------------------------------------------------------


def _months(events: list[_Event], signs: Signs, *, past: bool) -> tuple[Month, ...]:
    events.sort(key=lambda event: event.on, reverse=past)
    days = [
        Day(on, _entries(list(those), signs, PAST_VERBS if past else VERBS))
        for on, those in groupby(events, key=lambda event: event.on)
    ]
    return tuple(
        Month(first, tuple(within))
        for first, within in groupby(days, key=lambda day: day.on.replace(day=1))
    )


def _entries(events: list[_Event], signs: Signs, verbs: Mapping[str, str]) -> tuple[Entry, ...]:
    """Events of one day put together by what happens and to which model, retirements first."""
    alike: dict[tuple[object, ...], list[_Event]] = {}
    for event in events:
        model = links.to_served(event.endpoint)
        alike.setdefault((event.kind, model, event.changes), []).append(event)
    entries = [
        Entry(
            kind=those[0].kind,
            verb=verbs[those[0].kind],
            model=links.to_served(those[0].endpoint),
            places=_places(those, signs),
            replacement=_replacement(those),
            changes=those[0].changes,
        )
        for those in alike.values()
    ]
    order = list(VERBS)
    return tuple(sorted(entries, key=lambda e: (order.index(e.kind), e.model.text.lower())))


def _replacement(events: list[_Event]) -> str:
    """What takes the place of what goes; a new price replaces no model."""
    named = (event.endpoint.replacement for event in events if event.kind != PRICE)
    return next(filter(None, named), "")


def _places(events: list[_Event], signs: Signs) -> tuple[Place, ...]:
    """One place a provider, in the order of the events."""
    by_provider: dict[int, list[_Event]] = {}
    for event in events:
        by_provider.setdefault(event.endpoint.provider_id, []).append(event)
    return tuple(_place(those, signs) for those in by_provider.values())


def _place(events: list[_Event], signs: Signs) -> Place:
    provider = events[0].endpoint.provider
    sources = (event.source for event in events if event.source is not None)
    return Place(
        provider=links.to_provider(provider),
        provider_slug=provider.slug,
        ids=tuple(_id(event.endpoint) for event in events),
        marks=signs.marks(sources, provider.slug),
    )


def _id(endpoint: Endpoint) -> Id:
    upstream = endpoint.upstream.slug if endpoint.upstream else ""
    return Id(endpoint.native_id, endpoint.operation, upstream)
