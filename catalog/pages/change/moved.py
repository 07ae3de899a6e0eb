"""The latest prices that moved, for the title page, and what was left out of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.urls import reverse

from catalog.pages.change.asked import range_query
from catalog.pages.change.items import Item, classified, price_item, to_model, to_provider
from catalog.pages.decimals import pads
from catalog.pages.links import Link
from catalog.pages.parts import Mark, Money
from catalog.pages.signs import Signs
from catalog.queries import changes as queries
from providers.changes import Change, Kind
from providers.choices import Component, Unit

DAYS = 90
SHOWN = 8
LEFT_OUT = 2  # restatements named; the rest stands behind the link


@dataclass(frozen=True, slots=True)
class MovedPrice:
    """The price of one model's answers at one provider."""

    model: Link
    provider: Link
    was: Money
    becomes: Money
    percent: Decimal
    on: date
    mark: Mark

    @property
    def is_rise(self) -> bool:
        return self.percent > 0


@dataclass(frozen=True, slots=True)
class Restated:
    """How many prices of a provider a source only wrote anew."""

    provider: Link
    on: date
    prices: int


@dataclass(frozen=True, slots=True)
class PricesMoved:
    prices: tuple[MovedPrice, ...] = ()
    restated: tuple[Restated, ...] = ()
    href: str = ""
    restated_href: str = ""


def moved(signs: Signs, *, now: datetime) -> PricesMoved:
    """The latest moves of output prices, one a model, of a day the largest first. Three queries."""
    since = now - timedelta(days=DAYS)
    changes = classified(since, now)
    places = queries.places({change.step.endpoint_id for change in changes})
    changes = [change for change in changes if change.step.endpoint_id in places]
    items = [
        price_item(change, places[change.step.endpoint_id])
        for change in changes
        if _is_answer(change) and places[change.step.endpoint_id].has_page
    ]
    days = range_query(since.date(), now.date())
    return PricesMoved(
        prices=_prices(_one_a_model(items)[:SHOWN], signs),
        restated=_restated([c for c in changes if c.kind is Kind.RESTATEMENT], places),
        href=f"{reverse('catalog:changes')}?{days}",
        restated_href=f"{reverse('catalog:changes')}?{days}&kind=restatement",
    )


def _is_answer(change: Change) -> bool:
    step = change.step
    return (
        change.kind is Kind.PRICE
        and not step.condition
        and step.component == Component.OUTPUT
        and step.value.unit == Unit.MILLION_TOKENS
        and step.value.currency == "USD"
    )


def _one_a_model(items: Sequence[Item]) -> list[Item]:
    """The latest and largest first; of the moves of one model the first."""
    ordered = sorted(items, key=lambda item: item.place.name.casefold())
    ordered.sort(key=lambda item: (item.at.date(), abs(item.percent or 0)), reverse=True)
    by_model: dict[tuple[str, str], Item] = {}
    for item in ordered:
        by_model.setdefault((item.place.author, item.place.model), item)
    return list(by_model.values())


def _prices(items: Sequence[Item], signs: Signs) -> tuple[MovedPrice, ...]:
    before = [item.was or Money() for item in items]
    after = [item.becomes or Money() for item in items]
    before_pads = pads(money.amount for money in before)
    after_pads = pads(money.amount for money in after)
    return tuple(
        MovedPrice(
            model=to_model(item.place),
            provider=to_provider(item.place),
            was=replace(was, pad=was_pad),
            becomes=replace(becomes, pad=becomes_pad),
            percent=item.percent or Decimal(0),
            on=item.at.date(),
            mark=signs.mark(item.source_id, item.place.provider),
        )
        for item, was, becomes, was_pad, becomes_pad in zip(
            items, before, after, before_pads, after_pads, strict=True
        )
    )


def _restated(changes: Sequence[Change], places: dict[int, queries.Place]) -> tuple[Restated, ...]:
    counts = Counter((change.step.provider, change.step.at.date()) for change in changes)
    of_provider = {change.step.provider: change.step.endpoint_id for change in changes}
    return tuple(
        Restated(to_provider(places[of_provider[provider]]), on, count)
        for (provider, on), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )[:LEFT_OUT]
