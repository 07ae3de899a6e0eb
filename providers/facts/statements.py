"""What one answer of a source states: offers, facts, readings, and what was refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..choices import Kind
from .prices import Price
from .values import MAX_ID, MAX_SLUG, MAX_VALUE, BadFact, BadSnapshot, canonical, slug, text
from .vocabulary import Subject, fact_type


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement that is not a price. `stated` keeps the source's wording where it rounds."""

    key: str
    value: Any
    stated: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """An endpoint as one source describes it."""

    provider: str
    native_id: str
    operation: Kind
    upstream: str = ""  # who runs it behind a gateway; empty if unnamed
    facts: tuple[Fact, ...] = ()
    prices: tuple[Price, ...] = ()

    def __post_init__(self) -> None:
        slug(self.provider)
        if text(self.native_id, longest=MAX_ID) != self.native_id:
            raise BadFact(f"id {self.native_id!r} has stray white space")
        if self.upstream:
            slug(self.upstream)
        _check_facts("endpoint", self.facts)

    def identity(self) -> tuple[str, str, str, str]:
        return (self.provider, self.native_id, str(self.operation), self.upstream)


@dataclass(frozen=True, slots=True)
class ProviderStatement:
    """What one source says of a provider."""

    provider: str
    facts: tuple[Fact, ...] = ()

    def __post_init__(self) -> None:
        slug(self.provider)
        _check_facts("provider", self.facts)


@dataclass(frozen=True, slots=True)
class ModelStatement:
    """What one source says of a model wherever it is served; `model` is `author/slug`."""

    model: str
    facts: tuple[Fact, ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*", self.model):
            raise BadFact(f"{self.model!r} is not a model; write author/slug")
        _check_facts("model", self.facts)


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure somebody published about uptime or speed; of an endpoint, or of a model at large.

    `metric`: uptime (percent), ttft (ms), throughput (tokens per second), latency (ms).
    `statistic`: latest, min, max, avg, p50 … `window` is as the source words it, or empty.
    """

    metric: str
    statistic: str
    value: Decimal
    unit: str
    at: datetime
    window: str = ""
    n: int | None = None
    offer: tuple[str, str, str, str] | None = None  # Offer.identity()
    model: str = ""

    def __post_init__(self) -> None:
        if bool(self.model) == bool(self.offer):
            raise BadFact("a reading is of an endpoint or of a model")
        if not self.value.is_finite() or self.value < 0:
            raise BadFact(f"reading {self.metric} of {self.value}")


def _check_facts(subject: Subject, facts: tuple[Fact, ...]) -> None:
    seen: set[str] = set()
    for fact in facts:
        kind = fact_type(subject, fact.key)
        if kind is None:
            raise BadFact(f"no room for {fact.key!r}")
        if fact.key in seen:
            raise BadFact(f"{fact.key} stated twice")
        seen.add(fact.key)
        try:
            fits = kind.check(fact.value) == fact.value
        except BadFact as error:
            raise BadFact(f"{fact.key}: {error}") from None
        if not fits:
            raise BadFact(f"{fact.key}: {fact.value!r} is not in its canonical form")
        if len(fact.key) > MAX_SLUG or len(canonical(fact.value)) > MAX_VALUE:
            raise BadFact(f"{fact.key}: too long to keep")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An item that was not taken, by name, with the reason."""

    item: str
    reason: str


# Named in `covers`, it means everything the source ever stated.
EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one answer of a source states.

    `covers` names the providers whose listing is complete in it: only there does absence end a
    claim. `covers_ids` does the same for single (provider, native id), whose upstreams are complete
    in an answer about one model. `unreadable` are (provider, native id) that stand in it but are
    broken, with an empty id when the whole provider is: what was stated of them before stays.
    `without_room` counts keys the site has no place for, so that nothing goes silently.
    """

    source: str
    as_of: datetime
    version: str = ""
    covers: frozenset[str] = frozenset()
    covers_ids: frozenset[tuple[str, str]] = frozenset()
    unreadable: frozenset[tuple[str, str]] = frozenset()
    offers: tuple[Offer, ...] = ()
    providers: tuple[ProviderStatement, ...] = ()
    models: tuple[ModelStatement, ...] = ()
    readings: tuple[Reading, ...] = ()
    refused: tuple[Refusal, ...] = ()
    without_room: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise BadSnapshot(f"{self.source}: as-of without a time zone")
