"""Hours that somebody else keeps: what is read again takes the place of what was read before."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from ...choices import Inlet, Period
from ...models import Rollup
from ..tally import FIELDS, NOTHING, Tally
from .adding import HISTOGRAMS, tally_of
from .turning import mark_changed

DAY = timedelta(days=1)


def replace(start: datetime, tallies: Mapping[int, Tally], *, inlet: Inlet, region: str) -> None:
    """Tallies by endpoint are all that this inlet has of that hour and region.

    Its day is added up anew from its hours, so they must still be there: take recent ones alone.
    """
    day = start.replace(hour=0)
    mine = Rollup.objects.filter(inlet=inlet.value, region=region)
    with transaction.atomic():
        mine.filter(period=Period.HOUR, start=start).delete()
        _write(Period.HOUR, start, tallies, inlet, region)
        mine.filter(period=Period.DAY, start=day).delete()
        hours = mine.filter(period=Period.HOUR, start__gte=day, start__lt=day + DAY)
        days: dict[int, Tally] = defaultdict(lambda: NOTHING)
        for row in hours:
            days[row.endpoint_id] += tally_of(row)
        _write(Period.DAY, day, days, inlet, region)
    mark_changed()


def _write(
    period: Period, start: datetime, tallies: Mapping[int, Tally], inlet: Inlet, region: str
) -> None:
    Rollup.objects.bulk_create(
        [
            Rollup(
                period=period.value,
                start=start,
                endpoint_id=endpoint_id,
                inlet=inlet.value,
                region=region,
                **{name: _stored(tally, name) for name in FIELDS},
            )
            for endpoint_id, tally in sorted(tallies.items())
        ]
    )


def _stored(tally: Tally, name: str) -> int | bytes:
    value = getattr(tally, name)
    stored: int | bytes = value.to_bytes() if name in HISTOGRAMS else value
    return stored
