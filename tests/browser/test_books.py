"""A price book in a real browser: accessible, whole on a phone and without scripts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from providers import pricing_desk
from providers.choices import Book, EditKind
from providers.claims import Edit
from providers.facts import WHOLE_CARD, PriceRule
from providers.models import Endpoint, Subject
from tests.providers.market import offer, price, read, snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = 390, 1280
MINI = "gpt-4o-mini"


@pytest.fixture(scope="module", autouse=True)
def _database_beside_the_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread, where Django else refuses its database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


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


def opened(browser: Browser, live_server, client, path: str, **options) -> Page:
    context = browser.new_context(**options)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context.add_cookies([{**session, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + path)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_no_violation(browser, live_server, client, address, width, scheme):
    size = {"width": width, "height": 900}
    page = opened(browser, live_server, client, address, viewport=size, color_scheme=scheme)
    page.evaluate("document.fonts.ready.then(() => true)")
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0


def test_prices_their_past_and_a_bill_are_there_without_scripts(
    browser, live_server, client, address
):
    page = opened(browser, live_server, client, address, java_script_enabled=False)
    expect(page.locator("#bill")).to_contain_text("contract price")
    page.get_by_role("link", name="$", exact=False).last.click()
    expect(page.locator("#bill")).to_contain_text("house book")
    past = page.locator("#prices details").first
    expect(past.locator("div").first).to_be_hidden()
    past.locator("summary").click()
    expect(past.locator("div").first).to_be_visible()
