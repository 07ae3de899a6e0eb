"""Exchange rates into the table: the only writer of what a file states."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from . import publish
from .models import ExchangeRate
from .rates import Rate


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many rates were new, differed from what was kept, and were there already."""

    new: int
    changed: int
    same: int


def record(rates: Iterable[Rate], *, now: datetime) -> Recorded:
    """Keeps the rates, each by its currency, day and source; all or none.

    Only where something changed is there a new edition, in which pages are printed anew.
    """
    wanted = {(rate.currency, rate.day, rate.source): rate for rate in rates}
    with transaction.atomic():
        days = {rate.day for rate in wanted.values()}
        kept = (
            {
                (row.currency, row.day, row.source): row
                for row in ExchangeRate.objects.filter(day__gte=min(days), day__lte=max(days))
            }
            if days
            else {}
        )
        new = [_row(rate) for key, rate in wanted.items() if key not in kept]
        changed = [
            rate
            for key, rate in wanted.items()
            if key in kept and kept[key].per_euro != rate.per_euro
        ]
        ExchangeRate.objects.bulk_create(new, batch_size=500)
        for rate in changed:
            row = kept[rate.currency, rate.day, rate.source]
            row.per_euro = rate.per_euro
            row.save(update_fields=["per_euro"])
        if new or changed:
            publish.announce(now=now)
    return Recorded(len(new), len(changed), len(wanted) - len(new) - len(changed))


def _row(rate: Rate) -> ExchangeRate:
    return ExchangeRate(
        currency=rate.currency, per_euro=rate.per_euro, day=rate.day, source=rate.source
    )
