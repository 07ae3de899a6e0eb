"""What stands behind a value, as frozen data: drawn as a page, or handed on as JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.pages.disagreement.notes import DisputeNote
from catalog.pages.links import Link
from catalog.pages.parts import Mark
from catalog.pages.stated.past import Before


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source states of the value. `value` is as claimed, `text` the same in words.

    `since`: when it began to; `at_least`: it may have before. `confirmed` None: editors, who hold
    to it until they drop it. `starts`, `ends`: when it holds by the source's own dates.
    """

    source: Link
    homepage: str
    mark: Mark
    about: str  # what it is stated of, where that is not the subject itself
    note: str  # what its source says beside it
    text: str
    value: Any
    since: datetime
    at_least: bool
    confirmed: datetime | None
    old: bool
    starts: datetime | None
    ends: datetime | None
    is_published: bool
    differs: bool

    @property
    def is_edited(self) -> bool:
        return self.mark.editor


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The same component under another condition."""

    label: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """One value. `text` empty: nothing is published; then nobody states it, or `statements` do.

    `since` None: nobody knows, or the value is no price: its statements say since when each.
    """

    key: str
    condition: str
    label: str
    text: str
    unit: str  # of a known price
    old: bool
    since: datetime | None
    at_least: bool
    before: Before | None
    statements: tuple[Statement, ...]
    dispute: DisputeNote | None
    elsewhere: tuple[Elsewhere, ...]
    price_list: str
    report: str

    @property
    def others(self) -> int:
        """How many statements are not the published one."""
        return sum(not statement.is_published for statement in self.statements)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of everything that is stated of a subject."""

    key: str
    label: str
    text: str
    marks: tuple[Mark, ...]
    confirmed: datetime | None
    old: bool
    disputed: str  # "", "explained" or "unexplained"
    href: str
