"""The page that compares providers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from catalog.pages import provider_list
from catalog.pages.cheapest import Share
from providers.choices import Group, State
from providers.models import Provider
from tests.factories import (
    CONFIRMED,
    NOW,
    OLD,
    AIModelFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
)

pytestmark = pytest.mark.django_db


def selling(slug: str, *prices: tuple[object, str | None], **more: object) -> Provider:
    """A provider that sells models at input prices; None: free."""
    provider = ProviderFactory.create(slug=slug, name=slug.title(), **more)
    for model, amount in prices:
        endpoint = EndpointFactory.create(provider=provider)
        ListingFactory.create(endpoint=endpoint, model=model)
        PriceFactory.create(
            endpoint=endpoint,
            amount=Decimal(amount) if amount else None,
            state=(State.KNOWN if amount else State.FREE).value,
        )
    return provider


def rows(query: dict[str, str] | None = None) -> dict[str, provider_list.ProviderRow]:
    return {row.slug: row for row in provider_list.build(query or {}, now=NOW).rows}


def order(**query: str) -> list[str]:
    return [row.slug for row in provider_list.build(query, now=NOW).rows]


def test_models_and_endpoints_are_counted_apart():
    model = AIModelFactory.create()
    selling("a", (model, "1"), (model, "2"))
    assert (rows()["a"].models, rows()["a"].endpoints) == (1, 2)


def test_what_is_no_model_is_not_counted():
    provider = selling("a")
    endpoint = EndpointFactory.create(provider=provider)
    ListingFactory.create(endpoint=endpoint, model=None, said_by="editor")
    assert rows()["a"].endpoints == 0


def test_how_often_cheapest_counts_confirmed_prices_only():
    model = AIModelFactory.create()
    selling("fresh", (model, "2"))
    selling("other", (model, "3"))
    selling("old", (model, "1"))
    RunFactory.create(covers=["fresh", "other"])
    RunFactory.create(covers=["old"], as_of=OLD)
    found = rows()
    assert found["fresh"].share == Share(1, 1)
    assert found["other"].share == Share(0, 1)
    assert found["old"].share == Share(0, 0)


@pytest.mark.parametrize("amount", [None])
def test_free_never_counts_as_cheapest(amount: str | None):
    model = AIModelFactory.create()
    selling("free", (model, amount))
    selling("a", (model, "2"))
    selling("b", (model, "3"))
    RunFactory.create(covers=["free", "a", "b"])
    assert rows()["a"].share == Share(1, 1)
    assert rows()["free"].share == Share(0, 0)


def test_a_plan_never_counts_as_cheapest():
    model = AIModelFactory.create()
    selling("plan", (model, "1"), group=Group.PLAN.value)
    selling("a", (model, "2"))
    selling("b", (model, "3"))
    RunFactory.create(covers=["plan", "a", "b"])
    assert rows()["a"].share == Share(1, 1)


def test_a_batch_id_is_not_the_standard_price():
    model = AIModelFactory.create()
    batch = selling("batch", (model, "1"))
    listing = batch.endpoints.get().listing
    listing.variant = "us batch"
    listing.save()
    selling("a", (model, "2"))
    selling("b", (model, "3"))
    RunFactory.create(covers=["batch", "a", "b"])
    assert rows()["a"].share == Share(1, 1)


def test_protocols_are_those_that_any_endpoint_states():
    provider = selling("a")
    EndpointFactory.create(
        provider=provider, protocols={"openai-chat": True, "anthropic-messages": False}
    )
    assert rows()["a"].protocols == ("openai-chat",)


def test_a_policy_shows_who_states_it():
    provider = selling("a", trains_on_prompts=False)
    claim = ClaimFactory.create(
        endpoint=None, provider=provider, key="trains_on_prompts", says=False
    )
    provider.provenance = {"trains_on_prompts": claim.pk}
    provider.save()
    assert [mark.siglum for mark in rows()["a"].policy_marks] == ["L"]


def test_unknown_policies_sort_last_and_zero_first():
    selling("unknown")
    selling("week", retention_days=7)
    selling("none", retention_days=0)
    assert order(sort="retention") == ["none", "week", "unknown"]


def test_the_freshest_come_first_by_confirmation():
    for slug in ("never", "old", "fresh"):
        selling(slug)
    RunFactory.create(covers=["old"], as_of=OLD)
    RunFactory.create(covers=["fresh"], as_of=CONFIRMED)
    assert order(sort="confirmed") == ["fresh", "old", "never"]
    assert rows()["old"].standing.old
    assert not rows()["fresh"].standing.old


def test_every_order_is_total_and_keeps_all():
    for slug in ("b", "a", "c"):
        selling(slug)
    for sort in provider_list.SORTS:
        assert order(sort=sort) == ["a", "b", "c"]


def test_a_group_narrows_the_list_and_keeps_the_order():
    selling("lab", group=Group.AUTHOR.value)
    selling("gate", group=Group.GATEWAY.value)
    page = provider_list.build({"group": "author", "sort": "name"}, now=NOW)
    assert [row.slug for row in page.rows] == ["lab"]
    assert [(c.text, c.count) for c in page.groups][:2] == [("All", 2), ("Authors", 1)]
    assert page.sorts[1].href == "/providers/?group=author&sort=endpoints"


def test_nonsense_gives_the_whole_list_and_a_message():
    selling("a")
    page = provider_list.build({"group": "x" * 500, "sort": "price"}, now=NOW)
    assert len(page.rows) == 1
    assert len(page.messages) == 2


def test_columns_nobody_states_are_named_instead_of_drawn(client: Client):
    selling("a", headquarters="Berlin")
    html = client.get("/providers/").content.decode()
    assert "Berlin" in html
    assert "Not drawn, as nobody states it here: trains on prompts" in html


def test_the_number_of_queries_does_not_grow_with_providers(django_assert_max_num_queries):
    model = AIModelFactory.create()
    for n in range(7):
        selling(f"p{n}", (model, "1"), retention_days=n)
    RunFactory.create(covers=[f"p{n}" for n in range(7)], as_of=NOW - timedelta(days=1))
    with django_assert_max_num_queries(6):
        provider_list.build({}, now=NOW)
