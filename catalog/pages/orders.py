"""The orders of the list of models: what each sorts by, and the links that choose one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog import words
from catalog.filters import RELEVANCE, SORTS, Filter
from catalog.pages.facets import link
from catalog.pages.model_index import IndexRow
from catalog.pages.parts import Money
from providers.choices import State, Unit


@dataclass(frozen=True, slots=True)
class Sort:
    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head. `sorted`: how the list runs by it, in the words of aria-sort, or empty."""

    label: str
    css: str
    href: str = ""
    sorted: str = ""


# Label, class, and the sorts that a click goes through.
_COLUMNS = (
    ("Model", "", ("name",)),
    ("Input", "n m1", ("input", "-input")),
    ("Output", "n", ("output", "-output")),
    ("Price of", "m2", ()),
    ("Context", "n", ("context",)),
    ("Author", "", ()),
    ("Reads", "", ()),
    ("Writes", "", ()),
    ("Sold by", "n", ("providers",)),
    ("Released", "", ("newest", "oldest")),
)
_LEAVES = ("Leaves", "", ("retires",))
_EXTRA_PLACE = 5  # after Context


@dataclass(frozen=True, slots=True)
class Extra:
    """A column that is only drawn when the list is sorted by it."""

    label: str
    drawn: Callable[[IndexRow], str]


EXTRAS = {
    "max_output": Extra("Longest answer", lambda row: words.tokens(row.max_output)),
    "cutoff": Extra(
        "Knows to",
        lambda row: (
            words.short_day(row.knowledge_cutoff) if row.knowledge_cutoff else words.NOT_STATED
        ),
    ),
}


def _price(money: Money) -> tuple[int, Decimal] | None:
    """Orders prices per 1M tokens; free ones stand after them, other units cannot be compared."""
    if money.state == State.FREE:
        return (1, Decimal(0))
    if money.amount is None or money.currency != "USD" or money.unit != Unit.MILLION_TOKENS:
        return None
    return (0, money.amount)


def _amount(money: Money) -> Decimal | None:
    price = _price(money)
    return price[1] if price and price[0] == 0 else None


# Sort → what a row is sorted by, None where nobody told us; whether the highest comes first.
_ORDERS: dict[str, tuple[Callable[[IndexRow], object | None], bool]] = {
    "newest": (lambda row: row.came_on or None, True),
    "oldest": (lambda row: row.came_on or None, False),
    "name": (lambda row: row.name.casefold(), False),
    "input": (lambda row: _price(row.headline.input), False),
    "-input": (lambda row: _amount(row.headline.input), True),
    "output": (lambda row: _price(row.headline.output), False),
    "-output": (lambda row: _amount(row.headline.output), True),
    "cheapest": (lambda row: row.cheapest.blended if row.cheapest else None, False),
    "context": (lambda row: row.context, True),
    "max_output": (lambda row: row.max_output, True),
    "providers": (lambda row: len(row.providers), True),
    "cutoff": (lambda row: row.knowledge_cutoff or None, True),
    "retires": (lambda row: row.retires_on, False),  # what has retired comes last, see ordered()
}


def ordered(
    rows: Iterable[IndexRow], order: str, ranks: Mapping[str, int], *, today: date
) -> Sequence[IndexRow]:
    """Ties by name; what nobody told us comes last whichever way the list runs."""
    by_name = sorted(rows, key=lambda row: (row.name.casefold(), row.path))
    if order == RELEVANCE:
        return sorted(by_name, key=lambda row: (ranks.get(row.path, 0), -len(row.providers)))
    value, highest_first = _ORDERS[order]
    known = [row for row in by_name if value(row) is not None]
    unknown = [row for row in by_name if value(row) is None]
    known.sort(key=value, reverse=highest_first)  # type: ignore[arg-type]
    if order == "retires":
        known.sort(key=lambda row: row.retires_on is not None and row.retires_on <= today)
    return known + unknown


# -- links ----------------------------------------------------------------------------------------


def sorts(asked: Filter, path: str) -> tuple[Sort, ...]:
    labels = {RELEVANCE: "best match", **SORTS} if asked.q else SORTS
    return tuple(
        Sort(label, link(path, asked.sorted_by(sort)), current=sort == asked.order())
        for sort, label in labels.items()
    )


def heads(asked: Filter, path: str, *, leaves: bool) -> tuple[Head, ...]:
    """The columns of the list, with one for what it is sorted by where that is no usual column."""
    columns = [*_COLUMNS, _LEAVES] if leaves else list(_COLUMNS)
    if asked.order() in EXTRAS:
        columns.insert(_EXTRA_PLACE, (EXTRAS[asked.order()].label, "n", (asked.order(),)))
    return tuple(_head(label, css, steps, asked, path) for label, css, steps in columns)


def _head(label: str, css: str, steps: Sequence[str], asked: Filter, path: str) -> Head:
    if not steps:
        return Head(label, css)
    order = asked.order()
    if order not in steps:
        return Head(label, css, link(path, asked.sorted_by(steps[0])))
    following = steps[(steps.index(order) + 1) % len(steps)]
    _, highest_first = _ORDERS[order]
    direction = "descending" if highest_first else "ascending"
    return Head(label, css, link(path, asked.sorted_by(following)), direction)
