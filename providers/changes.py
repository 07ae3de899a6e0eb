"""What kind of change a step of the ledger is: pure.

Most steps are no news of the market. A source looks again and writes a whole provider anew, a
better source begins to speak, a name such as `-latest` is pointed elsewhere, a price is found where
none was known. Each has its own kind; only the rest counts as a change of price.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from .trust import corroborates

# Endpoints of one provider that one source changes on one day: from here on it is likelier that
# the source looked at the provider again than that the provider changed so much at once.
MANY = 10
# In percent. Less is the same price, rounded or converted another way.
LEAST = Decimal("0.5")
# `gpt-4o-latest`, `gemini-flash-latest:free`: an id that follows the newest release.
_ROLLING = re.compile(r"(?:^|[-_./:@])latest(?:$|[-_./:@])")


class Kind(StrEnum):
    """Why a published price is another than before."""

    PRICE = "price"  # the same source says so, and nothing below explains it
    # Many at one provider at once, and no other source agrees; or too little to mean anything.
    RESTATEMENT = "restatement"
    CORRECTION = "correction"  # a price where none was known, or in another unit
    NAME_MOVED = "name moved"  # the id follows the newest release
    OTHER_SOURCE = "other source"  # another source now speaks for the endpoint


@dataclass(frozen=True, slots=True)
class Value:
    """A price as the ledger holds it; `amount` is per `unit`, None unless known."""

    state: str
    amount: Decimal | None
    unit: str
    currency: str


@dataclass(frozen=True, slots=True)
class Step:
    """A price that began, with the one before it in the same place of the ledger.

    A first sighting is no step, for nobody knows what was before it; nor is the first price of an
    endpoint.
    """

    endpoint_id: int
    provider: str  # slug
    native_id: str
    component: str
    condition: str
    at: datetime
    source_id: int
    source: str  # slug
    claim_id: int
    value: Value
    before: Value | None
    source_before: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A price that some source stated then or later: what confirms a change."""

    endpoint_id: int
    component: str
    condition: str
    source: str
    value: Value


@dataclass(frozen=True, slots=True)
class Change:
    """A step and its kind."""

    step: Step
    kind: Kind

    @property
    def percent(self) -> Decimal | None:
        return percent(self.step.before, self.step.value)


def percent(before: Value | None, after: Value) -> Decimal | None:
    """By how much a price rose, where known amounts of one unit can be compared."""
    if before is None or before.amount is None or after.amount is None:
        return None
    if (before.unit, before.currency) != (after.unit, after.currency):
        return None
    return 100 * (after.amount - before.amount) / before.amount


def is_rolling(native_id: str) -> bool:
    """Whether an id names whatever is newest, so that what it costs changes with what it names."""
    return bool(_ROLLING.search(native_id.lower()))


def classify(steps: Iterable[Step], elsewhere: Iterable[Elsewhere]) -> list[Change]:
    """Steps that changed a published value, each with its kind, in their order.

    `elsewhere`: what is stated by any source of the endpoints of `crowded(steps)`.
    """
    steps = list(steps)
    in_crowds = crowded(steps)
    confirming: dict[tuple[int, str, str, Value], set[str]] = defaultdict(set)
    for one in elsewhere:
        confirming[one.endpoint_id, one.component, one.condition, one.value].add(one.source)
    changes = []
    for step in steps:
        kind = _kind(step)
        if kind is Kind.PRICE and step in in_crowds:
            stated_by = confirming[step.endpoint_id, step.component, step.condition, step.value]
            if not any(corroborates(step.source, other, step.provider) for other in stated_by):
                kind = Kind.RESTATEMENT
        if kind:
            changes.append(Change(step, kind))
    return changes


def crowded(steps: Iterable[Step]) -> set[Step]:
    """Changes of price that came with those of many other endpoints of the provider."""
    together: dict[tuple[str, str, datetime], list[Step]] = defaultdict(list)
    for step in steps:
        if _kind(step) is Kind.PRICE:
            together[step.provider, step.source, step.at].append(step)
    return {
        step
        for crowd in together.values()
        if len({step.endpoint_id for step in crowd}) >= MANY
        for step in crowd
    }


def _kind(step: Step) -> Kind | None:
    """The kind as far as the step itself tells; None: nothing that is published changed."""
    if step.before is None:
        return Kind.CORRECTION
    if step.before == step.value:
        return None
    if step.source != step.source_before:
        return Kind.OTHER_SOURCE
    rise = percent(step.before, step.value)
    if rise is None:
        return Kind.CORRECTION
    if abs(rise) < LEAST:
        return Kind.RESTATEMENT
    return Kind.NAME_MOVED if is_rolling(step.native_id) else Kind.PRICE
