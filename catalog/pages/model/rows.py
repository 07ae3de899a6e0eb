"""The rows of the provider table: in order, each value with its signs."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog import words
from catalog.pages import headline as headlines
from catalog.pages.links import asked_of
from catalog.pages.model import cells
from catalog.pages.model.columns import FACT_COLUMNS
from catalog.pages.model.lines import Key, Line, Seller, is_standard, route_name
from catalog.pages.model.reads import Reads
from catalog.pages.model.table import Choice, Column, OfferRow, PriceCell
from catalog.pages.parts import UNKNOWN_MONEY, Mark, Money
from providers.choices import Group, Unit
from providers.queries import PriceRow
from providers.trust import EDITOR

# What stands in "against list" at the price that is the list.
OWN_PRICE = "list"

# -- order ----------------------------------------------------------------------------------------


def in_order(
    reads: Reads, group: Sequence[Seller], columns: Sequence[Column], choice: Choice
) -> list[Seller]:
    """Known and confirmed first, then old, then free, in a plan or unknown; ties by name.

    Other currencies by what they come to in dollars; without a rate, among the unknown.
    """
    column = next((column.key for column in columns if column.is_sorted), None)

    def by_price(seller: Seller) -> tuple[object, ...]:
        row = seller.first.price(column)
        asked = reads.exchange.dollars({row.currency: row.amount}) if row and row.amount else None
        if row is None or asked is None:
            return (2, Decimal(0), *_by_name(seller))
        return (int(is_old(reads, seller.first, row)), asked.amount, *_by_name(seller))

    def by_context(seller: Seller) -> tuple[object, ...]:
        return (-(seller.first.sold.endpoint.context_length or 0), *_by_name(seller))

    def measured(metric: str, *, most_first: bool) -> Callable[[Seller], tuple[object, ...]]:
        """What was not measured comes last."""

        def key(seller: Seller) -> tuple[object, ...]:
            found = reads.live.figure(seller.first.sold.endpoint.pk, metric)
            if found is None:
                return (1, Decimal(0), *_by_name(seller))
            return (0, -found if most_first else found, *_by_name(seller))

        return key

    orders = {
        "name": _by_name,
        "context": by_context,
        "uptime": measured("uptime", most_first=True),
        "ttft": measured("ttft", most_first=False),
        "throughput": measured("throughput", most_first=True),
    }
    return sorted(group, key=orders.get(choice.sort, by_price))


def _by_name(seller: Seller) -> tuple[object, ...]:
    endpoint = seller.first.sold.endpoint
    return (route_name(endpoint).casefold(), endpoint.native_id, endpoint.pk)


def is_old(reads: Reads, line: Line, row: PriceRow) -> bool:
    """Whether every source that states this price was last confirmed over 30 days ago."""
    claim = reads.voices.claim(row.claim_id)
    sources = reads.voices.agreeing(claim) if claim else (row.source_id,)
    provider = line.sold.endpoint.provider.slug
    return all(reads.signs.is_old(source, provider) for source in sources)


def asked_by_all(reads: Reads, sold_by: Iterable[Seller]) -> dict[Key, list[Decimal]]:
    """Confirmed standard prices in dollars of every seller, by component and unit; no plans."""
    asked: dict[Key, list[Decimal]] = {}
    for seller in sold_by:
        if seller.group is Group.PLAN or not is_standard(seller.first):
            continue
        for key, row in seller.first.prices.items():
            in_dollars = row.currency == headlines.CURRENCY
            if row.amount and in_dollars and not is_old(reads, seller.first, row):
                asked.setdefault(key, []).append(row.amount)
    return asked


def best_prices(reads: Reads, sold_by: Iterable[Seller]) -> dict[Key, Decimal]:
    """The lowest confirmed price of each column, where most who are confirmed ask more."""
    asked = asked_by_all(reads, sold_by)
    lowest = {key: min(amounts) for key, amounts in asked.items()}
    return {key: low for key, low in lowest.items() if asked[key].count(low) * 2 <= len(asked[key])}


# -- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Drawing:
    """What every row needs to be drawn."""

    reads: Reads
    columns: tuple[Column, ...]
    list_card: headlines.Card | None
    best: Mapping[Key, Decimal]
    choice: Choice

    def rows(self, seller: Seller) -> list[OfferRow]:
        return [self._row(line, sub=line is not seller.first) for line in seller.lines]

    def _row(self, line: Line, *, sub: bool) -> OfferRow:
        endpoint = line.sold.endpoint
        name = route_name(endpoint)
        sources, confirmed = self._sources(line)
        old = all(mark.old for mark in sources)
        condition = line.condition.key()
        facts = tuple(column.draw(self.reads, line) for column in FACT_COLUMNS) if line.own else ()
        return OfferRow(
            endpoint=endpoint.pk,
            label=line.label if sub else ", ".join(filter(None, (name, line.label))),
            slug=endpoint.provider.slug,
            sub=sub,
            href=self.choice.href(endpoint=endpoint.pk, anchor="#sheet"),
            native_id=endpoint.native_id if line.own else "",
            prices=self._prices(line, sub=sub, further=False),
            against=self._against(line),
            further=self._prices(line, sub=sub, further=True),
            also=self._also(line),
            facts=facts,
            stated=tuple(
                (cell.text, cell.href)
                for column, cell in zip(FACT_COLUMNS, facts, strict=False)
                if column.fact
            ),
            figures=cells.figures(self.reads, line) if line.own else "",
            sources=sources,
            of=asked_of("endpoint", endpoint.pk, condition) if condition or not line.own else "",
            confirmed=_bracketed(confirmed, old=old),
            old=old,
            chosen=endpoint.pk == self.choice.endpoint and line.own,
        )

    def _prices(self, line: Line, *, sub: bool, further: bool) -> tuple[PriceCell, ...]:
        return tuple(
            PriceCell(self._money(line, column.key, sub=sub))
            for column in self.columns
            if column.further is further
        )

    def _also(self, line: Line) -> str:
        """Prices without a column: `reasoning 0.75, web search 10.00 per 1K requests`."""
        drawn = {column.key for column in self.columns}
        return ", ".join(
            price_words(component, row)
            for (component, unit), row in line.prices.items()
            if (component, unit) not in drawn and row.amount
        )

    def _sources(self, line: Line) -> tuple[tuple[Mark, ...], datetime | None]:
        """Who states the row's prices, else anything of its endpoint; and the last confirmation."""
        endpoint = line.sold.endpoint
        found = self.reads.voices.price_sources(
            endpoint.pk, {component for component, _ in line.prices}, line.condition.key()
        ) or self.reads.voices.sources(endpoint.pk)
        return self.reads.confirmations(found, endpoint.provider.slug)

    def _money(self, line: Line, key: Key, *, sub: bool) -> Money:
        row = line.price(key)
        if row is None:
            return UNKNOWN_MONEY
        old = is_old(self.reads, line, row)
        edited = self.reads.signs.sources[row.source_id].slug == EDITOR
        card = Counter(other.source_id for other in line.prices.values()).most_common(1)[0][0]
        borrowed = edited or row.source_id != card
        slug = line.sold.endpoint.provider.slug
        drawn = Money(
            state=row.state,
            amount=row.amount,
            currency=row.currency,
            unit=row.unit,
            marks=(self.reads.signs.mark(row.source_id, slug),) if borrowed else (),
            dispute=self.reads.dispute(
                line.sold.endpoint.pk, f"price.{row.component}", line.condition.key()
            ),
            edited=edited,
            old=old,
            best=self._is_best(line, key, row, sub=sub, old=old),
        )
        return self.reads.exchange.beside(drawn)

    def _is_best(self, line: Line, key: Key, row: PriceRow, *, sub: bool, old: bool) -> bool:
        in_dollars = row.currency == headlines.CURRENCY
        lowest = in_dollars and row.amount == self.best.get(key)
        return lowest and is_standard(line) and not (sub or old)

    def _against(self, line: Line) -> str:
        """The blend of the row's prices against the author's: `list`, `=`, `−50 %`."""
        if self.list_card is None:
            return ""
        if line.sold.endpoint.pk == self.list_card.endpoint and is_standard(line):
            return OWN_PRICE
        asked = _blend(line, self.reads.model.kind)
        listed = headlines.blended(replace(self.list_card, old=False), kind=self.reads.model.kind)
        return words.change((asked / listed - 1) * 100) if asked and listed else ""


def price_words(component: str, row: PriceRow) -> str:
    """A price with its component, and its unit where that is not a million tokens."""
    unit = "" if row.unit == Unit.MILLION_TOKENS else f" {words.unit_words(row.unit)}"
    currency = "" if row.currency == headlines.CURRENCY else f" {row.currency}"
    return f"{words.component_label(component).lower()} {words.price(row.amount)}{currency}{unit}"


def _bracketed(confirmed: datetime | None, *, old: bool) -> str:
    """The day of the last confirmation; in brackets when that is over 30 days ago."""
    if confirmed is None:
        return ""
    return f"({words.short_day(confirmed)})" if old else words.short_day(confirmed)


def _blend(line: Line, kind: str) -> Decimal | None:
    prices = {component: row for (component, _), row in line.prices.items()}
    return headlines.blended(card_of(line, prices), kind=kind)


def card_of(line: Line, prices: Mapping[str, PriceRow], *, old: bool = False) -> headlines.Card:
    """An endpoint's prices as the headline reads them."""
    endpoint = line.sold.endpoint
    return headlines.Card(
        endpoint=endpoint.pk,
        provider=endpoint.provider.slug,
        group=endpoint.provider.group,
        own=line.sold.by_author,
        native_id=endpoint.native_id,
        prices=prices,
        variant=endpoint.listing.variant,
        old=old,
    )
