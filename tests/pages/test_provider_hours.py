"""A provider's prices by the hour: one clock for the endpoints that share a week."""

from decimal import Decimal

import pytest
from django.test import Client

from catalog.pages import provider_detail
from catalog.pages.provider_hours import Hours
from providers.facts import Condition, Schedule
from providers.models import Endpoint, Provider
from tests.factories import (
    NOW,
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
)

pytestmark = pytest.mark.django_db

NIGHT = Schedule("Asia/Shanghai", tuple((day * 1440, day * 1440 + 480) for day in range(7)))
EVENING = Schedule(
    "Asia/Shanghai", tuple((day * 1440 + 1080, day * 1440 + 1440) for day in range(7))
)


@pytest.fixture
def seller() -> Provider:
    return ProviderFactory.create(slug="moon", name="Moon")


def sold(seller: Provider, name: str, asked: str, **hourly: tuple[Schedule, str]) -> Endpoint:
    endpoint = EndpointFactory.create(provider=seller, native_id=name)
    ListingFactory.create(endpoint=endpoint, model=AIModelFactory.create(slug=name, name=name))
    for component, factor in (("input", 1), ("output", 4)):
        amount = Decimal(asked) * factor
        PriceFactory.create(endpoint=endpoint, component=component, amount=amount)
        for schedule, cheaper in hourly.values():
            PriceFactory.create(
                endpoint=endpoint,
                component=component,
                amount=Decimal(cheaper) * factor,
                condition=Condition(schedule=schedule).key(),
            )
    return endpoint


def hours() -> tuple[Hours, ...]:
    return provider_detail.build("moon", {}, now=NOW).hours


def test_endpoints_with_the_same_week_share_a_clock(seller):
    sold(seller, "a", "2", night=(NIGHT, "1"))
    sold(seller, "b", "4", night=(NIGHT, "3"))
    sold(seller, "c", "4", evening=(EVENING, "3"))
    sold(seller, "d", "4")
    first, second = hours()
    assert [row.native_id for row in first.rows] == ["a", "b"]
    assert [row.native_id for row in second.rows] == ["c"]
    assert [rate.name for rate in first.clock.rates] == ["peak", "off-peak"]


def test_each_rate_shows_what_is_charged_then(seller):
    sold(seller, "a", "2", night=(NIGHT, "0.5"))
    [shared] = hours()
    assert [price.amount for price in shared.rows[0].prices] == [2, 8, Decimal("0.5"), 2]


def test_a_provider_without_hours_has_no_clock(seller):
    sold(seller, "a", "2")
    assert hours() == ()
    page = Client().get("/providers/moon/").content.decode()
    assert "week.js" not in page
    assert "Prices by the hour" not in page


def test_the_page_draws_the_clock_and_its_prices(seller):
    sold(seller, "a", "2", night=(NIGHT, "0.5"))
    page = Client().get("/providers/moon/").content.decode()
    assert "daily 00:00–08:00" in page
    assert "The price changes daily at 00:00 and 08:00" in page
    assert "week.js" in page
