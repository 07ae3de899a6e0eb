"""What senders counted themselves: added to hours and days as it is, each point once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from ...choices import Inlet, Period
from ...models import Delivery, Endpoint
from .. import counters, rollup
from ..observation import Observation
from ..otlp.metrics import Point
from ..tally import NOTHING, Tally
from . import quarantine
from .choosing import first_known
from .recorder import Receipt, not_seen_before, sorted_out


def record_points(points: Sequence[Point], *, sender: str, inlet: Inlet, now: datetime) -> Receipt:
    """As record, for points. When it returns they are in the roll-ups; when it raises, none is.

    A point that spans two hours lies in that of its end.
    """
    batch = first_known([point.told for point in points])
    tallies = {one.id: point.tally for one, point in zip(batch, points, strict=True)}
    found = sorted_out(batch, now)
    with transaction.atomic():
        fresh = not_seen_before(found.taken, sender, now)
        hours = _hours(fresh, tallies, inlet)
        if hours:
            rollup.add(hours)
            count = sum(tally.requests for tally in hours.values())
            Delivery.objects.create(
                sender=sender, inlet=inlet.value, received_at=now, count=count, folded_at=now
            )
        quarantine.keep([(one, reason) for _, one, reason in found.strange], sender=sender, now=now)
    if hours:
        rollup.mark_changed()
    counters.came_in(
        inlet,
        accepted=len(fresh),
        duplicate=len(found.taken) - len(fresh),
        refused=len(found.refused),
        quarantined=len(found.strange),
    )
    return Receipt(
        accepted=len(fresh),
        duplicates=len(found.taken) - len(fresh),
        refused=tuple(found.refused),
        quarantined=tuple((index, reason) for index, _, reason in found.strange),
    )


def _hours(
    fresh: Sequence[tuple[Observation, int]], tallies: dict[str, Tally], inlet: Inlet
) -> dict[rollup.Key, Tally]:
    # Deleted since it was looked up: its foreign key would fail the whole batch.
    still = set(
        Endpoint.objects.filter(pk__in={pk for _, pk in fresh}).values_list("pk", flat=True)
    )
    hours: dict[rollup.Key, Tally] = {}
    for one, endpoint_id in fresh:
        if endpoint_id in still:
            start = one.at.replace(minute=0, second=0, microsecond=0)
            key = rollup.Key(Period.HOUR, start, endpoint_id, inlet, one.region, one.app)
            hours[key] = hours.get(key, NOTHING) + tallies[one.id]
    return hours
