"""Claims in words, as lists and pages of corrections print them."""

import json
from collections.abc import Mapping
from typing import Any

from ..facts import ENDPOINT_FACTS, FAMILIES, MODEL_FACTS, PROVIDER_FACTS, FactType
from ..ledger import PRICE
from .inputs import typed

_FACTS: Mapping[str, FactType] = {**MODEL_FACTS, **PROVIDER_FACTS, **ENDPOINT_FACTS}


def label(key: str) -> str:
    """`price.cache_read` → “cache read price”, `context_length` → “context length”."""
    if key.startswith(PRICE):
        return f"{key.removeprefix(PRICE).replace('_', ' ')} price".strip()
    family, dot, name = key.partition(".")
    if dot:
        return f"{FAMILIES[family].label} {name}" if family in FAMILIES else key
    return _FACTS[key].label if key in _FACTS else key


def value_words(key: str, value: Any) -> str:
    """A claim's parsed value: prices with currency and unit, lists one item a line."""
    if not key.startswith(PRICE):
        return typed(value)
    if "amount" not in value:
        return str(value["state"])
    return f"{value['amount']} {value['currency']} per {value['unit']}"


def stored_words(key: str, text: str) -> str:
    """The same from the JSON text that a claim stores."""
    return value_words(key, json.loads(text)) if text else ""
