"""Any value opens in place: by mouse, by keyboard, on a phone; without scripts it is a page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_site import DESK, PHONE, violations

pytestmark = [pytest.mark.browser]

MODEL = "/models/openai/gpt-4o-mini/"
COMPARE = "/compare/?model=openai/gpt-4o-mini&model=openai/o4-mini"
PANEL = ".popover.said:popover-open"
# Where keys lead in, and the head of what opens.
WAYS_IN = {
    MODEL: ("table.offers td.wit a", "Input"),
    "/models/?sort=cheapest": ("main tbody a.w", "Input"),
    "/providers/azure/": ("#endpoints .wit a", "Input"),
    "/providers/azure/#facts": ("#facts a.w", "Headquarters"),
    COMPARE: ("table.grid thead .wit a", "Input"),
}


def click_input(page: Page) -> None:
    """Opens the author's own input price."""
    page.locator("table.offers tbody td.m1").first.click()
    page.wait_for_selector(PANEL)


def test_a_click_tells_who_states_a_value_and_since_when(opened):
    with opened(MODEL) as page:
        click_input(page)
        told = page.inner_text(PANEL)
        assert told.index("Input") < told.index("$0.15") < told.index("LiteLLM")
        assert "at least since" in told
        assert re.search(r"LiteLLM.*\d+ Nov 2026", told)
        assert re.search(r"models\.dev.*\(21 May 2026\)", told)


def test_the_report_names_the_page_that_the_reader_is_on(opened):
    with opened(MODEL) as page:
        click_input(page)
        page.click(f"{PANEL} [data-report]")
        page.wait_for_url("**/report/?*")
        assert "path=%2Fmodels%2Fopenai%2Fgpt-4o-mini%2F" in page.url
        assert "$0.15" in page.inner_text("main")


@pytest.mark.parametrize("path", WAYS_IN)
def test_keys_open_a_value_walk_on_and_come_back(opened, path):
    way_in, head = WAYS_IN[path]
    with opened(path) as page:
        sign = page.locator(way_in).first
        sign.focus()
        page.keyboard.press("Enter")
        panel = page.get_by_role("dialog", name=re.compile(f"^{head}"))
        expect(panel).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(panel).to_have_count(0)  # it is about another value now
        page.keyboard.press("ArrowLeft")
        expect(panel).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(PANEL)).to_have_count(0)
        expect(sign).to_be_focused()


def test_buttons_do_what_keys_do(opened):
    with opened(MODEL) as page:
        click_input(page)
        page.get_by_role("button", name="Next value").click()
        expect(page.locator(f"{PANEL} h2")).to_have_text(re.compile("^Output"))
        assert page.locator("td.asked").count() == 1
        page.get_by_role("button", name="Close").click()
        assert page.locator(PANEL).count() == 0
        assert page.locator("td.asked").count() == 0


def test_another_condition_opens_in_the_same_place(opened):
    with opened(MODEL) as page:
        click_input(page)
        page.click(f"{PANEL} a:text('batch')")
        expect(page.locator(f"{PANEL} h2")).to_have_text(re.compile("^Input, batch"))
        assert page.url.endswith(MODEL)


def test_a_page_of_a_day_gone_by_tells_of_that_day(opened):
    with opened("/models/deepseek/deepseek-chat/?as_of=2025-09-01") as page:
        cell = page.locator("table.offers tbody td.m1").first
        asked = cell.inner_text().strip()
        cell.click()
        page.wait_for_selector(PANEL)
        assert f"${asked}" in page.inner_text(PANEL)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_what_opens_is_accessible_and_fits(opened, width):
    with opened(MODEL, width=width, color_scheme="light") as page:
        click_input(page)
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        assert violations(page, runOnly=["color-contrast", "link-in-text-block"]) == []
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0
        box = page.locator(PANEL).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_without_scripts_the_sheet_leads_to_every_value(opened):
    with opened(MODEL, java_script_enabled=False) as page:
        page.click("#sheet header a[href^='/provenance/']")
        page.click("main a:text-is('Cache read')")
        told = page.inner_text("main")
        assert "$0.075" in told
        assert "LiteLLM" in told


def test_what_cannot_be_fetched_is_gone_to(site, browser):
    page = browser.new_page()
    page.route("**/provenance/*format=part", lambda route: route.abort())
    page.goto(site + MODEL)
    page.locator("table.offers tbody td.m1").first.click()
    page.wait_for_url("**/provenance/?*")
    assert "Input" in page.inner_text("h1")
    page.close()
