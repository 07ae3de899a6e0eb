"""Sources as signs: who states a value, when that was last confirmed, and whether it is old."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog import words
from catalog.pages.parts import Mark, Witness
from providers.queries import SourceRow, is_old
from providers.trust import EDITOR


@dataclass(frozen=True, slots=True)
class Signs:
    """The sources of one page, by id, and the moment the page is read at."""

    sources: dict[int, SourceRow]
    now: datetime

    def confirmed(self, source: int, provider: str) -> datetime | None:
        """When the source's last complete reading covered the provider."""
        return self.sources[source].confirmed_at(provider)

    def confirming(self, provider: str) -> list[int]:
        """The sources that have read the provider's whole listing, the freshest first."""
        dates = {
            source: row.confirmed[provider]
            for source, row in self.sources.items()
            if provider in row.confirmed
        }
        return sorted(dates, key=lambda source: dates[source], reverse=True)

    def last_confirmed(self, provider: str) -> datetime | None:
        """When any source last read the provider's whole listing."""
        sources = self.confirming(provider)
        return self.confirmed(sources[0], provider) if sources else None

    def is_old(self, source: int, provider: str) -> bool:
        """Unconfirmed for over 30 days. What an editor says holds until the editor drops it."""
        if self.sources[source].slug == EDITOR:
            return False
        return is_old(self.confirmed(source, provider), now=self.now)

    def mark(self, source: int, provider: str) -> Mark:
        row = self.sources[source]
        on = self.confirmed(source, provider) or row.as_of
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

    def witnesses(self, used: Iterable[int]) -> tuple[Witness, ...]:
        """The foot of a page: the sources it draws on, the freshest first.

        Editors have no answer with a date; their values say who they are by themselves.
        """
        rows = [(row.as_of, row) for row in map(self.sources.__getitem__, set(used)) if row.as_of]
        return tuple(
            Witness(
                siglum=row.siglum,
                slug=row.slug,
                name=row.name,
                version=row.version,
                as_of=as_of,
                licence=row.licence,
                old=is_old(as_of, now=self.now),
            )
            for as_of, row in sorted(rows, key=lambda pair: (pair[0], pair[1].siglum), reverse=True)
        )
