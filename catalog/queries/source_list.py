"""Reads of the sources page; their number does not grow with sources or items."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from catalog.queries.shown import unseen, unseen_subjects
from providers.choices import Book, RunState
from providers.models import Claim, Held, Provider, Run, Source
from providers.trust import EDITOR

# Runs that read an answer to its end, so that their report names items.
_READ = (RunState.PUBLISHED, RunState.UNCHANGED, RunState.RECORDED, RunState.HELD)


@dataclass(frozen=True, slots=True)
class SourceRuns:
    """A source with its latest run, and the latest one whose report says what was read."""

    source: Source
    latest: Run | None
    read: Run | None


def sources_with_runs() -> list[SourceRuns]:
    """Every source by name; the editors once they state something publicly. Two queries."""
    said = Claim.objects.filter(source=OuterRef("pk"), book=Book.PUBLIC.value)
    runs = (
        Run.objects.filter(source=OuterRef("pk"), part="")
        .order_by("-started_at", "-pk")
        .values("pk")
    )
    rows = list(
        Source.objects.filter(~Q(slug=EDITOR) | Exists(said))
        .annotate(
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
    """Source → number of claims it states publicly today of what readers may see. Five queries."""
    public = Claim.objects.live().filter(book=Book.PUBLIC.value)
    models = [subject.id for subject in unseen_subjects() if subject.kind == "model"]
    # Counted apart and taken away: to ask the model of every claim would take a second.
    return dict(
        _by_source(public)
        - _by_source(public.filter(unseen("endpoint__")))
        - _by_source(public.filter(model__in=models))
    )


def _by_source(claims: QuerySet[Claim]) -> Counter[int]:
    return Counter(dict(claims.values_list("source_id").annotate(Count("pk")).order_by()))


def held_waiting() -> list[Held]:
    """Items that wait for an editor, the latest run's first; none of a model not shown."""
    return list(
        Held.objects.filter(answer="")
        .exclude(unseen("endpoint__"))
        .select_related("endpoint__provider")
        .order_by("source_id", "-run_id", "endpoint__provider__name", "endpoint__native_id", "key")
    )


def provider_names(slugs: set[str]) -> dict[str, str]:
    return dict(Provider.objects.filter(slug__in=slugs).values_list("slug", "name"))
