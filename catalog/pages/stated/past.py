"""What a published value was before, and with what it became what it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.pages.stated import wording
from catalog.pages.stated.matter import Voice
from providers import change_queries
from providers.queries import PriceRow


@dataclass(frozen=True, slots=True)
class Before:
    """The value before this one: "$0.20 until 3 March 2026"."""

    text: str
    until: datetime


def first_of(ledger: Sequence[PriceRow], row: PriceRow) -> PriceRow:
    """The row with which the price became what it is, whoever stated it since."""
    return _run(ledger, row)[0]


def before_of_price(ledger: Sequence[PriceRow], row: PriceRow) -> Before | None:
    """What was published before the price became what it is; after a gap nothing is known."""
    since = first_of(ledger, row).valid_from
    last = next((past for past in _past(ledger, row) if past.valid_to == since), None)
    return Before(wording.price(last), since) if last else None


def before_of_fact(published: Voice) -> Before | None:
    """What the same source last stated otherwise. One query."""
    claim = published.claim
    for past in change_queries.withdrawn(published.subject, claim.key):
        if past.source_id == claim.source_id and past.value != claim.value:
            return Before(wording.value(claim.key, past.value, past.stated), past.ended_at)
    return None


def _run(ledger: Sequence[PriceRow], row: PriceRow) -> list[PriceRow]:
    """The row and those right before it with the same price, the oldest first."""
    run = [row]
    for past in _past(ledger, row):
        if past.valid_to == run[0].valid_from and _charge(past) == _charge(row):
            run.insert(0, past)
    return run


def _past(ledger: Iterable[PriceRow], row: PriceRow) -> list[PriceRow]:
    """Earlier rows of the same component and condition, the newest first."""
    same = [
        past
        for past in ledger
        if (past.component, past.condition) == (row.component, row.condition)
        and past.valid_from < row.valid_from
    ]
    return sorted(same, key=lambda past: past.valid_from, reverse=True)


def _charge(row: PriceRow) -> tuple[object, ...]:
    return (row.state, row.amount, row.unit, row.currency)
