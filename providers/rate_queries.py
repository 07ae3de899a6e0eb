"""Reads of exchange rates."""

from collections.abc import Collection
from datetime import date

from .models import ExchangeRate
from .rates import EDITOR, Rate


def rates_on(day: date, *, currencies: Collection[str]) -> dict[str, Rate]:
    """The newest rate at or before a day, by currency; what is not known is left out. One query.

    An editor's rate goes before a file's of the same day.
    """
    known = ExchangeRate.objects.filter(currency__in=currencies, day__lte=day)
    found: dict[str, Rate] = {}
    for currency, per_euro, on, source in known.order_by("currency", "day").values_list(
        "currency", "per_euro", "day", "source"
    ):
        before = found.get(currency)
        if before is None or on > before.day or source == EDITOR:
            found[currency] = Rate(currency, per_euro, on, source)
    return found
