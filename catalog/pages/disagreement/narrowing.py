"""Narrowing the disagreements by facets, and how many each value would leave."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.pages.disagreement import wording
from catalog.pages.disagreement.asked import (
    ANY,
    EXPLAINED,
    GROUPS,
    SEVERAL,
    UNEXPLAINED,
    Asked,
)
from catalog.pages.disagreement.index import (
    BEYOND,
    CAUSE_NAMES,
    SIZES,
    UNMEASURED,
    DisputeIndex,
    Entry,
)
from catalog.pages.facets import SHOWN, Choice, Facet

Href = Callable[[Asked], str]
_SIZE_NAMES = {slug: name for slug, (name, _) in SIZES.items()} | dict([BEYOND, UNMEASURED])
_CAUSE_NAMES = {UNEXPLAINED: "nobody knows", EXPLAINED: "explained", **CAUSE_NAMES, ANY: "any"}


@dataclass(frozen=True, slots=True)
class Rule:
    """How one facet reads a disagreement; `order`: where a value stands, else by count."""

    key: str
    label: str
    values: Callable[[Entry], Iterable[str]]
    word: Callable[[DisputeIndex, str], str]
    order: Sequence[str] = ()


RULES = (
    Rule("of", "What", lambda e: (e.group,), lambda _, v: GROUPS[v], order=tuple(GROUPS)),
    Rule(
        "cause",
        "Why",
        lambda e: e.causes(),
        lambda _, v: _CAUSE_NAMES.get(v, v),
        order=tuple(_CAUSE_NAMES),
    ),
    Rule("model", "Model", lambda e: (e.place.model,), lambda _, v: v),
    Rule("fact", "Fact", lambda e: (e.case.found.key,), lambda _, v: wording.fact_label(v)),
    Rule(
        "provider",
        "Provider",
        lambda e: (e.place.provider,) if e.place.provider else (),
        lambda i, v: i.providers.get(v, v),
    ),
    Rule(
        "author",
        "Author",
        lambda e: (e.place.author,) if e.place.author else (),
        lambda i, v: i.authors.get(v, v),
    ),
    Rule("source", "Source among those that differ", lambda e: e.sources, lambda i, v: name(i, v)),
    Rule(
        "size",
        "Size",
        lambda e: (e.size,),
        lambda _, v: _SIZE_NAMES.get(v, v),
        order=tuple(_SIZE_NAMES),
    ),
)
# Drawn as the page's own navigation, or only as what is in force.
_NOT_FACETS = ("of", "model")


def name(index: DisputeIndex, source: str) -> str:
    known = index.sources.get(source)
    return index.signs.sources[known].name if known else source


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Entries that pass, and for each facet those that only this facet keeps out."""

    entries: tuple[Entry, ...]
    kept_out: Mapping[str, tuple[Entry, ...]]


def narrow(entries: Iterable[Entry], asked: Asked) -> Narrowed:
    wanted = {rule.key: frozenset(chosen(asked, rule.key)) for rule in RULES}
    tests = [(rule, wanted[rule.key]) for rule in RULES if wanted[rule.key]]
    passed: list[Entry] = []
    kept_out: dict[str, list[Entry]] = {}
    for entry in entries:
        failed = [rule.key for rule, values in tests if values.isdisjoint(rule.values(entry))]
        if not failed:
            passed.append(entry)
        elif len(failed) == 1:
            kept_out.setdefault(failed[0], []).append(entry)
    return Narrowed(tuple(passed), {key: tuple(out) for key, out in kept_out.items()})


def chosen(asked: Asked, key: str) -> tuple[str, ...]:
    """The values asked for; none: all pass."""
    value = getattr(asked, key)
    if isinstance(value, tuple):
        return value
    return (value,) if value and value != ANY else ()


def facets(index: DisputeIndex, narrowed: Narrowed, asked: Asked, href: Href) -> tuple[Facet, ...]:
    """Every facet that has a value to choose."""
    drawn = [rule for rule in RULES if rule.key not in _NOT_FACETS]
    found = ((rule, values(rule, index, narrowed, asked, href)) for rule in drawn)
    return tuple(_facet(rule, choices) for rule, choices in found if choices)


def _facet(rule: Rule, choices: tuple[Choice, ...]) -> Facet:
    # One that would stand alone behind "and 1 more" may as well stand.
    shown = len(choices) if rule.order or len(choices) <= SHOWN + 2 else SHOWN
    return Facet(
        key=rule.key,
        label=rule.label,
        choices=choices[:shown],
        more=choices[shown:],
        open=rule.key not in ("author", "source"),
    )


def values(
    rule: Rule, index: DisputeIndex, narrowed: Narrowed, asked: Asked, href: Href
) -> tuple[Choice, ...]:
    """A value's count is what the page would list with it alone, all other facets as they are."""
    entries = narrowed.entries + narrowed.kept_out.get(rule.key, ())
    counts = Counter(value for entry in entries for value in rule.values(entry))
    is_single = rule.key not in SEVERAL
    active = {getattr(asked, rule.key)} if is_single else set(chosen(asked, rule.key))
    if is_single and rule.order:
        counts[ANY] = len(entries)
    for value in active:
        counts.setdefault(value, 0)
    return tuple(
        Choice(
            label=rule.word(index, value),
            count=counts[value],
            href=href(
                asked.choosing(rule.key, value) if is_single else asked.toggled(rule.key, value)
            ),
            active=value in active,
        )
        for value in _ordered(rule, index, counts, active)
    )


def _ordered(
    rule: Rule, index: DisputeIndex, counts: Mapping[str, int], active: set[str]
) -> list[str]:
    if rule.order:
        places = {value: place for place, value in enumerate(rule.order)}
        return sorted(counts, key=lambda value: (places.get(value, len(places)), value))
    return sorted(
        counts, key=lambda v: (v not in active, -counts[v], rule.word(index, v).casefold())
    )
