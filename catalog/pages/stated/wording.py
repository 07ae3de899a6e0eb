"""Stated values in words, as precisely as their source put them."""

from typing import Any

from catalog import words
from catalog.pages.disagreement import wording
from providers.choices import Unit
from providers.facts import FAMILIES, Condition
from providers.ledger import PRICE
from providers.queries import ClaimRow, PriceRow

fact_label = wording.fact_label
# Limits, which sources round: 16.38K.
ROUNDED = {"context_length", "max_input", "max_output"}


def label(key: str, condition: str = "") -> str:
    """`Input, batch, above 200,000 input tokens`; a whole family: `Parameters`."""
    if key in FAMILIES:
        return f"{FAMILIES[key].label}s".replace("ys", "ies")
    parts = (fact_label(key), words.condition_words(Condition.from_key(condition)))
    return ", ".join(filter(None, parts)) or key


def claimed(claim: ClaimRow) -> str:
    """What one source states: `16.38K` where it rounds, `$0.15`, `text, image`."""
    if claim.key.startswith(PRICE):
        return wording.value(claim.key, claim.value)
    return value(claim.key, claim.value, claim.stated)


def note(claim: ClaimRow) -> str:
    """What a source says beside its value: of 30 days, `for abuse monitoring`."""
    is_rounding = claim.key in ROUNDED or claim.key.startswith(PRICE)
    return "" if is_rounding or claim.stated == claimed(claim) else claim.stated


def value(key: str, said: Any, stated: str = "") -> str:
    """A fact in words; `stated`: as its source rounds it."""
    if stated and key in ROUNDED:
        return stated
    if isinstance(said, list) and any(isinstance(item, dict) for item in said):
        return ", ".join(str(item.get("name") or item.get("id") or item) for item in said)
    return wording.value(key, said)


def price(row: PriceRow) -> str:
    """`$0.15`, `free`; with its unit where that is not a million tokens."""
    text = words.price(row.amount, state=row.state, currency=row.currency)
    is_usual = row.amount is None or row.unit == Unit.MILLION_TOKENS
    return text if is_usual else f"{text} {words.unit_words(row.unit)}"
