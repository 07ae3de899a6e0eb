"""What a model is, from what is published of its endpoints and claimed of itself. Pure.

An editor's word about the model comes first, then the author's own endpoint, then other sources'
words about the model, then the value that most of its sellers state. Life-cycle dates are the
author's alone: a host that drops a model does not retire it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from providers.facts import canonical

# Facts that only the author knows, from its plain endpoint when it sells one.
_AUTHORS_ALONE = (
    *("deprecated_on", "retires_on", "replacement", "status", "docs_url", "announcement_url"),
)
_ANYBODYS = (
    *("family", "context_length", "max_output", "input_modalities", "output_modalities"),
    *("knowledge_cutoff", "released_on", "licence", "open_weights", "weights_url"),
)
FACTS = (*_ANYBODYS, *_AUTHORS_ALONE)
# Limits that a seller may cut: of values stated equally often the largest is the model's.
_LARGEST = {"context_length", "max_input", "max_output"}
# What stands in for a fact that nobody states: some sources know the longest input alone.
STAND_INS = {"context_length": "max_input"}


@dataclass(frozen=True, slots=True)
class Sold:
    """One endpoint of a model. `own`: its place among the author's providers; None elsewhere."""

    endpoint: int
    native_id: str
    operation: str
    own: int | None = None
    variant: str = ""
    gone: bool = False
    # Columns of the endpoint, those that are known.
    facts: Mapping[str, Any] = field(default_factory=dict)
    # Fact → claim behind it.
    provenance: Mapping[str, int] = field(default_factory=dict)

    def order(self) -> tuple[bool, bool, int, int, str, int]:
        """The author's own first, plain ids before snapshots, on sale before gone."""
        return (
            self.own is None,
            self.gone,
            self.own or 0,
            len(self.variant),
            self.native_id,
            self.endpoint,
        )


@dataclass(frozen=True, slots=True)
class Said:
    """A live claim about the model itself; lower ranks are believed more, an editor's is 0."""

    claim: int
    rank: int
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Folded:
    """The fact columns of a model and, per fact, the claim behind it."""

    kind: str
    facts: Mapping[str, Any]
    provenance: Mapping[str, int]


def fold(sold: Sequence[Sold], said: Iterable[Said] = ()) -> Folded:
    """Every fact of a model; what nobody states is left out."""
    ordered = sorted(sold, key=Sold.order)
    own = [one for one in ordered if one.own is not None]
    claims: dict[str, list[Said]] = defaultdict(list)
    for claim in sorted(said, key=lambda claim: (claim.rank, claim.claim)):
        claims[claim.key].append(claim)
    facts: dict[str, Any] = {}
    provenance: dict[str, int] = {}
    for key in FACTS:
        found = _fact(key, ordered, own, claims[key])
        if found is None and key in STAND_INS:
            found = _fact(STAND_INS[key], ordered, own, ())
        if found:
            facts[key], claim_id = found
            if claim_id is not None:
                provenance[key] = claim_id
    return Folded(_kind(ordered, own), facts, provenance)


def _fact(
    key: str, ordered: Sequence[Sold], own: Sequence[Sold], claims: Sequence[Said]
) -> tuple[Any, int | None] | None:
    editors = [claim for claim in claims if claim.rank == 0]
    if editors:
        return editors[0].value, editors[0].claim
    speaking = _plain(own) if key in _AUTHORS_ALONE else own
    for one in speaking:
        if key in one.facts:
            return one.facts[key], one.provenance.get(key)
    if claims:
        return claims[0].value, claims[0].claim
    return None if key in _AUTHORS_ALONE else _most_stated(key, ordered)


def _plain(own: Sequence[Sold]) -> Sequence[Sold]:
    """The author's endpoints that are not snapshots; all of them when there are only snapshots."""
    return [one for one in own if not one.variant] or own


def _most_stated(key: str, sold: Sequence[Sold]) -> tuple[Any, int | None] | None:
    stated = [one for one in sold if key in one.facts]
    if not stated:
        return None
    counts = Counter(canonical(one.facts[key]) for one in stated)
    most = max(counts.values())
    leading = [one for one in stated if counts[canonical(one.facts[key])] == most]
    chosen = max(leading, key=lambda one: one.facts[key]) if key in _LARGEST else leading[0]
    return chosen.facts[key], chosen.provenance.get(key)


def _kind(ordered: Sequence[Sold], own: Sequence[Sold]) -> str:
    """What most endpoints do, the author's own counting alone when there are any."""
    counts = Counter(one.operation for one in own or ordered)
    return min(counts, key=lambda kind: (-counts[kind], kind))
