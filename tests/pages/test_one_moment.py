"""A page is of one edition, even when the next is published while it is being built."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from tests.providers.market import offer, price, read, snapshot

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
PATH = "openai/gpt-4o-mini"
AMOUNTS = [f"0.{6173 + 10 * turn}" for turn in range(12)]
PAGES = (
    f"/models/{PATH}/",
    "/models/",
    "/providers/openai/",
    f"/compare/?model={PATH}&model=openai/gpt-4o",
)


def states(turn: int) -> None:
    """What the next edition says; every edition has a price that no other has."""
    prices = (price(AMOUNTS[turn]), price(AMOUNTS[turn], "output"))
    sellers = (offer("gpt-4o-mini", *prices, provider=one) for one in ("openai", "azure"))
    other = offer("gpt-4o", price("5"), price("9", "output"))
    read(snapshot(*sellers, other, as_of=NOW - timedelta(days=20 - turn)))


@contextmanager
def published_before_query(number: int, turn: int) -> Iterator[list[int]]:
    """A worker publishes the next edition right before that query of this thread."""
    asked: list[int] = []

    def watch(execute: Any, *query: Any) -> Any:
        asked.append(1)
        if len(asked) == number:
            publish_elsewhere(turn)
        return execute(*query)

    with connection.execute_wrapper(watch):
        yield asked


def publish_elsewhere(turn: int) -> None:
    worker = threading.Thread(target=_publish, args=[turn])
    worker.start()
    worker.join()


def _publish(turn: int) -> None:
    try:
        states(turn)
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def market(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.PAGE_CACHE = True
    monkeypatch.setattr("catalog.views._now", lambda: NOW)
    cache.clear()
    states(0)
    yield
    cache.clear()


@pytest.mark.parametrize("path", PAGES)
def test_whatever_is_published_meanwhile_a_page_is_of_one_edition(
    client: Client, path: str
) -> None:
    before = client.get(path).content
    for turn, number in enumerate(range(2, 12), start=1):
        cache.clear()
        with published_before_query(number, turn) as asked:
            meanwhile = client.get(path).content
        if len(asked) < number:
            publish_elsewhere(turn)
        cache.clear()
        after = client.get(path).content
        assert AMOUNTS[turn].encode() in after
        assert meanwhile in (before, after), f"published before query {number}"
        before = after
