"""What a provider's page says of measurements: figures, incidents, and its own word beside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from catalog.pages import provider_detail
from catalog.pages.incidents import incidents
from catalog.pages.provider_measured import ProviderMeasured
from providers.choices import Inlet
from providers.models import Endpoint
from providers.stat_queries import Outcomes
from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import (
    NOW,
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    ProviderFactory,
    measured,
)

HOUR = timedelta(hours=1)


def hour(ago: int, *, ok: int, failed: int) -> Outcomes:
    return Outcomes(NOW - ago * HOUR, "probe", ok, failed, 0, 0)


# -- incidents ------------------------------------------------------------------------------------


def test_bad_hours_in_a_row_are_one_incident():
    [one] = incidents([hour(3, ok=5, failed=5), hour(2, ok=0, failed=10), hour(1, ok=10, failed=0)])
    assert (one.hours, one.failed, one.judged) == (2, 15, 20)
    assert one.failed_percent == 75


def test_an_hour_without_measurements_ends_an_incident():
    found = incidents([hour(5, ok=0, failed=9), hour(3, ok=0, failed=9)])
    assert [one.hours for one in found] == [1, 1]


def test_too_few_requests_are_no_incident():
    assert incidents([hour(1, ok=0, failed=4)]) == []


def test_one_failure_is_no_incident():
    assert incidents([hour(1, ok=11, failed=1)]) == []
    assert len(incidents([hour(1, ok=10, failed=2)])) == 1


def test_five_percent_are_no_incident_and_more_are():
    assert incidents([hour(1, ok=95, failed=5)]) == []
    assert len(incidents([hour(1, ok=94, failed=6)])) == 1


# -- the page -------------------------------------------------------------------------------------


@pytest.fixture
def endpoint(db: None) -> Endpoint:
    endpoint: Any = EndpointFactory.create(
        native_id="gpt-9", provider=ProviderFactory.create(slug="azure", name="Azure")
    )
    ListingFactory.create(endpoint=endpoint, model=AIModelFactory.create(slug="gpt-9"))
    return endpoint


def of_page() -> ProviderMeasured | None:
    page = provider_detail.build("azure", {}, now=NOW)
    assert page is not None
    return page.measured


def test_without_measurements_the_page_says_so(endpoint: Endpoint, client: Client):
    assert of_page() is None
    html = client.get("/providers/azure/").content.decode()
    assert "Not measured yet: uptime and speed" in html


def test_each_measured_endpoint_has_its_figures(endpoint: Endpoint):
    EndpointFactory.create(provider=endpoint.provider, native_id="never-called")
    measured(endpoint, 1, Tally(ok=18, provider_error=2, ttft=Histogram.of([0.5] * 5)))
    found = of_page()
    assert found is not None
    [row] = found.rows
    assert (row.uptime, float(row.ttft or 0), row.throughput) == (90, 0.5, None)
    assert (found.way, found.n, row.incidents) == ("our probes", 20, 1)
    assert row.performance_href == "/models/openai/gpt-9/performance/"


def test_incidents_come_newest_first_and_of_one_way_of_measuring(endpoint: Endpoint):
    for ago in (30, 29, 5):
        measured(endpoint, ago, Tally(provider_error=9))
    measured(endpoint, 2, Tally(provider_error=99), inlet=Inlet.PUSH)
    found = of_page()
    assert found is not None
    assert [row.incident.hours for row in found.incidents] == [1, 2]


def test_the_incidents_are_drawn(endpoint: Endpoint, client: Client):
    now = datetime.now(UTC)
    measured(endpoint, (NOW - now) // HOUR + 3, Tally(provider_error=9))
    html = client.get("/providers/azure/").content.decode()
    assert "100.0 %" in html


def test_queries_do_not_grow_with_measured_endpoints(
    endpoint: Endpoint, django_assert_max_num_queries: Any
):
    for n in range(4):
        one: Any = EndpointFactory.create(provider=endpoint.provider, native_id=f"m-{n}")
        measured(one, 1, Tally(ok=9))
    with django_assert_max_num_queries(13):
        of_page()
