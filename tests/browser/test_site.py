"""Every kind of page in a real browser: accessible, whole without scripts, fit for a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.pages_of_site import MAIN_PAGES

pytestmark = [pytest.mark.browser]

PHONE, DESK = 390, 1280
MODEL = "/models/openai/gpt-4o-mini/"
# What only scripts can do is hidden without them; dates they make relative are the same dates.
READ = """() => {
  for (const one of document.querySelectorAll("main :is([data-copy], [data-copy-from])"))
    one.hidden = true;
  for (const one of document.querySelectorAll("main time[data-relative]"))
    one.textContent = one.dateTime;
  return document.querySelector("main").innerText;
}"""


def violations(page: Page, **options: Any) -> list[str]:
    """What axe-core finds: rule, how often, and the first place."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response
    return [
        f"{one['id']} × {len(one['nodes'])}: {one['nodes'][0]['html'][:200]}"
        f" {one['nodes'][0].get('failureSummary', '')[:300]}"
        for one in found["violations"]
    ]


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("path", MAIN_PAGES)
def test_axe_finds_no_violation(opened, path, width):
    with opened(path, width=width, color_scheme="light") as page:
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")  # changes colours and nothing else
        assert violations(page, runOnly=["color-contrast", "link-in-text-block"]) == []


@pytest.mark.parametrize("path", MAIN_PAGES)
def test_a_page_says_the_same_without_scripts(opened, path):
    with opened(path) as scripted, opened(path, java_script_enabled=False) as plain:
        assert plain.evaluate(READ) == scripted.evaluate(READ)


@pytest.mark.parametrize("path", MAIN_PAGES)
def test_a_phone_never_scrolls_the_page_sideways(opened, path):
    with opened(path, width=PHONE, has_touch=True, is_mobile=True) as page:
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0


def test_tabs_of_sample_code_work_without_scripts(opened):
    with opened(MODEL, java_script_enabled=False) as page:
        assert page.is_visible("#text-openai-python")
        page.click("label[for=code-curl]")
        assert page.is_visible("#text-curl")
        assert not page.is_visible("#text-openai-python")


def test_facets_work_without_scripts(opened):
    with opened("/models/", java_script_enabled=False) as page:
        page.click("main a[href='/models/?kind=embedding']")
        assert page.url.endswith("/models/?kind=embedding")
        assert page.locator("main tbody tr").count() > 10
        assert page.locator("main tbody a[href='/models/openai/gpt-4o-mini/']").count() == 0


def test_the_keyboard_reaches_text_search_and_tables(opened):
    with opened(MODEL) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.is_visible(".skip")
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
        assert page.url.endswith("#main")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_copy_button_copies_the_sample_as_shown(opened):
    with opened(MODEL, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.click("button[data-copy-from='#text-openai-python']")
        page.wait_for_selector("button:text('copied')")
        assert page.evaluate("navigator.clipboard.readText()") == page.text_content(
            "#text-openai-python"
        )
