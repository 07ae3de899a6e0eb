"""A price book in a real browser: accessible, whole on a phone and without scripts."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from providers import pricing_desk
from providers.choices import Book, EditKind
from providers.claims import Edit
from providers.facts import WHOLE_CARD, PriceRule
from providers.models import Endpoint, Subject
from tests.browser.looking import faults
from tests.providers.market import offer, price, read, snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MINI = "gpt-4o-mini"


@pytest.fixture
def address(client) -> str:
    """The house book with a workload and a bill; a price that changed, one with a contract's."""
    root = User.objects.create_superuser("root")
    client.force_login(root)
    read(snapshot(offer(MINI, price("0.15"), price("0.6", "output")), covers=["openai"]))
    about = Subject("endpoint", Endpoint.objects.get(native_id=MINI).pk)
    now = datetime.now(UTC)
    for days, times in ((9, "1.1"), (5, "1.2"), (2, "1.3")):
        rule = PriceRule(times=Decimal(times))
        edits = [
            Edit.of_rule(about, WHOLE_CARD, rule, Book.HOUSE.value),
            Edit.of_price(about, price(f"0.1{days}"), Book.CONTRACT.value),
        ]
        at = now - timedelta(days=days)
        pricing_desk.save(edits, kind=EditKind.BULK, by=root, why="agreed", now=at)
    return f"/books/house/?workload=chat&bill={about.id}&of=contract"


def test_a_book_is_accessible_and_fits_a_phone(visit, live_server, client, address):
    with visit(live_server.url + address, client=client) as page:
        assert faults(page) == []


def test_prices_their_past_and_a_bill_are_there_without_scripts(
    visit, live_server, client, address
):
    with visit(live_server.url + address, client=client, java_script_enabled=False) as page:
        expect(page.locator("#bill")).to_contain_text("contract price")
        page.get_by_role("link", name="$", exact=False).last.click()
        expect(page.locator("#bill")).to_contain_text("house book")
        past = page.locator("#prices details").first
        expect(past.locator("div").first).to_be_hidden()
        past.locator("summary").click()
        expect(past.locator("div").first).to_be_visible()
