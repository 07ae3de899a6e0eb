"""Reads of what changed between two moments: after `since` and by `until`, oldest first."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Lag

from .changes import Elsewhere, Step, Value
from .choices import Book
from .facts import PAST_FACTS, trimmed
from .ledger import PRICE
from .models import Claim, Endpoint, Price, Subject
from .publish import HIDDEN
from .trust import EDITOR

_VALUE = ("state", "amount", "unit", "currency")
# Facts of which it is news that they are stated at all.
_ANNOUNCED = frozenset({"deprecated_on", "retires_on", "status"})


# -- prices ---------------------------------------------------------------------------------------


def price_steps(*, since: datetime, until: datetime) -> list[Step]:
    """Published prices that began where something was known of before. One query."""
    begun = Q(valid_from__gt=since, valid_from__lte=until)
    before = {
        f"before_{name}": Window(
            Lag(name),
            partition_by=[F("endpoint_id"), F("component"), F("condition")],
            order_by="valid_from",
        )
        for name in (*_VALUE, "claim__source__slug")
    }
    rows = (
        Price.objects.public()
        .filter(endpoint_id__in=Price.objects.public().filter(begun).values("endpoint_id"))
        .annotate(**before, opened=Window(Min("valid_from"), partition_by=F("endpoint_id")))
        # Each arm asks for a window: a condition without one would be put inside, before it.
        .filter(
            Q(begun, before_state__isnull=False)
            | Q(begun, claim__at_least=False, valid_from__gt=F("opened"))
        )
        .order_by("valid_from", "endpoint_id", "component", "condition")
        .values_list(
            "endpoint_id", "endpoint__provider__slug", "endpoint__native_id", "component",
            "condition", "valid_from", "claim__source_id", "claim__source__slug", "claim_id",
            *_VALUE, *before,
        )
    )  # fmt: skip
    return [_step(row) for row in rows.iterator(chunk_size=5000)]


def _step(row: tuple[Any, ...]) -> Step:
    (
        endpoint_id, provider, native_id, component, condition, at, source_id, source, claim_id,
        state, amount, unit, currency, *before, source_before,
    ) = row  # fmt: skip
    return Step(
        endpoint_id=endpoint_id,
        provider=provider,
        native_id=native_id,
        component=component,
        condition=condition,
        at=at,
        source_id=source_id,
        source=source,
        claim_id=claim_id,
        value=_value(state, amount, unit, currency),
        before=_value(*before) if source_before else None,
        source_before=source_before or "",
    )


def _value(state: str, amount: Decimal | None, unit: str, currency: str) -> Value:
    """As stated: a database writes 0.15 with zeros behind it, each kind its own number of them."""
    return Value(state, None if amount is None else trimmed(amount), unit, currency)


def stated_elsewhere(endpoint_ids: Collection[int], *, since: datetime) -> list[Elsewhere]:
    """Public prices of endpoints that any source stated at `since` or later. One query."""
    rows = (
        _public_claims()
        .filter(
            Q(ended_at=None) | Q(ended_at__gt=since),
            endpoint_id__in=endpoint_ids,
            key__startswith=PRICE,
        )
        .values_list("endpoint_id", "key", "condition", "source__slug", "value")
    )
    return [
        Elsewhere(pk, key.removeprefix(PRICE), condition, source, _stated(json.loads(value)))
        for pk, key, condition, source, value in rows.iterator(chunk_size=5000)
    ]


def _stated(value: dict[str, str]) -> Value:
    amount = value.get("amount")
    known = None if amount is None else Decimal(amount)
    return _value(value["state"], known, value["unit"], value["currency"])


def _public_claims() -> QuerySet[Claim]:
    """Claims about endpoints that are published or were."""
    return Claim.objects.filter(
        Q(begun_by=None) | ~Q(begun_by__state__in=HIDDEN),
        endpoint__isnull=False,
        book=Book.PUBLIC.value,
    )


# -- limits, dates, parameters --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FactStep:
    """A source states another value of a fact than before. `before` None: it stated none."""

    endpoint_id: int
    provider: str  # slug
    key: str
    at: datetime
    source_id: int
    before: Any
    value: Any


def fact_steps(*, since: datetime, until: datetime) -> list[FactStep]:
    """Limits, parameters, status and dates of endpoints that a source states anew. One query."""
    facts = _public_claims().filter(Q(key__in=PAST_FACTS) | Q(key__startswith="parameter."))
    begun = Q(stated_from__gt=since, stated_from__lte=until, at_least=False)
    of_one_source = [F("endpoint_id"), F("source_id")]
    rows = (
        facts.filter(endpoint_id__in=facts.filter(begun).values("endpoint_id"))
        .annotate(
            before=Window(
                Lag("value"), partition_by=[*of_one_source, F("key")], order_by="stated_from"
            ),
            opened=Window(Min("stated_from"), partition_by=of_one_source),
        )
        .filter(Q(begun, before=None) | Q(begun) & ~Q(before=F("value")))  # as in price_steps
        .order_by("stated_from", "endpoint_id", "key")
        .values_list(
            "endpoint_id", "endpoint__provider__slug", "key", "stated_from", "source_id",
            "before", "value", "opened",
        )
    )  # fmt: skip
    return [
        FactStep(pk, provider, key, at, source, before and json.loads(before), json.loads(value))
        for pk, provider, key, at, source, before, value, opened in rows.iterator(chunk_size=5000)
        if before is not None or (key in _ANNOUNCED and at != opened)
    ]


# -- endpoints that came and went -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrival:
    """An endpoint that no source had listed, though one had looked at its provider."""

    endpoint_id: int
    provider: str  # slug
    source_id: int
    at: datetime


def arrivals(*, since: datetime, until: datetime) -> list[Arrival]:
    """Endpoints listed for the first time, with the source that was first. One query."""
    others = Claim.objects.filter(endpoint_id=OuterRef("endpoint_id"), book=Book.PUBLIC.value)
    # A first look at the same moment tells that it may have been there before.
    known = others.filter(
        Q(stated_from__lt=OuterRef("stated_from"))
        | Q(stated_from=OuterRef("stated_from"), at_least=True)
        & ~Q(source_id=OuterRef("source_id"))
    )
    rows = (
        _public_claims()
        .filter(~Exists(known), stated_from__gt=since, stated_from__lte=until, at_least=False)
        .exclude(source__slug=EDITOR)
        .values_list("endpoint_id", "endpoint__provider__slug", "stated_from")
        .annotate(first=Min("source_id"))
        .order_by("stated_from", "endpoint__provider__slug", "endpoint_id")
    )
    return [Arrival(pk, provider, source, at) for pk, provider, at, source in rows]


@dataclass(frozen=True, slots=True)
class Departure:
    """An endpoint that the last source to list it has dropped."""

    endpoint_id: int
    provider: str  # slug
    source_id: int
    at: datetime


def departures(*, since: datetime, until: datetime) -> list[Departure]:
    """Endpoints that nobody lists any more, with the last source to drop them. One query."""
    last = Claim.objects.filter(
        endpoint_id=OuterRef("pk"), ended_at=OuterRef("gone_since"), book=Book.PUBLIC.value
    )
    rows = (
        Endpoint.objects.filter(gone_since__gt=since, gone_since__lte=until)
        .annotate(source=last.values("source_id")[:1])
        .filter(source__isnull=False)
        .order_by("gone_since", "provider__slug", "pk")
        .values_list("pk", "provider__slug", "source", "gone_since")
    )
    return [Departure(pk, provider, source, at) for pk, provider, source, at in rows if at]


# -- what was stated before -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What a source once stated of a fact; `value` is the parsed JSON."""

    source_id: int
    value: Any
    stated: str
    ended_at: datetime


def withdrawn(subject: Subject, key: str) -> list[Withdrawn]:
    """Public statements of one fact that ended in what is published, newest first. One query."""
    rows = (
        Claim.objects.filter(
            Q(begun_by=None) | ~Q(begun_by__state__in=HIDDEN),
            Q(ended_by=None) | ~Q(ended_by__state__in=HIDDEN),
            ended_at__isnull=False,
            **subject.column(),
            key=key,
            book=Book.PUBLIC.value,
        )
        .order_by("-ended_at", "-pk")
        .values_list("source_id", "value", "stated", "ended_at")
    )
    return [
        Withdrawn(source, json.loads(value), stated, ended_at)
        for source, value, stated, ended_at in rows
        if ended_at
    ]
