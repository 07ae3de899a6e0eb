"""Prices and when they apply."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from ..choices import Book, State
from .currencies import CURRENCIES
from .values import DECIMAL_PLACES, MAX_AMOUNT, MAX_SLUG, MAX_TEXT, BadFact, canonical, slug

WEEK_MINUTES = 7 * 24 * 60


@cache
def time_zones() -> frozenset[str]:
    """Names of all time zones. They are looked up in a folder, so once is enough."""
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly half-open minute ranges, Monday 00:00 = 0, in one IANA time zone."""

    zone: str
    ranges: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if self.zone != "UTC" and self.zone not in time_zones():
            raise BadFact(f"{self.zone!r} is not a time zone; write one like Asia/Shanghai")
        if not self.ranges:
            raise BadFact("a schedule needs at least one range")
        end_before = 0
        for start, end in self.ranges:
            if not end_before <= start < end <= WEEK_MINUTES:
                raise BadFact(
                    f"range {start}-{end} overlaps or leaves the week; write minutes from "
                    f"Monday 0:00 in order, at most {WEEK_MINUTES}"
                )
            end_before = end

    def holds(self, when: datetime) -> bool:
        local = when.astimezone(ZoneInfo(self.zone))
        minute = local.weekday() * 1440 + local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.ranges)

    def is_within(self, other: "Schedule") -> bool:
        """Whether each of its ranges lies in one of the other's, on the same clock."""
        return self.zone == other.zone and all(
            any(first <= start and end <= last for first, last in other.ranges)
            for start, end in self.ranges
        )


@dataclass(frozen=True, slots=True)
class Condition:
    """When a price applies. Empty means always, on the standard tier, everywhere."""

    above_tokens: int | None = None  # strictly above N input tokens; reprices the whole request
    tier: str = ""
    region: str = ""
    schedule: Schedule | None = None
    # Any other condition a source brings (size, quality …): kept, shown, refused in a bill.
    named: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.above_tokens is not None and self.above_tokens < 0:
            raise BadFact(f"a threshold of {self.above_tokens} tokens; write 0 or more")
        for part in (self.tier, self.region, *(item for pair in self.named for item in pair)):
            if len(part) > MAX_SLUG:
                raise BadFact(f"condition {part[:40]!r}… is longer than {MAX_SLUG} characters")
        if tuple(sorted(self.named)) != self.named:
            object.__setattr__(self, "named", tuple(sorted(self.named)))

    def is_plain(self) -> bool:
        return self == ANY

    def is_within(self, other: "Condition") -> bool:
        """Whether it holds only where the other does: `batch, above 200,000` is within `batch`."""
        return (
            (
                other.above_tokens is None
                or (self.above_tokens is not None and self.above_tokens >= other.above_tokens)
            )
            and other.tier in ("", self.tier)
            and other.region in ("", self.region)
            and (
                other.schedule is None
                or (self.schedule is not None and self.schedule.is_within(other.schedule))
            )
            and set(other.named) <= set(self.named)
        )

    def key(self) -> str:
        """Canonical text, empty when the price always applies."""
        stated: dict[str, object] = {}
        if self.above_tokens is not None:
            stated["above"] = self.above_tokens
        if self.tier:
            stated["tier"] = self.tier
        if self.region:
            stated["region"] = self.region
        if self.schedule:
            stated["zone"] = self.schedule.zone
            stated["minutes"] = [list(pair) for pair in self.schedule.ranges]
        if self.named:
            stated["named"] = dict(self.named)
        return canonical(stated) if stated else ""

    @classmethod
    def from_key(cls, key: str) -> "Condition":
        if not key:
            return ANY
        stated = json.loads(key)
        schedule = None
        if "zone" in stated:
            schedule = Schedule(stated["zone"], tuple((a, b) for a, b in stated["minutes"]))
        return cls(
            above_tokens=stated.get("above"),
            tier=stated.get("tier", ""),
            region=stated.get("region", ""),
            schedule=schedule,
            named=tuple(sorted(stated.get("named", {}).items())),
        )


ANY = Condition()


def amount(value: object) -> Decimal:
    """A price as a Decimal of at most 15 significant digits; floats lose their binary noise."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise BadFact(f"expected a price, got {type(value).__name__}")
    try:
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        raise BadFact(f"{value!r} is not a price; write a number like 0.15") from None
    if not number.is_finite():
        raise BadFact(f"{value!r} is not a price; write a finite number")
    if number < 0:
        raise BadFact(f"negative price {value}; leave it out when it is not known")
    if number > MAX_AMOUNT:
        raise BadFact(f"price {value} is absurdly large; at most {MAX_AMOUNT:,} per unit")
    return trimmed(number)


# Floats such as 2.9999999999999997e-07 are three hundred-billionths written in binary.
_FLOAT_DIGITS = 12


def trimmed(number: Decimal) -> Decimal:
    """Rounded to what a float can carry and the column can hold, without trailing zeros."""
    if not number:
        return Decimal(0)
    # adjusted() is the exponent of the leading digit.
    places = min(DECIMAL_PLACES, _FLOAT_DIGITS - 1 - number.adjusted())
    rounded = round(number, max(places, 0))
    if not rounded:
        raise BadFact(f"price {number} is smaller than the {DECIMAL_PLACES} places kept")
    return rounded.normalize() if rounded % 1 else rounded.quantize(Decimal(1))


@dataclass(frozen=True, slots=True)
class Price:
    """One price of one component under one condition.

    `amount` is per `unit` in `currency`; None unless `state` is known.
    """

    component: str
    amount: Decimal | None
    unit: str = "1M tokens"
    currency: str = "USD"
    condition: Condition = ANY
    state: str = State.KNOWN
    effective_from: datetime | None = None
    effective_to: datetime | None = None

    def __post_init__(self) -> None:
        slug(self.component)
        if (self.state == State.KNOWN) != (self.amount is not None):
            raise BadFact(f"{self.component}: a price is known exactly when it has an amount")
        if self.amount is not None and not self.amount:
            raise BadFact(f"{self.component}: say free, in a plan or unknown instead of 0")
        if self.currency not in CURRENCIES:
            raise BadFact(f"{self.currency!r} is not a currency; write a code like USD")
        if not self.unit or len(self.unit) > MAX_SLUG:
            raise BadFact(f"{self.component}: a price needs a unit of at most {MAX_SLUG} letters")
        if self.effective_from and self.effective_to and self.effective_from >= self.effective_to:
            raise BadFact(
                f"{self.component}: the price ends before it starts; write a later end or none"
            )
        if len(self.condition.key()) > MAX_TEXT:
            raise BadFact(f"{self.component}: condition longer than {MAX_TEXT} characters")

    @property
    def book(self) -> str:
        """What a source states is on the public list."""
        return Book.PUBLIC.value

    def value(self) -> str:
        """Canonical text of everything but component, condition and dates."""
        stated = {"currency": self.currency, "state": str(self.state), "unit": str(self.unit)}
        if self.amount is not None:
            stated["amount"] = f"{self.amount:f}"
        return canonical(stated)
