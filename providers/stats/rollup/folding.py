"""Counts deliveries that nobody has counted yet."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from ...choices import Inlet, Period
from ...models import Delivery, Endpoint, Observation
from ..tally import Count, Tally
from .adding import add
from .keys import Key, hour_of
from .turning import mark_changed

# In one transaction. SQLite has one writer and others wait for it. PostgreSQL does not, and
# each fold writes every row that it adds to anew, so that few large ones cost less.
OBSERVATIONS_AT_ONCE = {"sqlite": 10_000, "postgresql": 50_000}
DELIVERIES_AT_ONCE = 500
MS_PER_HOUR = 3_600_000
COLUMNS = (
    "delivery_id", "endpoint_id", "at_ms", "region", "app", "outcome", "ttft_us", "latency_us",
    "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "cost_pico",
)  # fmt: skip


def fold_all(*, now: datetime) -> int:
    """Fold until nothing is left that nobody else holds; returns how many observations."""
    done = 0
    while folded := fold(now=now):
        done += folded
    return done


def fold(*, now: datetime, at_most: int | None = None) -> int:
    """Add some deliveries to their hours and days; how many observations, 0 when none is left.

    Safe to call any number of times at once, and to kill: a delivery is marked by the transaction
    that counts it.
    """
    with transaction.atomic():
        deliveries = _claimed(at_most or OBSERVATIONS_AT_ONCE[connection.vendor])
        if not deliveries:
            return 0
        add(_counted(deliveries))
        Delivery.objects.filter(pk__in=deliveries).update(folded_at=now)
    mark_changed()
    return sum(delivery.count for delivery in deliveries.values())


def _claimed(at_most: int) -> dict[int, Delivery]:
    """The oldest that no other transaction holds; at least one, however large."""
    waiting = Delivery.objects.filter(folded_at=None).order_by("pk")
    claimed: dict[int, Delivery] = {}
    total = 0
    for delivery in waiting.select_for_update(skip_locked=True)[:DELIVERIES_AT_ONCE]:
        total += delivery.count
        if claimed and total > at_most:
            break
        claimed[delivery.pk] = delivery
    return claimed


def _counted(deliveries: dict[int, Delivery]) -> dict[Key, Tally]:
    rows = Observation.objects.filter(delivery_id__in=deliveries).values_list(*COLUMNS)
    inlets = {pk: delivery.inlet for pk, delivery in deliveries.items()}
    counts = _counts(rows.iterator(chunk_size=5000), inlets)
    still = set(
        Endpoint.objects.filter(pk__in={key[0] for key in counts}).values_list("pk", flat=True)
    )
    return {
        Key(Period.HOUR, hour_of(hour * MS_PER_HOUR), endpoint_id, Inlet(inlet), region, app): (
            count.done()
        )
        for (endpoint_id, hour, inlet, region, app), count in counts.items()
        if endpoint_id in still  # deleted since: nobody can ask for it
    }


def _counts(
    rows: Iterable[tuple[Any, ...]], inlets: dict[int, str]
) -> dict[tuple[int, int, str, str, str], Count]:
    counts: dict[tuple[int, int, str, str, str], Count] = defaultdict(Count)
    for row in rows:
        delivery_id, endpoint_id, at_ms, region, app, outcome, ttft, latency, *tokens, cost = row
        key = (endpoint_id, at_ms // MS_PER_HOUR, inlets[delivery_id], region, app)
        counts[key].add(outcome, ttft, latency, tokens, cost)
    return counts
