"""Which price applies: the only place that reads conditions.

Of the prices of one component, those whose condition holds compete; the most particular wins:
first the service tier asked for, then the region, then a schedule, then the highest threshold.
A threshold reprices the whole request. Named conditions (size, quality …) are not understood here:
a price under one is kept and shown, but never chosen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from ..choices import Book
from ..facts import Condition


class Priced(Protocol):
    """A price with its condition: facts.Price, queries.PriceRow …"""

    @property
    def component(self) -> str: ...
    @property
    def condition(self) -> Condition: ...
    @property
    def amount(self) -> Decimal | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def book(self) -> str: ...


P = TypeVar("P", bound=Priced)


@dataclass(frozen=True, slots=True)
class Request:
    """What a price is asked for. Tokens of the whole input decide thresholds."""

    when: datetime
    input_tokens: int = 0
    tier: str = ""
    region: str = ""
    book: str = Book.PUBLIC.value


def holds(condition: Condition, request: Request) -> bool:
    """Whether a price under `condition` may be charged for `request`."""
    return (
        not condition.named
        and (condition.above_tokens is None or request.input_tokens > condition.above_tokens)
        and condition.tier in ("", request.tier)
        and condition.region in ("", request.region)
        and (condition.schedule is None or condition.schedule.holds(request.when))
    )


def rule_for(prices: Iterable[P], component: str, request: Request) -> P | None:
    """The price charged for one component of a request; None when none applies."""
    candidates = [
        price
        for price in prices
        if price.component == component and holds(price.condition, request)
    ]
    return max(candidates, key=_precedence, default=None)


def _precedence(price: Priced) -> tuple[bool, bool, bool, int, Decimal, str]:
    """Sorts by how particular a price is; of equals (hours that overlap), the dearer is charged."""
    condition = price.condition
    threshold = -1 if condition.above_tokens is None else condition.above_tokens
    return (
        bool(condition.tier),
        bool(condition.region),
        bool(condition.schedule),
        threshold,
        price.amount or Decimal(0),
        condition.key(),
    )


def list_price(prices: Iterable[P], component: str) -> P | None:
    """The plain price: standard tier, everywhere, always, of the shortest request."""
    return next((p for p in prices if p.component == component and p.condition.is_plain()), None)
