"""Takes out what is too old, a few thousand rows at a time, so that nobody waits for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from ...choices import Period
from ...models import Delivery, EventDigest, Observation, Quarantined, Rollup
from ..definitions import HOURS_KEPT_DAYS
from ..observation import DIGESTS_KEPT

AT_ONCE = 5_000
DELIVERIES_AT_ONCE = 500
HOURS_KEPT = timedelta(days=HOURS_KEPT_DAYS)
QUARANTINE_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Pruned:
    """Rows taken out."""

    observations: int
    digests: int
    hours: int
    quarantined: int

    def __str__(self) -> str:
        return ", ".join(f"{getattr(self, field.name)} {field.name}" for field in fields(self))


def prune(
    *, now: datetime, raw_kept: timedelta, tell: Callable[[int], None] = lambda done: None
) -> Pruned:
    """Raw observations once they are counted, digests, hours and the quarantine. Days stay.

    A day's digests go when the whole day is past: events of its last minute too.
    """
    hours = Rollup.objects.filter(period=Period.HOUR, start__lt=now - HOURS_KEPT)
    digests = EventDigest.objects.filter(received_on__lt=(now - DIGESTS_KEPT).date())
    quarantined = Quarantined.objects.filter(last_seen_at__lt=now - QUARANTINE_KEPT)
    return Pruned(
        observations=_all(_observations(now - raw_kept), tell),
        digests=_all(_in_parts(digests), tell),
        hours=_all(_in_parts(hours), tell),
        quarantined=_all(_in_parts(quarantined), tell),
    )


def _all(parts: Iterator[int], tell: Callable[[int], None]) -> int:
    done = 0
    for part in parts:
        done += part
        tell(done)
    return done


def _observations(before: datetime) -> Iterator[int]:
    """Whole deliveries, each with its observations or not at all."""
    old = Delivery.objects.filter(received_at__lt=before).exclude(folded_at=None)
    while some := list(old.order_by("pk").values_list("pk", "count")[:DELIVERIES_AT_ONCE]):
        ids: list[int] = []
        total = 0
        for pk, count in some:
            if ids and total + count > AT_ONCE:
                break
            ids.append(pk)
            total += count
        with transaction.atomic():
            deleted, _ = Observation.objects.filter(delivery_id__in=ids).delete()
            Delivery.objects.filter(pk__in=ids).delete()
        yield deleted


def _in_parts(rows: "QuerySet[Any]") -> Iterator[int]:
    while True:
        some = rows.order_by().values("pk")[:AT_ONCE]
        deleted, _ = rows.model._default_manager.filter(pk__in=some).delete()
        if not deleted:
            return
        yield deleted
