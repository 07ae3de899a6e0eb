"""Rows of the pricing grid as its template draws them: words, boxes, marks."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from ..choices import Book
from ..facts import BadFact, Condition
from ..ledger import PRICE
from ..models import Endpoint
from ..pricing_desk.rows import Own, Row, Said, Sheet, Slot
from ..trust import EDITOR
from .words import condition_words, stored_words

BOX = "p."  # how the names of boxes begin; endpoint, component and condition follow


@dataclass(frozen=True, slots=True)
class OwnLine:
    """What the editors say in the book that the grid edits."""

    claim: int
    value: str
    since: datetime
    effective_from: datetime | None
    effective_to: datetime | None
    editor: str
    reason: str


@dataclass(frozen=True, slots=True)
class SaidLine:
    siglum: str
    name: str
    value: str
    same: bool  # as the book's price
    since: datetime
    at_least: bool
    confirmed: datetime | None
    old: bool
    effective_from: datetime | None
    effective_to: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    """One price. `now`: in the book that is edited; `elsewhere`: in the others, as columns."""

    key: str
    what: str
    when: str
    per: str  # currency and unit, as the box understands a bare number
    now: str
    elsewhere: tuple[str, ...]
    by_editor: bool
    own: tuple[OwnLine, ...]
    says: tuple[SaidLine, ...]
    text: str
    fault: str
    ticked: bool
    box_label: str


@dataclass(frozen=True, slots=True)
class Group:
    """The prices of one endpoint, and the rules for its whole card."""

    endpoint: int
    name: str
    rules: tuple[OwnLine, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Boxes:
    """What stands in the boxes: texts and faults by slot, and which rows are ticked."""

    texts: Mapping[Slot, str]
    faults: Mapping[Slot, str]
    ticked: frozenset[str]


def groups(
    endpoints: Sequence[Endpoint], rows: Iterable[Row], sheet: Sheet, boxes: Boxes, *,
    book: str, books: Sequence[str],
) -> tuple[Group, ...]:  # fmt: skip
    by_endpoint = {
        endpoint: list(members) for endpoint, members in groupby(rows, lambda row: row.endpoint)
    }
    return tuple(
        Group(
            one.pk,
            str(one),
            own_lines(sheet.rules.get(one.pk, ()), book),
            tuple(_line(row, str(one), boxes, book, books) for row in by_endpoint.get(one.pk, [])),
        )
        for one in endpoints
    )


def _line(row: Row, name: str, boxes: Boxes, book: str, books: Sequence[str]) -> Line:
    key, when = key_of(row.slot), condition_words(row.condition)
    what = row.component.replace("_", " ")
    standing = row.standing.get(book)
    return Line(
        key=key,
        what=what,
        when=when,
        per=_per(row.like(book)),
        now=_published(row, book),
        elsewhere=tuple(_published(row, one) for one in books if one != book),
        by_editor=standing is not None and standing.source == EDITOR,
        own=own_lines(row.own, book, row.like(book)),
        says=tuple(_said_line(one, row) for one in row.says),
        text=boxes.texts.get(row.slot, ""),
        fault=boxes.faults.get(row.slot, ""),
        ticked=key in boxes.ticked,
        box_label=f"New {what} price of {name}{f', {when}' if when else ''}",
    )


def own_lines(said: Iterable[Own], book: str, like: str = "") -> tuple[OwnLine, ...]:
    """The editors' words in one book; `like`: a price whose unit and currency go without saying."""
    return tuple(
        OwnLine(
            one.claim, _short(one.value, like), one.since, one.effective_from,
            one.effective_to, one.editor, one.reason,
        )
        for one in said
        if one.book == book
    )  # fmt: skip


def _said_line(said: Said, row: Row) -> SaidLine:
    public = row.standing.get(Book.PUBLIC.value)
    return SaidLine(
        siglum=said.siglum,
        name=said.name,
        value=_short(said.value, row.like(Book.PUBLIC.value)),
        same=public is not None and public.value == said.value,
        since=said.since,
        at_least=said.at_least,
        confirmed=said.confirmed,
        old=said.old,
        effective_from=said.effective_from,
        effective_to=said.effective_to,
    )


def _published(row: Row, book: str) -> str:
    held = row.standing.get(book)
    return _short(held.value, row.like(book)) if held else ""


def _short(value: str, like: str) -> str:
    """The bare figure where unit and currency are the row's own."""
    stated, usual = json.loads(value), json.loads(like or "{}")
    if "amount" in stated and all(stated[one] == usual.get(one) for one in ("unit", "currency")):
        return str(stated["amount"])
    return stored_words(PRICE, value)


def _per(like: str) -> str:
    stated = json.loads(like or '{"currency": "USD", "unit": "1M tokens"}')
    return f"{stated['currency']} per {stated['unit']}"


# -- names of boxes -------------------------------------------------------------------------------


def key_of(slot: Slot) -> str:
    endpoint, component, condition = slot
    token = base64.urlsafe_b64encode(condition.encode()).decode().rstrip("=")
    return f"{endpoint}.{component}.{token}"


def slot_of(key: str) -> Slot:
    """The price that a box or a tick names; raises BadFact."""
    endpoint, _, rest = key.partition(".")
    component, _, token = rest.rpartition(".")
    try:
        condition = _decoded(token)
        is_canonical = Condition.from_key(condition).key() == condition
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError):
        is_canonical = False
    if not (is_canonical and endpoint.isdecimal() and len(endpoint) < 19 and component):
        raise BadFact(f"{key[:60]!r} names no price; load the grid again")
    return (int(endpoint), component, condition)


def _decoded(token: str) -> str:
    padded = token + "=" * (-len(token) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
