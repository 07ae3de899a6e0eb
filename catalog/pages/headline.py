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
# What stands for "input" and "output" of a kind of model that is not billed by text tokens alone:
# the first that a card states.
_INPUTS: dict[str, Sequence[str]] = {
    Kind.SPEECH: (Component.INPUT,),
    Kind.TRANSCRIPTION: (Component.AUDIO_INPUT, Component.INPUT),
    Kind.IMAGE: (Component.INPUT, Component.IMAGE_INPUT),
    Kind.VIDEO: (Component.INPUT, Component.IMAGE_INPUT, Component.VIDEO_INPUT),
    Kind.RERANK: (Component.INPUT, Component.REQUEST),
    Kind.OCR: ("page", Component.INPUT),
}
_OUTPUTS: dict[str, Sequence[str]] = {
    Kind.IMAGE: (Component.IMAGE_OUTPUT, Component.OUTPUT),
    Kind.VIDEO: (Component.VIDEO_OUTPUT, Component.OUTPUT),
    Kind.SPEECH: (Component.AUDIO_OUTPUT, Component.OUTPUT),
}
_CACHED = (Component.CACHE_READ,)
# Nothing is charged for their answers.
_FREE_ANSWERS = (Kind.EMBEDDING, Kind.RERANK, Kind.MODERATION)
# Of three input tokens and one output token: the usual shape of a chat.
_INPUT_SHARE = Decimal(3)

_IN_A_PLAN = Money(State.PLAN.value)
_NOT_APPLICABLE = Money(State.NOT_APPLICABLE.value)

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

    @property
    def input(self) -> Money:
        return _money(self.card.prices.get(Component.INPUT))

    @property
    def output(self) -> Money:
        return _money(self.card.prices.get(Component.OUTPUT))


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
    stated = first or second
    inputs, outputs = _sides(_money(first), _money(second), kind)
    return Headline(
        input=inputs,
        output=outputs,
        cached=_money(_pick(card, _CACHED)),
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
            first, second = _sides(found[0][0], found[1][0], kind)
            old = those is not confirmed
            return Headline(first, second, found[2][0], "median", n=sellers, old=old)
    return Headline()


def _middle(cards: Iterable[Card], names: Sequence[str]) -> tuple[Money, int]:
    """The median of the lowest price of each provider, in the unit that most of them use.

    A free offer is no price; where nobody asks one, free is what it is, or "varies".
    """
    rows = [(card.provider, row) for card in cards if (row := _pick(card, names, priced=True))]
    if not rows:
        return _without_a_price(cards, names)
    measures = Counter((row.currency, row.unit) for _, row in rows)
    measure = max(measures, key=lambda m: (m[0] == CURRENCY, measures[m], m[1]))
    lowest: dict[str, Decimal] = {}
    for provider, row in rows:
        if (row.currency, row.unit) == measure and row.amount is not None:
            lowest[provider] = min(row.amount, lowest.get(provider, row.amount))
    currency, unit = measure
    middle = median_low(lowest.values())
    return Money(State.KNOWN.value, middle, currency, unit), len(lowest)


def _without_a_price(cards: Iterable[Card], names: Sequence[str]) -> tuple[Money, int]:
    stated = [(card, card.prices[name]) for card in cards for name in names if name in card.prices]
    for state in (State.FREE, State.VARIES):
        providers = {card.provider for card, row in stated if row.state == state}
        if providers:
            return Money(state.value), len(providers)
    return UNKNOWN_MONEY, 0


# -- rows -----------------------------------------------------------------------------------------


def _components(kind: str) -> tuple[Sequence[str], Sequence[str]]:
    return _INPUTS.get(kind, (Component.INPUT,)), _OUTPUTS.get(kind, (Component.OUTPUT,))


def _sides(first: Money, second: Money, kind: str) -> tuple[Money, Money]:
    """A price by the hour, the image or the page is the whole: the other side does not apply."""
    if second == UNKNOWN_MONEY and (kind in _FREE_ANSWERS or _is_the_whole(first)):
        second = _NOT_APPLICABLE
    elif first == UNKNOWN_MONEY and _is_the_whole(second):
        first = _NOT_APPLICABLE
    return first, second


def _is_the_whole(money: Money) -> bool:
    return money.amount is not None and money.unit != Unit.MILLION_TOKENS


def _pick(card: Card, names: Sequence[str], *, priced: bool = False) -> PriceRow | None:
    """The first of the components that the card states; `priced`: with an amount above zero."""
    for name in names:
        row = card.prices.get(name)
        if row and (row.amount or (not priced and row.state == State.FREE)):
            return row
    return None


def _money(row: PriceRow | None) -> Money:
    if row is None:
        return UNKNOWN_MONEY
    return Money(row.state, row.amount, row.currency, row.unit, component=row.component)
