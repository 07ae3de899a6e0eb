"""The prices of one endpoint in a book: beside the list, what was before, and what is ahead."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from catalog import words
from catalog.queries import book_list as queries
from catalog.queries.book_list import Sold, Span
from providers.choices import Book, Component, State
from providers.facts import Condition
from providers.pricing import Request, in_book, rule_for
from providers.queries import PriceRow

_COMPONENTS = [component.value for component in Component]
Slot = tuple[str, str]


class Stated(Protocol):
    """A price that can be set beside another."""

    @property
    def amount(self) -> Decimal | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True)
class BookLine:
    """One price of the book at a moment, and the ones it is set beside. None: there is none.

    `public`: what the list charges there; `paid`: what the contract does, else the list.
    """

    sold: Sold
    component: str
    condition: Condition
    own: Span | None  # None: it has ended, or is still to come
    public: PriceRow | None
    paid: PriceRow | None
    earlier: tuple[Span, ...]  # the latest first
    ahead: Span | None
    how: str  # `public × 1.15, rounded up to 0.01, for all it sells`; `stated`

    @property
    def percent(self) -> Decimal | None:
        """How far the book is from the list."""
        return percent(self.own, self.public)

    @property
    def margin(self) -> Decimal | None:
        """What is left of the house's price once the contract's is paid; per the same unit."""
        if not (self.own and self.paid and _comparable(self.own, self.paid)):
            return None
        return _worth(self.own) - _worth(self.paid)

    @property
    def slot(self) -> Slot:
        return (self.component, self.condition.key())


def lines(
    sold: Sold,
    spans: Sequence[Span],
    prices: Sequence[PriceRow],
    *,
    when: datetime,
    book: str,
    sees: Collection[str],
) -> list[BookLine]:
    """Every slot of an endpoint that the book ever priced, in the order of a price card.

    `prices` hold the public list and the books that the reader sees.
    """
    card = in_book(prices, Book.PUBLIC.value)
    paid: Sequence[PriceRow] = ()
    if book == Book.HOUSE and Book.CONTRACT in sees:
        paid = in_book(prices, Book.CONTRACT.value)
    by_slot: dict[Slot, list[Span]] = {}
    for span in spans:
        by_slot.setdefault((span.component, span.condition.key()), []).append(span)
    return [
        _line(sold, by_slot[slot], card, paid, when, sees)
        for slot in sorted(by_slot, key=lambda slot: (_place(slot[0]), slot))
    ]


def found_lines(
    sold: Sequence[Sold],
    prices: Mapping[int, Sequence[PriceRow]],
    *,
    book: str,
    sees: Collection[str],
    when: datetime,
) -> dict[int, list[BookLine]]:
    """Every price of the book by endpoint. One query."""
    held = queries.spans([one.id for one in sold], book)
    return {
        one.id: lines(
            one, held.get(one.id, ()), prices.get(one.id, ()), when=when, book=book, sees=sees
        )
        for one in sold
    }


def _line(
    sold: Sold,
    spans: Sequence[Span],
    card: Sequence[PriceRow],
    paid: Sequence[PriceRow],
    when: datetime,
    sees: Collection[str],
) -> BookLine:
    first = spans[0]
    own = next((span for span in spans if span.holds(when)), None)
    earlier = tuple(s for s in reversed(spans) if s.valid_to is not None and s.valid_to <= when)
    ahead = next((span for span in spans if span.valid_from > when), None)
    return BookLine(
        sold=sold,
        component=first.component,
        condition=first.condition,
        own=own,
        public=beside(first.component, first.condition, card, when),
        paid=beside(first.component, first.condition, paid, when),
        earlier=earlier,
        ahead=ahead,
        how=_how(own or ahead or earlier[0], sees),
    )


def _how(span: Span, sees: Collection[str]) -> str:
    """A rule over a book that the reader may not see is not told: it and the price give that away.

    `earlier` is never empty where nothing holds and nothing is ahead.
    """
    if span.rule is None:
        return "stated"
    told = span.rule.over == Book.PUBLIC or span.rule.over in sees
    rule = span.rule.words() if told else "by a rule"
    return f"{rule}, for all it sells" if span.of_provider else rule


def beside(
    component: str, condition: Condition, card: Sequence[PriceRow], when: datetime
) -> PriceRow | None:
    """What a card charges where the condition holds: in that very slot, else by the bill's rule."""
    same = [row for row in card if row.component == component and row.condition == condition]
    if same:
        return same[0]
    above = -1 if condition.above_tokens is None else condition.above_tokens
    asked = Request(when, above + 1, condition.tier, condition.region)
    return rule_for((row for row in card if row.condition.schedule is None), component, asked)


def percent(own: Stated | None, other: Stated | None) -> Decimal | None:
    """By how much one price is above another; None where they cannot be compared."""
    if not (own and other and _comparable(own, other)) or not other.amount:
        return None
    return (_worth(own) / other.amount - 1) * 100


def _comparable(one: Stated, other: Stated) -> bool:
    if not (_is_number(one) and _is_number(other)):
        return False
    return (one.unit, one.currency) == (other.unit, other.currency)


def _is_number(price: Stated) -> bool:
    return price.amount is not None or price.state == State.FREE


def _worth(price: Stated) -> Decimal:
    return price.amount or Decimal(0)


def _place(component: str) -> int:
    return _COMPONENTS.index(component) if component in _COMPONENTS else len(_COMPONENTS)


def what(line: BookLine) -> str:
    """`Input`, `Output, batch`."""
    said = words.condition_words(line.condition)
    label = words.component_label(line.component)
    return f"{label}, {said}" if said else label
