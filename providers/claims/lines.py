"""Statements in the form of claims: where one goes and what it says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..facts import Fact, Price, canonical
from ..ledger import PRICE


@dataclass(frozen=True, slots=True)
class Line:
    """One statement in the form of a claim: where it goes and what it says."""

    key: str
    condition: str
    effective_from: datetime | None
    value: str
    stated: str = ""
    effective_to: datetime | None = None

    def slot(self) -> tuple[str, str, datetime | None]:
        return (self.key, self.condition, self.effective_from)

    def says(self) -> tuple[str, str, datetime | None]:
        return (self.value, self.stated, self.effective_to)


def lines_of(facts: Iterable[Fact], prices: Iterable[Price] = ()) -> dict[Any, Line]:
    lines = [Line(fact.key, "", None, canonical(fact.value), fact.stated) for fact in facts]
    lines += [price_line(price) for price in prices]
    return {line.slot(): line for line in lines}


def price_line(price: Price) -> Line:
    return Line(
        key=PRICE + price.component,
        condition=price.condition.key(),
        effective_from=price.effective_from,
        value=price.value(),
        effective_to=price.effective_to,
    )
