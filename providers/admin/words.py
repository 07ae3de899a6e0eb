"""Claims in words, as lists and pages of corrections print them."""

import json
from collections.abc import Mapping
from typing import Any

from ..claims import Edit
from ..facts import (
    ENDPOINT_FACTS,
    FAMILIES,
    MODEL_FACTS,
    PROVIDER_FACTS,
    WHOLE_CARD,
    Condition,
    FactType,
    PriceRule,
    Schedule,
)
from ..ledger import PRICE
from ..pricing_desk import Amount
from .inputs import typed

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FACTS: Mapping[str, FactType] = {**MODEL_FACTS, **PROVIDER_FACTS, **ENDPOINT_FACTS}


def label(key: str) -> str:
    """`price.cache_read` → “cache read price”, `context_length` → “context length”."""
    if key == PRICE + WHOLE_CARD:
        return "every price"
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
    if (rule := PriceRule.from_value(value)) is not None:
        return rule.words()
    if "amount" not in value:
        return str(value["state"])
    return f"{value['amount']} {value['currency']} per {value['unit']}"


def stored_words(key: str, text: str) -> str:
    """The same from the JSON text that a claim stores."""
    return value_words(key, json.loads(text)) if text else ""


def condition_words(key: str) -> str:
    """When a price applies: `tier batch, above 200,000 tokens`; empty: always."""
    condition = Condition.from_key(key)
    parts = [f"tier {condition.tier}"] if condition.tier else []
    if condition.region:
        parts.append(f"region {condition.region}")
    if condition.above_tokens is not None:
        parts.append(f"above {condition.above_tokens:,} tokens")
    if condition.schedule:
        parts.append(_schedule_words(condition.schedule))
    parts += [f"{name} {value}" for name, value in condition.named]
    return ", ".join(parts)


def _schedule_words(schedule: Schedule) -> str:
    hours = " and ".join(f"{_minute(start)} to {_minute(end)}" for start, end in schedule.ranges)
    return f"{hours} {schedule.zone}"


def _minute(minute: int) -> str:
    """A minute of the week as people say it: `Mon 08:30`."""
    day, rest = divmod(minute, 24 * 60)
    return f"{_DAYS[day % 7]} {rest // 60:02}:{rest % 60:02}"


def amount_words(amount: Amount | None) -> str:
    """A previewed price: `0.15 USD per 1M tokens`; `no price` where there is none."""
    if amount is None:
        return "no price"
    if amount.amount is None:
        return amount.state
    return f"{amount.amount} {amount.currency} per {amount.unit}"


def edit_words(edit: Edit) -> str:
    """What an edit says: `0.15 USD per 1M tokens`, a rule, or that the sources speak again."""
    return "the sources speak again" if edit.value is None else stored_words(edit.key, edit.value)
