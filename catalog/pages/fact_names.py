"""What a fact is called in a sentence."""

from catalog import words
from providers.facts import ENDPOINT_FACTS, FAMILIES, MODEL_FACTS, PROVIDER_FACTS, Condition
from providers.ledger import PRICE

_FACTS = {**MODEL_FACTS, **PROVIDER_FACTS, **ENDPOINT_FACTS}


def fact_name(key: str, condition: str = "") -> str:
    """`price.cache_read` → “Cache read price”, `parameter.tools` → “Parameter tools”.

    `condition` is a Condition.key(): “Input price, batch tier”. Raises ValueError for one that is
    none. A key without a room is its own name.
    """
    family, dot, name = key.partition(".")
    if key.startswith(PRICE):
        said = f"{words.component_label(key.removeprefix(PRICE))} price"
    elif dot and family in FAMILIES:
        said = f"{FAMILIES[family].label.capitalize()} {name}"
    else:
        said = _FACTS[key].label if key in _FACTS else key
    return f"{said}, {_condition_words(condition)}" if condition else said


def _condition_words(key: str) -> str:
    try:
        return words.condition_words(Condition.from_key(key))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(f"no price has the condition {key[:60]!r}") from None
