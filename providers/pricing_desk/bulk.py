"""One operation over many prices, from what they are to edits. Pure, exact in Decimal.

All or nothing: where one result could not be a price, nothing is made, and each is told by name.
What an operation has nothing to say of (a percentage of “free”) is left alone, and told too.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from ..choices import Book, State
from ..claims import Edit
from ..facts import WHOLE_CARD, BadFact, PriceRule, amount, canonical
from ..ledger import PRICE
from ..models import Subject
from .entries import Dates

_EXACT = Context(prec=40)
MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Target:
    """A price as operations see it. Values are canonical texts; empty `base`: there is none."""

    endpoint: int
    provider: int
    name: str  # what a refusal calls it: `OpenAI: gpt-4o, input price`
    component: str
    condition: str
    base: str
    says: Mapping[str, str] = field(default_factory=dict)  # by slug of the source
    # Of the editors' own prices in the book that is written to: when each starts.
    own: tuple[datetime | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    message: str


class BulkRefused(ValueError):
    """Some results could not be prices. Nothing was made of the others either."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} of these prices cannot be changed so")
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Outcome:
    edits: tuple[Edit, ...]
    left: tuple[Fault, ...]


class LeftAlone(Exception):
    """The operation has nothing to say of a price, for a reason."""


Operation = Callable[[Target], str]


# -- operations: from a target to the canonical text of its new price -----------------------------


def by_percent(percent: Decimal) -> Operation:
    """`+10` makes 1.1 times the price."""

    def operation(target: Target) -> str:
        price = _known(target)
        factor = _EXACT.divide(_EXACT.add(Decimal(100), percent), Decimal(100))
        return _with_amount(price, _EXACT.multiply(Decimal(price["amount"]), factor))

    return operation


def to_digits(digits: int) -> Operation:
    """Rounded to so many significant digits, halves up."""
    if not 1 <= digits <= MOST_DIGITS:
        raise BadFact(f"{digits} digits; write a number from 1 to {MOST_DIGITS}")

    def operation(target: Target) -> str:
        price = _known(target)
        number = Decimal(price["amount"])
        rounded = Context(prec=digits, rounding=ROUND_HALF_UP).plus(number)
        if rounded == number:
            raise LeftAlone(f"{price['amount']} has no more than {digits} digits")
        return _with_amount(price, rounded)

    return operation


def as_told_by(source: str, name: str) -> Operation:
    """What one source states."""

    def operation(target: Target) -> str:
        value = target.says.get(source, "")
        if not value:
            raise LeftAlone(f"{name} states no such price")
        return value

    return operation


def as_it_is(target: Target) -> str:
    """The price itself, to be put into a book or between dates."""
    if not target.base:
        raise LeftAlone("no price is published there")
    return target.base


def _known(target: Target) -> dict[str, str]:
    price: dict[str, str] = json.loads(target.base or "{}")
    if "amount" not in price:
        raise LeftAlone(f"it has no figure: {price.get('state', 'no price is published there')}")
    return price


def _with_amount(price: Mapping[str, str], number: Decimal) -> str:
    if number <= 0:
        raise BadFact(f"{price['amount']} would become {_plain(number)}; mark it free instead")
    return canonical({**price, "amount": f"{amount(number):f}", "state": State.KNOWN.value})


def _plain(number: Decimal) -> str:
    return "0" if not number else f"{number.normalize():f}"


# -- over many ------------------------------------------------------------------------------------


def edits(
    targets: Iterable[Target],
    operation: Operation,
    *,
    book: str,
    dates: Dates = Dates(),  # noqa: B008  frozen
) -> Outcome:
    """One edit for each price the operation speaks of; raises BulkRefused, naming the others."""
    made: list[Edit] = []
    left: list[Fault] = []
    faults: list[Fault] = []
    for target in targets:
        try:
            made.append(_edit(target, operation(target), book, dates))
        except LeftAlone as reason:
            left.append(Fault(target.name, str(reason)))
        except BadFact as error:
            faults.append(Fault(target.name, str(error)))
    if faults:
        raise BulkRefused(faults)
    return Outcome(tuple(made), tuple(left))


def drops(targets: Iterable[Target], *, book: str) -> Outcome:
    """The editors fall silent in a book, so that the sources, or what it follows, speak again."""
    made: list[Edit] = []
    left: list[Fault] = []
    for target in targets:
        made += [
            Edit(
                Subject("endpoint", target.endpoint), PRICE + target.component, target.condition,
                book, effective_from=start,
            )
            for start in target.own
        ]  # fmt: skip
        if not target.own:
            left.append(Fault(target.name, f"the editors say nothing of it in the {book} book"))
    return Outcome(tuple(made), tuple(left))


class Width(StrEnum):
    """How far a rule reaches."""

    PRICES = "prices"  # the chosen prices, each by a rule of its own
    CARDS = "cards"  # every price of their endpoints, also those to come
    PROVIDER = "provider"  # every price of their providers


def rules(
    targets: Iterable[Target],
    rule: PriceRule,
    width: Width,
    *,
    book: str,
    dates: Dates = Dates(),  # noqa: B008  frozen
) -> Outcome:
    """One rule for each price, endpoint or provider of the targets; raises BadFact."""
    if book == Book.PUBLIC:
        raise BadFact("the public list holds prices, not rules; choose another book")
    reach = {
        Width.PRICES: lambda one: (
            Subject("endpoint", one.endpoint), one.component, one.condition,
        ),
        Width.CARDS: lambda one: (Subject("endpoint", one.endpoint), WHOLE_CARD, ""),
        Width.PROVIDER: lambda one: (Subject("provider", one.provider), WHOLE_CARD, ""),
    }[width]  # fmt: skip
    made = {
        about: Edit.of_rule(
            about[0], about[1], rule, book, condition=about[2],
            effective_from=dates.starts, effective_to=dates.ends,
        )
        for about in map(reach, targets)
    }  # fmt: skip
    return Outcome(tuple(made.values()), ())


def _edit(target: Target, value: str, book: str, dates: Dates) -> Edit:
    return Edit(
        Subject("endpoint", target.endpoint), PRICE + target.component, target.condition, book,
        value, effective_from=dates.starts, effective_to=dates.ends,
    )  # fmt: skip
