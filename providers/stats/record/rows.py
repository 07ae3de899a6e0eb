"""Rows by the thousand, in each database's own fast way: COPY, or one prepared statement."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db import connection

from ...models import Observation as Row
from ..observation import Observation
from ..tally import PICO_PER_USD

T = TypeVar("T")
Pair = tuple[Observation, int]  # with the endpoint's id
AT_ONCE = 900  # parameters in one of SQLite's queries
COLUMNS = (
    "delivery_id", "endpoint_id", "at_ms", "outcome", "ttft_us", "latency_us", "input_tokens",
    "output_tokens", "cached_tokens", "reasoning_tokens", "cost_pico", "region", "app",
)  # fmt: skip
_TABLE = f"{Row._meta.db_table} ({', '.join(COLUMNS)})"  # names of our own
_COPY = f"COPY {_TABLE} FROM STDIN (NULL 'None')"
_INSERT = f"INSERT INTO {_TABLE} VALUES ({', '.join(['%s'] * len(COLUMNS))})"  # noqa: S608
# Another transaction that writes the same digest is waited for; only one of the two gets it back.
_CLAIM = """
INSERT INTO providers_eventdigest (digest, received_on)
SELECT decode(hex, 'hex'), %s FROM unnest(string_to_array(%s, ',')) AS hex
ON CONFLICT DO NOTHING RETURNING digest
"""
_LINE = "\t".join(["%s"] * len(COLUMNS)) + "\n"


def write(delivery_id: int, pairs: Sequence[Pair]) -> None:
    """One row an observation, inside the caller's transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What this raises Django would not know as an error of the database.
            with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
                for some in _chunks(pairs):  # the server reads these while the next are made
                    copy.write("".join(_lines(delivery_id, some)))
        else:
            cursor.executemany(_INSERT, list(_tuples(delivery_id, pairs)))


def first_seen(digests: Sequence[bytes], today: date) -> set[bytes]:
    """Those that nobody brought before, now taken. Of any number of callers one gets a digest."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_CLAIM, [today, ",".join([each.hex() for each in digests])])
            return {bytes(row[0]) for row in cursor.fetchall()}
        return _first_seen_by_the_only_writer(cursor, digests, today)


def _first_seen_by_the_only_writer(
    cursor: Any, digests: Sequence[bytes], today: date
) -> set[bytes]:
    """SQLite: the transaction began IMMEDIATE, so nobody writes between the look and the insert."""
    known: set[bytes] = set()
    for some in _chunks(digests):
        places = ", ".join(["%s"] * len(some))
        cursor.execute(
            f"SELECT digest FROM providers_eventdigest WHERE digest IN ({places})",  # noqa: S608
            some,
        )
        known.update(bytes(row[0]) for row in cursor.fetchall())
    new = [each for each in digests if each not in known]
    cursor.executemany(
        "INSERT INTO providers_eventdigest (digest, received_on) VALUES (%s, %s)",
        [(each, today) for each in new],
    )
    return set(new)


def _tuples(delivery_id: int, pairs: Iterable[Pair]) -> Iterator[tuple[Any, ...]]:
    for one, endpoint_id in pairs:
        ttft, latency, cost = one.ttft_ms, one.latency_ms, one.cost
        yield (
            delivery_id,
            endpoint_id,
            int(one.at.timestamp() * 1000),
            one.outcome.value,
            None if ttft is None else round(ttft * 1000),
            None if latency is None else round(latency * 1000),
            one.input_tokens,
            one.output_tokens,
            one.cached_tokens,
            one.reasoning_tokens,
            None if cost is None else round(cost * PICO_PER_USD),
            one.region,
            one.app,
        )


def _lines(delivery_id: int, pairs: Iterable[Pair]) -> Iterator[str]:
    """Rows as COPY reads them; texts are printable, so that they hold no tab and no line break."""
    for *figures, region, app in _tuples(delivery_id, pairs):
        yield _LINE % (*figures, _escaped(region), _escaped(app))


def _escaped(text: str) -> str:
    """A text that is not taken for an escape, nor for NULL, which is written as None."""
    if not text:
        return text
    doubled = text.replace("\\", r"\\")
    return r"\None" if doubled == "None" else doubled


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
