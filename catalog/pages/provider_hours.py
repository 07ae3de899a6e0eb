"""What a provider charges by the hour: a clock for each week that its endpoints share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.pages import links
from catalog.pages.columns import INPUTS, OUTPUTS, money
from catalog.pages.decimals import pads
from catalog.pages.exchange import Exchange
from catalog.pages.links import Link
from catalog.pages.parts import Money
from catalog.pages.week_clock import Clock, clock
from providers.models import Endpoint
from providers.pricing import Request, rule_for
from providers.queries import PriceRow


@dataclass(frozen=True, slots=True)
class HourRow:
    """One endpoint: input and output in the hours of each rate, in the order of the clock."""

    model: Link
    native_id: str
    prices: tuple[Money, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    clock: Clock
    rows: tuple[HourRow, ...]


def hours(
    endpoints: Iterable[Endpoint],
    prices: Mapping[int, Sequence[PriceRow]],
    exchange: Exchange,
    *,
    now: datetime,
    is_past: bool,
) -> tuple[Hours, ...]:
    """Endpoints whose prices change at the same minutes share a clock; most have none."""
    shared: dict[str, tuple[Clock, list[HourRow]]] = {}
    for endpoint in endpoints:
        card = prices.get(endpoint.pk, ())
        found = clock(card, now=now, is_past=is_past)
        if found:
            _, rows = shared.setdefault(found.script, (found, []))
            rows.append(_row(endpoint, card, found, exchange))
    return tuple(Hours(found, _aligned(rows)) for found, rows in shared.values())


def _row(endpoint: Endpoint, card: Sequence[PriceRow], found: Clock, exchange: Exchange) -> HourRow:
    drawn = (
        exchange.beside(_charged(card, components, rate.moment))
        for rate in found.rates
        for components in (INPUTS, OUTPUTS)
    )
    return HourRow(links.to_served(endpoint), endpoint.native_id, tuple(drawn))


def _charged(card: Sequence[PriceRow], components: Iterable[str], when: datetime) -> Money:
    """The first of the components that a plain request is charged for at a moment."""
    rules = (rule_for(card, component, Request(when)) for component in components)
    return money(next(filter(None, rules), None))


def _aligned(rows: Sequence[HourRow]) -> tuple[HourRow, ...]:
    """The decimals of each column stand on one point."""
    columns = zip(*(row.prices for row in rows), strict=True)
    missing = list(
        zip(*(pads(price.amount for price in column) for column in columns), strict=True)
    )
    return tuple(
        replace(
            row,
            prices=tuple(
                replace(price, pad=pad) for price, pad in zip(row.prices, missing[n], strict=True)
            ),
        )
        for n, row in enumerate(rows)
    )
