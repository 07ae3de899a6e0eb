"""The ledger of prices, at any moment and in any book."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min, Q, QuerySet

from ..choices import Book
from ..facts import Condition
from ..models import Price


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
    book: str = Book.PUBLIC.value

    def holds(self, when: datetime) -> bool:
        return self.valid_from <= when and (self.valid_to is None or when < self.valid_to)


def prices_at(
    endpoint_ids: Collection[int] | None, *, when: datetime, book: str = Book.PUBLIC.value
) -> dict[int, list[PriceRow]]:
    """Prices in force at a moment, by endpoint; None: of the whole market. One query."""
    rows = _in_force(when).filter(book=book)
    if endpoint_ids is not None:
        rows = rows.filter(endpoint_id__in=endpoint_ids)
    return _price_rows(rows)


def book_prices_at(
    endpoint_ids: Collection[int], *, when: datetime, books: Collection[str]
) -> dict[int, list[PriceRow]]:
    """Prices of some books with the public list beside them, by endpoint. One query.

    Each row bears its book: `pricing.in_book` tells which of them hold for one.
    """
    asked = {Book.PUBLIC.value, *books}
    return _price_rows(_in_force(when).filter(book__in=asked, endpoint_id__in=endpoint_ids))


def _in_force(when: datetime) -> QuerySet[Price]:
    return Price.objects.filter(Q(valid_to=None) | Q(valid_to__gt=when), valid_from__lte=when)


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
            "book",
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
