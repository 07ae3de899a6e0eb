"""Keeps the rows of an hour few, whatever senders put into the names of apps and regions."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db.models import Count

from ...choices import Period
from ...models import Rollup
from ..tally import NOTHING, Tally
from .keys import Key

MOST_NAMES = 100  # pairs of region and app of one endpoint and inlet, in one hour or day
OTHERS = "(others)"

Place = tuple[Period, datetime, int, str]  # period, start, endpoint, inlet


def relieved(tallies: dict[Key, Tally], there: Collection[Key]) -> dict[Key, Tally]:
    """The same figures; pairs of names for which there is no room go together as others.

    One query for each start at which a name is new, none otherwise. Who counts at the same time
    may add a few names more.
    """
    new = [key for key in tallies if key not in there and (key.region or key.app)]
    taken = _taken(new)
    moved = dict(tallies)
    for key in sorted(new):
        place = key[:4]
        if taken[place] < MOST_NAMES:
            taken[place] += 1
            continue
        others = key._replace(region=OTHERS, app=OTHERS)
        moved[others] = moved.get(others, NOTHING) + moved.pop(key)
    return moved


def _taken(new: Collection[Key]) -> Counter[Place]:
    found: Counter[Place] = Counter()
    for period, start in sorted({key[:2] for key in new}):
        same = {key.endpoint_id for key in new if key[:2] == (period, start)}
        rows = (
            Rollup.objects.filter(period=period, start=start, endpoint_id__in=same)
            .values_list("endpoint_id", "inlet")
            .annotate(Count("pk"))
            .order_by()
        )
        for endpoint_id, inlet, count in rows:
            found[period, start, endpoint_id, inlet] = count
    return found
