"""Corrections in the admin: each is a claim with a reason, and the page shows it at once."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, User

from catalog import roles
from providers.models import Claim, Endpoint, Held, Job, Price, Provider

from .market import SECOND, offer, price, published, read, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _market(settings):
    settings.AFTER_PUBLISH = []
    read(snapshot(offer("small", price("0.15"), context_length=128_000, open_weights=False)))
    roles.ensure()


def member(client, group: str) -> User:
    user = User.objects.create_user(group.replace(" ", "-"), is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return user


def correct(client, key: str, **fields):
    endpoint = Endpoint.objects.get(native_id="small")
    address = f"/admin/providers/endpoint/{endpoint.pk}/correct/?key={key}"
    return client.post(address, {"reason": "their page", **fields})


PRICE_FIELDS = {
    "component": "input", "state": "known", "amount": "0.14", "unit": "1M tokens",
    "currency": "USD",
}  # fmt: skip


def test_a_corrected_price_is_published_at_once(client):
    member(client, "pricing editor")
    assert correct(client, "price.input", **PRICE_FIELDS).status_code == 302
    assert str(published("small").normalize()) == "0.14"


def test_a_correction_keeps_author_reason_and_time(client):
    user = member(client, "pricing editor")
    correct(client, "context_length", value="64,000")
    claim = Claim.objects.get(source__slug="editor")
    assert (claim.editor, claim.reason, claim.value) == (user, "their page", "64000")
    assert claim.stated_from <= datetime.now(UTC)


def test_a_correction_survives_the_next_refresh(client):
    member(client, "pricing editor")
    correct(client, "context_length", value="64000")
    read(snapshot(offer("small", price("0.15"), context_length=256_000), as_of=SECOND))
    assert Endpoint.objects.get(native_id="small").context_length == 64_000


def test_a_dropped_correction_gives_the_sources_their_word_back(client):
    member(client, "pricing editor")
    correct(client, "context_length", value="64000")
    claim = Claim.objects.get(source__slug="editor")
    address = f"/admin/providers/endpoint/{claim.endpoint_id}/drop/{claim.pk}/"
    assert client.post(address, {"reason": ""}).status_code == 200
    assert client.post(address, {"reason": "they agree now"}).status_code == 302
    assert Endpoint.objects.get(native_id="small").context_length == 128_000


def test_the_page_of_an_endpoint_shows_who_states_what(client):
    member(client, "administrator")
    endpoint = Endpoint.objects.get(native_id="small")
    page = client.get(f"/admin/providers/endpoint/{endpoint.pk}/change/").content.decode()
    assert "0.15 USD per 1M tokens" in page
    assert "litellm" in page


@pytest.mark.parametrize(
    ("key", "fields", "message"),
    [
        ("context_length", {"value": "many"}, "not a number"),
        ("context_length", {"value": "-1"}, "not a number"),
        ("retires_on", {"value": "soon"}, "YYYY-MM-DD"),
        ("status_page", {"value": "javascript:alert(1)"}, "http"),
        ("open_weights", {"value": "maybe"}, "yes or no"),
        ("price.input", PRICE_FIELDS | {"amount": "-1"}, "negative"),
        ("price.input", PRICE_FIELDS | {"amount": ""}, "needs an amount"),
        ("price.input", PRICE_FIELDS | {"currency": "usd"}, "code like USD"),
        ("context_length", {"value": "64000", "reason": ""}, "required"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_mend(client, key, fields, message):
    member(client, "pricing editor")
    answer = correct(client, key, **fields)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not Claim.objects.filter(source__slug="editor").exists()


def test_only_those_permitted_correct_prices(client):
    member(client, "content editor")
    assert correct(client, "price.input", **PRICE_FIELDS).status_code == 403
    assert correct(client, "context_length", value="64000").status_code == 302


def test_a_stranger_is_sent_to_the_login(client):
    assert "/login/" in correct(client, "context_length", value="1")["Location"]


def test_a_fact_without_a_room_is_not_found(client):
    member(client, "pricing editor")
    assert correct(client, "colour", value="red").status_code == 404


def test_facts_of_providers_are_corrected_too(client):
    member(client, "pricing editor")
    provider = Provider.objects.get(slug="openai")
    client.post(
        f"/admin/providers/provider/{provider.pk}/correct/?key=headquarters",
        {"value": "US", "reason": "their imprint"},
    )
    provider.refresh_from_db()
    assert provider.headquarters == "US"


def test_a_held_price_is_accepted_from_the_list(client):
    read(snapshot(offer("small", price("15")), as_of=SECOND))
    member(client, "pricing editor")
    held = Held.objects.get()
    client.post("/admin/providers/held/", {"action": "accept", "_selected_action": [held.pk]})
    assert published("small") == 15


def test_a_source_is_read_again_on_demand(client):
    member(client, "administrator")
    source = Claim.objects.first().source
    client.post(
        "/admin/providers/source/", {"action": "refresh_now", "_selected_action": [source.pk]}
    )
    assert Job.objects.get(argument="litellm").due_at <= datetime.now(UTC)


@pytest.mark.parametrize("model", ["endpoint", "provider", "price", "claim", "run", "source",
                                   "held", "job", "reading"])  # fmt: skip
def test_every_list_opens(client, model):
    member(client, "administrator")
    assert client.get(f"/admin/providers/{model}/").status_code == 200


def test_the_list_of_endpoints_does_not_query_by_the_row(client, django_assert_max_num_queries):
    member(client, "administrator")
    read(snapshot(*(offer(f"m{n}", price("1")) for n in range(60)), covers=[]))
    with django_assert_max_num_queries(12):
        client.get("/admin/providers/endpoint/")


def test_ledger_rows_are_not_typed(client):
    member(client, "administrator")
    row = Price.objects.first()
    assert client.post(f"/admin/providers/price/{row.pk}/change/", {}).status_code == 403
