"""What a file of prices changes: its rows against those that an export would write now.

So what is exported and imported unchanged changes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..choices import Book
from ..claims import Edit
from ..facts import Price
from ..ledger import PRICE
from ..models import Endpoint, Subject
from ..trust import EDITOR
from .cells import SOURCES_SPEAK, VALUE, Reader
from .sheet import Cells, priced

Name = tuple[str, str, str, str]  # provider, native id, operation, upstream
Key = tuple[Name, str, str, str, str]  # with book, component, condition, from


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in which row (the first after the header is 2, as spreadsheets count)."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class RowEdit:
    """A row that says something new: its cells before (none: a new price) and after."""

    row: int
    # Which price it is, in words.
    title: str
    edit: Edit
    before: Mapping[str, str] | None
    after: Mapping[str, str]

    def changed(self) -> tuple[tuple[str, str, str], ...]:
        """Column, before, after of the cells that differ."""
        before = self.before or {}
        return tuple(
            (name, before.get(name, ""), self.after.get(name, ""))
            for name in VALUE
            if before.get(name, "") != self.after.get(name, "")
        )


@dataclass(frozen=True, slots=True)
class Read:
    """What a file amounts to. With any fault, nothing of it may be written."""

    edits: tuple[RowEdit, ...]
    faults: tuple[RowFault, ...]
    unchanged: int


def read(found: Sequence[Cells], *, now: datetime, books: Collection[str]) -> Read:
    """Compares a file's rows with the market. `books`: those that its author may edit."""
    stored = _stored(found, now)
    ids = _endpoint_ids(found)
    edits: list[RowEdit] = []
    faults: list[RowFault] = []
    seen: dict[tuple[Any, ...], int] = {}
    unchanged = 0
    for number, cells in enumerate(found, start=2):
        reader = Reader(cells)
        edit = _edit(reader, ids, stored, books, now)
        faults += [RowFault(number, one.column, one.message) for one in reader.faults]
        if edit is None:
            unchanged += not reader.faults
        elif edit.edit.slot() in seen:
            message = f"the same price as in row {seen[edit.edit.slot()]}; leave one out"
            faults.append(RowFault(number, "", message))
        else:
            seen[edit.edit.slot()] = number
            edits.append(replace(edit, row=number))
    return Read(tuple(edits), tuple(faults), unchanged)


def _edit(
    reader: Reader,
    ids: Mapping[Name, int],
    stored: Mapping[Key, tuple[Cells, str]],
    books: Collection[str],
    now: datetime,
) -> RowEdit | None:
    """The edit a row amounts to; None: it says what stands there, or it has faults."""
    if reader.text(""):
        reader.fault("", f"more cells than columns: {reader.text('')[:40]!r}; quote commas")
    book, component, condition = reader.book(), reader.component(), reader.condition()
    if book in set(Book) and book not in books:
        reader.fault("book", f"you may not edit the {book} book")
    name = _name(reader)
    if name not in ids:
        reader.fault("native_id", f"no endpoint is {_shown(name)}; make it first, or mend the id")
    if condition is None or name not in ids:
        reader.price(component, condition)
        return None
    starts = reader.date("from")
    key = (name, book, component, condition.key(), starts.isoformat() if starts else "")
    before, source = stored.get(key, (None, ""))
    subject = Subject("endpoint", ids[name])
    if reader.text("state") == SOURCES_SPEAK:
        if source != EDITOR:
            reader.fault("state", "no editor states this price, so there is nothing to take back")
            return None
        silent = Edit(subject, PRICE + component, condition.key(), book, effective_from=starts)
        return RowEdit(0, reader.title(), silent, before, {"state": SOURCES_SPEAK})
    if before is not None and all(reader.text(c) == before[c] for c in VALUE):
        return None
    price = reader.price(component, condition)
    if price is None or reader.faults:
        return None
    after = _stated(price)
    if before is not None and after == {name: before[name] for name in VALUE}:
        return None
    if price.effective_to is not None and price.effective_to <= now:
        reader.fault("to", "the price would have ended already; write a later end or none")
        return None
    return RowEdit(0, reader.title(), Edit.of_price(subject, price, book), before, after)


def _stated(price: Price) -> Cells:
    return {
        "state": str(price.state),
        "amount": "" if price.amount is None else f"{price.amount.normalize():f}",
        "unit": price.unit,
        "currency": price.currency,
        "from": price.effective_from.isoformat() if price.effective_from else "",
        "to": price.effective_to.isoformat() if price.effective_to else "",
    }


def _name(reader: Reader) -> Name:
    operation = reader.text("operation") or "chat"
    return (reader.text("provider"), reader.text("native_id"), operation, reader.text("upstream"))


def _shown(name: Name) -> str:
    provider, native_id, operation, upstream = name
    return f"{provider} {native_id} ({operation}{f', run by {upstream}' if upstream else ''})"


def _providers(found: Iterable[Cells]) -> set[str]:
    return {(cells.get("provider") or "").strip() for cells in found}


def _endpoint_ids(found: Iterable[Cells]) -> dict[Name, int]:
    endpoints = Endpoint.objects.filter(provider__slug__in=_providers(found)).values_list(
        "provider__slug", "native_id", "operation", "upstream__slug", "pk"
    )
    return {(slug, native, op, up or ""): pk for slug, native, op, up, pk in endpoints}


def _stored(found: Iterable[Cells], now: datetime) -> dict[Key, tuple[Cells, str]]:
    """The rows that an export would write now, by what names them, with who states each."""
    stored: dict[Key, tuple[Cells, str]] = {}
    for provider in sorted(_providers(found) - {""}):
        for price, cells in priced(now, list(Book), provider):
            name = (cells["provider"], cells["native_id"], cells["operation"], cells["upstream"])
            key = (name, price.book, price.component, price.condition, cells["from"])
            stored[key] = (cells, price.claim.source.slug)
    return stored
