"""One price in the grid: what is published, what editors and sources say; and which to show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..choices import Book
from ..ledger import BEGINNING
from ..queries import SourceRow

Slot = tuple[int, str, str]  # endpoint, component, condition


@dataclass(frozen=True, slots=True)
class Scope:
    """Which prices the grid shows; empty: none at all."""

    provider: str = ""
    endpoint: int | None = None
    search: str = ""
    component: str = ""
    overridden: bool = False  # only what editors say something of, in `book`
    differing: bool = False  # only where two sources state different prices
    book: str = Book.PUBLIC.value
    # Endpoints of a draft that is shown by itself.
    only: frozenset[int] = frozenset()

    def names_something(self) -> bool:
        return self.names_endpoints() or self.overridden or self.differing

    def names_endpoints(self) -> bool:
        return bool(self.provider or self.endpoint or self.search or self.only)


@dataclass(frozen=True, slots=True)
class Said:
    """One source's word on a price. `value` is canonical text; `old`: confirmed long ago."""

    source: str
    name: str
    siglum: str
    value: str
    since: datetime
    at_least: bool
    confirmed: datetime | None
    old: bool
    effective_from: datetime | None
    effective_to: datetime | None

    @property
    def begins(self) -> datetime:
        """As the ledger reckons it; of two prices of one source, the later holds."""
        return self.effective_from or (BEGINNING if self.effective_to else self.since)

    def holds(self, now: datetime) -> bool:
        begun = self.effective_from is None or self.effective_from <= now
        return begun and (self.effective_to is None or now < self.effective_to)


@dataclass(frozen=True, slots=True)
class Own:
    """The editors' own word, a price or a rule, in one book."""

    claim: int
    key: str
    condition: str
    book: str
    value: str
    since: datetime
    effective_from: datetime | None
    effective_to: datetime | None
    editor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is published in one book now, as canonical text; `source`: whose word it is."""

    value: str
    source: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One price with all that is said of it; sources stand best-ranked first."""

    endpoint: int
    component: str
    condition: str
    standing: Mapping[str, Standing]  # by book
    own: tuple[Own, ...]
    says: tuple[Said, ...]

    @property
    def slot(self) -> Slot:
        return (self.endpoint, self.component, self.condition)

    def base(self, book: str) -> str:
        """What a price of a book is reckoned from; what a book leaves out costs what all pay."""
        found = self.standing.get(book) or self.standing.get(Book.PUBLIC.value)
        return found.value if found else ""

    def like(self, book: str) -> str:
        """A price of the same unit and currency as one to be typed; empty: nobody states any."""
        stated = [
            self.base(book),
            *(one.value for one in self.own),
            *(one.value for one in self.says),
        ]
        return next((text for text in stated if text and '"unit"' in text), "")

    def owned(self, book: str) -> tuple[Own, ...]:
        return tuple(one for one in self.own if one.book == book)

    def words(self, now: datetime) -> dict[str, str]:
        """What each source states now, by its slug."""
        said = sorted(self.says, key=lambda one: one.begins)
        return {one.source: one.value for one in said if one.holds(now)}

    def differs(self, now: datetime) -> bool:
        return len(set(self.words(now).values())) > 1


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows in reading order, and the rules for whole cards by endpoint and by provider id."""

    rows: tuple[Row, ...]
    rules: Mapping[int, tuple[Own, ...]]
    provider_rules: Mapping[int, tuple[Own, ...]]
    sources: tuple[SourceRow, ...]  # all that are read, by siglum
