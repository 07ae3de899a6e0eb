"""What a page of a day gone by asks of the database, beside the page of today; real market.

`pytest tests/test_as_of_costs.py -s` prints the figures; `make bench` has the times.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_market")]

PAGES = (
    "/models/openai/gpt-4o-mini/",
    "/models/openai/gpt-4o-mini/?history=input",
    "/providers/openai/",
    "/providers/openrouter/",
    "/models/",
    "/compare/?model=openai/gpt-4o-mini&model=openai/gpt-4o",
)
DAYS = ("2026-10-01", "2026-03-01", "2025-06-01")
AT_MOST = 2


@dataclass(slots=True)
class Cost:
    """What was asked of the database."""

    queries: int = 0
    rows: int = 0


@contextmanager
def counted(patch: pytest.MonkeyPatch) -> Iterator[Cost]:
    """Counts queries, and the rows that came back over the wire."""
    cost = Cost()

    class Counting(CursorWrapper):
        def execute(self, *query: Any) -> Any:
            cost.queries += 1
            return super().execute(*query)

        def fetchone(self) -> Any:
            row = self.cursor.fetchone()
            cost.rows += row is not None
            return row

        def fetchmany(self, *size: int) -> Any:
            return self._count(self.cursor.fetchmany(*size))

        def fetchall(self) -> Any:
            return self._count(self.cursor.fetchall())

        def __iter__(self) -> Iterator[Any]:
            return iter(self.fetchall())

        def _count(self, rows: Any) -> Any:
            cost.rows += len(rows)
            return rows

    with patch.context() as context:
        context.setattr(connection, "make_cursor", lambda cursor: Counting(cursor, connection))
        yield cost


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_then_reads_at_most_twice_what_the_page_of_today_does(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    joint = "&" if "?" in path else "?"
    today = cost_of(path, monkeypatch)
    assert today.rows > today.queries > 1
    for day in DAYS:
        then = cost_of(f"{path}{joint}as_of={day}", monkeypatch)
        print(f"{path} today {today.queries} queries, {today.rows} rows; {day} {then}")
        assert then.queries <= AT_MOST * today.queries
        assert then.rows <= AT_MOST * today.rows


def cost_of(path: str, patch: pytest.MonkeyPatch) -> Cost:
    """Of a page that nothing is kept of, but for what every page shares."""
    patch.setattr("catalog.pages.keep.Kept.get", lambda self, build, **_: build())
    with counted(patch) as cost:
        assert Client().get(path).status_code == 200
    return cost
