"""Values of a comparison: how a fact is worded, and what it is compared by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from catalog import words
from catalog.pages.parts import Dispute, Mark
from providers.facts import BadFact, precise


@dataclass(frozen=True, slots=True)
class Value:
    """A fact with its sign. `text` empty: nobody states it.

    `exact` is what it is compared by: a number that its source rounded by up to `slack`, a date as
    far as it was stated, a set of names, or the text itself.
    """

    text: str = ""
    exact: Any = None
    slack: Decimal = Decimal(0)
    href: str = ""
    note: str = ""  # who published it, where that is no source of ours
    marks: tuple[Mark, ...] = ()
    dispute: Dispute | None = None
    old: bool = False

    def agrees(self, other: "Value") -> bool:
        """Whether both may be true, as far as each was stated."""
        mine, theirs = self.exact, other.exact
        if isinstance(mine, Decimal) and isinstance(theirs, Decimal):
            return abs(mine - theirs) <= self.slack + other.slack
        if isinstance(mine, str) and isinstance(theirs, str):
            return mine.startswith(theirs) or theirs.startswith(mine)
        return bool(mine == theirs) if mine is not None else self.text == other.text


NOT_STATED = Value()


def as_stated(value: Value, stated: str) -> Value:
    """A limit as its source rounds it: `16.38K` is 16,380 give or take 5."""
    if not stated:
        return value
    try:
        rounded = precise(stated)
    except BadFact:
        return value
    return replace(value, text=stated, slack=rounded.slack)


def _tokens(value: int) -> Value:
    return Value(words.tokens(value), exact=Decimal(value))


def _yes_no(value: bool) -> Value:
    return Value("yes" if value else "no")


def _names(value: Sequence[str]) -> Value:
    return Value(", ".join(value), exact=frozenset(value))


def _day(value: Any) -> Value:
    return Value(words.short_day(value), exact=words.iso(value))


def _text(value: Any) -> Value:
    return Value(str(value))


def _address(value: str) -> Value:
    return Value("link", href=value)


def _days_kept(days: int) -> Value:
    return Value("not kept" if not days else "1 day" if days == 1 else f"{days} days")


# Facts whose source may round them.
ROUNDED = ("context_length", "max_input", "max_output")
SHARED: dict[str, Callable[[Any], Value]] = {
    "context_length": _tokens,
    "max_output": _tokens,
    "input_modalities": _names,
    "output_modalities": _names,
    "family": _text,
    "status": _text,
    "released_on": _day,
    "knowledge_cutoff": _day,
    "deprecated_on": _day,
    "retires_on": _day,
    "replacement": _text,
    "licence": _text,
    "open_weights": _yes_no,
}
OF_ENDPOINTS: dict[str, Callable[[Any], Value]] = {
    "max_input": _tokens,
    "quantization": _text,
    "reasoning_efforts": _names,
    "requests_per_minute": _tokens,
    "tokens_per_minute": _tokens,
    "regions": _names,
}
POLICY: dict[str, Callable[[Any], Value]] = {
    "trains_on_prompts": _yes_no,
    "retention_days": _days_kept,
    "zero_retention_offered": _yes_no,
    "moderation": _text,
    "status_page": _address,
}
