"""The European Central Bank's euro reference rates, as it publishes them in CSV. Pure.

One line a day, newest or oldest first: `Date,USD,JPY,…` over `2026-10-30,1.1172,175.68,…` (the
history) or over `30 October 2026, 1.1172, 175.68, …` (the file of one day). `N/A`: none that day.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from .facts import BadFact
from .rates import CURRENCIES, ECB, Rate, known_currency

# Stand in the history's head, with rates of years before this almanac.
OUT_OF_USE = frozenset(
    ("BGN", "CYP", "EEK", "HRK", "LTL", "LVL", "MTL", "ROL", "SIT", "SKK", "TRL")
)
_NO_RATE = ("N/A", "")
_WRITTEN = ("%Y-%m-%d", "%d %B %Y")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in which line, counted from 1, and what to write instead."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Read:
    rates: tuple[Rate, ...]
    faults: tuple[Fault, ...]


def read(lines: Iterable[str], *, today: date) -> Read:
    """Every rate of the file, and every fault; a rate of a day that has not come is one."""
    rows = csv.reader(lines)
    head = [name.strip() for name in next(rows, [])]
    if not head or head[0] != "Date":
        return Read((), (Fault(1, "the first line begins with “Date”, then currencies follow"),))
    rates: list[Rate] = []
    faults = list(_of_head(head))
    # A column that the first line spoils is told there, once.
    readable = [name in CURRENCIES and head.index(name) == n for n, name in enumerate(head)]
    seen: dict[date, int] = {}
    for row in rows:
        line = rows.line_num
        try:
            day = _day(row, today)
            if day in seen:
                raise BadFact(f"{day} stands in line {seen[day]} too; keep one")
            seen[day] = line
        except BadFact as error:
            faults.append(Fault(line, str(error)))
            continue
        for place, written in enumerate(row[1 : len(head)], start=1):
            if not readable[place]:
                continue
            try:
                rates += _rate(head[place], written.strip(), day)
            except BadFact as error:
                faults.append(Fault(line, str(error)))
    if not rates and not faults:
        faults.append(Fault(2, "no rates; a line for each day is expected"))
    return Read(tuple(rates), tuple(faults))


def _of_head(head: Sequence[str]) -> Iterator[Fault]:
    for place, currency in enumerate(head[1:], start=1):
        if currency in OUT_OF_USE or (not currency and place == len(head) - 1):
            continue
        try:
            known_currency(currency)
            if currency in head[1:place]:
                raise BadFact(f"{currency} stands twice; keep one column")
        except BadFact as error:
            yield Fault(1, str(error))


def _day(row: Sequence[str], today: date) -> date:
    written = row[0].strip() if row else ""
    for form in _WRITTEN:
        try:
            day = datetime.strptime(written, form).date()  # noqa: DTZ007  a day, not a moment
        except ValueError:
            continue
        if day > today:
            raise BadFact(f"{day} has not come; rates are of days gone by")
        return day
    raise BadFact(f"{written!r} is not a day; write it like 2026-10-30")


def _rate(currency: str, written: str, day: date) -> Iterator[Rate]:
    if written in _NO_RATE:
        return
    try:
        per_euro = Decimal(written)
    except InvalidOperation:
        raise BadFact(f"{currency}: {written!r} is not a rate; write a number like 7.43") from None
    yield Rate(currency, per_euro, day, ECB)
