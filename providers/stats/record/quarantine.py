"""Measurements whose endpoint nobody knows: counted by name, so that a mis-spelt one is seen."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db.models import F

from ...models import Quarantined
from ..observation import Observation
from .names import Name

MOST_NAMES = 1000  # of one sender; what else it makes up is counted under OTHERS
NAME = ("provider", "model", "operation", "upstream")
OTHERS: Name = ("(others)", "(others)", "", "")


def keep(strange: Sequence[tuple[Observation, str]], *, sender: str, now: datetime) -> None:
    """Count them under their names, inside the caller's transaction.

    Two queries and one for each name, which are at most MOST_NAMES, whatever is sent.
    """
    if not strange:
        return
    known = set(Quarantined.objects.filter(sender=sender).values_list(*NAME))
    first: dict[Name, Quarantined] = {}
    counts: Counter[Name] = Counter()
    for one, reason in strange:
        name = name_of(one)
        if name not in known and name not in first and len(known) + len(first) >= MOST_NAMES:
            name = OTHERS
        counts[name] += 1
        if name not in known and name not in first:
            first[name] = _first(name, one, reason, sender, now)
    # In one order for everybody; who comes second adds to the row of who came first.
    Quarantined.objects.bulk_create([first[name] for name in sorted(first)], ignore_conflicts=True)
    for name in sorted(counts):
        Quarantined.objects.filter(sender=sender, **dict(zip(NAME, name, strict=True))).update(
            count=F("count") + counts[name], last_seen_at=now
        )


def name_of(one: Observation) -> Name:
    """The name that was not known; a number that names no endpoint stands as the model."""
    return one.name if one.endpoint is None else ("", str(one.endpoint), "", "")


def _first(name: Name, one: Observation, reason: str, sender: str, now: datetime) -> Quarantined:
    return Quarantined(
        **dict(zip(NAME, name, strict=True)),
        sender=sender,
        reason=reason,
        first_seen_at=now,
        last_seen_at=now,
        example=msgspec.json.encode(one).decode(),
    )
