"""A component or condition that we never heard of: kept, shown by its name, refused in a bill."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from lxml import html

from providers import queries
from providers.facts import Condition
from providers.models import Claim, Endpoint, Price
from providers.pricing import Usage, price_at
from tests.providers.market import offer, price, read, snapshot

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
BY_MOOD = Condition(named=(("mood", "very dark"),))
ON_A_TIER = Condition(tier="moonlight")


@pytest.fixture(autouse=True)
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    monkeypatch.setattr("catalog.views._now", lambda: NOW)
    prices = (
        price("0.3"),
        price("0.7", "smell_sniffing"),
        price("0.9", "output", condition=BY_MOOD),
        price("0.1", condition=ON_A_TIER),
    )
    read(snapshot(offer("gpt-4o-mini", *prices), as_of=NOW - timedelta(days=1)))
    return Endpoint.objects.get()


def test_they_are_kept() -> None:
    kept = Price.objects.values_list("component", "condition", "amount")
    assert ("smell_sniffing", "", Decimal("0.7")) in kept
    assert ("output", BY_MOOD.key(), Decimal("0.9")) in kept
    assert ("input", ON_A_TIER.key(), Decimal("0.1")) in kept
    assert Claim.objects.filter(key="price.smell_sniffing").exists()


def test_the_sheet_names_them_as_their_source_does(client: Client, endpoint: Endpoint) -> None:
    page = client.get(f"/models/openai/gpt-4o-mini/?endpoint={endpoint.pk}").content
    tables = html.fromstring(page).cssselect("table.sheet, table.tiers")
    sheet = " ".join(" ".join(table.text_content() for table in tables).split())
    assert "Smell sniffing" in sheet and "0.7" in sheet
    assert "mood" in sheet and "very dark" in sheet and "0.9" in sheet
    assert "moonlight" in sheet and "0.1" in sheet


def test_a_bill_refuses_what_it_does_not_understand(endpoint: Endpoint) -> None:
    prices = queries.prices_at([endpoint.pk], when=NOW)[endpoint.pk]
    bill = price_at(prices, when=NOW, usage=Usage(input_tokens=1_000_000, output_tokens=1_000_000))
    assert {line.component: line.amount for line in bill.lines} == {"input": Decimal("0.3")}
    (refused,) = bill.refused
    assert (refused.component, refused.reason) == (
        "output",
        "priced by mood, which a bill cannot tell",
    )
    assert not bill.is_complete


def test_a_tier_that_nobody_else_has_is_billed_when_it_is_asked_for(endpoint: Endpoint) -> None:
    prices = queries.prices_at([endpoint.pk], when=NOW)[endpoint.pk]
    usage = Usage(input_tokens=1_000_000)
    assert price_at(prices, when=NOW, usage=usage).totals == {"USD": Decimal("0.3")}
    on_it = price_at(prices, when=NOW, usage=usage, tier="moonlight")
    assert on_it.totals == {"USD": Decimal("0.1")}
