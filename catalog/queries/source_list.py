"""Reads of the sources page; their number does not grow with sources or items."""

from dataclasses import dataclass

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Lower

from providers.choices import RunState
from providers.models import Claim, Held, Provider, Run, Source

# Runs that read an answer to its end, so that their report names items.
_READ = (RunState.PUBLISHED, RunState.UNCHANGED, RunState.RECORDED, RunState.HELD)


@dataclass(frozen=True, slots=True)
class SourceRuns:
    """A source with its latest run, and the latest one whose report says what was read."""

    source: Source
    latest: Run | None
    read: Run | None


def sources_with_runs() -> list[SourceRuns]:
    """Every source by name. Two queries."""
    runs = (
        Run.objects.filter(source=OuterRef("pk"), part="")
        .order_by("-started_at", "-pk")
        .values("pk")
    )
    rows = list(
        Source.objects.annotate(
            latest_run=Subquery(runs[:1]), read_run=Subquery(runs.filter(state__in=_READ)[:1])
        )
        .order_by(Lower("name"))
        .values_list("pk", "latest_run", "read_run")
    )
    sources = Source.objects.in_bulk([pk for pk, _, _ in rows])
    found = Run.objects.in_bulk([run for _, *both in rows for run in both if run])
    return [
        SourceRuns(sources[pk], found.get(latest), found.get(read)) for pk, latest, read in rows
    ]


def live_claims() -> dict[int, int]:
    """Source → number of claims it states today."""
    counts = Claim.objects.live().values_list("source_id").annotate(Count("pk")).order_by()
    return dict(counts)


def held_waiting() -> list[Held]:
    """Items that wait for an editor, the latest run's first."""
    return list(
        Held.objects.filter(answer="")
        .select_related("endpoint__provider")
        .order_by("source_id", "-run_id", "endpoint__provider__name", "endpoint__native_id", "key")
    )


def provider_names(slugs: set[str]) -> dict[str, str]:
    return dict(Provider.objects.filter(slug__in=slugs).values_list("slug", "name"))
