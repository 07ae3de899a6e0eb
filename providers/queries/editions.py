"""Which edition readers see, and how a page is read from one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from ..models import Edition

_STATISTICS = "statistics"
# A run's state changes until it has ended; no more than eight are under way together.
_IMPRINT = """
SELECT number, '' FROM providers_edition
UNION ALL
SELECT number, 'statistics' FROM providers_statisticsedition
UNION ALL
SELECT id, state FROM (
  SELECT id, state FROM providers_run WHERE part = '' ORDER BY id DESC LIMIT 8
) AS latest
"""


def edition() -> int:
    """The number of the edition; 0 before anything was published. One small query."""
    number = Edition.objects.values_list("number", flat=True).first()
    return number or 0


def edition_date() -> datetime | None:
    """When published facts last changed."""
    return Edition.objects.values_list("changed_at", flat=True).first()


@dataclass(frozen=True, slots=True)
class Imprint:
    """What pages are printed from. `statistics`: the edition of what was measured."""

    market: str
    statistics: int


def imprint() -> Imprint:
    """Names what pages are printed from: the editions, and the runs that confirmed them since.

    An unchanged refresh writes a run and no edition, yet moves the dates of confirmation. Asked for
    every page that is served: one query by primary key, as SQL, because building it through the ORM
    took five times as long as running it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IMPRINT)
        rows = cursor.fetchall()
    statistics = sum(number for number, of in rows if of == _STATISTICS)
    return Imprint(str(sorted(row for row in rows if row[1] != _STATISTICS)), statistics)


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read within is of one state of the database, whatever is committed meanwhile.

    For reading alone. Within a transaction, which is one moment already or means not to be, it
    changes nothing.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with _deferred(), transaction.atomic():
            yield
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield


@contextmanager
def _deferred() -> Iterator[None]:
    """SQLite's transactions begin without the lock that writers need, as ours otherwise do."""
    sqlite: Any = connection
    sqlite.ensure_connection()
    usual, sqlite.transaction_mode = sqlite.transaction_mode, "DEFERRED"
    try:
        yield
    finally:
        sqlite.transaction_mode = usual
