"""The admin in a real browser: accessible, whole without scripts, quiet under the strict CSP."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from catalog import reconcile
from catalog.models import ListingChange
from providers import pricing_desk, suggestions
from providers.choices import EditKind
from providers.claims import Edit
from providers.facts import Price
from providers.models import Held, Job, Subject, Suggestion
from providers.suggestions import About, Words
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

Opened = Callable[..., AbstractContextManager[Page]]
WORKLIST = "/admin/catalog/listing/worklist/"
PHONE, DESK = 390, 1280


def reported(endpoint: str) -> str:
    """Address of a reader's suggestion about an endpoint."""
    about = About(endpoint=int(endpoint.split("/")[-3]), key="price.input")
    row = suggestions.suggest(about, Words("too low", "$0.20"), address="192.0.2.1", now=NOW)
    return f"/admin/providers/suggestion/{row.pk}/change/"


@pytest.fixture(scope="module", autouse=True)
def _database_beside_the_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread, where Django else refuses its database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


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
def opened(live_server, client, browser: Browser) -> Opened:
    """As an administrator: `with opened(path, …) as page`; fails on an error in the console."""
    member(client, "administrator")
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value}

    @contextmanager
    def opened(path: str, *, width: int = DESK, **options: Any) -> Iterator[Page]:
        said: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        context.add_cookies([{**session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(live_server.url + path)
        yield page
        context.close()
        assert said == []

    return opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_no_violation(opened, endpoint, width, scheme):
    lists = (
        *("/admin/providers/endpoint/", "/admin/providers/held/", "/admin/catalog/score/import/"),
        *("/admin/providers/suggestion/", "/admin/providers/endpoint/add/", reported(endpoint)),
    )
    with opened("/admin/", width=width, color_scheme=scheme) as page:
        for path in ("/admin/", endpoint, WORKLIST, *lists):
            page.goto(page.url.partition("/admin/")[0] + path)
            page.evaluate("document.fonts.ready.then(() => true)")
            # Preloading, axe would write style elements of its own, which the policy forbids.
            found = Axe().run(page, options={"preload": False}).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path


@pytest.mark.parametrize(
    "path", ["/admin/", WORKLIST, "/admin/providers/endpoint/", "/admin/providers/endpoint/add/"]
)
def test_a_phone_never_scrolls_the_page_sideways(opened, endpoint, path):
    with opened(path, width=PHONE, has_touch=True, is_mobile=True) as page:
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0


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
        assert page.get_attribute("body", "data-same") == "yes"
        assert page.get_attribute("[data-follow]", "data-live") is None


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_no_violation_on_the_pricing_desk(opened, desk, width, scheme):
    with opened(DESK_OF_OPENAI, width=width, color_scheme=scheme) as page:
        site = page.url.partition("/admin/")[0]
        for path in (*desk, "/admin/providers/pricing/", ""):
            if path:
                page.goto(site + path)
            else:  # the preview of a doubtful price
                page.goto(site + DESK_OF_OPENAI)
                page.fill("[data-box] >> nth=0", "140")
                page.click(".desk-verbs button")
                expect(page.locator("h1")).to_contain_text("Preview")
            page.evaluate("document.fonts.ready.then(() => true)")
            found = Axe().run(page, options={"preload": False}).response["violations"]
            assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
            root = "document.documentElement"
            assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0, path


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
