"""Every read that others make of the market."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, FilteredRelation, Max, Min, Q, QuerySet

from .choices import OLD_AFTER_DAYS, Book, RunState
from .facts import Condition
from .ledger import PRICE
from .models import Claim, Edition, Price, Source
from .publish import HIDDEN
from .trust import EDITOR

# A run's state changes until it has ended; no more than eight are under way together.
_IMPRINT = """
SELECT number, '' FROM providers_edition
UNION ALL
SELECT id, state FROM (
  SELECT id, state FROM providers_run WHERE part = '' ORDER BY id DESC LIMIT 8
) AS latest
"""
_CONFIRMING = (RunState.PUBLISHED.value, RunState.UNCHANGED.value)


def edition() -> int:
    """The number of the edition; 0 before anything was published. One small query."""
    number = Edition.objects.values_list("number", flat=True).first()
    return number or 0


def edition_date() -> datetime | None:
    """When published facts last changed."""
    return Edition.objects.values_list("changed_at", flat=True).first()


def imprint() -> str:
    """Names what pages are printed from: the edition, and the runs that confirmed it since.

    An unchanged refresh writes a run and no edition, yet moves the dates of confirmation. Asked for
    every page that is served: one query by primary key, as SQL, because building it through the ORM
    took five times as long as running it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IMPRINT)
        return str(sorted(cursor.fetchall()))


# -- sources --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source and what it confirmed when. `as_of` is the date of its newest content."""

    id: int
    slug: str
    name: str
    siglum: str
    licence: str
    homepage: str
    version: str
    as_of: datetime | None
    # Provider slug → as-of of the newest complete run that covered it; "*": any provider.
    confirmed: dict[str, datetime]

    def confirmed_at(self, provider: str) -> datetime | None:
        return self.confirmed.get(provider) or self.confirmed.get("*")


def sources(*, when: datetime | None = None) -> dict[int, SourceRow]:
    """Every source by id, as it stood today or at a moment. One query, one row a run."""
    read = Q(runs__state__in=_CONFIRMING, runs__as_of__isnull=False, runs__part="")
    if when is not None:
        read &= Q(runs__as_of__lte=when)
    confirming = FilteredRelation("runs", condition=read)
    found: dict[Source, list[tuple[datetime, str, list[str]]]] = {}
    for source in Source.objects.annotate(
        confirming=confirming,
        run_as_of=F("confirming__as_of"),
        run_version=F("confirming__version"),
        run_covers=F("confirming__covers"),
    ).order_by("siglum", "confirming__as_of", "confirming__pk"):
        runs = found.setdefault(source, [])
        if source.run_as_of:
            runs.append((source.run_as_of, source.run_version, source.run_covers))
    return {source.pk: _source_row(source, runs) for source, runs in found.items()}


def _source_row(source: Source, runs: list[tuple[datetime, str, list[str]]]) -> SourceRow:
    return SourceRow(
        id=source.pk,
        slug=source.slug,
        name=source.name,
        siglum=source.siglum,
        licence=source.licence,
        homepage=source.homepage,
        version=runs[-1][1] if runs else "",
        as_of=runs[-1][0] if runs else None,
        confirmed={slug: as_of for as_of, _, covers in runs for slug in covers},
    )


def is_old(confirmed: datetime | None, *, now: datetime) -> bool:
    """Whether a value was last confirmed so long ago that it is shown as old and never as best."""
    return confirmed is None or now - confirmed > timedelta(days=OLD_AFTER_DAYS)


# -- prices ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One ledger row. `amount` is per `unit` in `currency`; None unless known.

    `at_least`: it may have held before `valid_from` too.
    """

    endpoint_id: int
    component: str
    condition: Condition
    amount: Decimal | None
    unit: str
    currency: str
    state: str
    claim_id: int
    source_id: int
    valid_from: datetime
    valid_to: datetime | None
    at_least: bool = False

    def holds(self, when: datetime) -> bool:
        return self.valid_from <= when and (self.valid_to is None or when < self.valid_to)


def prices_at(
    endpoint_ids: Collection[int] | None, *, when: datetime, book: str = Book.PUBLIC.value
) -> dict[int, list[PriceRow]]:
    """Prices in force at a moment, by endpoint; None: of the whole market. One query."""
    rows = Price.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=when), book=book, valid_from__lte=when
    )
    if endpoint_ids is not None:
        rows = rows.filter(endpoint_id__in=endpoint_ids)
    return _price_rows(rows)


def prices_until(
    endpoint_ids: Collection[int], *, when: datetime, book: str = Book.PUBLIC.value
) -> dict[int, list[PriceRow]]:
    """Prices that began by a moment, ended ones too, oldest first, by endpoint. One query."""
    return _price_rows(
        Price.objects.filter(endpoint_id__in=endpoint_ids, book=book, valid_from__lte=when)
    )


def _price_rows(rows: QuerySet[Price]) -> dict[int, list[PriceRow]]:
    found: dict[int, list[PriceRow]] = {}
    conditions: dict[str, Condition] = {}
    columns: tuple[Any, ...]
    for columns in (
        rows.order_by("endpoint_id", "component", "condition", "valid_from")
        .values_list(
            "endpoint_id", "component", "condition", "amount", "unit", "currency", "state",
            "claim_id", "claim__source_id", "valid_from", "valid_to", "claim__at_least",
        )
        .iterator(chunk_size=5000)
    ):  # fmt: skip
        endpoint_id, component, key = columns[:3]
        if key not in conditions:
            conditions[key] = Condition.from_key(key)
        row = PriceRow(endpoint_id, component, conditions[key], *columns[3:])
        found.setdefault(endpoint_id, []).append(row)
    return found


def price_changes_ahead(*, now: datetime) -> list[Price]:
    """Ledger rows that begin in the future: scheduled changes, soonest first."""
    return list(
        Price.objects.public()
        .filter(valid_from__gt=now)
        .select_related("endpoint__provider", "claim__source")
        .order_by("valid_from", "endpoint_id", "component")
    )


def price_boundaries(*, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The last moment a price changed and the next one at which one will."""
    rows = Price.objects.public()
    begun = rows.filter(valid_from__lte=now).aggregate(at=Max("valid_from"))["at"]
    ended = rows.filter(valid_to__lte=now).aggregate(at=Max("valid_to"))["at"]
    begins = rows.filter(valid_from__gt=now).aggregate(at=Min("valid_from"))["at"]
    ends = rows.filter(valid_to__gt=now).aggregate(at=Min("valid_to"))["at"]
    return (
        max((at for at in (begun, ended) if at), default=None),
        min((at for at in (begins, ends) if at), default=None),
    )


# -- claims ---------------------------------------------------------------------------------------


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
    return _claims(Q(provider_id__in=provider_ids), "provider_id")


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
) -> ClaimsAbout:
    """What is stated of endpoints, providers and models; see live_claims. One query."""
    about = (
        Q(endpoint_id__in=endpoints, book=Book.PUBLIC.value)
        | Q(provider_id__in=providers)
        | Q(model__in=models)
    )
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
    rows = Claim.objects.filter(endpoint_id__in=endpoint_ids).exclude(begun_by__state__in=HIDDEN)
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
