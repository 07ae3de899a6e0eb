"""`{% load almanac %}`: values as words. Every function here only calls `catalog.words`."""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog import words
from catalog.pages.parts import Money
from providers.facts import Condition
from providers.stats.definitions import QUOTED

register = template.Library()


@register.filter
def price(value: Money | Decimal | None) -> str:
    """`{{ money|price }}`: `0.075`, `free`, `..`."""
    if isinstance(value, Money):
        return words.price(value.amount, state=value.state)
    return words.price(value) if value is not None else words.NOT_STATED


@register.filter
def price_with_currency(value: Money) -> str:
    """`{{ money|price_with_currency }}`: `$0.075`, `free`, `..`."""
    return words.price(value.amount, state=value.state, currency=value.currency)


@register.filter
def pad(value: Money | int) -> str:
    """The class that fills a price up to its column's decimals: `k2`; empty when it is full."""
    missing = value.pad if isinstance(value, Money) else value
    return f"k{missing}" if missing else ""


@register.filter
def state_title(value: Money | str) -> str:
    """What `..`, `plan` … mean, for a title attribute."""
    return words.state_title(value.state if isinstance(value, Money) else value)


@register.filter
def tokens(value: int | str | None) -> str:
    return words.tokens(value)


@register.filter
def figure(value: Decimal | int | None, places: int = 0) -> str:
    return words.NOT_STATED if value is None else words.figure(Decimal(value), places=places)


@register.filter
def percent(value: Decimal | int | float | None, places: int = 0) -> str:
    return words.percent(value, places)


@register.filter
def change(value: Decimal | int | float | None) -> str:
    return words.change(value)


@register.filter
def day(value: date | str | None) -> str | SafeString:
    """`<time datetime="2024-07-18">18 July 2024</time>`; partial dates read `Oct 2023`."""
    return _time(words.iso(value), words.day(value)) if value else words.NOT_STATED


@register.filter
def short_day(value: date | str | None) -> str | SafeString:
    """`<time datetime="2024-07-18">18 Jul 2024</time>`, for tables."""
    return _time(words.iso(value), words.short_day(value)) if value else words.NOT_STATED


@register.filter
def moment(value: datetime | None) -> str | SafeString:
    """`<time datetime="…">12 Nov 2026, 14:05 UTC</time>`."""
    return _time(value.isoformat(), words.moment(value)) if value else words.NOT_STATED


@register.filter
def kind_label(value: str) -> str:
    return words.kind_label(value)


@register.filter
def component_label(value: str) -> str:
    return words.component_label(value)


@register.filter
def condition_words(value: Condition) -> str:
    return words.condition_words(value)


@register.filter
def unit_words(value: str) -> str:
    return words.unit_words(value)


@register.filter
def listed(value: list[str] | tuple[str, ...]) -> str:
    """`{{ names|listed }}`: `a, b and c`."""
    return words.listed(value)


@register.simple_tag
def quoted(name: str) -> str:
    """`{% quoted "day" %}`: `24 hours`, as the code that counts has it."""
    return QUOTED[name]


def _time(machine: str, human: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', machine, human)
