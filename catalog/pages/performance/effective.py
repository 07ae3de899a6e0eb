"""What input costs after caching, from what was reported and the public price list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.pages.headline import CURRENCY
from providers.pricing import Usage, price_at
from providers.queries import PriceRow
from providers.stat_queries import DayOfUse

# The bill is made of so many tokens: a share is told to a hundredth of a percent, and no provider
# has a threshold so low that the plain prices would not hold.
_BILLED = 10_000


@dataclass(frozen=True, slots=True)
class EffectivePrice:
    """US dollars per 1M input tokens; None where a price is unknown or in another currency."""

    label: str
    cached_percent: Decimal
    of_tokens: int  # input of the requests that told how much was cached
    listed: Decimal | None
    effective: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """In percent of the listed price."""
        if not self.listed or self.effective is None:
            return None
        return (self.effective / self.listed - 1) * 100


def effective_price(
    label: str, days: Iterable[DayOfUse], prices: Sequence[PriceRow], *, now: datetime
) -> EffectivePrice | None:
    """None where nobody told how much of the input was cached."""
    told = list(days)
    given = sum(day.input_with_cached for day in told)
    if not given:
        return None
    cached = min(sum(day.cached_tokens for day in told), given)
    return EffectivePrice(
        label=label,
        cached_percent=(Decimal(cached) * 100 / given).quantize(Decimal("0.01")),
        of_tokens=given,
        listed=_input_price(prices, 0, now),
        effective=_input_price(prices, round(_BILLED * Decimal(cached) / given), now),
    )


def _input_price(prices: Sequence[PriceRow], cached: int, now: datetime) -> Decimal | None:
    """Of a million input tokens of which so many in `_BILLED` come from a cache."""
    usage = Usage(input_tokens=_BILLED - cached, cache_read_tokens=cached, requests=0)
    bill = price_at(prices, when=now, usage=usage)
    if not bill.is_complete or set(bill.totals) - {CURRENCY}:
        return None
    asked = bill.totals.get(CURRENCY, Decimal(0)) * 1_000_000 / _BILLED
    return Decimal(f"{asked:.4g}") if cached else asked.normalize()  # the share is not exact
