"""The admin in a real browser: accessible, whole without scripts, quiet under the strict CSP."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from catalog import reconcile
from catalog.models import ListingChange
from providers import alerts, pricing_desk, suggestions
from providers.choices import EditKind
from providers.claims import Edit
from providers.facts import Price
from providers.models import AlertRule, Held, Job, Subject, Suggestion
from providers.suggestions import About, Words
from tests.browser.conftest import Opened
from tests.browser.looking import PHONE, faults
from tests.factories import (
    NOW,
    EndpointFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
)
from tests.staff import member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORKLIST = "/admin/catalog/listing/worklist/"


def reported(endpoint: str) -> str:
    """Address of a reader's suggestion about an endpoint."""
    about = About(endpoint=int(endpoint.split("/")[-3]), key="price.input")
    row = suggestions.suggest(about, Words("too low", "$0.20"), address="192.0.2.1", now=NOW)
    return f"/admin/providers/suggestion/{row.pk}/change/"


@pytest.fixture
def endpoint() -> str:
    """Address of an endpoint with a price; two providers sell a blend that nobody can place."""
    openai = ProviderFactory(slug="openai", name="OpenAI")
    sold = EndpointFactory(provider=openai, native_id="gpt-4o")
    price = PriceFactory(endpoint=sold)
    EndpointFactory.create_batch(2, native_id="house-gpt-4o-blend")
    Held.objects.create(
        source=price.claim.source, run=RunFactory(), endpoint=sold, kind="jump", reason="a jump"
    )
    reconcile.everything(now=NOW)
    return f"/admin/providers/endpoint/{sold.pk}/change/"


@pytest.fixture
def opened(live_server: LiveServer, client: Client, visit: Opened) -> Opened:
    """`visit` by a path, as an administrator."""
    member(client, "administrator")
    return lambda path, **options: visit(live_server.url + path, client=client, **options)


@pytest.fixture
def jobs() -> str:
    """Address of the list of jobs: one waits, one runs, one failed with a long word."""
    now = datetime.now(UTC)
    Job.objects.create(name="tidy", due_at=now + timedelta(hours=1))
    Job.objects.create(
        name="refresh", argument="openrouter_endpoints", due_at=now, progress=10,
        leased_until=now + timedelta(hours=1), message="recording 12,000 statements",
    )  # fmt: skip
    Job.objects.create(
        name="pull", argument="vercel_endpoints", due_at=now, attempt=3,
        last_error=f"HTTPStatusError: 503 from https://api.example.com/{'v1/models/' * 12}",
    )  # fmt: skip
    return "/admin/providers/job/"


def test_pages_are_accessible_and_fit_a_phone(opened, endpoint, jobs):
    lists = (
        *("/admin/providers/endpoint/", "/admin/providers/held/", "/admin/catalog/score/import/"),
        *("/admin/providers/suggestion/", "/admin/providers/endpoint/add/", reported(endpoint)),
        *("/admin/providers/alertrule/", "/admin/providers/alert/"),
    )
    rule = AlertRule.objects.create(name="Stuck", kind="stuck", threshold=1)
    alerts.check(now=datetime.now(UTC))
    assert rule.alerts.exists()
    with opened("/admin/") as page:
        for path in ("/admin/", endpoint, WORKLIST, jobs, *lists):
            page.goto(page.url.partition("/admin/")[0] + path)
            assert faults(page) == [], path


def test_the_list_of_jobs_fits_a_desk(opened, jobs):
    with opened(jobs) as page:
        beyond = (
            "[...document.querySelectorAll('.results')].map(e => e.scrollWidth - e.clientWidth)"
        )
        assert page.evaluate(beyond) == [0]


def test_a_price_is_corrected_and_dropped_by_hand(opened, endpoint):
    with opened(endpoint) as page:
        page.click("[aria-label='correct input price']")
        page.fill("#id_amount", "0.14")
        page.fill("#id_reason", "their price list")
        page.click("text=Correct and publish")
        expect(page.locator(".by-editor")).to_contain_text("0.14 USD per 1M tokens")
        page.click("[aria-label='drop the correction of input price']")
        page.fill("#id_reason", "they agree now")
        page.click("input[value='Drop the correction']")
        expect(page.locator(".messagelist")).to_contain_text("Dropped")
        expect(page.locator(".by-editor")).to_have_count(0)


def test_a_readers_report_becomes_a_correction(opened, endpoint):
    """Without scripts, from the foot of a page to the price."""
    number = endpoint.split("/")[-3]
    with opened("/parameters/", width=PHONE, java_script_enabled=False) as page:
        page.click("footer >> text=Report a mistake")
        expect(page).to_have_url(re.compile(r"/report/\?"))
        page.goto(f"{page.url}&endpoint={number}&key=price.input&shown=$0.15")
        page.fill("#id_note", "their price list says so")
        page.fill("#id_proposed", "$0.14")
        page.click("text=Send to the editors")
        expect(page.locator("h1")).to_have_text("Sent to the editors")
        page.goto(page.url.partition("/report/")[0] + "/admin/")
        page.click("text=report by readers")
        page.click("th.field-made_at a")
        page.click("text=Correct it")
        expect(page.locator("#id_amount")).to_have_value("0.14")
        page.click("text=Correct and publish")
        expect(page.locator(".by-editor")).to_contain_text("0.14 USD per 1M tokens")
        page.goto(page.url.partition("/admin/")[0] + "/admin/providers/suggestion/")
        page.click("th.field-made_at a")
        page.click("input[name=accepted]")
        expect(page.locator(".messagelist")).to_contain_text("Accepted")
    assert Suggestion.objects.get().state == "accepted"


def test_the_worklist_needs_no_scripts(opened, endpoint):
    with opened(WORKLIST, java_script_enabled=False) as page:
        page.check("input[value='openai/gpt-4o']")
        page.click("text=Apply what is chosen")
        expect(page.locator(".messagelist")).to_contain_text("Listed 2 endpoints")
        page.click("button:text('Undo')")
        expect(page.locator(".messagelist")).to_contain_text("Set back: 2")
        assert ListingChange.objects.get().is_undone()


def test_a_running_job_is_followed_without_a_reload(opened):
    SourceFactory()
    now = datetime.now(UTC)
    job = Job.objects.create(
        name="refresh", argument="litellm", due_at=now, leased_until=now + timedelta(hours=1),
        progress=10, message="recording",
    )  # fmt: skip
    with opened(f"/admin/providers/job/{job.pk}/change/") as page:
        page.evaluate("document.body.dataset.same = 'yes'")
        Job.objects.update(progress=90, message="publishing")
        expect(page.locator("[data-follow]")).to_contain_text("publishing")
        Job.objects.update(leased_until=None, due_at=now + timedelta(hours=6), message="3 added")
        expect(page.locator("[data-follow]")).to_contain_text("3 added")
        expect(page.locator("[data-follow]")).not_to_have_attribute("data-live", re.compile(""))
        expect(page.locator("body")).to_have_attribute("data-same", "yes")


# -- the pricing desk -----------------------------------------------------------------------------

DESK_OF_OPENAI = "/admin/providers/pricing/?provider=openai"


@pytest.fixture
def desk(endpoint: str, client) -> list[str]:
    """Addresses of the desk's pages, with something on each."""
    ada = User.objects.create_user("ada")
    now = datetime.now(UTC)
    pk = int(endpoint.split("/")[4])
    PriceFactory(endpoint_id=pk, component="output", amount=Decimal("0.6"))
    edits = [
        Edit.of_price(
            Subject("endpoint", pk),
            Price("input", Decimal("0.14"), effective_to=now + timedelta(days=3)),
        ),
        Edit.of_price(Subject("endpoint", pk), Price("output", Decimal("0.6"))),
    ]
    saved = pricing_desk.save(edits, kind=EditKind.BULK, by=ada, why="their list", now=now)
    return [
        DESK_OF_OPENAI,
        "/admin/providers/pricing/worklist/",
        "/admin/providers/changeset/",
        f"/admin/providers/changeset/{saved.pk}/change/",
        f"/admin/providers/changeset/{saved.pk}/undo/",
    ]


def test_the_pricing_desk_is_accessible_and_fits_a_phone(opened, desk):
    with opened(DESK_OF_OPENAI) as page:
        site = page.url.partition("/admin/")[0]
        for path in (*desk, "/admin/providers/pricing/"):
            page.goto(site + path)
            assert faults(page) == [], path


def test_the_preview_of_a_doubtful_price_is_accessible_and_fits_a_phone(opened, desk):
    with opened(DESK_OF_OPENAI) as page:
        page.fill("[data-box] >> nth=0", "140")
        page.click(".desk-verbs button")
        expect(page.locator("h1")).to_contain_text("Preview")
        assert faults(page) == []


@pytest.mark.parametrize("scripts", [True, False])
def test_a_price_is_edited_previewed_saved_and_undone(opened, endpoint, scripts):
    with opened(DESK_OF_OPENAI, java_script_enabled=scripts) as page:
        page.fill("[aria-label^='New input price']", "0.14")
        page.click(".desk-verbs button")
        expect(page.locator(".exactly")).to_contain_text("0.14 USD per 1M tokens")
        page.click("text=Back to the grid")
        expect(page.locator("[aria-label^='New input price']")).to_have_value("0.14")
        page.click(".desk-verbs button")
        page.fill("#id_why", "their price list")
        page.click("text=Save and publish")
        expect(page.locator(".messagelist")).to_contain_text("Saved 1 change")
        page.click(".messagelist >> text=Undo")
        page.fill("#id_why", "wrong list")
        page.click("input[value='Undo 1 change']")
        expect(page.locator(".messagelist")).to_contain_text("1 set back")


def test_keys_move_between_the_boxes_of_the_grid(opened, desk):
    with opened(DESK_OF_OPENAI) as page:
        boxes = page.locator("[data-box]")
        boxes.nth(0).focus()
        for key, place in (("Enter", 1), ("ArrowUp", 0), ("ArrowDown", 1), ("Shift+Enter", 0)):
            page.keyboard.press(key)
            expect(boxes.nth(place)).to_be_focused()
        boxes.nth(1).focus()
        page.keyboard.press("Enter")  # the last box: stays, and sends nothing
        expect(boxes.nth(1)).to_be_focused()
