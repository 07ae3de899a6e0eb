"""Money columns: what of an endpoint's prices stands under input, output and cache read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from catalog import words
from catalog.pages.decimals import pads
from catalog.pages.parts import UNKNOWN_MONEY, Money
from providers.choices import Component, State, Unit
from providers.queries import PriceRow

Row = TypeVar("Row")

# A kind of model that is not billed by text tokens states another component: the first one counts.
INPUTS = (
    Component.INPUT,
    Component.AUDIO_INPUT,
    Component.IMAGE_INPUT,
    Component.VIDEO_INPUT,
    Component.REQUEST,
)
OUTPUTS = (
    Component.OUTPUT,
    Component.IMAGE_OUTPUT,
    Component.AUDIO_OUTPUT,
    Component.VIDEO_OUTPUT,
)
CACHED = (Component.CACHE_READ,)


def first_stated(prices: Mapping[str, PriceRow], components: Iterable[str]) -> PriceRow | None:
    """The first of the components that an endpoint has a price for."""
    return next((prices[name] for name in components if name in prices), None)


def money(row: PriceRow | None) -> Money:
    if row is None:
        return UNKNOWN_MONEY
    return Money(row.state, row.amount, row.currency, row.unit, component=row.component)


def unusual_units(*amounts: Money) -> str:
    """`per hour`, `per image and per 1M tokens`; empty when all are per million tokens."""
    stated = [price.unit for price in amounts if price.state != State.UNKNOWN]
    if all(unit == Unit.MILLION_TOKENS for unit in stated):
        return ""
    return words.listed([words.unit_words(unit) for unit in dict.fromkeys(stated)])


def aligned(rows: Iterable[Row], *columns: str) -> tuple[Row, ...]:
    """The rows (dataclasses) with each named column of Money padded to one decimal point."""
    done: Sequence[Row] = list(rows)
    for name in columns:
        drawn: list[Money] = [getattr(row, name) for row in done]
        missing = pads(price.amount for price in drawn)
        done = [
            replace(row, **{name: replace(price, pad=pad)})  # type: ignore[type-var]
            for row, price, pad in zip(done, drawn, missing, strict=True)
        ]
    return tuple(done)
