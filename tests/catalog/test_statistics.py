"""Reads of measurements for a page: windows, inlets apart, a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.queries import statistics
from catalog.queries.statistics import LAST_DAY, LAST_MONTH, NINETY_DAYS, NINETY_HOURS
from providers.choices import Inlet
from providers.models import Endpoint
from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import NOW, EndpointFactory, measured

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint() -> Endpoint:
    return EndpointFactory()


def read(*endpoints: Endpoint) -> statistics.PageStatistics:
    return statistics.of_page([one.pk for one in endpoints], now=NOW, uptime=NINETY_HOURS)


def by_probe(*endpoints: Endpoint) -> statistics.InletStatistics:
    ids = [endpoint.pk for endpoint in endpoints]
    return statistics.of_inlet(ids, inlet="probe", now=NOW, over=LAST_DAY)


def test_a_window_ends_with_the_running_hour_or_day() -> None:
    half_past = NOW + timedelta(minutes=30)
    assert LAST_DAY.until(half_past) == NOW + timedelta(hours=1)
    assert LAST_DAY.since(half_past) == NOW - timedelta(hours=23)
    assert NINETY_DAYS.slot(NOW, NOW) == 89
    assert LAST_MONTH.until(NOW) - LAST_MONTH.since(NOW) == timedelta(days=30)


def test_regions_merge_and_inlets_do_not(endpoint: Endpoint) -> None:
    measured(endpoint, 1, Tally(ok=1, ttft=Histogram.of([0.1])), region="fra")
    measured(endpoint, 2, Tally(ok=2, ttft=Histogram.of([0.2, 0.3])), region="iad")
    measured(endpoint, 2, Tally(ok=7), inlet=Inlet.PUSH)
    found = by_probe(endpoint)
    assert found.speeds[endpoint.pk].requests == 3
    assert found.speeds[endpoint.pk].ttft == Histogram.of([0.1, 0.2, 0.3])
    assert found.regions == ("fra", "iad")
    assert read(endpoint).inlets == {"probe", "push"}


def test_bars_reach_further_back_than_figures(endpoint: Endpoint) -> None:
    measured(endpoint, 80, Tally(ok=5))
    found = read(endpoint)
    assert [one.ok for one in found.outcomes[endpoint.pk]] == [5]
    assert by_probe(endpoint).speeds == {}
    assert [day.requests for day in found.days[endpoint.pk]] == [5]


def test_tokens_come_by_day(endpoint: Endpoint) -> None:
    for hours_ago in (1, 2, 30):
        told: dict[str, Any] = {"with_tokens": 1, "input_tokens": 10, "output_tokens": 3}
        measured(endpoint, hours_ago, Tally(ok=1, **told))
    assert [(day.requests, day.input_tokens) for day in read(endpoint).days[endpoint.pk]] == [
        (1, 10),
        (2, 20),
    ]


def test_the_course_tells_hours_apart(endpoint: Endpoint) -> None:
    for hours_ago in (3, 1):
        measured(endpoint, hours_ago, Tally(ok=1, ttft=Histogram.of([hours_ago])))
    found = statistics.course([endpoint.pk], inlet="probe", now=NOW, over=LAST_DAY)[endpoint.pk]
    assert [(LAST_DAY.slot(one.start, NOW), one.ttft.high) for one in found] == [(20, 3), (22, 1)]


def test_the_apps_of_an_inlet_are_its_own(endpoint: Endpoint) -> None:
    measured(endpoint, 1, Tally(ok=1), app="chat")
    measured(endpoint, 1, Tally(ok=9), app="agent", inlet=Inlet.PUSH)
    assert [use.app for use in by_probe(endpoint).apps] == ["chat"]


def test_four_queries_however_many_endpoints(django_assert_num_queries: Any) -> None:
    endpoints = [EndpointFactory() for _ in range(4)]
    for endpoint in endpoints:
        measured(endpoint, 1, Tally(ok=1), app="chat")
    with django_assert_num_queries(4):
        assert len(read(*endpoints).outcomes) == len(by_probe(*endpoints).speeds) == 4
