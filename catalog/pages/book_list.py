"""A price book as those who may see it read it: each price beside the list, since when and why."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from catalog.pages import pager as pagers
from catalog.pages.as_of import AsOf
from catalog.pages.book import asked as questions
from catalog.pages.book import costs as workloads
from catalog.pages.book.asked import Asked
from catalog.pages.book.costs import BookCosts
from catalog.pages.book.lines import BookLine, found_lines
from catalog.pages.book.rows import Block, blocks
from catalog.pages.links import Link
from catalog.pages.pager import Pager
from catalog.pages.parts import Witness
from catalog.pages.signs import Signs
from catalog.pages.workload_form import PresetLink, preset_links
from catalog.queries import book_list as queries
from catalog.queries.book_list import Sold
from catalog.workload import Workload
from providers import queries as market
from providers.choices import Book
from providers.queries import PriceRow

SIZE = 25  # endpoints on a page
NAMES = {
    Book.CONTRACT.value: ("Contract prices", "what we pay"),
    Book.HOUSE.value: ("House prices", "what we bill"),
}


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class BookPage:
    book: str
    title: str
    gloss: str
    others: tuple[Link, ...]  # further books that the reader sees
    endpoints: int  # with a price in force
    matched: int
    providers: tuple[Option, ...]
    asked: Asked
    blocks: tuple[Block, ...]
    has_margin: bool
    pager: Pager
    witnesses: tuple[Witness, ...]
    presets: tuple[PresetLink, ...]
    costs: BookCosts | None
    as_of: AsOf
    today: str
    csv_href: str
    plain_href: str  # the same day, nothing narrowed
    desk_href: str  # where a book is edited

    @property
    def columns(self) -> int:
        return 9 + 2 * self.has_margin


def build(
    book: str,
    query: Mapping[str, str],
    *,
    sees: Collection[str],
    now: datetime,
    as_of: AsOf,
) -> BookPage:
    """Four queries, however many prices. `sees`: the books besides the list that the reader may."""
    when = as_of.moment(now)
    asked = questions.read(query, book=book, as_of=as_of.on.isoformat() if as_of.on else "")
    every = queries.priced(book, when=when)
    matched = asked.narrow(every)
    pager = pagers.paginate(
        len(matched), page=asked.page, size=SIZE, href=lambda page: asked.href(page=page)
    )
    shown = matched[pager.first - 1 : pager.last] if matched else []
    prices = market.book_prices_at([one.id for one in shown], when=when, books=sees)
    signs = Signs(market.sources(when=as_of.past(now)), when)
    found = found_lines(shown, prices, book=book, sees=sees, when=when)
    workload = Workload.from_query(query)
    costs = None
    if workload and workloads.has_workload(shown):
        costs = workloads.book_costs(
            workload, shown, prices, asked, books=_ordered(sees), signs=signs,
            bill=query.get("bill", ""), of=query.get("of", ""),
        )  # fmt: skip
    title, gloss = NAMES[book]
    return BookPage(
        book=book,
        title=title,
        gloss=gloss,
        others=tuple(
            Link(NAMES[other][0], reverse("catalog:book", args=[other]))
            for other in _ordered(sees)
            if other not in (book, Book.PUBLIC)
        ),
        endpoints=sum(one.in_force for one in every),
        matched=len(matched),
        providers=_providers(every, asked.provider),
        asked=asked,
        blocks=blocks(shown, found, signs),
        has_margin=book == Book.HOUSE and Book.CONTRACT in sees,
        pager=pager,
        witnesses=signs.witnesses(_sources(found, prices, drawn=bool(costs and costs.bill))),
        presets=preset_links(asked.kept()) if workloads.has_workload(shown) else (),
        costs=costs,
        as_of=as_of,
        today=asked.href(as_of=""),
        csv_href=asked.href(view="book_csv"),
        plain_href=asked.href(provider="", q=""),
        desk_href=reverse("admin:providers_pricing"),
    )


def _ordered(sees: Collection[str]) -> list[str]:
    return [book.value for book in Book if book == Book.PUBLIC or book.value in sees]


def _providers(sold: Iterable[Sold], wanted: str) -> tuple[Option, ...]:
    """Choices by name with the number of their endpoints; the one asked for in any case."""
    counts = Counter((one.provider_name, one.provider) for one in sold)
    named = {slug: f"{name} ({n:,})" for (name, slug), n in sorted(counts.items())}
    if wanted and wanted not in named:
        named = {wanted: wanted, **named}
    return tuple(Option(slug, text, slug == wanted) for slug, text in named.items())


def _sources(
    found: Mapping[int, Iterable[BookLine]],
    prices: Mapping[int, Iterable[PriceRow]],
    *,
    drawn: bool,
) -> set[int]:
    """The sources of what is printed; of a bill, of any price it may be made of."""
    if drawn:
        return {row.source_id for rows in prices.values() for row in rows}
    return {line.public.source_id for each in found.values() for line in each if line.public}
