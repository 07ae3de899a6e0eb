"""Adds tallies to the rows of their hours and days."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from ...choices import Period
from ...models import Rollup
from ..histogram import Histogram
from ..tally import FIELDS, NOTHING, Tally
from .crowding import relieved
from .keys import Key

HISTOGRAMS = ("ttft", "latency", "throughput")
COUNTS = tuple(name for name in FIELDS if name not in HISTOGRAMS)
MOST = 2**63 - 1  # what a column holds: made-up figures must not stop the counting of others
AT_ONCE = 500  # values in one IN; SQLite takes 999 parameters
KEY = ("period", "start", "endpoint_id", "inlet", "region", "app")
_TABLE = Rollup._meta.db_table
_BEGUN = ("endpoint_id", "period", "start", "inlet", "region", "app", *FIELDS)
# By hand, since building these through the ORM took ten times as long as running them.
_BEGIN = f"""
INSERT INTO {_TABLE} ({", ".join(_BEGUN)}) VALUES ({", ".join(["%s"] * len(_BEGUN))})
ON CONFLICT DO NOTHING
"""  # noqa: S608  names of our own
_WRITE = f"""
UPDATE {_TABLE} SET {", ".join(f"{name} = %s" for name in FIELDS)} WHERE id = %s
"""  # noqa: S608


def add(hours: Mapping[Key, Tally]) -> None:
    """Add to each hour and to its day, in one transaction.

    Two queries for each start and 500 keys, and one statement for each row.

    Everybody makes missing rows first and then locks all of them, both in the order of their keys,
    so that no two wait for each other.
    """
    tallies = dict(hours)
    for key, tally in hours.items():
        tallies[key.day] = tallies.get(key.day, NOTHING) + tally
    with transaction.atomic(), connection.cursor() as cursor:
        there = set(_present(sorted(tallies)))
        tallies = relieved(tallies, there)
        keys = sorted(tallies)
        cursor.executemany(_BEGIN, [_key_columns(key) for key in keys if key not in there])
        changed = [
            _columns(stored + tallies[key], pk)
            for pk, key, stored in _locked(keys)
            if key in tallies
        ]
        cursor.executemany(_WRITE, changed)


def tally_of(row: Rollup) -> Tally:
    return _tally([getattr(row, name) for name in FIELDS])


def _tally(columns: Sequence[Any]) -> Tally:
    counts = columns[: -len(HISTOGRAMS)]
    return Tally(*counts, *map(Histogram.from_bytes, columns[-len(HISTOGRAMS) :]))


def _columns(tally: Tally, pk: int) -> tuple[Any, ...]:
    counts = [min(getattr(tally, name), MOST) for name in COUNTS]
    return (*counts, *[getattr(tally, name).to_bytes() for name in HISTOGRAMS], pk)


def _key_columns(key: Key) -> tuple[Any, ...]:
    start = connection.ops.adapt_datetimefield_value(key.start)
    return (
        key.endpoint_id, key.period.value, start, key.inlet.value, key.region, key.app,
        *([0] * len(COUNTS)), *([b""] * len(HISTOGRAMS)),
    )  # fmt: skip


def _present(keys: list[Key]) -> Iterator[Key]:
    for rows in _rows(keys):
        for columns in rows.values_list(*KEY):
            yield Key(*columns)


def _locked(keys: list[Key]) -> Iterator[tuple[int, Key, Tally]]:
    """These rows and perhaps some more of the same endpoints."""
    for rows in _rows(keys):
        locked = rows.select_for_update().order_by("endpoint_id", "inlet", "region", "app")
        for pk, *columns in locked.values_list("pk", *KEY, *FIELDS):
            yield pk, Key(*columns[: len(KEY)]), _tally(columns[len(KEY) :])


def _rows(keys: list[Key]) -> Iterator["QuerySet[Rollup]"]:
    by_start: dict[tuple[Period, datetime], list[Key]] = defaultdict(list)
    for key in keys:
        by_start[key.period, key.start].append(key)
    for (period, start), same in by_start.items():
        for begin in range(0, len(same), AT_ONCE):
            some = same[begin : begin + AT_ONCE]
            yield Rollup.objects.filter(
                period=period,
                start=start,
                endpoint_id__in={key.endpoint_id for key in some},
                inlet__in={key.inlet for key in some},
                app__in={key.app for key in some},
            )
