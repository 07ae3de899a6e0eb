"""What the scripts add to pages that are complete without them, under the strict CSP."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import (
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def market() -> None:
    """One model sold by its author, so that the list carries a sign and a price."""
    provider = ProviderFactory(slug="openai", name="OpenAI")
    model = AIModelFactory(name="GPT-4o mini", slug="gpt-4o-mini")
    model.author.providers.add(provider)
    endpoint = EndpointFactory(provider=provider, native_id="gpt-4o-mini")
    ListingFactory(endpoint=endpoint, model=model)
    source = SourceFactory()
    RunFactory(source=source, covers=["openai"])
    PriceFactory(endpoint=endpoint, source=source)


def test_a_slash_goes_to_the_search_field(visit, live_server):
    with visit(f"{live_server.url}/models/") as page:
        page.keyboard.press("/")
        expect(page.locator("[data-search]")).to_be_focused()
        page.keyboard.type("gpt")
        expect(page.locator("[data-search]")).to_have_value("gpt")


def test_the_theme_is_kept_and_set_before_the_page_is_drawn(visit, live_server):
    with visit(f"{live_server.url}/sources/") as page:
        page.click("text=theme: system")
        page.click("text=theme: light")
        expect(page.get_by_text("theme: dark")).to_be_visible()
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_sign_shows_its_source_beside_it(visit, live_server, market):
    with visit(f"{live_server.url}/models/") as page:
        page.click("td a.w")
        expect(page.locator(".popover:popover-open")).to_contain_text("LiteLLM")


def test_without_scripts_nothing_is_missing_and_nothing_is_dead(visit, live_server, market):
    with visit(f"{live_server.url}/models/", java_script_enabled=False) as page:
        expect(page.get_by_text("GPT-4o mini").first).to_be_visible()
        expect(page.locator("[data-theme-switch]")).to_be_hidden()
        page.click("td a.w")
        expect(page).to_have_url(re.compile("#w-L$"))
        page.fill("[data-search]", "gpt4o mini")
        page.click("text=Look up")
        expect(page).to_have_url(re.compile(r"\?q=gpt4o\+mini$"))
