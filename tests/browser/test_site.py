"""Every kind of page in a real browser: accessible, whole without scripts, fit for a phone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.looking import DESK, HIGH, faults
from tests.pages_of_site import MAIN_PAGES

pytestmark = [pytest.mark.browser]

MODEL = "/models/openai/gpt-4o-mini/"
# What only scripts can do is hidden without them; dates they make relative are the same dates.
READ = """() => {
  const dead = "[data-copy], [data-copy-from], [data-plot] button";
  for (const one of document.querySelectorAll(`main :is(${dead})`)) one.hidden = true;
  for (const one of document.querySelectorAll("main time[data-relative]"))
    one.textContent = one.dateTime;
  return document.querySelector("main").innerText;
}"""


@pytest.fixture(scope="module", params=MAIN_PAGES)
def looked_at(opened: Opened, request: pytest.FixtureRequest) -> Iterator[tuple[str, Page]]:
    """A path and its page, loaded once for the tests that look at every page."""
    with opened(request.param) as page:
        yield request.param, page


def test_a_page_is_accessible_and_fits_a_phone(looked_at):
    _, page = looked_at
    assert faults(page) == []


def test_a_page_says_the_same_without_scripts(looked_at, opened):
    path, scripted = looked_at
    scripted.set_viewport_size({"width": DESK, "height": HIGH})
    with opened(path, java_script_enabled=False) as plain:
        assert plain.evaluate(READ) == scripted.evaluate(READ)


def test_tabs_of_sample_code_work_without_scripts(opened):
    with opened(MODEL, java_script_enabled=False) as page:
        expect(page.locator("#text-openai-python")).to_be_visible()
        page.click("label[for=code-curl]")
        expect(page.locator("#text-curl")).to_be_visible()
        expect(page.locator("#text-openai-python")).to_be_hidden()


def test_facets_work_without_scripts(opened):
    with opened("/models/", java_script_enabled=False) as page:
        page.click("main a[href='/models/?kind=embedding']")
        expect(page).to_have_url(re.compile(r"/models/\?kind=embedding$"))
        expect(page.locator("main tbody tr").nth(10)).to_be_attached()
        expect(page.locator("main tbody a[href='/models/openai/gpt-4o-mini/']")).to_have_count(0)


def test_the_keyboard_reaches_text_search_and_tables(opened):
    with opened(MODEL) as page:
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        expect(page.locator(".skip")).to_be_visible()
        reached = set()
        for _ in range(400):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        search = "Find a model, a provider, an id"
        assert {search, "Providers of GPT-4o mini", "Endpoint sheet", "Parameters"} <= reached


def test_the_skip_link_leads_past_the_head(opened):
    with opened(MODEL) as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("#main$"))
        page.keyboard.press("Tab")
        expect(page.locator("main :focus")).to_have_count(1)


def test_the_copy_button_copies_the_sample_as_shown(opened):
    with opened(MODEL, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.click("button[data-copy-from='#text-openai-python']")
        page.wait_for_selector("button:text('copied')")
        assert page.evaluate("navigator.clipboard.readText()") == page.text_content(
            "#text-openai-python"
        )
