"""Where sources disagree about what a page shows: numbered notes, and the signs that point to them.

A page compares the few subjects that it shows by itself, at the moment that it is of; what only
the whole market tells comes along with them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.pages.disagreement import wording
from catalog.pages.parts import Dispute, Mark
from catalog.pages.signs import Signs
from providers.disagreement import Disagreement, Known, Statement, disagreements, is_rolling
from providers.disputes import Subject, factors_from
from providers.facts import Condition, canonical
from providers.models import Endpoint
from providers.queries import ClaimRow
from providers.trust import trust


@dataclass(frozen=True, slots=True)
class About:
    """A subject with all that its sources state. `provider`: whose confirmations date them."""

    subject: Subject
    name: str  # as the notes call it
    provider: str
    claims: Sequence[ClaimRow]
    known: Known


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


# Id of the subject, fact key, key of the condition.
Place = tuple[int | str, str, str]


@dataclass(frozen=True, slots=True)
class Noted:
    """All notes of a page, the unexplained first, and where their signs stand.

    `claims`: by the claim that takes part in the dispute, for pages that know who is published.
    """

    notes: tuple[DisputeNote, ...] = ()
    signs: Mapping[Place, Dispute] = field(default_factory=dict)
    claims: Mapping[int, Dispute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Case:
    about: About
    found: Disagreement


def of_endpoint(
    endpoint: Endpoint,
    name: str,
    claims: Sequence[ClaimRow],
    both_right: Mapping[Subject, frozenset[str]],
) -> About:
    """An endpoint with its claims. Needs `provider` loaded."""
    subject = Subject("endpoint", endpoint.pk)
    known = Known(
        rolling=is_rolling(endpoint.native_id),
        factors=factors_from(endpoint.provider.price_factors),
        both_right=both_right.get(subject, frozenset()),
    )
    return About(subject, name, endpoint.provider.slug, claims, known)


def noted(abouts: Iterable[About], signs: Signs) -> Noted:
    """Differences about each subject; equal ones share a note."""
    alike: dict[object, list[_Case]] = {}
    for about in abouts:
        for found in _found(about, signs):
            alike.setdefault(_likeness(found), []).append(_Case(about, found))
    ordered = sorted(alike.values(), key=lambda cases: _order(cases[0].found))
    notes = tuple(_note(signs, number, cases) for number, cases in enumerate(ordered, start=1))
    places: dict[Place, Dispute] = {}
    claims: dict[int, Dispute] = {}
    for note, cases in zip(notes, ordered, strict=True):
        dispute = Dispute(note.number, _spoken(note), explained=bool(note.cause))
        for case in cases:
            found = case.found
            places[case.about.subject.id, found.key, found.condition.key()] = dispute
            for claim in _claims(found):
                claims.setdefault(claim, dispute)
    return Noted(notes, places, claims)


def _claims(found: Disagreement) -> Iterable[int]:
    return (statement.claim for side in found.sides for statement in side.statements)


def _found(about: About, signs: Signs) -> tuple[Disagreement, ...]:
    statements = [_statement(signs, claim, about.provider) for claim in about.claims]
    statements.sort(key=lambda statement: trust(statement.source, about.provider).rank)
    return disagreements(statements, now=signs.now, known=about.known)


def _statement(signs: Signs, claim: ClaimRow, provider: str) -> Statement:
    source = signs.sources[claim.source_id]
    confirmed = signs.confirmed(claim.source_id, provider) or source.as_of
    return Statement(
        claim=claim.id,
        source=source.slug,
        key=claim.key,
        condition=Condition.from_key(claim.condition),
        value=claim.value,
        stated=claim.stated,
        # A source without a complete reading of the provider was last heard when it said so.
        as_of=confirmed or claim.stated_from,
        effective_from=claim.effective_from,
        effective_to=claim.effective_to,
    )


def _likeness(found: Disagreement) -> object:
    """Differences of the same fact, between the same sources, over the same values."""
    sides = frozenset((canonical(side.value), side.sources()) for side in found.sides)
    return (found.key, found.condition, sides, found.cause)


def _order(found: Disagreement) -> tuple[object, ...]:
    """Unexplained first; prices before limits before the rest."""
    return (found.explained, not found.is_price, "." in found.key, found.key)


def _note(signs: Signs, number: int, cases: Sequence[_Case]) -> DisputeNote:
    found, provider = cases[0].found, cases[0].about.provider
    by_slug = {row.slug: source for source, row in signs.sources.items()}
    return DisputeNote(
        number=number,
        label=wording.label(found),
        sides=tuple(
            DisputeSide(
                wording.value(found.key, side.value),
                signs.marks((by_slug[slug] for slug in side.sources()), provider),
            )
            for side in found.sides
        ),
        cause=found.cause,
        about=tuple(dict.fromkeys(case.about.name for case in cases)),
    )


def _spoken(note: DisputeNote) -> str:
    return f"sources differ{', explained' if note.cause else ''}, note {note.number}"
