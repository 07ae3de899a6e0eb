"""What is stated of a provider itself, row by row, each value with its sources."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from catalog import words
from catalog.pages.parts import Mark
from catalog.pages.signs import Signs
from providers.facts import PROVIDER_FACTS
from providers.models import Provider
from providers.queries import ClaimRow


@dataclass(frozen=True, slots=True)
class Rival:
    """What other sources say instead of the published value."""

    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact. `href` where the value is an address."""

    key: str
    label: str
    text: str
    href: str
    is_code: bool
    marks: tuple[Mark, ...]
    rivals: tuple[Rival, ...]


def yes_no(value: bool) -> str:
    return "yes" if value else "no"


def retention(days: int) -> str:
    """How long prompts are kept; 0 days is not at all."""
    if not days:
        return "not kept"
    return "1 day" if days == 1 else f"{days} days"


_WORDING: dict[str, Callable[[Any], str]] = {
    "trains_on_prompts": yes_no,
    "zero_retention_offered": yes_no,
    "retention_days": retention,
    "datacenters": lambda names: words.listed(names),
    "auth_methods": lambda names: words.listed(names),
}
_CODE = ("api_base", "key_variable", "sdk")
# Drawn elsewhere on the page.
_ELSEWHERE = ("name", "routing_modes", "suffix_variants")
_KEYS = tuple(key for key in PROVIDER_FACTS if key not in _ELSEWHERE)


def fact_rows(provider: Provider, claims: Iterable[ClaimRow], signs: Signs) -> tuple[FactRow, ...]:
    """The facts that some source states, in the order of the vocabulary."""
    by_key: dict[str, list[ClaimRow]] = {}
    for claim in claims:
        by_key.setdefault(claim.key, []).append(claim)
    return tuple(
        _row(provider, key, value, by_key.get(key, []), signs)
        for key in _KEYS
        if (value := getattr(provider, key)) is not None
    )


def unstated(provider: Provider) -> tuple[str, ...]:
    """Names of the facts that nobody states."""
    return tuple(
        _inside_a_sentence(PROVIDER_FACTS[key].label)
        for key in _KEYS
        if getattr(provider, key) is None
    )


def _inside_a_sentence(label: str) -> str:
    """`Status page` → `status page`; `API base` stays."""
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def _row(provider: Provider, key: str, value: Any, claims: list[ClaimRow], signs: Signs) -> FactRow:
    agreeing = [claim.source_id for claim in claims if claim.value == value]
    others: dict[str, list[int]] = {}
    for claim in claims:
        if claim.value != value:
            others.setdefault(_worded(key, claim.value), []).append(claim.source_id)
    text = _worded(key, value)
    return FactRow(
        key=key,
        label=PROVIDER_FACTS[key].label,
        text=text,
        href=text if key.endswith("_url") or key == "status_page" else "",
        is_code=key in _CODE,
        marks=signs.marks(agreeing, provider.slug),
        rivals=tuple(
            Rival(said, signs.marks(sources, provider.slug)) for said, sources in others.items()
        ),
    )


def _worded(key: str, value: Any) -> str:
    return _WORDING.get(key, str)(value)
