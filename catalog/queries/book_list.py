"""Reads of a price book's page: what bears a price in it, and every price it ever held of some."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q

from catalog.queries.shown import SHOWN
from providers.choices import State
from providers.facts import Condition, PriceRule
from providers.models import Endpoint, Price


@dataclass(frozen=True, slots=True)
class Sold:
    """An endpoint that has, or had, a price in the book. Without a model its name is its own."""

    id: int
    provider: str  # slug
    provider_name: str
    native_id: str
    upstream: str  # name; empty if unnamed
    kind: str
    name: str
    author: str  # slug; empty without a model that has a page
    model: str  # slug
    in_force: bool


@dataclass(frozen=True, slots=True)
class Span:
    """One price of a book over one stretch of time, and the editor's word behind it.

    `rule`: how it is made of another book's; None: stated as it is.
    """

    endpoint_id: int
    component: str
    condition: Condition
    amount: Decimal | None
    unit: str
    currency: str
    state: str
    valid_from: datetime
    valid_to: datetime | None
    rule: PriceRule | None
    of_provider: bool  # said of all that the provider sells
    by: str
    why: str

    def holds(self, when: datetime) -> bool:
        return self.valid_from <= when and (self.valid_to is None or when < self.valid_to)

    @property
    def is_known(self) -> bool:
        return self.state == State.KNOWN


def priced(book: str, *, when: datetime) -> list[Sold]:
    """Every endpoint with a price in the book at any time, by provider and name. One query.

    `in_force`: at that moment.
    """
    rows = Price.objects.filter(endpoint=OuterRef("pk"), book=book)
    in_force = rows.filter(Q(valid_to=None) | Q(valid_to__gt=when), valid_from__lte=when)
    found = (
        Endpoint.objects.filter(Exists(rows))
        .annotate(in_force=Exists(in_force))
        .values_list(
            "pk", "provider__slug", "provider__name", "native_id", "upstream__name", "operation",
            "name", "listing__model__name", "listing__model__author__slug", "listing__model__slug",
            "listing__model__visibility", "in_force",
        )
    )  # fmt: skip
    sold = [
        Sold(
            pk, provider, provider_name, native_id, upstream or "", kind,
            model_name or own_name or native_id,
            (author or "") if seen == SHOWN else "", (model or "") if seen == SHOWN else "", holds,
        )
        for (
            pk, provider, provider_name, native_id, upstream, kind,
            own_name, model_name, author, model, seen, holds,
        ) in found.iterator(chunk_size=5000)
    ]  # fmt: skip
    # Databases order names, and endpoints without one, each in their own way.
    return sorted(sold, key=_by_name)


def _by_name(one: Sold) -> tuple[str | int, ...]:
    return (one.provider_name.casefold(), one.name.casefold(), one.native_id, one.upstream, one.id)


def spans(endpoint_ids: Collection[int], book: str) -> dict[int, list[Span]]:
    """Every price that a book held, holds or will, by endpoint, oldest first. One query."""
    rows = (
        Price.objects.filter(endpoint_id__in=endpoint_ids, book=book)
        .order_by("endpoint_id", "component", "condition", "valid_from")
        .values_list(
            "endpoint_id", "component", "condition", "amount", "unit", "currency", "state",
            "valid_from", "valid_to", "claim__value", "claim__provider_id",
            "claim__editor__username", "claim__reason",
        )
    )  # fmt: skip
    found: dict[int, list[Span]] = {}
    row: tuple[Any, ...]
    for row in rows.iterator(chunk_size=5000):
        span = _span(*row)
        found.setdefault(span.endpoint_id, []).append(span)
    return found


def _span(endpoint: int, component: str, condition: str, *columns: Any) -> Span:
    amount, unit, currency, state, begins, ends, value, provider, editor, reason = columns
    return Span(
        endpoint_id=endpoint,
        component=component,
        condition=Condition.from_key(condition),
        amount=amount,
        unit=unit,
        currency=currency,
        state=state,
        valid_from=begins,
        valid_to=ends,
        rule=PriceRule.from_value(json.loads(value)),
        of_provider=provider is not None,
        by=editor or "",
        why=reason,
    )
