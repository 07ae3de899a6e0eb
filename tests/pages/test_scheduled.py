"""A scheduled price begins and ends on time: on every page, out of the cache, with no job run."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import page_cache
from providers import claims, publish
from providers.choices import Component
from providers.models import Edition, Endpoint, Job
from tests.providers.market import offer, price, read, snapshot

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
BEGINS, ENDS = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
A_MOMENT = timedelta(microseconds=1)
MINI = "gpt-4o-mini"
PATH = f"openai/{MINI}"
# What an input costs today and while the schedule holds; no other price has these figures.
BEFORE, MEANWHILE = "0.6173", "0.4739"
MOMENTS = (
    (NOW, BEFORE),
    (BEGINS - A_MOMENT, BEFORE),
    (BEGINS, MEANWHILE),
    (ENDS - A_MOMENT, MEANWHILE),
    (ENDS, BEFORE),
)
EDITIONS = count(1000)
PAGES = (
    f"/models/{PATH}/",
    "/models/",
    "/models/?sort=input",
    "/providers/openai/",
    f"/compare/?model={PATH}&model=openai/gpt-4o",
)


class Clock:
    """The time of day, wherever pages and their cache ask for it."""

    now = NOW

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        clock = self

        class Watched(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return clock.now

        patch.setattr(page_cache, "datetime", Watched)
        patch.setattr("catalog.views._now", lambda: clock.now)


@pytest.fixture
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    settings.PAGE_CACHE = True
    cache.clear()
    yield Clock(monkeypatch)
    cache.clear()


def sold(native_id: str, *prices: Any) -> Any:
    return offer(native_id, *prices, price("9", Component.OUTPUT))


@pytest.fixture(params=["an editor", "a source", "a source's list of dates"])
def market(request: pytest.FixtureRequest) -> None:
    """One price that changes for an hour, said in different ways."""
    day = NOW - timedelta(days=1)
    large = sold("gpt-4o", price("5"))
    for_an_hour = price(MEANWHILE, effective_from=BEGINS, effective_to=ENDS)
    if request.param == "a source":
        read(snapshot(sold(MINI, price(BEFORE), for_an_hour), large, as_of=day))
    elif request.param == "a source's list of dates":
        until = price(BEFORE, effective_to=BEGINS)
        again = price(BEFORE, effective_from=ENDS)
        read(snapshot(sold(MINI, until, for_an_hour, again), large, as_of=day))
    else:
        read(snapshot(sold(MINI, price(BEFORE)), large, as_of=day))
        endpoint = Endpoint.objects.get(native_id=MINI)
        editor = User.objects.create_user("ada")
        claims.correct(endpoint, for_an_hour, by=editor, why="their notice", now=day)
        publish.publish(now=day, endpoints=[endpoint.pk])
    # Pages keep things by the edition, and time does not run backwards but from test to test.
    Edition.objects.update(number=next(EDITIONS))


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_turns_on_time_and_no_job_has_run(client: Client, clock: Clock, path: str) -> None:
    for moment, amount in MOMENTS:
        clock.now = moment
        with CaptureQueriesContext(connection) as asked:
            shown = client.get(path).content.decode()
        assert _first_of_the_two(shown) == amount, moment
        with CaptureQueriesContext(connection) as again:
            kept = client.get(path).content.decode()
        assert (kept, len(again)) == (shown, 1), "a page is kept until the price changes"
        verbs = {query["sql"].lstrip("(").split()[0] for query in (*asked, *again)}
        assert verbs <= {"SELECT", "DECLARE"}
    assert not Job.objects.exists()


def _first_of_the_two(page: str) -> str:
    """The figure that a page gives as today's; what was or will be stands further down."""
    return min((figure for figure in (BEFORE, MEANWHILE) if figure in page), key=page.index)
