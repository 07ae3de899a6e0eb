"""Disputed facts in words: what they are called, what they say, how far they lie apart."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from catalog import words
from catalog.pages.model.cells import retention, yes_no
from providers.choices import Unit
from providers.disagreement import Disagreement
from providers.facts import fact_type
from providers.ledger import PRICE


def label(found: Disagreement) -> str:
    """`Input, batch, above 200,000 input tokens`; `Context`."""
    parts = (fact_label(found.key), words.condition_words(found.condition))
    return ", ".join(filter(None, parts))


def fact_label(key: str) -> str:
    """`Cache read`, `Context`; of a family, its own name: `Parameter tools`."""
    if key.startswith(PRICE):
        return words.component_label(key.removeprefix(PRICE))
    family, dot, name = key.partition(".")
    if dot:
        return f"{family.capitalize()} {name}"
    kind = fact_type("endpoint", key) or fact_type("provider", key)
    return kind.label if kind else key


def value(key: str, stated: Any) -> str:
    """A stated value in words."""
    if key.startswith(PRICE):
        return _price(stated)
    if isinstance(stated, bool):
        return yes_no(stated)
    if key == "retention_days":
        return retention(stated)
    if isinstance(stated, int):
        return words.tokens(stated)
    if isinstance(stated, list):
        return ", ".join(str(item) for item in stated)
    return words.day(stated) if key.endswith(("_on", "_cutoff")) else str(stated)


def _price(stated: dict[str, str]) -> str:
    """`$0.075`, `€2.00 per image`, `free`."""
    amount = Decimal(stated["amount"]) if "amount" in stated else None
    price = words.price(amount, state=stated["state"], currency=stated["currency"])
    is_usual = amount is None or stated["unit"] == Unit.MILLION_TOKENS
    return price if is_usual else f"{price} {words.unit_words(stated['unit'])}"


def size(ratio: Decimal | None) -> str:
    """How far the largest value lies above the smallest: `+12 %`, `×4.6`, `×1,000`."""
    if ratio is None:
        return words.NOT_APPLICABLE
    if ratio < 2:
        return words.change((ratio - 1) * 100)
    places = Decimal("0.1") if ratio < 10 else Decimal(1)
    return f"×{words.figure(ratio.quantize(places, ROUND_HALF_UP))}"
