"""Sources as signs: who states a value, when that was last confirmed, and whether it is old."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog import words
from catalog.pages.parts import Mark, Witness
from providers.queries import SourceRow, is_old
from providers.trust import EDITOR

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """The end of a row: who states it, and when the freshest of them confirmed it."""

    marks: tuple[Mark, ...] = ()
    on: datetime | None = None
    old: bool = True


@dataclass(frozen=True, slots=True)
class Signs:
    """The sources of one page, by id, and the moment the page is read at."""

    sources: dict[int, SourceRow]
    now: datetime

    def confirmed(self, source: int, provider: str) -> datetime | None:
        """When the source's last complete reading covered the provider.

        What is said of a model at large names no provider: it is as fresh as its source.
        """
        row = self.sources[source]
        return row.confirmed_at(provider) if provider else row.as_of

    def confirming(self, provider: str) -> list[int]:
        """The sources that have read the provider's whole listing, the freshest first."""
        dates = {
            source: row.confirmed[provider]
            for source, row in self.sources.items()
            if provider in row.confirmed
        }
        return sorted(dates, key=lambda source: dates[source], reverse=True)

    def is_old(self, source: int, provider: str) -> bool:
        """Unconfirmed for over 30 days. What an editor says holds until the editor drops it."""
        if self.sources[source].slug == EDITOR:
            return False
        return is_old(self.confirmed(source, provider), now=self.now)

    def mark(self, source: int, provider: str) -> Mark:
        row = self.sources[source]
        on = self._said(source, provider)
        said = f", {words.day(on)}" if on else ""
        return Mark(
            siglum=row.siglum,
            label=f"stated by {row.name}{said}",
            old=self.is_old(source, provider),
            editor=row.slug == EDITOR,
        )

    def marks(self, sources: Iterable[int], provider: str) -> tuple[Mark, ...]:
        """One mark a source, in the order of the sources."""
        return tuple(self.mark(source, provider) for source in dict.fromkeys(sources))

    def standing(self, sources: Iterable[int], provider: str) -> Standing:
        """What `sources` say of a provider's offer, the freshest first."""
        dates = {source: self._said(source, provider) for source in set(sources)}
        fresh_first = sorted(
            dates,
            key=lambda source: (dates[source] or _NEVER, self.sources[source].slug),
            reverse=True,
        )
        return Standing(
            marks=self.marks(fresh_first, provider),
            on=max((at for at in dates.values() if at), default=None),
            old=all(self.is_old(source, provider) for source in dates),
        )

    def _said(self, source: int, provider: str) -> datetime | None:
        return self.confirmed(source, provider) or self.sources[source].as_of

    def witnesses(self, used: Iterable[int]) -> tuple[Witness, ...]:
        """The foot of a page: the sources it draws on, the freshest first."""
        rows = [self.sources[source] for source in set(used)]
        rows.sort(key=lambda row: (row.as_of or _NEVER, row.siglum), reverse=True)
        return tuple(
            Witness(
                siglum=row.siglum,
                slug=row.slug,
                name=row.name,
                version=row.version,
                as_of=row.as_of,
                licence=row.licence,
                old=row.slug != EDITOR and is_old(row.as_of, now=self.now),
            )
            for row in rows
        )
