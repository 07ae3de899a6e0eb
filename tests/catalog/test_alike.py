"""Endpoints of an id that is listed already are listed like it, without listing the market anew."""

import pytest

from catalog import reconcile
from catalog.models import Listing
from catalog.reconcile import listings
from providers.models import Endpoint
from providers.publish import Published
from tests.factories import NOW, EndpointFactory, ProviderFactory

pytestmark = pytest.mark.django_db


def follow(*endpoints: Endpoint) -> None:
    published = Published(NOW, frozenset(one.pk for one in endpoints), frozenset(), frozenset())
    reconcile.follow(published)


def tables() -> list[tuple[object, ...]]:
    rows = Listing.objects.order_by("endpoint")
    return list(rows.values_list("endpoint", "model__slug", "said_by", "reason", "variant"))


@pytest.fixture
def plain() -> Endpoint:
    provider = ProviderFactory(slug="openrouter")
    endpoint = EndpointFactory(provider=provider, native_id="openai/gpt-4o-mini")
    follow(endpoint)
    assert Listing.objects.filter(endpoint=endpoint).exists()
    return endpoint


def behind(plain: Endpoint, upstream: str, **fields: object) -> Endpoint:
    runner = ProviderFactory(slug=upstream)
    like = {"provider": plain.provider, "native_id": plain.native_id}
    return EndpointFactory(**like | {"upstream": runner} | fields)


def test_an_upstream_is_listed_like_its_id_without_relisting(
    plain: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure, openai = behind(plain, "azure"), behind(plain, "openai")
    with monkeypatch.context() as patch:
        patch.setattr(listings, "relist", None)
        follow(azure, openai)
    listed = tables()
    assert len(listed) == 3
    listings.relist()
    assert tables() == listed


def test_a_new_id_is_matched(plain: Endpoint) -> None:
    follow(behind(plain, "azure", native_id="openai/gpt-4o-2024-08-06"))
    assert Listing.objects.count() == 2


def test_what_an_editor_said_of_one_is_not_said_of_another(plain: Endpoint) -> None:
    Listing.objects.filter(endpoint=plain).update(said_by="editor", model=None)
    azure = behind(plain, "azure")
    follow(azure)
    assert Listing.objects.get(endpoint=azure).said_by == "rule"


def test_what_the_rules_refuse_stays_unlisted(
    plain: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    Listing.objects.all().delete()
    monkeypatch.setattr(listings, "relist", None)
    follow(behind(plain, "azure"))
    assert not Listing.objects.exists()
