"""Any value opens in place: by mouse, by keyboard, on a phone; without scripts it is a page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import DESK, PHONE, faults

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
        expect(page).to_have_url(
            re.compile(r"/report/\?.*path=%2Fmodels%2Fopenai%2Fgpt-4o-mini%2F")
        )
        expect(page.locator("main")).to_contain_text("$0.15")


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
        expect(page.locator("td.asked")).to_have_count(1)
        page.get_by_role("button", name="Close").click()
        expect(page.locator(PANEL)).to_have_count(0)
        expect(page.locator("td.asked")).to_have_count(0)


def test_another_condition_opens_in_the_same_place(opened):
    with opened(MODEL) as page:
        click_input(page)
        page.click(f"{PANEL} a:text('batch')")
        expect(page.locator(f"{PANEL} h2")).to_have_text(re.compile("^Input, batch"))
        expect(page).to_have_url(re.compile(f"{MODEL}$"))


def test_a_page_of_a_day_gone_by_tells_of_that_day(opened):
    with opened("/models/deepseek/deepseek-chat/?as_of=2025-09-01") as page:
        cell = page.locator("table.offers tbody td.m1").first
        asked = cell.inner_text().strip()
        cell.click()
        expect(page.locator(PANEL)).to_contain_text(f"${asked}")


def test_what_opens_is_accessible(opened):
    with opened(MODEL, width=PHONE) as page:  # where it opens, it also fits a desk
        click_input(page)
        assert faults(page) == []


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_what_opens_fits(opened, width):
    with opened(MODEL, width=width) as page:
        click_input(page)
        box = page.locator(PANEL).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_without_scripts_the_sheet_leads_to_every_value(opened):
    with opened(MODEL, java_script_enabled=False) as page:
        page.click("#sheet header a[href^='/provenance/']")
        page.click("main a:text-is('Cache read')")
        expect(page.locator("main")).to_contain_text("$0.075")
        expect(page.locator("main")).to_contain_text("LiteLLM")


def test_what_cannot_be_fetched_is_gone_to(site, browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/provenance/*format=part", lambda route: route.abort())
        page.goto(site + MODEL)
        page.locator("table.offers tbody td.m1").first.click()
        expect(page).to_have_url(re.compile(r"/provenance/\?"))
        expect(page.locator("h1")).to_contain_text("Input")
