"""The playground in a real browser: streamed, stopped, accessible, and whole without scripts."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import override_settings
from playwright.sync_api import Browser, Page, expect

from providers.models import PlaygroundAllowance, ProbePlan
from tests.browser.test_books import opened
from tests.faults.test_jobs import wait_until
from tests.providers.probing.plans import plan_at
from tests.standin_provider import Behaviour, Fault, apart
from tests.standin_provider.running import Apart

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = 390, 1280
SPEAKS = Behaviour(ttft_ms=1, tokens_per_second=2000, tokens=40, prompt_tokens=400)


@pytest.fixture(scope="module", autouse=True)
def _database_beside_the_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread, where Django else refuses its database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def provider(client) -> Iterator[Apart]:
    client.force_login(User.objects.create_superuser("root"))
    with (
        override_settings(
            PLAYGROUND=True,
            PLAYGROUND_PER_DAY=Decimal(1),
            ALLOWED_PRIVATE_NETWORKS=["127.0.0.1/32"],
            HTTPS_PROXY="",
        ),
        apart({"": SPEAKS, "endless": Behaviour(ttft_ms=1, fault=Fault.ENDLESS)}) as provider,
    ):
        yield provider


@pytest.fixture
def plans(provider: Apart) -> list[ProbePlan]:
    return [plan_at(provider.base), plan_at(provider.base)]


def send(page: Page) -> None:
    page.get_by_label("Prompt").fill("Speak of tides.")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Send").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_no_violation(browser, live_server, client, plans, width, scheme):
    size = {"width": width, "height": 900}
    page = opened(browser, live_server, client, "/playground/", viewport=size, color_scheme=scheme)
    send(page)
    expect(page.locator("[data-status]")).to_have_text("all done")
    page.evaluate("document.fonts.ready.then(() => true)")
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0


@pytest.mark.parametrize("has_script", [True, False])
def test_answers_stand_side_by_side_with_their_figures_and_bills(
    browser: Browser, live_server, client, plans, has_script
):
    page = opened(browser, live_server, client, "/playground/", java_script_enabled=has_script)
    send(page)
    answers = page.get_by_role("article")
    expect(page.locator("[data-status]")).to_have_text("all done")
    expect(answers).to_have_count(2)
    for answer in answers.all():
        expect(answer.locator("[data-text]")).to_contain_text("tide")
        expect(answer).to_contain_text("Time to first token")
        expect(answer).to_contain_text("$0.0012 spent")
    expect(page.locator("[data-left]")).to_have_text("$0.9976")
    expect(page.get_by_label("Prompt")).to_have_value("Speak of tides.")


def test_a_refusal_is_told_and_nothing_typed_is_lost(browser, live_server, client, plans):
    PlaygroundAllowance.objects.create(user=User.objects.get(), per_day=Decimal(0))
    page = opened(browser, live_server, client, "/playground/")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("$0 of your $0 a day are left")
    expect(page.get_by_label("Prompt")).to_have_value("Speak of tides.")
    expect(page.get_by_role("button", name="Send")).to_be_enabled()


def test_stop_ends_an_answer_that_does_not_end_by_itself(browser, live_server, client, provider):
    plan_at(provider.base, model_id="endless")
    page = opened(browser, live_server, client, "/playground/")
    send(page)
    expect(page.locator("[data-text]").first).to_contain_text("on")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[data-status]")).to_contain_text("stopped")
    wait_until(lambda: PlaygroundAllowance.objects.get().running_until is None)
