"""A price book as the rows of a spreadsheet."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from catalog import words
from catalog.pages.as_of import AsOf
from catalog.pages.book import asked as questions
from catalog.pages.book.lines import BookLine, Stated, found_lines
from catalog.queries import book_list as queries
from providers import queries as market
from providers.choices import Book
from providers.spreadsheets import disarmed

CHUNK = 200  # endpoints read at a time
COLUMNS = (
    *("provider", "native_id", "upstream", "operation", "model", "component", "condition"),
    *("price", "currency", "unit", "public", "percent_of_public"),
    *("made_by", "valid_from", "valid_to", "by", "why"),
)
MARGIN_COLUMNS = ("paid", "paid_book", "margin")


def rows(
    book: str, query: Mapping[str, str], *, sees: Collection[str], now: datetime, as_of: AsOf
) -> Iterator[Sequence[str]]:
    """The head and every price of the book in force. Two queries for each 200 endpoints.

    Texts of others are made harmless to spreadsheets; figures are numbers and stay so.
    """
    when = as_of.moment(now)
    has_margin = book == Book.HOUSE and Book.CONTRACT in sees
    yield COLUMNS + (MARGIN_COLUMNS if has_margin else ())
    asked = questions.read(query, book=book, as_of="")
    sold = [one for one in asked.narrow(queries.priced(book, when=when)) if one.in_force]
    for start in range(0, len(sold), CHUNK):
        some = sold[start : start + CHUNK]
        prices = market.book_prices_at([one.id for one in some], when=when, books=sees)
        found = found_lines(some, prices, book=book, sees=sees, when=when)
        for one in some:
            for line in found[one.id]:
                if line.own:
                    yield [*_cells(line), *(_margin_cells(line) if has_margin else ())]


def _cells(line: BookLine) -> Iterator[str]:
    own, sold = line.own, line.sold
    if own is None:
        return
    for text in (
        *(sold.provider, sold.native_id, sold.upstream, sold.kind),
        f"{sold.author}/{sold.model}" if sold.model else "",
        *(line.component, words.condition_words(line.condition)),
    ):
        yield disarmed(text)
    yield _price(own)
    yield disarmed(own.currency)
    yield disarmed(own.unit)
    yield _price(line.public)
    yield "" if line.percent is None else f"{round(line.percent, 2):f}"
    yield disarmed(line.how)
    yield _moment(own.valid_from)
    yield _moment(own.valid_to)
    yield disarmed(own.by)
    yield disarmed(own.why)


def _margin_cells(line: BookLine) -> Iterator[str]:
    yield _price(line.paid)
    yield line.paid.book if line.paid else ""
    yield "" if line.margin is None else _plain(line.margin)


def _price(price: Stated | None) -> str:
    if price is None:
        return ""
    return price.state if price.amount is None else _plain(price.amount)


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else ""
