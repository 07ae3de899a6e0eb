"""What sources and editors state."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, Q, QuerySet

from ..choices import Book
from ..ledger import PRICE
from ..models import Claim, Source
from ..publish import HIDDEN
from ..trust import EDITOR


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """What one source states of one fact today. `value` is the parsed JSON."""

    id: int
    source_id: int
    subject: int | str
    key: str
    condition: str
    value: Any
    stated: str
    stated_from: datetime
    at_least: bool
    effective_from: datetime | None
    effective_to: datetime | None
    reason: str


def claims_of(
    endpoint_ids: Collection[int], *, when: datetime | None = None
) -> dict[int, list[ClaimRow]]:
    """Live public claims by endpoint, best-known keys first; see live_claims. One query."""
    about = Q(endpoint_id__in=endpoint_ids, book=Book.PUBLIC.value)
    return _claims(about, "endpoint_id", when=when)


def claims_of_providers(provider_ids: Collection[int]) -> dict[int, list[ClaimRow]]:
    """Live claims about providers themselves. One query."""
    about = Q(provider_id__in=provider_ids, book=Book.PUBLIC.value)
    return _claims(about, "provider_id")


def claims_of_models(slugs: Collection[str]) -> dict[str, list[ClaimRow]]:
    """Live claims about models, by `author/slug`. One query."""
    return _claims(Q(model__in=slugs), "model")


@dataclass(frozen=True, slots=True)
class ClaimsAbout:
    """Live public claims by subject: endpoint id, provider id, `author/slug`."""

    endpoints: dict[int, list[ClaimRow]]
    providers: dict[int, list[ClaimRow]]
    models: dict[str, list[ClaimRow]]


def claims_about(
    *,
    endpoints: Collection[int],
    providers: Collection[int],
    models: Collection[str],
    when: datetime | None = None,
    keys: Collection[str] | None = None,
) -> ClaimsAbout:
    """What is stated of endpoints, providers and models; see live_claims. One query.

    `keys`: these facts alone; None: every fact.
    """
    subjects_asked = (
        Q(endpoint_id__in=endpoints) | Q(provider_id__in=providers) | Q(model__in=models)
    )
    about = Q(subjects_asked, book=Book.PUBLIC.value)
    if keys is not None:
        about &= Q(key__in=keys)
    found = ClaimsAbout({}, {}, {})
    subjects = ("endpoint_id", "provider_id", "model")
    for endpoint, provider, model, *columns in _live(about, *subjects, when=when):
        if endpoint is not None:
            found.endpoints.setdefault(endpoint, []).append(_claim_row(endpoint, columns))
        elif provider is not None:
            found.providers.setdefault(provider, []).append(_claim_row(provider, columns))
        else:
            found.models.setdefault(model, []).append(_claim_row(model, columns))
    return found


def _claims(about: Q, subject: str, *, when: datetime | None = None) -> dict[Any, list[ClaimRow]]:
    found: dict[Any, list[ClaimRow]] = {}
    for about_id, *columns in _live(about, subject, when=when):
        found.setdefault(about_id, []).append(_claim_row(about_id, columns))
    return found


def live_claims(about: Q, *, when: datetime | None = None) -> QuerySet[Claim]:
    """Claims that their sources state in what is published today.

    With `when`, prices as they were stated then: only they have a past worth the name.
    """
    live = Q(ended_at=None) | Q(ended_by__state__in=HIDDEN)
    if when is not None:
        price = Q(key__startswith=PRICE)
        still = Q(ended_at=None) | Q(ended_at__gt=when)
        live = (live & ~price) | (price & still & Q(stated_from__lte=when))
    return Claim.objects.filter(live, about).exclude(begun_by__state__in=HIDDEN)


def first_stated(endpoint_ids: Collection[int]) -> dict[int, datetime]:
    """When each endpoint was first listed, as far as known. One query."""
    rows = Claim.objects.filter(endpoint_id__in=endpoint_ids, book=Book.PUBLIC.value).exclude(
        begun_by__state__in=HIDDEN
    )
    return dict(rows.values_list("endpoint_id").annotate(first=Min("stated_from")).order_by())


def _live(about: Q, *subjects: str, when: datetime | None = None) -> Iterable[Sequence[Any]]:
    """Columns of live claims, the subjects' first. One query."""
    return (
        live_claims(about, when=when)
        .order_by("key", "condition", "pk")
        .values_list(
            *subjects, "pk", "source_id", "key", "condition", "value", "stated", "stated_from",
            "at_least", "effective_from", "effective_to", "reason",
        )
        .iterator(chunk_size=5000)
    )  # fmt: skip


def _claim_row(subject: int | str, columns: Sequence[Any]) -> ClaimRow:
    pk, source_id, key, condition, value, *rest = columns
    return ClaimRow(pk, source_id, subject, key, condition, json.loads(value), *rest)


def editor_source_id() -> int | None:
    """Id of the source under which editors state things, once one has."""
    return Source.objects.filter(slug=EDITOR).values_list("pk", flat=True).first()
