"""Sources, and what each confirmed when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, FilteredRelation, Q

from ..choices import OLD_AFTER_DAYS, RunState
from ..models import Source

_CONFIRMING = (RunState.PUBLISHED.value, RunState.UNCHANGED.value)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source and what it confirmed when. `as_of` is the date of its newest content."""

    id: int
    slug: str
    name: str
    siglum: str
    licence: str
    homepage: str
    version: str
    as_of: datetime | None
    # Provider slug → as-of of the newest complete run that covered it; "*": any provider.
    confirmed: dict[str, datetime]

    def confirmed_at(self, provider: str) -> datetime | None:
        return self.confirmed.get(provider) or self.confirmed.get("*")


def sources(*, when: datetime | None = None) -> dict[int, SourceRow]:
    """Every source by id, as it stood today or at a moment. One query, one row a run."""
    read = Q(runs__state__in=_CONFIRMING, runs__as_of__isnull=False, runs__part="")
    if when is not None:
        read &= Q(runs__as_of__lte=when)
    confirming = FilteredRelation("runs", condition=read)
    found: dict[Source, list[tuple[datetime, str, list[str]]]] = {}
    for source in Source.objects.annotate(
        confirming=confirming,
        run_as_of=F("confirming__as_of"),
        run_version=F("confirming__version"),
        run_covers=F("confirming__covers"),
    ).order_by("siglum", "confirming__as_of", "confirming__pk"):
        runs = found.setdefault(source, [])
        if source.run_as_of:
            runs.append((source.run_as_of, source.run_version, source.run_covers))
    return {source.pk: _source_row(source, runs) for source, runs in found.items()}


def _source_row(source: Source, runs: list[tuple[datetime, str, list[str]]]) -> SourceRow:
    return SourceRow(
        id=source.pk,
        slug=source.slug,
        name=source.name,
        siglum=source.siglum,
        licence=source.licence,
        homepage=source.homepage,
        version=runs[-1][1] if runs else "",
        as_of=runs[-1][0] if runs else None,
        confirmed={slug: as_of for as_of, _, covers in runs for slug in covers},
    )


def is_old(confirmed: datetime | None, *, now: datetime) -> bool:
    """Whether a value was last confirmed so long ago that it is shown as old and never as best."""
    return confirmed is None or now - confirmed > timedelta(days=OLD_AFTER_DAYS)
