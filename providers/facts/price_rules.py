"""Prices that follow other prices: what we bill, as a rule over what it costs."""

import json
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from typing import Any

from ..choices import Book, State
from .prices import trimmed
from .values import BadFact, canonical

# The component of a rule that holds for a whole price card.
WHOLE_CARD = "*"
# Prices have 15 digits and factors at most as many.
_EXACT = Context(prec=40)
MOST_TIMES = Decimal(1000)


@dataclass(frozen=True, slots=True)
class PriceRule:
    """`over` a book's price, `times` a factor, `plus` an amount, rounded up to a whole `step`.

    `unit` and `currency`: the only prices that the rule speaks of; empty: all. An amount can only
    be added where both are named, for two hundredths of a dollar a million tokens are not two
    hundredths a picture.
    """

    over: str = Book.PUBLIC.value
    times: Decimal = Decimal(1)
    plus: Decimal = Decimal(0)
    step: Decimal | None = None
    unit: str = ""
    currency: str = ""

    def __post_init__(self) -> None:
        if self.over not in (Book.PUBLIC, Book.CONTRACT):
            raise BadFact(f"a rule over the {self.over!r} book; write public or contract")
        if not self.times.is_finite() or not 0 < self.times <= MOST_TIMES:
            raise BadFact(f"times {self.times}; write a factor above 0, like 1.15")
        if not self.plus.is_finite() or self.plus < 0:
            raise BadFact(f"plus {self.plus}; write 0 or more, and a discount as times 0.9")
        if self.plus and not (self.unit and self.currency):
            raise BadFact("an amount to add needs the unit and the currency of the prices it fits")
        if self.step is not None and not (self.step.is_finite() and self.step > 0):
            raise BadFact(f"rounded up to {self.step}; write a step like 0.01, or nothing")

    def value(self) -> str:
        """Canonical text, as a claim keeps it."""
        stated = {"over": str(self.over), "times": f"{self.times.normalize():f}"}
        if self.plus:
            stated["plus"] = f"{self.plus.normalize():f}"
        if self.step is not None:
            stated["step"] = f"{self.step.normalize():f}"
        stated |= {
            name: getattr(self, name) for name in ("unit", "currency") if getattr(self, name)
        }
        return canonical({"rule": stated})

    @classmethod
    def from_value(cls, value: dict[str, Any]) -> "PriceRule | None":
        """The rule that a claim's parsed value holds; None: it is a price."""
        stated = value.get("rule")
        if stated is None:
            return None
        return cls(
            over=stated["over"],
            times=Decimal(stated["times"]),
            plus=Decimal(stated.get("plus", 0)),
            step=Decimal(stated["step"]) if "step" in stated else None,
            unit=stated.get("unit", ""),
            currency=stated.get("currency", ""),
        )

    def applied(self, text: str) -> str | None:
        """What a price amounts to under the rule; canonical texts. None: it speaks of others.

        Free stays free and a plan a plan: there is nothing to take a share of.
        """
        price = json.loads(text)
        if self.unit not in ("", price["unit"]) or self.currency not in ("", price["currency"]):
            return None
        if price["state"] != State.KNOWN:
            return text
        amount = _EXACT.add(_EXACT.multiply(Decimal(price["amount"]), self.times), self.plus)
        if self.step is not None:
            steps = _EXACT.divide(amount, self.step).to_integral_value(ROUND_CEILING)
            amount = _EXACT.multiply(steps, self.step)
        return canonical({**price, "amount": f"{trimmed(amount):f}"})

    def words(self) -> str:
        """`public × 1.15 + 0.02 USD per 1M tokens, rounded up to 0.01`."""
        parts = [str(self.over)]
        if self.times != 1:
            parts.append(f"× {self.times.normalize():f}")
        if self.plus:
            parts.append(f"+ {self.plus.normalize():f}")
        if self.unit or self.currency:
            parts.append(" per ".join(filter(None, (self.currency, self.unit))))
        said = " ".join(parts)
        return said if self.step is None else f"{said}, rounded up to {self.step.normalize():f}"
