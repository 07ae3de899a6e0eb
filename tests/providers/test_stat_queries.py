from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from providers import queries, stat_queries
from providers.choices import Inlet, Period
from providers.models import Endpoint
from providers.stats import rollup
from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import NOW, EndpointFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DAY_AGO: dict[str, Any] = {"period": Period.HOUR, "since": NOW - DAY, "until": NOW + HOUR}


@pytest.fixture
def endpoint() -> Endpoint:
    return EndpointFactory()


def measured(endpoint: Endpoint, hours_ago: int, tally: Tally, **of: Any) -> None:
    of = {"inlet": Inlet.PROBE, **of}
    rollup.add({rollup.Key(Period.HOUR, NOW - hours_ago * HOUR, endpoint.pk, **of): tally})


def test_an_idle_hour_is_not_there(endpoint: Endpoint) -> None:
    measured(endpoint, 3, Tally(ok=2, provider_error=1))
    measured(endpoint, 0, Tally(rate_limited=1))
    found = stat_queries.outcomes([endpoint.pk], **DAY_AGO)[endpoint.pk]
    assert [(one.start, one.ok, one.provider_error) for one in found] == [
        (NOW - 3 * HOUR, 2, 1),
        (NOW, 0, 0),
    ]


def test_a_window_begins_with_its_first_hour_and_ends_before_its_last(endpoint: Endpoint) -> None:
    for hours_ago in (24, 25, 0, -1):
        measured(endpoint, hours_ago, Tally(ok=1))
    found = stat_queries.totals([endpoint.pk], **DAY_AGO)
    assert found[endpoint.pk]["probe"].ok == 2


def test_totals_merge_histograms_over_hours_regions_and_apps(endpoint: Endpoint) -> None:
    measured(endpoint, 1, Tally(ok=1, ttft=Histogram.of([0.1])), region="fra")
    measured(endpoint, 2, Tally(ok=2, ttft=Histogram.of([0.2, 0.4])), app="chat")
    tally = stat_queries.totals([endpoint.pk], **DAY_AGO)[endpoint.pk]["probe"]
    assert tally == Tally(ok=3, ttft=Histogram.of([0.1, 0.2, 0.4]))


def test_inlets_never_come_as_one(endpoint: Endpoint) -> None:
    measured(endpoint, 1, Tally(ok=1))
    measured(endpoint, 1, Tally(ok=5), inlet=Inlet.PUSH)
    totals = stat_queries.totals([endpoint.pk], **DAY_AGO)[endpoint.pk]
    assert {inlet: tally.ok for inlet, tally in totals.items()} == {"probe": 1, "push": 5}
    slots = stat_queries.slots([endpoint.pk], **DAY_AGO)[endpoint.pk]
    assert [(slot.inlet, slot.tally.ok) for slot in slots] == [("probe", 1), ("push", 5)]


def test_regions_are_told_apart(endpoint: Endpoint) -> None:
    measured(endpoint, 1, Tally(ok=1), region="fra")
    measured(endpoint, 1, Tally(ok=2), region="iad")
    found = stat_queries.regions([endpoint.pk], **DAY_AGO)[endpoint.pk]
    assert {where: tally.ok for where, tally in found.items()} == {
        ("probe", "fra"): 1,
        ("probe", "iad"): 2,
    }


def test_apps_come_by_tokens_and_only_those_with_a_name(endpoint: Endpoint) -> None:
    for app, tokens in (("", 900), ("chat", 10), ("agent", 30), ("agent", 5)):
        measured(endpoint, 1, Tally(ok=1, output_tokens=tokens), app=app, inlet=Inlet.PUSH)
    apps = stat_queries.top_apps([endpoint.pk], since=NOW - 2 * DAY, until=NOW, most=5)
    assert [(use.app, use.requests, use.output_tokens) for use in apps] == [
        ("agent", 2, 35),
        ("chat", 1, 10),
    ]


def test_every_read_is_one_query_however_many_endpoints() -> None:
    endpoints = [EndpointFactory() for _ in range(5)]
    for endpoint in endpoints:
        measured(endpoint, 1, Tally(ok=1), app="chat")
    ids = [endpoint.pk for endpoint in endpoints]
    for read in (stat_queries.outcomes, stat_queries.slots, stat_queries.totals):
        with CaptureQueriesContext(connection) as asked:
            assert len(read(ids, **DAY_AGO)) == 5
        assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        stat_queries.top_apps(ids, since=NOW - DAY, until=NOW, most=3)
    assert len(asked) == 1


def test_kept_pages_turn_with_the_statistics_edition(endpoint: Endpoint) -> None:
    rollup.mark_changed()
    before = queries.imprint()
    rollup.mark_changed()
    assert queries.imprint() == before
    rollup.turn_edition(now=NOW)
    assert queries.imprint() != before
    assert stat_queries.statistics_edition() == 1
