"""What the scripts add to pages that are complete without them, under the strict CSP."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

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


@contextmanager
def opened(chromium: str, address: str, *, scripts: bool = True) -> Iterator[Page]:
    """The page in a real browser; fails on an error in its console."""
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(java_script_enabled=scripts)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        yield page
        browser.close()
    assert said == []


def test_a_slash_goes_to_the_search_field(chromium, live_server):
    with opened(chromium, f"{live_server.url}/models/") as page:
        page.keyboard.press("/")
        page.keyboard.type("gpt")
        assert page.input_value("[data-search]") == "gpt"


def test_the_theme_is_kept_and_set_before_the_page_is_drawn(chromium, live_server):
    with opened(chromium, f"{live_server.url}/sources/") as page:
        page.click("text=theme: system")
        page.click("text=theme: light")
        page.reload()
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_sign_shows_its_source_beside_it(chromium, live_server, market):
    with opened(chromium, f"{live_server.url}/models/") as page:
        page.click("td a.w")
        assert "LiteLLM" in page.inner_text(".popover:popover-open")


def test_without_scripts_nothing_is_missing_and_nothing_is_dead(chromium, live_server, market):
    with opened(chromium, f"{live_server.url}/models/", scripts=False) as page:
        assert page.is_visible("text=GPT-4o mini")
        assert not page.is_visible("[data-theme-switch]")
        page.click("td a.w")
        assert page.url.endswith("#w-L")
        page.fill("[data-search]", "gpt4o mini")
        page.click("text=Look up")
        assert page.url.endswith("?q=gpt4o+mini")
