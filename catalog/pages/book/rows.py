"""The rows of a price book's page, as drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse

from catalog import words
from catalog.pages.book.costs import signed
from catalog.pages.book.lines import BookLine, Stated, what
from catalog.pages.decimals import pads, places
from catalog.pages.links import Link
from catalog.pages.parts import Mark, Money
from catalog.pages.signs import Signs
from catalog.queries.book_list import Sold, Span
from providers.choices import Book

_UNIT, _CURRENCY = "1M tokens", "USD"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A price that the book held before."""

    text: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One price as drawn. `own` without an amount and `ended`: it holds no more, or not yet."""

    what: str
    unit: str  # where it is not per 1M tokens in US dollars
    public: Money
    mark: Mark | None  # who states the public price
    paid: Money
    paid_is_public: bool  # the contract says nothing of it
    own: Money
    percent: str
    margin: str
    loses: bool
    how: str
    since: datetime | None
    until: datetime | None
    ahead: str
    ahead_from: datetime | None
    by: str
    why: str
    earlier: tuple[Earlier, ...]

    @property
    def more_earlier(self) -> int:
        """Of those that the newest hides."""
        return len(self.earlier) - 1


@dataclass(frozen=True, slots=True)
class Block:
    """One endpoint with its prices."""

    model: Link
    provider: Link
    native_id: str
    upstream: str
    edit_href: str
    rows: tuple[Row, ...]


def blocks(
    shown: Sequence[Sold], found: Mapping[int, Sequence[BookLine]], signs: Signs
) -> tuple[Block, ...]:
    """Decimals of a column stand on one point over the whole page."""
    every = [line for one in shown for line in found[one.id]]
    columns = [
        dict(zip(map(id, every), pads(_amount(pick(line)) for line in every), strict=True))
        for pick in (_public, _paid, _own)
    ]
    return tuple(
        Block(
            model=_model(one),
            provider=Link(one.provider_name, reverse("catalog:provider", args=[one.provider])),
            native_id=one.native_id,
            upstream=one.upstream,
            edit_href=reverse("admin:providers_endpoint_change", args=[one.id]),
            rows=tuple(
                _row(line, signs, *(column[id(line)] for column in columns))
                for line in found[one.id]
            ),
        )
        for one in shown
    )


def _public(line: BookLine) -> Stated | None:
    return line.public


def _paid(line: BookLine) -> Stated | None:
    return line.paid


def _own(line: BookLine) -> Stated | None:
    return line.own


def _amount(price: Stated | None) -> Decimal | None:
    return price.amount if price else None


def _model(one: Sold) -> Link:
    if not one.model:
        return Link(one.name)
    return Link(one.name, reverse("catalog:model", args=[one.author, one.model]))


def _row(line: BookLine, signs: Signs, public_pad: int, paid_pad: int, own_pad: int) -> Row:
    said = line.own or line.ahead or line.earlier[0]
    return Row(
        what=what(line),
        unit=_unit(said),
        public=_money(line.public, public_pad),
        mark=signs.mark(line.public.source_id, line.sold.provider) if line.public else None,
        paid=_money(line.paid, paid_pad),
        paid_is_public=line.paid is not None and line.paid.book == Book.PUBLIC,
        own=_money(line.own, own_pad),
        percent=words.change(line.percent),
        margin=_margin(line),
        loses=line.margin is not None and line.margin < 0,
        how=line.how,
        since=line.own.valid_from if line.own else None,
        until=line.own.valid_to if line.own else None,
        ahead=_words(line.ahead) if line.ahead else "",
        ahead_from=line.ahead.valid_from if line.ahead else None,
        by=said.by,
        why=said.why,
        earlier=tuple(
            Earlier(_words(span), span.valid_from, span.valid_to)
            for span in line.earlier
            if span.valid_to
        ),
    )


def _margin(line: BookLine) -> str:
    if line.margin is None or line.own is None:
        return ""
    currency = "" if line.own.currency == _CURRENCY else line.own.currency
    return signed(line.margin, places(line.margin), currency)


def _money(price: Stated | None, pad: int) -> Money:
    if price is None:
        return Money(pad=pad)
    return Money(price.state, price.amount, price.currency, price.unit, pad)


def _words(span: Span) -> str:
    return words.price(span.amount, state=span.state)


def _unit(price: Stated) -> str:
    """What has to be said beside the page's own unit."""
    currency = "" if price.currency == _CURRENCY else price.currency
    unit = "" if price.unit == _UNIT else words.unit_words(price.unit)
    return " ".join(filter(None, (currency, unit)))
