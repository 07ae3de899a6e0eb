"""One price as a row of text cells, and back; every fault names its column. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from ..choices import Book, State, Unit
from ..facts import WEEK_MINUTES, BadFact, Condition, Price, Schedule, amount, slug, trimmed

# Which price: these cells name it, and are not changed by a file.
IDENTITY = ("provider", "native_id", "operation", "upstream", "book", "component")
CONDITION = ("above_tokens", "tier", "region", "hours", "other")
# What it is: these cells are what a file changes.
VALUE = ("state", "amount", "unit", "currency", "from", "to")
# For people; what stands there is not read.
TOLD = ("stated_by", "rule")
COLUMNS = (*IDENTITY, *CONDITION, *VALUE, *TOLD)
REQUIRED = ("provider", "native_id", "component", "state", "amount", "unit", "currency")

# Says that the editors' own price ends, so that the sources speak again.
SOURCES_SPEAK = "sources"
_STATES = (State.KNOWN, State.FREE, State.PLAN, State.VARIES)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RANGE = re.compile(r"(\w{3}) (\d\d):(\d\d)-(\w{3}) (\d\d):(\d\d)\Z")
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell; an empty column means the row as a whole."""

    column: str
    message: str


def condition_cells(condition: Condition) -> dict[str, str]:
    return {
        "above_tokens": "" if condition.above_tokens is None else str(condition.above_tokens),
        "tier": condition.tier,
        "region": condition.region,
        "hours": hours(condition.schedule) if condition.schedule else "",
        "other": json.dumps(dict(condition.named), ensure_ascii=False) if condition.named else "",
    }


def hours(schedule: Schedule) -> str:
    """`Asia/Shanghai Mon 00:30-Mon 08:30, Tue 00:30-Tue 08:30`."""
    spans = (f"{_time(start)}-{_time(end)}" for start, end in schedule.ranges)
    return f"{schedule.zone} {', '.join(spans)}"


def _time(minute: int) -> str:
    """The end of a week is written Sun 24:00: Mon 00:00 is its beginning."""
    day, rest = divmod(minute, 1440) if minute < WEEK_MINUTES else (6, 1440)
    return f"{_DAYS[day]} {rest // 60:02}:{rest % 60:02}"


class Reader:
    """Reads the cells of one row; goes on after a fault, so that all are told together."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self.faults: list[Fault] = []

    def text(self, column: str) -> str:
        return (self._cells.get(column) or "").strip()

    def fault(self, column: str, message: str) -> None:
        found = Fault(column, message)
        if found not in self.faults:
            self.faults.append(found)

    def title(self) -> str:
        """`openai gpt-4o, input, batch`: which price the row is about."""
        endpoint = " ".join(filter(None, map(self.text, ("provider", "native_id", "upstream"))))
        rest = ("component", "book", *CONDITION)
        said = [cell for name in rest if (cell := self.text(name)) and cell != Book.PUBLIC]
        return ", ".join([endpoint, *said])

    def book(self) -> str:
        book = self.text("book") or Book.PUBLIC.value
        if book not in set(Book):
            self.fault("book", f"{book!r} is no price book; write {', '.join(Book)}")
        return book

    def component(self) -> str:
        component = self.text("component")
        try:
            return slug(component)
        except BadFact as error:
            self.fault("component", f"{error}; write one like input or cache_read")
            return ""

    def condition(self) -> Condition | None:
        try:
            return Condition(
                above_tokens=self._above_tokens(),
                tier=self.text("tier"),
                region=self.text("region"),
                schedule=self._schedule(),
                named=self._named(),
            )
        except BadFact as error:
            self.fault("tier" if self.text("tier") else "region", str(error))
            return None

    def _above_tokens(self) -> int | None:
        raw = self.text("above_tokens").replace(",", "")
        if raw and not raw.isdecimal():
            self.fault("above_tokens", f"{raw!r} is not a number of tokens; write one like 200000")
            return None
        return int(raw) if raw else None

    def _schedule(self) -> Schedule | None:
        raw = self.text("hours")
        if not raw:
            return None
        zone, _, spans = raw.partition(" ")
        try:
            return Schedule(zone, tuple(_span(one) for one in spans.split(",")))
        except BadFact as error:
            self.fault("hours", str(error))
            return None

    def _named(self) -> tuple[tuple[str, str], ...]:
        raw = self.text("other")
        if not raw:
            return ()
        try:
            named = json.loads(raw)
        except (ValueError, RecursionError):
            named = None
        if not isinstance(named, dict) or not all(isinstance(one, str) for one in named.values()):
            self.fault("other", 'write named conditions like {"quality": "hd"}')
            return ()
        return tuple(sorted(named.items()))

    def date(self, column: str) -> datetime | None:
        """A day or a moment, in UTC unless it names another offset."""
        raw = self.text(column)
        if not raw:
            return None
        try:
            moment = datetime.fromisoformat(raw)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fault(
                column, f"{raw!r} is not a date; write one like 2026-12-01 or 2026-12-01T09:00"
            )
            return None

    def price(self, component: str, condition: Condition | None) -> Price | None:
        """The price a row states; None with faults noted, or when the sources shall speak."""
        state, sum_ = self.text("state") or State.KNOWN.value, self.text("amount")
        if state not in _STATES:
            self.fault("state", f"{state!r}; write {', '.join(_STATES)}, or {SOURCES_SPEAK}")
        if state == State.KNOWN and not sum_:
            self.fault("amount", "a known price needs an amount; write free as the state if it is")
        if state != State.KNOWN and sum_:
            self.fault("amount", f"a price that is {state} has no amount; leave the cell empty")
        number = self._amount(sum_)
        unit = self.text("unit") or Unit.MILLION_TOKENS.value
        if unit not in set(Unit):
            self.fault("unit", f"{unit!r} is no unit known here; write one of {', '.join(Unit)}")
        starts, ends = self.date("from"), self.date("to")
        if self.faults or condition is None:
            return None
        try:
            return Price(
                component, number, unit, self.text("currency") or "USD", condition, state,
                starts, ends,
            )  # fmt: skip
        except BadFact as error:
            column = "to" if "ends before" in str(error) else "currency"
            self.fault(column if "currency" in str(error) or column == "to" else "", str(error))
            return None

    def _amount(self, raw: str) -> Decimal | None:
        if not raw:
            return None
        try:
            number = amount(raw.replace(",", "").lstrip("$ "))
            if not number:
                self.fault("amount", "0 is no price; write free, plan or varies as the state")
            return trimmed(number) if number else None
        except BadFact as error:
            self.fault("amount", str(error))
            return None


def _span(raw: str) -> tuple[int, int]:
    found = _RANGE.match(raw.strip())
    if found is None or found[1] not in _DAYS or found[4] not in _DAYS:
        raise BadFact(
            f"{raw.strip()!r} are no hours; write them like Asia/Shanghai Mon 00:30-Mon 08:30"
        )
    start, end = (
        _DAYS.index(day) * 1440 + int(hour) * 60 + int(minute)
        for day, hour, minute in (found.group(1, 2, 3), found.group(4, 5, 6))
    )
    return start, end
