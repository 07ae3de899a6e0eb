from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers import queries, stat_queries
from providers.choices import Inlet, Period
from providers.models import Endpoint
from providers.stats import rollup
from providers.stats.histogram import Histogram, merged
from providers.stats.tally import Tally
from tests.factories import NOW, EndpointFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
A_DAY: dict[str, Any] = {"since": NOW - DAY, "until": NOW + HOUR}
DAY_AGO: dict[str, Any] = {"period": Period.HOUR, **A_DAY}


@pytest.fixture
def endpoint() -> Endpoint:
    return EndpointFactory()


@pytest.fixture
def three_measured_days(endpoint: Endpoint) -> Endpoint:
    for hours_ago in range(0, 72, 2):
        measured(endpoint, hours_ago, Tally(ok=2, ttft=Histogram.of([0.1, hours_ago / 3])))
    return endpoint


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
    found = stat_queries.totals([endpoint.pk], **A_DAY)
    assert found[endpoint.pk]["probe"].ok == 2


def test_totals_merge_histograms_over_hours_regions_and_apps(endpoint: Endpoint) -> None:
    measured(endpoint, 1, Tally(ok=1, ttft=Histogram.of([0.1])), region="fra")
    measured(endpoint, 2, Tally(ok=2, ttft=Histogram.of([0.2, 0.4])), app="chat")
    tally = stat_queries.totals([endpoint.pk], **A_DAY)[endpoint.pk]["probe"]
    assert tally == Tally(ok=3, ttft=Histogram.of([0.1, 0.2, 0.4]))


def test_inlets_never_come_as_one(endpoint: Endpoint) -> None:
    measured(endpoint, 1, Tally(ok=1))
    measured(endpoint, 1, Tally(ok=5), inlet=Inlet.PUSH)
    totals = stat_queries.totals([endpoint.pk], **A_DAY)[endpoint.pk]
    assert {inlet: tally.ok for inlet, tally in totals.items()} == {"probe": 1, "push": 5}
    speeds = stat_queries.speeds([endpoint.pk], inlet="probe", **A_DAY)
    assert speeds[endpoint.pk].requests == 1


def test_speeds_name_the_regions_that_were_told(endpoint: Endpoint) -> None:
    for region in ("fra", "iad", ""):
        measured(endpoint, 1, Tally(ok=1), region=region)
    measured(endpoint, 1, Tally(ok=1), region="sin", inlet=Inlet.PUSH)
    found = stat_queries.speeds([endpoint.pk], inlet="probe", **A_DAY)
    assert (found[endpoint.pk].requests, found[endpoint.pk].regions) == (3, {"fra", "iad"})


def test_an_hour_of_several_apps_is_one_slot(endpoint: Endpoint) -> None:
    measured(endpoint, 2, Tally(ok=1, ttft=Histogram.of([0.1])), app="chat")
    measured(endpoint, 2, Tally(ok=1, ttft=Histogram.of([0.3])), app="agent")
    measured(endpoint, 5, Tally(ok=1, throughput=Histogram.of([60.0])))
    found = stat_queries.slots([endpoint.pk], inlet="probe", **DAY_AGO)[endpoint.pk]
    assert found == [
        (NOW - 5 * HOUR, Histogram.of([]), Histogram.of([60.0])),
        (NOW - 2 * HOUR, Histogram.of([0.1, 0.3]), Histogram.of([])),
    ]


@given(st.integers(0, 100), st.integers(1, 100))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_days_in_a_window_stand_for_their_hours(
    three_measured_days: Endpoint, since: int, hours: int
) -> None:
    """Whatever hours it begins and ends with."""
    begun = NOW - 100 * HOUR + since * HOUR
    window = {"since": begun, "until": begun + hours * HOUR}
    pk = three_measured_days.pk
    of_hours = stat_queries.slots([pk], inlet="probe", period=Period.HOUR, **window).get(pk, [])
    found = stat_queries.speeds([pk], inlet="probe", **window).get(pk, stat_queries.Speed())
    assert found.ttft == merged(slot.ttft for slot in of_hours)
    whole = stat_queries.totals([pk], **window).get(pk, {}).get("probe", Tally())
    assert (whole.ttft, whole.requests) == (found.ttft, found.requests)


def test_apps_come_by_tokens_and_only_those_with_a_name(endpoint: Endpoint) -> None:
    for app, tokens in (("", 900), ("chat", 10), ("agent", 30), ("agent", 5)):
        measured(endpoint, 1, Tally(ok=1, output_tokens=tokens), app=app, inlet=Inlet.PUSH)
    apps = stat_queries.top_apps(
        [endpoint.pk], inlet="push", since=NOW - 2 * DAY, until=NOW, most=5
    )
    assert [(use.app, use.requests, use.output_tokens) for use in apps] == [
        ("agent", 2, 35),
        ("chat", 1, 10),
    ]


def test_every_read_is_one_query_however_many_endpoints() -> None:
    endpoints = [EndpointFactory() for _ in range(5)]
    for endpoint in endpoints:
        measured(endpoint, 1, Tally(ok=1), app="chat")
    ids = [endpoint.pk for endpoint in endpoints]
    for read in (
        lambda: stat_queries.outcomes(ids, **DAY_AGO),
        lambda: stat_queries.slots(ids, inlet="probe", **DAY_AGO),
        lambda: stat_queries.totals(ids, **A_DAY),
        lambda: stat_queries.speeds(ids, inlet="probe", since=NOW - 9 * DAY, until=NOW + HOUR),
        lambda: stat_queries.days_of_use(ids, since=NOW - 3 * DAY, until=NOW + DAY),
    ):
        with CaptureQueriesContext(connection) as asked:
            assert len(read()) == 5
        assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        stat_queries.top_apps(ids, inlet="probe", since=NOW - DAY, until=NOW, most=3)
    assert len(asked) == 1


def test_nothing_is_asked_of_no_endpoint() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert stat_queries.outcomes([], **DAY_AGO) == {}
        assert stat_queries.totals([], **A_DAY) == {}
    assert len(asked) == 0


def test_kept_pages_turn_with_the_statistics_edition(endpoint: Endpoint) -> None:
    rollup.mark_changed()
    before = queries.imprint()
    rollup.mark_changed()
    assert queries.imprint() == before
    rollup.turn_edition(now=NOW)
    assert queries.imprint() != before
    assert stat_queries.statistics_edition() == 1
