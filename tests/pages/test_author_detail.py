"""An author's page."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import AIModel, Author
from catalog.pages import author_detail
from catalog.pages.author_detail import AuthorDetailPage
from providers.choices import Kind
from tests.factories import (
    CONFIRMED,
    NOW,
    AIModelFactory,
    AuthorFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def openai() -> Author:
    author = AuthorFactory.create(homepage="https://openai.com")
    author.providers.add(ProviderFactory.create(slug="openai", name="OpenAI"))
    RunFactory.create(covers=["openai"])
    return author


def sold(author: Author, name: str, *, amount: str = "0.15", **more: object) -> AIModel:
    """A model that its author sells."""
    model = AIModelFactory.create(author=author, name=name, **more)
    endpoint = EndpointFactory.create(provider=author.providers.get(), native_id=model.slug)
    ListingFactory.create(endpoint=endpoint, model=model)
    PriceFactory.create(endpoint=endpoint, amount=Decimal(amount))
    return model


def build() -> AuthorDetailPage:
    page = author_detail.build("openai", now=NOW)
    assert page is not None
    return page


def test_an_unknown_author_is_404(client: Client):
    assert client.get("/authors/nobody/").status_code == 404


def test_an_author_without_models_has_a_page(client: Client):
    AuthorFactory.create()
    assert "No model on sale" in client.get("/authors/openai/").content.decode()


def test_models_come_by_kind_the_newest_first(openai: Author):
    sold(openai, "Old", released_on="2023-11")
    sold(openai, "Undated")
    sold(openai, "New", released_on="2026-04-23")
    sold(openai, "Ada", kind=Kind.EMBEDDING.value)
    chat, embedding = build().kinds
    assert (chat.kind, embedding.kind) == ("Chat", "Embedding")
    assert [row.link.text for row in chat.rows] == ["New", "Old", "Undated"]


def test_the_price_is_the_authors_own_and_says_who_states_it(openai: Author):
    model = sold(openai, "GPT-4o mini", amount="0.15")
    cheaper = EndpointFactory.create()
    ListingFactory.create(endpoint=cheaper, model=model)
    PriceFactory.create(endpoint=cheaper, amount=Decimal("0.1"))
    [row] = build().kinds[0].rows
    assert row.input.amount == Decimal("0.15")
    assert (row.basis, row.seller.text if row.seller else "") == ("author", "OpenAI")
    assert [mark.siglum for mark in row.marks] == ["L"]
    assert row.providers == 2


def test_hidden_models_are_not_shown(openai: Author):
    sold(openai, "Secret", visibility="hidden")
    assert author_detail.build("openai", now=NOW) is None  # who has nothing to show has no page
    sold(openai, "Shown")
    assert build().models == 1


def test_models_that_nobody_sells_stand_apart(openai: Author):
    sold(openai, "Sold")
    AIModelFactory.create(author=openai, name="Unsold")
    retired = sold(openai, "Retired", retires_on=NOW.date())
    gone = sold(openai, "Gone")
    gone.listings.get().endpoint.__class__.objects.filter(listing__model=gone).update(
        gone_since=CONFIRMED
    )
    page = build()
    assert page.models == 1
    assert {link.text for link in page.former} == {"Unsold", retired.name, "Gone"}


def test_the_next_retirements_stand_at_the_head(openai: Author, client: Client):
    for n in range(5):
        sold(openai, f"M{n}", retires_on=date(2099, 1, 20 - n))
    sold(openai, "Same day", retires_on=date(2099, 1, 16))
    page = build()
    assert [day.on for day in page.retirements] == [date(2099, 1, 16 + n) for n in range(3)]
    assert [link.text for link in page.retirements[0].models] == ["M4", "Same day"]
    assert 'class="redletter"' in client.get("/authors/openai/").content.decode()


def test_a_family_has_two_members_at_least(openai: Author):
    sold(openai, "A", family="gpt")
    sold(openai, "B", family="gpt")
    sold(openai, "C", family="o")
    [family] = build().families
    assert (family.name, [link.text for link in family.models]) == ("gpt", ["A", "B"])


def test_links_lead_to_the_models_the_calendar_and_the_home(openai: Author, client: Client):
    sold(openai, "A")
    html = client.get("/authors/openai/").content.decode()
    for href in ("/models/?author=openai", "https://openai.com", "/providers/openai/"):
        assert f'href="{href}"' in html


def test_the_number_of_queries_does_not_grow_with_models(
    openai: Author, django_assert_max_num_queries
):
    for n in range(7):
        sold(openai, f"M{n}", family="gpt")
    with django_assert_max_num_queries(13):
        build()
