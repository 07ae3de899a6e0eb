"""What is compared, and what comes of it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..facts import Condition, canonical
from ..ledger import PRICE


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim to be compared. `as_of`: when its source last confirmed it."""

    claim: int
    source: str
    key: str
    condition: Condition
    value: Any
    stated: str
    as_of: datetime
    effective_from: datetime | None = None
    effective_to: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return (self.effective_from is None or self.effective_from <= now) and (
            self.effective_to is None or now < self.effective_to
        )


@dataclass(frozen=True, slots=True)
class Side:
    """One value and everybody who states it, best-ranked first as they came in."""

    value: Any
    statements: tuple[Statement, ...]

    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(statement.source for statement in self.statements))

    def as_of(self) -> datetime:
        """When the freshest of its sources last confirmed it."""
        return max(statement.as_of for statement in self.statements)

    def number(self) -> Decimal | None:
        """The amount of a known price, or a limit; None where there is nothing to measure."""
        if isinstance(self.value, dict):
            amount = self.value.get("amount")
            return None if amount is None else Decimal(amount)
        is_number = isinstance(self.value, int) and not isinstance(self.value, bool)
        return Decimal(self.value) if is_number else None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One fact on which sources differ. `cause` is empty when nobody knows why.

    `condition`: under what the prices compared are charged; empty: always.
    """

    key: str
    condition: Condition
    sides: tuple[Side, ...]
    cause: str

    @property
    def explained(self) -> bool:
        return bool(self.cause)

    @property
    def is_price(self) -> bool:
        return self.key.startswith(PRICE)

    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(source for side in self.sides for source in side.sources()))

    def ratio(self) -> Decimal | None:
        """The largest value over the smallest; None where a side has no number or says zero."""
        numbers = [side.number() for side in self.sides]
        known = [number for number in numbers if number]
        if len(known) < len(numbers):
            return None
        return max(known) / min(known)

    def digest(self) -> str:
        """Names what is said by whom: another as soon as a source changes its word or joins in."""
        said = sorted(
            (statement.source, canonical(statement.value))
            for side in self.sides
            for statement in side.statements
        )
        text = canonical([self.key, self.condition.key(), said])
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def in_force(statements: Iterable[Statement], now: datetime) -> list[Statement]:
    """What each source says now; of two of its dated words the one that began later."""
    live = [statement for statement in statements if statement.holds(now)]
    if not any(statement.effective_from for statement in live):
        return live
    found: dict[tuple[str, str, Condition], Statement] = {}
    for statement in live:
        slot = (statement.source, statement.key, statement.condition)
        earlier = found.get(slot)
        if earlier is None or _began_before(earlier, statement):
            found[slot] = statement
    return list(found.values())


def _began_before(one: Statement, other: Statement) -> bool:
    if other.effective_from is None:
        return False
    return one.effective_from is None or one.effective_from < other.effective_from
