"""A model that waits or is hidden has no public trace; the pages are as if nobody sold it."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from difflib import unified_diff

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from catalog import reconcile, worklist
from catalog.models import AIModel
from providers import publish
from providers.models import Claim, Endpoint, Held, Price
from tests.factories import (
    NOW,
    OLD,
    AIModelFactory,
    AuthorFactory,
    BenchmarkFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    ModelAliasFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    ScoreFactory,
    SourceFactory,
    TagFactory,
    TaggingFactory,
    price_value,
)
from tests.staff import member

pytestmark = pytest.mark.django_db
ANY_NAME = re.compile("zebra|quagga", re.IGNORECASE)
SOON = NOW.date() + timedelta(days=9)
PAGES = (
    "/", "/models/", "/models/?q=zebra", "/models/?tag=stripes", "/models/?as_of=2026-11-13",
    "/models/acme/one/", "/models/acme/one/?as_of=2026-11-13", "/models/acme/one/?workload=rag",
    "/authors/acme/", "/providers/", "/providers/azure/", "/providers/azure/?as_of=2026-11-13",
    "/compare/", "/compare/?model=acme/one&model=acme/two", "/calendar/", "/calendar/?past=1",
    "/calendar.ics", "/calendar.ics?past=1", "/changes/", "/changes/?from=2026-05-01&to=2026-11-14",
    "/changes/?kind=new&from=2026-05-01&to=2026-11-14", "/sources/", "/disagreements/",
    "/disagreements/?of=any&cause=any", "/disagreements/?league=provider&of=any", "/parameters/",
    "/report/", "/provenance/?provider=azure", "/provenance/?model=acme/one",
)  # fmt: skip
ITS_OWN = (
    "/models/acme/zebra-secret/", "/models/acme/zebra-old/", "/authors/quagga/",
    "/report/?model=acme/zebra-secret",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _clock(monkeypatch) -> None:
    monkeypatch.setattr("catalog.views._now", lambda: NOW)


@pytest.fixture
def shown() -> list[AIModel]:
    """What readers may see: two models of an author, at one provider, from two sources."""
    acme, azure = AuthorFactory(slug="acme", name="Acme"), ProviderFactory(slug="azure")
    run("litellm"), run("genai_prices")
    models = [
        AIModelFactory(author=acme, slug=slug, name=f"Acme {slug}") for slug in ("one", "two")
    ]
    for model in models:
        sell(model, azure, f"acme-{model.slug}", "0.20")
    AIModel.objects.filter(slug="one").update(replacement="acme/zebra-secret")
    Endpoint.objects.filter(native_id="acme-one").update(
        replacement="zebra-secret-v1", retires_on=SOON
    )
    return models


@pytest.fixture
def secret(shown, request) -> list[AIModel]:
    """Models that nobody may see, with everything that a page could show of them."""
    visibility = getattr(request, "param", "hidden")
    azure = Endpoint.objects.first().provider
    acme, quagga = shown[0].author, AuthorFactory(slug="quagga", name="Quagga Labs")
    zebra = AIModelFactory(
        author=acme, slug="zebra-secret", name="Zebra Secret", visibility=visibility,
        family="zebra", released_on="2026-11-10",
    )  # fmt: skip
    alone = AIModelFactory(author=quagga, slug="quagga-1", name="Quagga", visibility=visibility)
    ModelAliasFactory(path="acme/zebra-old", model=zebra)
    TaggingFactory(model=zebra, tag=TagFactory(slug="stripes", name="Zebra stripes"))
    ScoreFactory(model=zebra, benchmark=BenchmarkFactory(), value=Decimal(99))
    for slug in ("litellm", "genai_prices"):
        ClaimFactory(
            source=SourceFactory(slug=slug), endpoint=None, model="acme/zebra-old",
            key="context_length", says=len(slug),
        )  # fmt: skip
    endpoint = sell(zebra, azure, "zebra-secret-v1", "0.10")
    sell(alone, azure, "quagga-1-native", "0.05")
    Endpoint.objects.filter(listing__model__in=[zebra, alone]).update(
        parameters={"zebra_stripes": True}, retires_on=SOON, deprecated_on=OLD.date()
    )
    sell(zebra, azure, "zebra-gone", "0.05")
    Endpoint.objects.filter(native_id="zebra-gone").update(gone_since=NOW - timedelta(days=3))
    Held.objects.create(
        source=SourceFactory(), run=RunFactory(), endpoint=endpoint, kind="jump", key="price.input",
        reason="a zebra's jump",
    )  # fmt: skip
    return [zebra, alone]


def run(slug: str) -> None:
    RunFactory(source=SourceFactory(slug=slug), covers=["azure"])


def sell(model: AIModel, provider, native_id: str, amount: str) -> Endpoint:
    """An endpoint with a past, a future and a dispute."""
    endpoint = EndpointFactory(provider=provider, native_id=native_id)
    ListingFactory(endpoint=endpoint, model=model)
    dates = (OLD, NOW - timedelta(days=2), NOW + timedelta(days=5), None)
    for number, (begins, ends) in enumerate(zip(dates, dates[1:], strict=False)):
        for component in ("input", "output"):
            PriceFactory(
                endpoint=endpoint, component=component, amount=Decimal(amount) * (number + 1),
                valid_from=begins, valid_to=ends, claim__stated_from=begins,
                claim__ended_at=ends if ends and ends < NOW else None,
                claim__effective_from=begins if begins > NOW else None, claim__at_least=False,
            )  # fmt: skip
    says = price_value(Decimal(7), state="known")
    other = SourceFactory(slug="genai_prices")
    ClaimFactory(endpoint=endpoint, key="price.input", source=other, says=says)
    return endpoint


def announce() -> None:
    """An edition of its own moment, so that nothing kept of another test's market is shown."""
    publish.announce(now=datetime.now(UTC))


def text_of(path: str) -> str:
    """A page's text without the edition and the moment it was printed at."""
    page = Client().get(path).content.decode()
    return re.sub(
        r"Edition \d+| of <time[^>]*>[^<]*</time>|DTSTAMP:\w+|csrfmiddlewaretoken\" value=\"\w+",
        "",
        page,
    )


def test_the_market_of_these_tests_shows_a_model_that_is_shown(secret):
    """Else the others could not fail."""
    AIModel.objects.update(visibility="shown")
    announce()
    silent = {path for path in PAGES if not ANY_NAME.search(text_of(path))}
    speechless = ("/providers/", "/report/", "/compare/", "/provenance/")
    assert {path for path in silent if not path.startswith(speechless)} == set()
    assert all(Client().get(path).status_code in (200, 301) for path in ITS_OWN)


@pytest.mark.parametrize("secret", ["hidden", "waiting"], indirect=True)
def test_no_page_names_a_model_that_is_not_shown(secret):
    announce()
    named = {path: ANY_NAME.search(text_of(path)) for path in PAGES if "q=" not in path}
    assert {path: found for path, found in named.items() if found} == {}
    assert all(Client().get(path).status_code == 404 for path in ITS_OWN)


def test_its_endpoints_are_neither_compared_nor_reported(secret):
    endpoint = Endpoint.objects.get(native_id="zebra-secret-v1")
    page = Client().get("/compare/?endpoint=azure:acme-one&endpoint=azure:zebra-secret-v1")
    assert "0.20" in page.content.decode() or page.status_code == 200
    assert "Zebra" not in page.content.decode()
    subjects = (f"endpoint={endpoint.pk}", "model=acme/zebra-secret", "model=acme/zebra-old")
    for subject in subjects:
        assert Client().get(f"/report/?{subject}").status_code == 404
        for form in ("", "&key=price.input", "&key=context_length&format=json", "&format=part"):
            answer = Client().get(f"/provenance/?{subject}{form}")
            assert answer.status_code == 404 and "Zebra" not in answer.content.decode()


def test_who_says_what_replaces_a_model_is_not_told_of_one_that_is_not_shown(secret):
    endpoint = Endpoint.objects.get(native_id="acme-one")
    claim = ClaimFactory(endpoint=endpoint, key="replacement", says="zebra-secret-v1")
    Endpoint.objects.filter(pk=endpoint.pk).update(provenance={"replacement": claim.pk})
    announce()
    for asked in ("", "&key=replacement", "&key=replacement&format=json", "&format=part"):
        answer = Client().get(f"/provenance/?endpoint={endpoint.pk}{asked}").content.decode()
        assert not ANY_NAME.search(answer), asked


def test_every_page_is_as_if_nobody_sold_it(secret):
    announce()
    with_it = {path: text_of(path) for path in PAGES}
    Held.objects.all().delete()
    of_them = Endpoint.objects.filter(listing__model__in=secret)
    Price.objects.filter(endpoint__in=of_them).delete()
    Claim.objects.exclude(model="").delete()
    of_them.delete()
    AIModel.objects.filter(pk__in=[model.pk for model in secret]).delete()
    AIModel.objects.update(replacement=None)
    Endpoint.objects.update(replacement=None)
    announce()
    without = {path: text_of(path) for path in PAGES}
    differing = [path for path in PAGES if with_it[path] != without[path]]
    for path in differing:
        print(path, *unified_diff(with_it[path].splitlines(), without[path].splitlines(), n=0))
    assert differing == []


# -- approval -------------------------------------------------------------------------------------


def test_new_models_wait_where_approval_is_asked(settings):
    settings.NEW_MODELS = "approval"
    EndpointFactory(provider=ProviderFactory(slug="openai"), native_id="gpt-4o-mini")
    reconcile.everything(now=NOW)
    model = AIModel.objects.get()
    assert model.visibility == "waiting"
    assert Client().get(f"/models/openai/{model.slug}/").status_code == 404


def test_new_models_are_shown_where_it_is_not():
    EndpointFactory(provider=ProviderFactory(slug="openai"), native_id="gpt-4o-mini")
    reconcile.everything(now=NOW)
    assert AIModel.objects.get().visibility == "shown"


def test_what_was_approved_stays_so_through_refreshes(settings):
    settings.NEW_MODELS = "approval"
    EndpointFactory(provider=ProviderFactory(slug="openai"), native_id="gpt-4o-mini")
    reconcile.everything(now=NOW)
    for visibility in ("shown", "hidden"):
        AIModel.objects.update(visibility=visibility)
        reconcile.everything(now=NOW)
        assert AIModel.objects.get().visibility == visibility


def test_a_model_that_an_editor_makes_needs_no_approval(client, settings):
    settings.NEW_MODELS = "approval"
    endpoint = EndpointFactory(native_id="house-blend")
    editor = member(client, "content editor")
    worklist.assign([endpoint.pk], "acme/blend", by=editor, now=NOW)
    assert AIModel.objects.get(slug="blend").visibility == "shown"


def test_editors_approve_hide_and_show_again(client):
    user = member(client, "content editor")
    models = [AIModelFactory(visibility="waiting") for _ in range(3)]
    assert "<b>3</b> new models to approve" in client.get("/admin/").content.decode()
    address = reverse("admin:catalog_aimodel_changelist")
    chosen = {"_selected_action": [model.pk for model in models[:2]]}
    edition = publish.announce(now=NOW)
    client.post(address, {"action": "approve", **chosen})
    assert sorted(AIModel.objects.values_list("visibility", flat=True)) == [
        *("shown", "shown", "waiting")
    ]
    page = reverse("catalog:model", args=[models[0].author.slug, models[0].slug])
    assert Client().get(page).status_code == 200
    client.post(address, {"action": "hide", **chosen})
    assert Client().get(page).status_code == 404
    assert publish.announce(now=NOW) == edition + 3  # one edition each
    log = LogEntry.objects.filter(user=user, content_type__model="aimodel")
    assert log.count() == 4 and {entry.change_message for entry in log} == {
        *("Set to shown.", "Set to hidden.")
    }


def test_nothing_to_change_makes_no_edition(client):
    member(client, "content editor")
    model, edition = AIModelFactory(), publish.announce(now=NOW)
    chosen = {"_selected_action": [model.pk], "action": "approve"}
    client.post(reverse("admin:catalog_aimodel_changelist"), chosen)
    assert publish.announce(now=NOW) == edition + 1


def test_only_who_may_change_models_approves(client):
    member(client, "pricing editor")
    model = AIModelFactory(visibility="waiting")
    chosen = {"_selected_action": [model.pk], "action": "approve"}
    assert client.post(reverse("admin:catalog_aimodel_changelist"), chosen).status_code == 403
    assert AIModel.objects.get().visibility == "waiting"
    assert "to approve" not in client.get("/admin/").content.decode()


def test_a_hidden_model_stays_hidden_when_nobody_sells_it_any_more():
    EndpointFactory(provider=ProviderFactory(slug="openai"), native_id="gpt-4o-mini")
    reconcile.everything(now=NOW)
    AIModel.objects.update(visibility="hidden")
    Endpoint.objects.all().delete()
    reconcile.everything(now=NOW)
    assert AIModel.objects.get().visibility == "hidden"
