"""Price changes as the preview pages print them: grouped, one page of them at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from itertools import groupby

from django.core.paginator import Page, Paginator

from ..choices import Book
from ..claims import Edit
from ..ledger import PRICE
from ..models import Endpoint
from ..pricing_desk import PriceChange
from ..pricing_desk.summary import Tally, direction, in_reading_order, percent, tallies
from .books import BOOK_WORDS
from .words import amount_words, condition_words, label

PER_PAGE = 100
# So many changes are read line by line; of more, the table of counts says more.
FEW = 30
MOST_DOUBTS = 50
_SIGNS = {"up": "▴", "down": "▾", "begun": "new", "ended": "ends", "other": ""}


@dataclass(frozen=True, slots=True)
class Line:
    """One price that would change; `percent` with its sign, empty where nothing compares."""

    endpoint: int
    book: str
    what: str
    when: str
    before: str
    after: str
    direction: str
    percent: str
    at: datetime | None  # None: at once
    until: datetime | None
    doubt: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one endpoint in one book; `heads_book`: the first of its book on the page."""

    book: str
    heads_book: bool
    endpoint: int
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Doubted:
    name: str
    what: str
    doubt: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a preview page draws. `tallies` is empty where the lines are few."""

    public: int
    others: int
    endpoints: int
    tallies: tuple[Tally, ...]
    groups: tuple[Group, ...]
    page: Page[PriceChange]
    doubts: tuple[Doubted, ...]
    more_doubts: int
    digest: str  # names the doubts, so that only what was shown is confirmed


def drawn(
    changes: Sequence[PriceChange], edits: Iterable[Edit], *, now: datetime, page: str | None
) -> Preview:
    """A page of a preview. One query for the names."""
    endpoints = named({change.endpoint for change in changes})
    names = {pk: str(one) for pk, one in endpoints.items()}
    ordered = in_reading_order(changes, names)
    shown = Paginator(ordered, PER_PAGE).get_page(page)
    until = _ends(edits)
    doubted = doubts_of(ordered)
    public = sum(one.book == Book.PUBLIC for one in changes)
    providers = {pk: one.provider.name for pk, one in endpoints.items()}
    return Preview(
        public=public,
        others=len(changes) - public,
        endpoints=len(names),
        tallies=tallies(changes, providers) if len(changes) > FEW else (),
        groups=tuple(_groups(shown, names, until, now)),
        page=shown,
        doubts=tuple(
            Doubted(names.get(one.endpoint, ""), label(PRICE + one.component), doubt)
            for one, doubt in doubted[:MOST_DOUBTS]
        ),
        more_doubts=max(len(doubted) - MOST_DOUBTS, 0),
        digest=_digest(doubted),
    )


def doubts_of(changes: Iterable[PriceChange]) -> list[tuple[PriceChange, str]]:
    return [(one, doubt) for one in changes if (doubt := one.doubt())]


def doubts_digest(changes: Iterable[PriceChange]) -> str:
    """Names the doubts of a preview; empty: there are none."""
    return _digest(doubts_of(changes))


def _digest(doubted: Iterable[tuple[PriceChange, str]]) -> str:
    doubts = sorted(
        f"{one.endpoint} {one.book} {one.component} {one.condition} {doubt}"
        for one, doubt in doubted
    )
    return sha256("\n".join(doubts).encode()).hexdigest()[:24] if doubts else ""


def named(ids: Iterable[int]) -> dict[int, Endpoint]:
    """Endpoints by id with what their names need. One query."""
    return Endpoint.objects.select_related("provider", "upstream").in_bulk(list(ids))


def percent_words(moved: Decimal | None) -> str:
    """`+10 %`, `−3.3 %`; empty: nothing to compare."""
    if moved is None:
        return ""
    size = f"{abs(moved):,.1f}".removesuffix(".0")
    return f"{'−' if moved < 0 else '+'}{size} %"


def _groups(
    changes: Iterable[PriceChange],
    names: dict[int, str],
    until: dict[tuple[int | str, str, str, str], datetime],
    now: datetime,
) -> Iterable[Group]:
    book = ""
    for (own, endpoint), members in groupby(changes, key=lambda one: (one.book, one.endpoint)):
        lines = tuple(_line(one, until, now) for one in members)
        name = names.get(endpoint, f"endpoint {endpoint}")
        yield Group(BOOK_WORDS[own], own != book, endpoint, name, lines)
        book = own


def _line(
    change: PriceChange, until: dict[tuple[int | str, str, str, str], datetime], now: datetime
) -> Line:
    slot = (change.endpoint, PRICE + change.component, change.condition, change.book)
    way = direction(change)
    return Line(
        endpoint=change.endpoint,
        book=change.book,
        what=label(PRICE + change.component),
        when=condition_words(change.condition),
        before=amount_words(change.before),
        after=amount_words(change.after),
        direction=way,
        percent=f"{_SIGNS[way]} {percent_words(percent(change))}".strip(),
        at=change.at if change.at > now else None,
        until=until.get(slot) if change.after else None,
        doubt=change.doubt(),
    )


def _ends(edits: Iterable[Edit]) -> dict[tuple[int | str, str, str, str], datetime]:
    """When edits of single prices end, where they say so."""
    return {
        (edit.subject.id, edit.key, edit.condition, edit.book): edit.effective_to
        for edit in edits
        if edit.effective_to and edit.subject.kind == "endpoint"
    }
