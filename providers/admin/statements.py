"""What every source says of one row's facts, gathered for its page of corrections."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from .. import queries
from ..ledger import PRICE
from ..models import Claim
from ..queries import ClaimRow, SourceRow
from ..trust import EDITOR, trust
from .words import condition_words, label, value_words


@dataclass(frozen=True, slots=True)
class Says:
    """One source's word on a fact."""

    claim: ClaimRow
    source: SourceRow
    value: str
    confirmed: datetime | None
    is_published: bool
    # The editor's name; empty for sources.
    editor: str
    # Of what it is said where that is not the row itself.
    about: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact with all who state it, the most trusted first."""

    key: str
    condition: str
    when: str
    label: str
    value: str
    says: tuple[Says, ...]


def fact_rows(
    stated: Sequence[tuple[ClaimRow, str]], *, provider: str, published: Collection[int]
) -> list[FactRow]:
    """Every fact that somebody states, prices first. Two queries.

    `stated`: claims, each with what it is about where that is not the row itself; `provider`: the
    slug whose ranking decides; `published`: ids of the claims behind what is published.
    """
    by_slot: dict[tuple[str, str], list[Says]] = {}
    for one in _ranked(stated, provider, published):
        by_slot.setdefault((one.claim.key, one.claim.condition), []).append(one)
    rows = [_fact_row(key, condition, says) for (key, condition), says in by_slot.items()]
    return sorted(rows, key=lambda row: (not row.key.startswith(PRICE), row.key, row.condition))


def _fact_row(key: str, condition: str, says: Iterable[Says]) -> FactRow:
    says = tuple(says)
    published = next((one.value for one in says if one.is_published), "")
    return FactRow(key, condition, condition_words(condition), label(key), published, says)


def _ranked(
    stated: Sequence[tuple[ClaimRow, str]], provider: str, published: Collection[int]
) -> list[Says]:
    sources = queries.sources()
    editors = _editors([claim for claim, _ in stated], sources)
    says = []
    for claim, about in stated:
        source = sources[claim.source_id]
        is_editor = source.slug == EDITOR
        one = Says(
            claim=claim,
            source=source,
            value=value_words(claim.key, claim.value),
            confirmed=claim.stated_from if is_editor else source.confirmed_at(provider),
            is_published=claim.id in published,
            editor=editors.get(claim.id, "somebody") if is_editor else "",
            about=about,
        )
        says.append(one)
    return sorted(says, key=lambda one: trust(one.source.slug, provider, one.claim.key).rank)


def _editors(stated: Sequence[ClaimRow], sources: dict[int, SourceRow]) -> dict[int, str]:
    """Names of those who made the corrections among the claims, by claim."""
    theirs = [claim.id for claim in stated if sources[claim.source_id].slug == EDITOR]
    if not theirs:
        return {}
    rows = Claim.objects.filter(pk__in=theirs, editor__isnull=False).select_related("editor")
    return {claim.pk: str(claim.editor) for claim in rows}
