"""Things worth building once an edition, kept in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from catalog.queries.chrome import EditionLine

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    value: T
    edition: EditionLine
    day: date
    until: datetime | None


class Kept(Generic[T]):
    """The newest value of one kind: good for its edition, its day (UTC) and until a moment.

    An entry is replaced as a whole, so threads need no lock: at worst two build the same. Before
    the first edition nothing is kept.
    """

    def __init__(self) -> None:
        self._entry: _Entry[T] | None = None

    def get(
        self,
        build: Callable[[], T],
        *,
        edition: EditionLine,
        now: datetime,
        until: Callable[[T], datetime | None] = lambda value: None,
    ) -> T:
        entry = self._entry
        if (
            entry is not None
            and entry.edition == edition
            and entry.day == now.date()
            and (entry.until is None or now < entry.until)
        ):
            return entry.value
        value = build()
        if edition.number:
            self._entry = _Entry(value, edition, now.date(), until(value))
        return value
