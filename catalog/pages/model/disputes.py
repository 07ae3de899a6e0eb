"""Where sources disagree: numbered notes, and the signs that point to them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog import words
from catalog.pages.model.cells import retention, yes_no
from catalog.pages.model.lines import route_name, variant_of
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Dispute, Mark
from catalog.queries.model import Sold
from providers.disagreement import (
    Disagreement,
    Known,
    Statement,
    disagreements,
    is_rolling,
)
from providers.facts import MODEL_FACTS, Condition, canonical, fact_type
from providers.ledger import PRICE
from providers.queries import ClaimRow
from providers.trust import trust

Subject = int | str


@dataclass(frozen=True, slots=True)
class DisputeSide:
    """One value and the sources that state it."""

    value: str
    sources: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class DisputeNote:
    """One fact on which sources differ, and the offers it concerns; `cause` empty: nobody knows."""

    number: int
    label: str
    sides: tuple[DisputeSide, ...]
    cause: str
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disputes:
    """All notes of the page, the unexplained first, and where their signs stand."""

    notes: tuple[DisputeNote, ...] = ()
    signs: Mapping[tuple[Subject, str, str], Dispute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Case:
    """One difference about one subject; `provider` is whose confirmations date its sources."""

    subject: Subject
    name: str
    provider: str
    found: Disagreement


def disputes(reads: Reads) -> Disputes:
    """Differences about each endpoint on sale and about the model; equal ones share a note."""
    alike: dict[object, list[_Case]] = {}
    rolling = {one.endpoint.pk for one in reads.sold if is_rolling(one.endpoint.native_id)}
    for subject, name, provider, claims in _subjects(reads):
        known = Known(rolling=subject in rolling)
        statements = [_statement(reads, claim, provider) for claim in claims]
        statements.sort(key=lambda statement: trust(statement.source, provider).rank)
        for found in disagreements(statements, now=reads.now, known=known):
            alike.setdefault(_likeness(found), []).append(_Case(subject, name, provider, found))
    ordered = sorted(alike.values(), key=lambda cases: _order(cases[0].found))
    notes = tuple(_note(reads, number, cases) for number, cases in enumerate(ordered, start=1))
    return Disputes(notes, _signs(zip(notes, ordered, strict=True)))


def _subjects(reads: Reads) -> Iterator[tuple[Subject, str, str, Sequence[ClaimRow]]]:
    """What statements are compared about: the endpoints on sale, then the model itself.

    About the model its own claims speak, and those about its author's endpoints.
    """
    for sold in reads.on_sale():
        claims = reads.claims.get(sold.endpoint.pk, [])
        yield sold.endpoint.pk, _name(sold), sold.endpoint.provider.slug, claims
    own = [sold.endpoint for sold in reads.on_sale() if sold.by_author and not variant_of(sold)]
    said = [
        claim
        for endpoint in own
        for claim in reads.claims.get(endpoint.pk, [])
        if claim.key in MODEL_FACTS
    ]
    if reads.model_claims:
        provider = own[0].provider.slug if own else ""
        yield reads.path, reads.model.name, provider, [*reads.model_claims, *said]


def _name(sold: Sold) -> str:
    return ", ".join(filter(None, (route_name(sold.endpoint), variant_of(sold))))


def _statement(reads: Reads, claim: ClaimRow, provider: str) -> Statement:
    source = reads.signs.sources[claim.source_id]
    return Statement(
        claim=claim.id,
        source=source.slug,
        key=claim.key,
        condition=Condition.from_key(claim.condition),
        value=claim.value,
        stated=claim.stated,
        as_of=reads.signs.confirmed(claim.source_id, provider) or _last_word(source.as_of, claim),
        effective_from=claim.effective_from,
        effective_to=claim.effective_to,
    )


def _last_word(as_of: datetime | None, claim: ClaimRow) -> datetime:
    """A source without a complete reading of the provider was last heard when it said so."""
    return as_of or claim.stated_from


def _likeness(found: Disagreement) -> object:
    """Differences of the same fact, between the same sources, over the same values."""
    sides = frozenset((canonical(side.value), side.sources()) for side in found.sides)
    return (found.key, found.condition, sides, found.cause)


def _order(found: Disagreement) -> tuple[object, ...]:
    """Unexplained first; prices before limits before the rest."""
    return (found.explained, not found.key.startswith(PRICE), "." in found.key, found.key)


def _note(reads: Reads, number: int, cases: Sequence[_Case]) -> DisputeNote:
    found, provider = cases[0].found, cases[0].provider
    by_slug = {row.slug: source for source, row in reads.signs.sources.items()}
    return DisputeNote(
        number=number,
        label=_label(found),
        sides=tuple(
            DisputeSide(
                _value(found.key, side.value),
                reads.signs.marks((by_slug[slug] for slug in side.sources()), provider),
            )
            for side in found.sides
        ),
        cause=found.cause,
        about=tuple(dict.fromkeys(case.name for case in cases)),
    )


def _label(found: Disagreement) -> str:
    if found.key.startswith(PRICE):
        component = words.component_label(found.key.removeprefix(PRICE))
        return ", ".join(filter(None, (component, words.condition_words(found.condition))))
    return fact_label(found.key)


def fact_label(key: str) -> str:
    """`Context`; of a family, its own name: `parameter tools`."""
    kind = fact_type("endpoint", key) or fact_type("provider", key)
    family, dot, name = key.partition(".")
    if dot:
        return f"{family.capitalize()} {name}"
    return kind.label if kind else key


def _value(key: str, value: Any) -> str:
    """A stated value in words."""
    if key.startswith(PRICE):
        amount = Decimal(value["amount"]) if "amount" in value else None
        return words.price(amount, state=value["state"], currency=value["currency"])
    if isinstance(value, bool):
        return yes_no(value)
    if key == "retention_days":
        return retention(value)
    if isinstance(value, int):
        return words.tokens(value)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return words.day(value) if key.endswith(("_on", "_cutoff")) else str(value)


def _signs(
    noted: Iterable[tuple[DisputeNote, Sequence[_Case]]],
) -> dict[tuple[Subject, str, str], Dispute]:
    return {
        (case.subject, case.found.key, case.found.condition.key()): Dispute(
            note.number, _spoken(note), explained=case.found.explained
        )
        for note, cases in noted
        for case in cases
    }


def _spoken(note: DisputeNote) -> str:
    return f"sources differ{', explained' if note.cause else ''}, note {note.number}"
