"""The tier table: every figure is what is charged; regions that charge alike share a row."""

from decimal import Decimal

import pytest

from catalog.pages.model.tiers import TierRow, TierTable
from providers.choices import Group
from providers.facts import Condition, Schedule
from providers.models import Endpoint
from tests.factories import (
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
)
from tests.pages.test_model_detail import PATH, build, get

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint() -> Endpoint:
    model = AIModelFactory.create(slug=PATH.partition("/")[2])
    provider = ProviderFactory.create(slug="openai", name="OpenAI", group=Group.AUTHOR.value)
    model.author.providers.add(provider)
    RunFactory.create(covers=["openai"])
    found = EndpointFactory.create(provider=provider)
    ListingFactory.create(endpoint=found, model=model)
    return found


def price(endpoint: Endpoint, component: str, amount: str, **condition: object) -> None:
    key = Condition(**condition).key()
    PriceFactory.create(
        endpoint=endpoint, component=component, amount=Decimal(amount), condition=key
    )


def table() -> TierTable:
    found = build().sheet.tiers
    assert found is not None
    return found


def only_rows() -> dict[str, TierRow]:
    (group,) = table().groups
    return {row.label: row for row in group.rows}


def texts(row: TierRow) -> list[tuple[str, bool]]:
    return [(cell.text, cell.own) for cell in row.cells]


def test_plain_prices_stay_on_the_sheet(endpoint):
    price(endpoint, "input", "1")
    sheet = build().sheet
    assert sheet.tiers is None
    assert "Input" in [row.label for row in sheet.rows]


def test_what_a_tier_leaves_out_costs_what_it_does_on_the_standard_tier(endpoint):
    for component, amount in (("input", "1"), ("output", "4"), ("cache_read", "0.1")):
        price(endpoint, component, amount)
    price(endpoint, "input", "0.5", tier="batch")
    price(endpoint, "output", "2", tier="batch")
    rows = only_rows()
    assert texts(rows["batch"]) == [("0.50", True), ("2.00", True), ("0.10", False)]
    assert table().borrows
    assert "Input" not in [row.label for row in build().sheet.rows]


def test_thresholds_are_steps_under_their_tier(endpoint):
    price(endpoint, "input", "1")
    price(endpoint, "input", "2", above_tokens=200_000)
    price(endpoint, "input", "0.5", tier="batch")
    price(endpoint, "input", "0.9", tier="batch", above_tokens=200_000)
    (group,) = table().groups
    assert [(row.label, row.sub, row.cells[0].text) for row in group.rows] == [
        ("standard", False, "1.00"),
        ("above 200,000 tokens in", True, "2.00"),
        ("batch", False, "0.50"),
        ("above 200,000 tokens in", True, "0.90"),
    ]


def test_regions_that_charge_alike_share_a_row_of_their_tier(endpoint):
    price(endpoint, "input", "1")
    for region, amount in (("eu", "1.1"), ("us", "1"), ("ap", "1.1")):
        price(endpoint, "input", amount, region=region)
    price(endpoint, "input", "1.1", tier="batch", region="eu")
    (group,) = table().groups
    assert [(row.label, row.cells[0].text) for row in group.rows] == [
        ("standard", "1.00"),
        ("regions ap and eu", "1.10"),
        ("US region", "1.00"),
        ("batch, EU region", "1.10"),
    ]


def test_hours_are_groups_of_which_the_later_repeat_nothing(endpoint):
    night = Schedule("Asia/Shanghai", ((0, 480),))
    price(endpoint, "input", "1")
    price(endpoint, "input", "0.7", tier="batch")
    price(endpoint, "input", "0.5", schedule=night)
    peak, off_peak = table().groups
    assert (peak.rate.name, [row.label for row in peak.rows]) == ("peak", ["standard", "batch"])
    assert (off_peak.rate.name, [row.label for row in off_peak.rows]) == ("off-peak", ["standard"])
    assert off_peak.rows[0].cells[0].text == "0.50"


def test_hours_on_clocks_without_a_week_in_common_are_told_in_words(endpoint):
    """What is charged at the moment of printing would be wrong in a cached page."""
    price(endpoint, "input", "1")
    price(endpoint, "input", "0.7", tier="batch")
    price(endpoint, "input", "0.5", schedule=Schedule("Europe/Berlin", ((0, 10080),)))
    price(endpoint, "input", "0.4", schedule=Schedule("America/New_York", ((0, 480),)))
    sheet = build().sheet
    assert sheet.tiers.clock is None
    assert [row.cells[0].text for row in sheet.tiers.groups[0].rows] == ["1.00", "0.70"]
    said = [row.label for row in sheet.rows]
    assert "Input, daily all day Europe/Berlin" in said
    assert "Input, Mon 00:00–08:00 America/New_York" in said


def test_the_page_tells_the_hours_without_script(endpoint):
    price(endpoint, "input", "1")
    price(endpoint, "input", "0.5", schedule=Schedule("Asia/Shanghai", ((0, 480),)))
    page = get()
    assert "Mon 00:00–08:00" in page
    assert "UTC plus 8 hours" in page
    assert "The price changes Mon at 00:00 and 08:00" in page
    assert 'js/week.js"' in page


def test_a_page_without_hours_loads_no_clock(endpoint):
    price(endpoint, "input", "1")
    price(endpoint, "input", "0.5", tier="batch")
    assert "week.js" not in get()


def test_figures_of_a_column_stand_on_one_point(endpoint):
    price(endpoint, "input", "1")
    price(endpoint, "input", "0.0625", tier="batch")
    rows = only_rows()
    assert "k2" in rows["standard"].cells[0].css
    assert rows["batch"].cells[0].css == "n"
