"""The playground in a real browser: streamed, stopped, accessible, and whole without scripts."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from providers.models import PlaygroundAllowance, ProbePlan
from tests.browser.conftest import Opened
from tests.browser.looking import faults
from tests.faults.test_jobs import wait_until
from tests.providers.probing.plans import plan_at
from tests.standin_provider import Behaviour, Fault, apart
from tests.standin_provider.running import Apart

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SPEAKS = Behaviour(ttft_ms=1, tokens_per_second=2000, tokens=40, prompt_tokens=400)


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


@pytest.fixture
def playground(visit: Opened, live_server: LiveServer, client: Client) -> Opened:
    """`with playground(…) as page`: as somebody who may use it."""
    return lambda **options: visit(f"{live_server.url}/playground/", client=client, **options)


def test_answers_are_accessible_and_fit_a_phone(playground, plans):
    with playground() as page:
        send(page)
        expect(page.locator("[data-status]")).to_have_text("all done")
        assert faults(page) == []


@pytest.mark.parametrize("has_script", [True, False])
def test_answers_stand_side_by_side_with_their_figures_and_bills(playground, plans, has_script):
    with playground(java_script_enabled=has_script) as page:
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


def test_a_refusal_is_told_and_nothing_typed_is_lost(playground, plans):
    PlaygroundAllowance.objects.create(user=User.objects.get(), per_day=Decimal(0))
    with playground() as page:
        send(page)
        expect(page.get_by_role("alert")).to_contain_text("$0 of your $0 a day are left")
        expect(page.get_by_label("Prompt")).to_have_value("Speak of tides.")
        expect(page.get_by_role("button", name="Send")).to_be_enabled()


def test_stop_ends_an_answer_that_does_not_end_by_itself(playground, provider):
    plan_at(provider.base, model_id="endless")
    with playground() as page:
        send(page)
        expect(page.locator("[data-text]").first).to_contain_text("on")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("[data-status]")).to_contain_text("stopped")
        wait_until(lambda: PlaygroundAllowance.objects.get().running_until is None)
