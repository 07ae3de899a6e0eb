"""The bill of one request: pure, exact, and never silently smaller than what is charged.

What cannot be priced is refused by name and stands beside the lines; a price taken in the stead
of one that nobody states is said in its line.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Generic

from ..choices import TIERS, Book, Component, State
from .books import in_book
from .rules import P, Request, rule_for
from .usage import UNITS, Measure, Usage, Used

# Quantities have at most 15 digits and prices 15: products and sums of them are exact here.
# Only a price per hour need not divide evenly into seconds.
EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)

# Where nobody states a price of its own, a thing is billed as the first of these that is priced:
# what is not cheaper in a cache costs what fresh input does, thinking is output, and tokens of
# pictures, sound and film are tokens.
IN_THE_STEAD_OF: dict[str, tuple[str, ...]] = {
    Component.CACHE_READ: (Component.INPUT,),
    Component.CACHE_WRITE: (Component.CACHE_WRITE_5M, Component.INPUT),
    Component.CACHE_WRITE_5M: (Component.CACHE_WRITE, Component.INPUT),
    Component.CACHE_WRITE_1H: (Component.CACHE_WRITE, Component.INPUT),
    Component.IMAGE_INPUT: (Component.INPUT,),
    Component.IMAGE_CACHE_READ: (Component.IMAGE_INPUT, Component.CACHE_READ, Component.INPUT),
    # `audio`: sound without a direction, as transcription is priced.
    Component.AUDIO_INPUT: ("audio", Component.INPUT),
    Component.AUDIO_CACHE_READ: (Component.AUDIO_INPUT, Component.CACHE_READ, Component.INPUT),
    Component.AUDIO_CACHE_WRITE: (Component.AUDIO_INPUT, Component.CACHE_WRITE, Component.INPUT),
    Component.VIDEO_INPUT: (Component.INPUT,),
    Component.REASONING: (Component.OUTPUT,),
    Component.IMAGE_OUTPUT: (Component.OUTPUT,),
    Component.AUDIO_OUTPUT: (Component.OUTPUT,),
    Component.VIDEO_OUTPUT: (Component.OUTPUT,),
}

_REFUSED_STATES = {
    State.PLAN: "in a plan; no price per use",
    State.VARIES: "decided per request",
}


@dataclass(frozen=True, slots=True)
class Line(Generic[P]):
    """One line of a bill. `rule` is the price that was chosen, with its condition and claim."""

    component: str  # what was used; `rule.component` is what it was billed as
    quantity: Decimal  # of `measure`, not of the price's unit
    measure: Measure
    rule: P
    amount: Decimal  # in `rule.currency`
    why: str  # what chose the rule, in words
    in_stead: str  # says where another price stands in; empty: it is the very price asked for


@dataclass(frozen=True, slots=True)
class Unbilled:
    """A thing used that has no price to bill it at. `state`: why not, as of a price."""

    component: str
    reason: str
    state: str


@dataclass(frozen=True, slots=True)
class Bill(Generic[P]):
    """What a request costs, by currency. Unless `is_complete`, the totals leave things out."""

    lines: tuple[Line[P], ...]
    refused: tuple[Unbilled, ...]

    @property
    def is_complete(self) -> bool:
        return not self.refused

    @property
    def totals(self) -> dict[str, Decimal]:
        """Native currencies, never added together."""
        sums: dict[str, Decimal] = {}
        for line in self.lines:
            before = sums.get(line.rule.currency, Decimal(0))
            sums[line.rule.currency] = EXACT.add(before, line.amount)
        return sums

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Where other prices stand in for ones that nobody states, each once."""
        return tuple(dict.fromkeys(line.in_stead for line in self.lines if line.in_stead))


def price_at(
    prices: Iterable[P],
    *,
    when: datetime,
    usage: Usage,
    tier: str = "",
    region: str = "",
    book: str = Book.PUBLIC.value,
) -> Bill[P]:
    """The bill of one request at a moment, by the prices of a book in force then.

    A tier's card is partial: what it leaves out costs what it does on the standard tier. A region
    without a price of its own costs what it does everywhere. What a book leaves out costs what the
    public list says (see `in_book`), and the line tells. Tokens of the whole input, cached or not,
    decide thresholds.
    """
    card = in_book(prices, book)
    request = Request(when, usage.whole_input(), tier, region, book)
    lines: list[Line[P]] = []
    refused: list[Unbilled] = []
    for used in usage.items():
        found = _bill(card, used, request)
        if isinstance(found, Line):
            lines.append(found)
        elif found is not None:
            refused.append(found)
        # Most providers charge nothing for the request as such, and none of them says so.
        elif used.component != Component.REQUEST or not (lines or refused):
            refused.append(_refusal(used, "no known price"))
    return Bill(tuple(lines), tuple(refused))


def _bill(card: Sequence[P], used: Used, request: Request) -> Line[P] | Unbilled | None:
    """One thing used at its own price, or at the first that stands in; None: nobody states any."""
    for component in (used.component, *IN_THE_STEAD_OF.get(used.component, ())):
        stated = [price for price in card if price.component == component and _says(price)]
        if not stated:
            continue
        rule = rule_for(stated, component, request)
        if rule is None:
            return _refusal(used, _only(stated))
        if rule.state in _REFUSED_STATES:
            state = State(rule.state)
            return _refusal(used, _REFUSED_STATES[state], state)
        return _line(used, rule, request)
    return None


def _says(price: P) -> bool:
    return price.state not in (State.UNKNOWN, State.NOT_APPLICABLE)


def _refusal(used: Used, reason: str, state: State = State.UNKNOWN) -> Unbilled:
    return Unbilled(used.component, reason, state.value)


def _line(used: Used, rule: P, request: Request) -> Line[P] | Unbilled:
    measure, size = UNITS.get(rule.unit, (None, 1))
    if rule.amount is None:  # free, and so in every unit
        measure = next(iter(used.quantities))
    if measure is None or measure not in used.quantities:
        counted = " and ".join(used.quantities)
        return _refusal(used, f"priced per {rule.unit}; only {counted} are known")
    quantity = used.quantities[measure]
    product = EXACT.multiply(quantity, rule.amount or Decimal(0))
    return Line(
        component=used.component,
        quantity=quantity,
        measure=measure,
        rule=rule,
        amount=EXACT.divide(product, Decimal(size)),
        why=", ".join(_why(rule, request)),
        in_stead="; ".join(_in_stead(used, rule, request)),
    )


# -- in words -------------------------------------------------------------------------------------


def _why(rule: P, request: Request) -> Iterator[str]:
    condition = rule.condition
    if condition.is_plain():
        yield "list price" if rule.book == Book.PUBLIC else f"{rule.book} price"
    if condition.tier:
        yield f"price of the {_tier(condition.tier)} tier"
    if condition.region:
        yield f"price in {condition.region}"
    if condition.above_tokens is not None:
        yield f"input of {request.input_tokens:,} tokens is above {condition.above_tokens:,}"
    if condition.schedule:
        yield f"price of the hour, on the clock of {condition.schedule.zone}"


def _in_stead(used: Used, rule: P, request: Request) -> Iterator[str]:
    """What nobody states, and which price was taken in its stead."""
    if rule.component != used.component:
        yield f"no {_name(used.component)} price stated, billed as {_name(rule.component)}"
    if rule.book != request.book:
        yield f"no {request.book} price stated, {rule.book} price"
    if request.tier and not rule.condition.tier:
        yield f"no {_tier(request.tier)} price stated, standard price"
    if request.region and not rule.condition.region:
        yield f"no price stated for {request.region}, price of all regions"


def _only(stated: Sequence[P]) -> str:
    """Why none of the stated prices holds."""
    named = {name for price in stated for name, _ in price.condition.named}
    if named:
        return f"priced by {', '.join(sorted(named))}, which a bill cannot tell"
    tiers = {price.condition.tier for price in stated if price.condition.tier}
    regions = {price.condition.region for price in stated if price.condition.region}
    if tiers and all(price.condition.tier for price in stated):
        return f"priced on other tiers only: {', '.join(sorted(map(_tier, tiers)))}"
    if regions:
        return f"priced in some regions only: {', '.join(sorted(regions))}"
    return "priced above some input or in some hours only"


def _tier(tier: str) -> str:
    return TIERS.get(tier, tier.replace("_", " "))


def _name(component: str) -> str:
    return component.replace("_", " ")
