"""The price a model is known by: its author's own standard price, else the median of who sells it.

Pure: cards in, a headline out. Free, plan and unknown prices never count as cheapest, neither does
a price that was last confirmed long ago.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median_low
from typing import Literal

from catalog.pages.parts import UNKNOWN_MONEY, Money
from providers.choices import Component, Group, Kind, State, Unit
from providers.queries import PriceRow

CURRENCY = "USD"
# What stands for "input" and "output"; a kind of model that is not billed by text tokens may state
# another one: the first found on a card counts.
_INPUTS = (Component.INPUT, Component.AUDIO_INPUT, Component.IMAGE_INPUT)
_OUTPUTS = (
    Component.OUTPUT,
    Component.IMAGE_OUTPUT,
    Component.AUDIO_OUTPUT,
    Component.VIDEO_OUTPUT,
)
_CACHED = (Component.CACHE_READ,)
_OF_TEXT = (Kind.CHAT, Kind.EMBEDDING)
# Of three input tokens and one output token: the usual shape of a chat.
_INPUT_SHARE = Decimal(3)

_IN_A_PLAN = Money(State.PLAN.value)

Basis = Literal["author", "median", ""]


@dataclass(frozen=True, slots=True)
class Card:
    """One endpoint's public prices that apply always: standard tier, any region, any size."""

    endpoint: int
    provider: str  # slug
    group: str
    own: bool  # sold by the model's own author
    native_id: str
    prices: Mapping[str, PriceRow]  # by component; see plain_prices()
    variant: str = ""  # what of the id is not the model's: a snapshot date, a region
    old: bool = False  # last confirmed over 30 days ago

    def is_in_plan(self) -> bool:
        return self.group == Group.PLAN or any(
            row.state == State.PLAN for row in self.prices.values()
        )


@dataclass(frozen=True, slots=True)
class Headline:
    """A model's price with its basis.

    `author`: one card of the author's own; `endpoint` and `source` say which. `median`: the middle
    price of `n` providers, of two the lower, so that it is a price somebody does ask.
    """

    input: Money = UNKNOWN_MONEY
    output: Money = UNKNOWN_MONEY
    cached: Money = UNKNOWN_MONEY
    basis: Basis = ""
    n: int = 0
    endpoint: int | None = None
    source: int | None = None
    old: bool = False


@dataclass(frozen=True, slots=True)
class Cheapest:
    """Who asks least, and how much: US dollars per 1M tokens, three parts input, one output."""

    card: Card
    blended: Decimal


def plain_prices(rows: Iterable[PriceRow]) -> dict[str, PriceRow]:
    """The prices among an endpoint's that apply without a condition, by component."""
    return {row.component: row for row in rows if row.condition.is_plain()}


def headline(cards: Sequence[Card], *, kind: str = Kind.CHAT.value) -> Headline:
    """The author's own standard price, else the median of who sells it; empty if none is known."""
    sold = [card for card in cards if not card.is_in_plan()]
    own = [card for card in sold if card.own and _states_a_price(card, kind)]
    if own:
        return _of_author(min(own, key=_plainness), kind)
    if cards and not sold:
        return Headline(input=_IN_A_PLAN, output=_IN_A_PLAN)
    return _median(sold, kind)


def cheapest(cards: Iterable[Card], *, kind: str = Kind.CHAT.value) -> Cheapest | None:
    """Who asks least, where anybody's price is sure."""
    asked = [
        Cheapest(card, price) for card in cards if (price := blended(card, kind=kind)) is not None
    ]
    return min(asked, key=lambda c: (c.blended, c.card.provider, c.card.native_id), default=None)


def blended(card: Card, *, kind: str = Kind.CHAT.value) -> Decimal | None:
    """Dollars per 1M tokens, three parts input and one output; None unless both are sure.

    Of an embedding, whose answer costs nothing, it is the input price.
    """
    if card.old or card.is_in_plan():
        return None
    first = _sure(card.prices.get(Component.INPUT))
    if first is None or kind == Kind.EMBEDDING:
        return first
    second = _sure(card.prices.get(Component.OUTPUT))
    return None if second is None else (_INPUT_SHARE * first + second) / (_INPUT_SHARE + 1)


def _sure(row: PriceRow | None) -> Decimal | None:
    """An amount above zero in dollars per 1M tokens."""
    if row is None or row.currency != CURRENCY or row.unit != Unit.MILLION_TOKENS:
        return None
    return row.amount or None


# -- the author's own -----------------------------------------------------------------------------


def _plainness(card: Card) -> tuple[object, ...]:
    """Orders the author's cards: confirmed, in dollars, under the model's own name, shortest id."""
    foreign = any(row.currency != CURRENCY for row in card.prices.values())
    return (card.old, foreign, card.variant != "", len(card.native_id), card.native_id)


def _of_author(card: Card, kind: str) -> Headline:
    first, second = (_pick(card, names) for names in _components(kind))
    cached = _pick(card, _CACHED)
    stated = first or second
    return Headline(
        input=_money(first, kind=kind, output=False),
        output=_money(second, kind=kind, output=True),
        cached=_money(cached),
        basis="author",
        n=1,
        endpoint=card.endpoint,
        source=stated.source_id if stated else None,
        old=card.old,
    )


def _states_a_price(card: Card, kind: str) -> bool:
    return any(_pick(card, names) is not None for names in _components(kind))


# -- the median -----------------------------------------------------------------------------------


def _median(cards: Sequence[Card], kind: str) -> Headline:
    """Of the confirmed cards; of the old ones only where there is no other."""
    confirmed = [card for card in cards if not card.old]
    for those in (confirmed, cards):
        found = [_middle(those, names) for names in (*_components(kind), _CACHED)]
        sellers = max(n for _, n in found[:2])
        if sellers:
            (first, _), (second, _), (cached, _) = found
            if kind == Kind.EMBEDDING and second == UNKNOWN_MONEY:
                second = Money(State.NOT_APPLICABLE.value)
            return Headline(first, second, cached, "median", n=sellers, old=those is not confirmed)
    return Headline()


def _middle(cards: Iterable[Card], names: Sequence[str]) -> tuple[Money, int]:
    """The median of the lowest price of each provider, in the unit that most of them use.

    A free offer is no price; where nobody asks one, free is what it is.
    """
    rows = [(card.provider, row) for card in cards if (row := _pick(card, names, priced=True))]
    if not rows:
        free = {card.provider for card in cards if _pick(card, names)}
        return (Money(State.FREE.value), len(free)) if free else (UNKNOWN_MONEY, 0)
    measures = Counter((row.currency, row.unit) for _, row in rows)
    measure = max(measures, key=lambda m: (m[0] == CURRENCY, measures[m], m[1]))
    lowest: dict[str, Decimal] = {}
    for provider, row in rows:
        if (row.currency, row.unit) == measure and row.amount is not None:
            lowest[provider] = min(row.amount, lowest.get(provider, row.amount))
    currency, unit = measure
    middle = median_low(lowest.values())
    return Money(State.KNOWN.value, middle, currency, unit), len(lowest)


# -- rows -----------------------------------------------------------------------------------------


def _components(kind: str) -> tuple[Sequence[str], Sequence[str]]:
    return (_INPUTS[:1], _OUTPUTS[:1]) if kind in _OF_TEXT else (_INPUTS, _OUTPUTS)


def _pick(card: Card, names: Sequence[str], *, priced: bool = False) -> PriceRow | None:
    """The first of the components that the card states; `priced`: with an amount above zero."""
    for name in names:
        row = card.prices.get(name)
        if row and (row.amount or (not priced and row.state == State.FREE)):
            return row
    return None


def _money(row: PriceRow | None, *, kind: str = "", output: bool = False) -> Money:
    if row is None:
        not_applicable = output and kind == Kind.EMBEDDING
        return Money(State.NOT_APPLICABLE.value) if not_applicable else UNKNOWN_MONEY
    return Money(row.state, row.amount, row.currency, row.unit)
