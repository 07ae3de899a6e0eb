"""Making endpoints in the admin: with a model, near duplicates shown, taken off sale and undone."""

import pytest
from django.urls import reverse
from lxml import html

from catalog import reconcile
from catalog.models import AIModel, Listing
from catalog.pages import model_index
from catalog.queries.chrome import edition_line
from providers.models import ChangeSet, Claim, Endpoint, Provider
from tests.factories import (
    CONFIRMED,
    NOW,
    OLD,
    AIModelFactory,
    AuthorFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
)
from tests.staff import member

pytestmark = pytest.mark.django_db
ADD = "/admin/providers/endpoint/add/"
PRICE = {
    "component": "input", "state": "known", "amount": "0.01", "unit": "1M tokens",
    "currency": "USD", "reason": "our contract",
}  # fmt: skip


def typed(**fields) -> dict[str, str]:
    standing = Provider.objects.filter(slug="house").first()
    return {
        "provider": str(standing.pk) if standing else "",
        "new_slug": "" if standing else "house",
        "new_name": "" if standing else "House Gateway",
        "new_group": "gateway",
        "native_id": "mini",
        "operation": "chat",
        "reason": "our own gateway",
        **fields,
    }


def errors(answer) -> str:
    found = html.fromstring(answer.content).cssselect(".errorlist")
    return " ".join(one.text_content() for one in found)


def test_an_endpoint_is_made_with_its_provider_and_model(client):
    editor = member(client, "content editor")
    answer = client.post(ADD, typed(model="openai/gpt-mini"), follow=True)
    endpoint = Endpoint.objects.get()
    assert answer.redirect_chain[-1][0].endswith(f"/{endpoint.pk}/change/")
    assert endpoint.provider.name == "House Gateway" and endpoint.made_by == editor
    listing = Listing.objects.get()
    assert (listing.said_by, listing.editor, listing.model.slug) == ("editor", editor, "gpt-mini")
    assert "Take off sale" in answer.content.decode()


def test_its_prices_are_stated_like_any_and_count_like_any(client, monkeypatch):
    """Cheapest although no source confirmed it: others grow old, an editor’s word does not."""
    monkeypatch.setattr("catalog.views._now", lambda: NOW)
    member(client, "administrator")
    model = AIModelFactory(author=AuthorFactory(), slug="mini", name="Mini")
    RunFactory(source=SourceFactory(), covers=["azure"], as_of=CONFIRMED)
    azure = EndpointFactory(provider=ProviderFactory(slug="azure", name="Azure"))
    ListingFactory(endpoint=azure, model=model, said_by="editor")
    for component in ("input", "output"):
        PriceFactory(endpoint=azure, component=component, amount="0.15")
    client.post(ADD, typed(model="openai/mini"))
    made = Endpoint.objects.get(native_id="mini")
    for component in ("input", "output"):
        address = f"/admin/providers/endpoint/{made.pk}/correct/?key=price.{component}"
        client.post(address, PRICE | {"component": component})
    # Stated by the machine's clock; these pages are printed for a day of their own.
    Claim.objects.filter(endpoint=made).update(stated_from=OLD)
    made.prices.update(valid_from=OLD)
    (row,) = model_index.build(edition_line(), now=NOW).rows
    assert row.cheapest and row.cheapest.card.provider == "house"
    assert row.providers == {"azure", "house"}
    page = client.get("/models/openai/mini/").content
    rows = html.fromstring(page).cssselect("#providers tbody tr")
    (words,) = [row.text_content() for row in rows if "House Gateway" in row.text_content()]
    assert "0.01" in words and "(" not in words  # in brackets: unconfirmed
    assert "mini" in client.get("/providers/house/").content.decode()


def test_without_a_model_the_rules_look_for_it(client):
    member(client, "pricing editor")  # who lists nothing by hand
    assert not html.fromstring(client.get(ADD).content).cssselect("[name=model]")
    ProviderFactory(slug="openai")
    EndpointFactory(provider=Provider.objects.get(slug="openai"), native_id="gpt-4o-mini")
    reconcile.everything(now=NOW)
    client.post(ADD, typed(native_id="gpt-4o-mini"))
    assert Listing.objects.get(endpoint__provider__slug="house").said_by == "rule"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"operation": "sing"}, "sing is no operation; write one of chat, embedding"),
        ({"native_id": ""}, "required"),
        ({"native_id": "   "}, "required"),
        ({"reason": ""}, "required"),
        ({"new_slug": "My House"}, "is not a slug"),
        ({"new_slug": ""}, "Choose a provider, or write the slug"),
        ({"new_group": "bank"}, "not one of the available choices"),
        ({"model": "no such words"}, "is no model; write author/slug"),
        ({"provider": "999"}, "not one of the available choices"),
    ],
)
def test_bad_input_is_told_and_makes_nothing(client, fields, says):
    member(client, "content editor")
    answer = client.post(ADD, typed(**fields))
    assert answer.status_code == 200 and says in errors(answer)
    assert not Endpoint.objects.exists() and not Provider.objects.exists()
    assert not AIModel.objects.exists()
    assert html.fromstring(answer.content).cssselect("[name=new_name]")[0].value == "House Gateway"


def test_one_that_exists_is_linked(client):
    member(client, "content editor")
    house = ProviderFactory(slug="house")
    there = EndpointFactory(provider=house, native_id="mini")
    answer = client.post(ADD, typed())
    assert "exists already" in errors(answer)
    links = html.fromstring(answer.content).cssselect(".errorlist a")
    assert [a.get("href") for a in links] == [
        reverse("admin:providers_endpoint_change", args=[there.pk])
    ]


def test_near_duplicates_are_pointed_out_and_may_be_insisted_on(client):
    member(client, "content editor")
    EndpointFactory(provider=ProviderFactory(slug="house"), native_id="MINI ")
    first = client.post(ADD, typed())
    assert "Is it one of these?" in errors(first)
    (box,) = html.fromstring(first.content).cssselect("[name=anyway][type=checkbox]")
    assert not box.get("checked")
    client.post(ADD, typed(anyway="on"))
    assert Endpoint.objects.filter(native_id="mini").exists()


def test_it_is_taken_off_sale_and_back(client):
    member(client, "administrator")
    client.post(ADD, typed())
    endpoint = Endpoint.objects.get()
    page = f"/admin/providers/endpoint/{endpoint.pk}/take-off/"
    assert "formerly sold by" in client.get(page).content.decode()
    assert "required" in errors(client.post(page, {"reason": ""}))
    done = client.post(page, {"reason": "switched off"}, follow=True).content.decode()
    endpoint.refresh_from_db()
    assert endpoint.gone_since is not None and "Take off sale" not in done
    log = ChangeSet.objects.order_by("-pk").first()
    assert reverse("admin:providers_changeset_change", args=[log.pk]) in done
    assert "off sale already" in errors(client.post(page, {"reason": "again"}))


def test_what_a_source_made_has_no_such_page(client):
    member(client, "administrator")
    page = f"/admin/providers/endpoint/{EndpointFactory().pk}/take-off/"
    assert client.get(page).status_code == 404


def test_only_who_may_add_endpoints_does(client):
    user = member(client, "content editor")
    client.post(ADD, typed())
    endpoint = Endpoint.objects.get()
    user.groups.first().permissions.filter(codename="add_endpoint").delete()
    take_off = f"/admin/providers/endpoint/{endpoint.pk}/take-off/"
    for address in (ADD, take_off):
        assert client.get(address).status_code == 403
        assert client.post(address, typed(native_id="other")).status_code == 403
    change = client.get(f"/admin/providers/endpoint/{endpoint.pk}/change/").content.decode()
    assert "take-off" not in change
    assert Endpoint.objects.get().gone_since is None
