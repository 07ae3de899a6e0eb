"""Exchange rates, as what one euro buys, and what an amount comes to in another currency. Pure.

A converted figure is never the price: it names its rate, that rate's day and who states it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .facts import CURRENCIES as CURRENCIES
from .facts import BadFact
from .facts import known_currency as known_currency
from .pricing import EXACT

EURO = "EUR"
ECB = "ecb"
EDITOR = "editor"
NAMES = {ECB: "ECB", EDITOR: "an editor"}
# No rate of a currency in use is further from the euro than this, up or down.
MOST_PER_EURO = Decimal(10) ** 9
RATE_PLACES = 10


@dataclass(frozen=True, slots=True)
class Rate:
    """What one euro bought on a day; refuses what cannot be one."""

    currency: str
    per_euro: Decimal
    day: date
    source: str

    def __post_init__(self) -> None:
        known_currency(self.currency)
        if self.currency == EURO:
            raise BadFact("rates are per euro, so the euro has none; leave EUR out")
        if not self.per_euro.is_finite() or self.per_euro <= 0:
            raise BadFact(
                f"{self.currency}: a rate of {self.per_euro}; write how many {self.currency} one "
                "euro buys, above 0"
            )
        if not 1 / MOST_PER_EURO <= self.per_euro <= MOST_PER_EURO:
            raise BadFact(f"{self.currency}: a rate of {self.per_euro} per euro is absurd")
        if round(self.per_euro, RATE_PLACES) != self.per_euro:
            raise BadFact(f"{self.currency}: at most {RATE_PLACES} decimals, not {self.per_euro}")


@dataclass(frozen=True, slots=True)
class Converted:
    """`rate`: how many of the first currency one of the second costs. `day`: of the older rate."""

    amount: Decimal
    rate: Decimal
    day: date
    sources: tuple[str, ...]

    @property
    def by(self) -> str:
        """`ECB`, `ECB and an editor`."""
        return " and ".join(NAMES.get(source, source) for source in self.sources)


def convert(
    amount: Decimal, origin: str, target: str, rates: Mapping[str, Rate]
) -> Converted | None:
    """An amount in another currency, through the euro; None where a rate is not known.

    Exact but for the one division, which keeps 60 digits. A currency into itself needs no rate,
    and so is no conversion: None.
    """
    if origin == target:
        return None
    used = [rates.get(currency) for currency in (origin, target) if currency != EURO]
    known = [rate for rate in used if rate is not None]
    if len(known) < len(used):
        return None
    first, second = (
        Decimal(1) if currency == EURO else rates[currency].per_euro
        for currency in (origin, target)
    )
    return Converted(
        amount=EXACT.divide(EXACT.multiply(amount, second), first),
        rate=EXACT.divide(first, second),
        day=min(rate.day for rate in known),
        sources=tuple(sorted({rate.source for rate in known})),
    )
