"""When a model was first listed, where that can be known at all.

A first sighting says only "at least since". But when a whole list of a gateway's models was read
before and no source had the model then, it came in between: the later list's day is its first.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Min, Q

from providers.choices import RunState
from providers.models import Claim, Run
from providers.trust import EDITOR, trust

_READ = (RunState.PUBLISHED.value, RunState.UNCHANGED.value, RunState.ABANDONED.value)


@dataclass(frozen=True, slots=True)
class _Sighting:
    """The first time one source listed a model at one provider."""

    at: datetime
    source: str
    provider: str


def first_listings(among: Q) -> dict[int, date]:
    """First day on a list by model, for those of which it is known. Two queries.

    `among` narrows claims to the endpoints of some models.
    """
    looked = _first_looks()
    seen: dict[int, list[_Sighting]] = defaultdict(list)
    rows = (
        Claim.objects.filter(among, endpoint__listing__model__isnull=False)
        .exclude(source__slug=EDITOR)
        .values_list("endpoint__listing__model_id", "source__slug", "endpoint__provider__slug")
        .annotate(first=Min("stated_from"))
        .order_by()
    )
    for model, source, provider, first in rows:
        seen[model].append(_Sighting(first, source, provider))
    return {
        model: first.date()
        for model, sightings in seen.items()
        if _came_after_a_look(first := min(s.at for s in sightings), sightings, looked)
    }


def _came_after_a_look(
    first: datetime, sightings: list[_Sighting], looked: dict[str, datetime]
) -> bool:
    """Whether a whole list that has the model had been read before anybody listed it.

    Lists that are not whole keep models long gone, so that one appears there says nothing.
    """
    return any(
        seen.provider in looked
        and looked[seen.provider] < first
        and trust(seen.source, seen.provider).whole_list
        for seen in sightings
    )


def _first_looks() -> dict[str, datetime]:
    """Provider → as-of of the first reading of its whole list."""
    looks: dict[str, datetime] = {}
    runs = Run.objects.filter(state__in=_READ, as_of__isnull=False, part="").order_by("as_of")
    for source, covers, as_of in runs.values_list("source__slug", "covers", "as_of"):
        for provider in covers:
            if as_of and trust(source, provider).whole_list:
                looks.setdefault(provider, as_of)
    return looks
