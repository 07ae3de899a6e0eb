"""What a workload costs at each endpoint of a book's page, by every book that the reader sees."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog import words
from catalog.pages.bill import BillView, bill_view
from catalog.pages.book.asked import Asked
from catalog.pages.costs import summary
from catalog.pages.signs import Signs
from catalog.pages.workload_form import WorkloadForm, address, form
from catalog.queries.book_list import Sold
from catalog.workload import KINDS, Cost, Workload, cost
from providers.choices import Book, State
from providers.queries import PriceRow

_DIGITS = 2  # of the least amount of a column


@dataclass(frozen=True, slots=True)
class CostCell:
    """A month by one book; `href`: its bill. Not `known`: no whole bill, and `said` why."""

    text: str
    href: str
    known: bool
    said: str
    chosen: bool
    is_list: bool  # of a book that names none of the prices used


@dataclass(frozen=True, slots=True)
class CostLine:
    """One endpoint: a month by each book, the page's book against the list, and what is left."""

    label: str
    native_id: str
    cells: tuple[CostCell, ...]
    against: str
    margin: str
    loses: bool


@dataclass(frozen=True, slots=True)
class BookCosts:
    """The block of the page about a workload; `bill_of`: the book of the bill that is drawn."""

    form: WorkloadForm
    books: tuple[str, ...]
    rows: tuple[CostLine, ...]
    bill: BillView | None
    bill_of: str
    summary: str
    has_margin: bool


@dataclass(frozen=True, slots=True)
class _Priced:
    """One endpoint's costs by book."""

    sold: Sold
    by_book: Mapping[str, Cost[PriceRow]]

    def month(self, book: str) -> tuple[str, Decimal] | None:
        """Currency and amount of a whole bill in one currency."""
        found = self.by_book.get(book)
        if found is None or not found.is_complete or len(found.per_month) != 1:
            return None
        return next(iter(found.per_month.items()))

    def apart(self, book: str, other: str) -> Decimal | None:
        """How much more a month costs by one book than by another, in their one currency."""
        mine, theirs = self.month(book), self.month(other)
        if mine is None or theirs is None or mine[0] != theirs[0]:
            return None
        return mine[1] - theirs[1]


def has_workload(sold: Iterable[Sold]) -> bool:
    return any(one.kind in KINDS for one in sold)


def book_costs(
    workload: Workload,
    sold: Sequence[Sold],
    prices: Mapping[int, Sequence[PriceRow]],
    asked: Asked,
    *,
    books: Sequence[str],
    signs: Signs,
    bill: str,
    of: str,
) -> BookCosts:
    """`books`: the public list and those that the reader sees; `bill`, `of`: which bill to draw."""
    priced = [
        _Priced(one, _by_book(workload, one, prices.get(one.id, ()), books, signs.now))
        for one in sold
        if one.kind in KINDS
    ]
    drawn = next((one for one in priced if str(one.sold.id) == bill), None)
    of = of if of in books else asked.book
    places = _places(priced)
    return BookCosts(
        form=form(workload, [row for rows in prices.values() for row in rows], asked.kept()),
        books=tuple(books),
        rows=tuple(_row(one, asked, workload, books, places, drawn, of) for one in priced),
        bill=_bill(drawn, of, workload, signs) if drawn else None,
        bill_of=of,
        summary=summary(workload),
        has_margin=_has_margin(asked.book, books),
    )


def _by_book(
    workload: Workload,
    sold: Sold,
    prices: Sequence[PriceRow],
    books: Iterable[str],
    when: datetime,
) -> Mapping[str, Cost[PriceRow]]:
    return {book: cost(workload, prices, when=when, kind=sold.kind, book=book) for book in books}


def _has_margin(book: str, books: Iterable[str]) -> bool:
    return book == Book.HOUSE and Book.CONTRACT in books


def _places(priced: Iterable[_Priced]) -> int:
    sums = (
        amount
        for one in priced
        for found in one.by_book.values()
        for amount in found.per_month.values()
    )
    return max((words.enough_places(amount, digits=_DIGITS) for amount in sums), default=2)


def _row(
    one: _Priced,
    asked: Asked,
    workload: Workload,
    books: Sequence[str],
    places: int,
    drawn: _Priced | None,
    of: str,
) -> CostLine:
    listed = one.month(Book.PUBLIC)
    more = one.apart(asked.book, Book.PUBLIC)
    left = one.apart(asked.book, Book.CONTRACT) if _has_margin(asked.book, books) else None
    mine = one.month(asked.book)
    return CostLine(
        label=f"{one.sold.provider_name}: {one.sold.name}",
        native_id=one.sold.native_id,
        cells=tuple(
            _cell(one, book, asked, workload, places, chosen=one is drawn and book == of)
            for book in books
        ),
        against=words.change(more / listed[1] * 100)
        if listed and listed[1] and more is not None
        else "",
        margin=signed(left, places, mine[0]) if left is not None and mine else "",
        loses=left is not None and left < 0,
    )


def _cell(
    one: _Priced, book: str, asked: Asked, workload: Workload, places: int, *, chosen: bool
) -> CostCell:
    found = one.by_book[book]
    reasons = (
        f"{words.component_label(item.component)}: {item.reason}"
        for share in found.shares
        for item in share.bill.refused
    )
    return CostCell(
        text=_sums(found.per_month, places) if found.is_complete else words.NOT_STATED,
        href=address(workload, [*asked.kept(), ("of", book)], bill=one.sold.id),
        known=found.is_complete,
        said="; ".join(dict.fromkeys((*reasons, *found.assumptions))),
        chosen=chosen,
        is_list=book != Book.PUBLIC
        and not any(line.rule.book == book for share in found.shares for line in share.bill.lines),
    )


def signed(amount: Decimal, places: int, currency: str) -> str:
    """`$1.20`, `−$0.05`, `0`."""
    if not amount:
        return "0"
    sign = words.MINUS if amount < 0 else ""
    return sign + words.cost(abs(amount), places, currency=currency)


def _sums(sums: Mapping[str, Decimal], places: int) -> str:
    if not any(sums.values()):
        return words.price(None, state=State.FREE)
    return " + ".join(
        words.cost(amount, places, currency=currency) for currency, amount in sums.items()
    )


def _bill(one: _Priced, of: str, workload: Workload, signs: Signs) -> BillView:
    return bill_view(
        one.by_book[of], signs, label=f"{one.sold.provider_name}, {of} book",
        native_id=one.sold.native_id, provider=one.sold.provider, requests=workload.requests,
    )  # fmt: skip
