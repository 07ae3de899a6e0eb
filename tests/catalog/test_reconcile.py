from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command

from catalog import reconcile
from catalog.models import AIModel, Author, Listing, ModelAlias, Tagging
from providers import queries
from providers.models import Endpoint
from providers.publish import Published
from tests.factories import (
    NOW,
    AIModelFactory,
    AuthorFactory,
    ClaimFactory,
    EndpointFactory,
    PriceFactory,
    ProviderFactory,
    SourceFactory,
    TagFactory,
)

pytestmark = pytest.mark.django_db


def sells(provider, native_id, **columns):
    row = ProviderFactory._meta.model.objects.filter(slug=provider).first()
    return EndpointFactory(
        provider=row or ProviderFactory(slug=provider), native_id=native_id, **columns
    )


def follow(*endpoints, models=()):
    touched = frozenset(endpoint.pk for endpoint in endpoints)
    return reconcile.follow(Published(NOW, touched, frozenset(), frozenset(models)))


def paths():
    return sorted(f"{model.author.slug}/{model.slug}" for model in AIModel.objects.all())


def test_a_new_endpoint_makes_author_model_and_listing():
    endpoint = sells("openai", "gpt-4o", context_length=128_000, provenance={"context_length": 7})
    assert follow(endpoint)
    model = endpoint.listing.model
    assert (model.author.slug, model.slug, model.name) == ("openai", "gpt-4o", "GPT-4o")
    assert (model.context_length, model.provenance) == (128_000, {"context_length": 7})
    assert (endpoint.listing.said_by, endpoint.listing.reason) == ("rule", "same name")
    assert [provider.slug for provider in model.author.providers.all()] == ["openai"]


def test_a_second_run_writes_nothing():
    endpoints = [sells("openai", "gpt-4o"), sells("vercel", "openai/gpt-4o-2024-08-06")]
    follow(*endpoints)
    assert follow(*endpoints) == 0
    assert reconcile.everything(now=NOW) == 0


def test_an_endpoint_nobody_can_place_stays_unlisted():
    endpoint = sells("deepinfra", "mystery")
    follow(endpoint)
    assert not Listing.objects.exists()
    assert not AIModel.objects.exists()


def test_a_snapshot_is_listed_with_what_sets_it_apart():
    plain, dated = sells("openai", "gpt-4o"), sells("openai", "gpt-4o-2024-08-06")
    follow(plain, dated)
    assert dated.listing.model == plain.listing.model
    assert dated.listing.variant == "2024-08-06"
    assert ModelAlias.objects.get(path="openai/gpt-4o-2024-08-06").model == plain.listing.model


def test_a_source_that_says_what_an_endpoint_serves_is_believed():
    sells("openai", "gpt-4o")
    endpoint = sells("somewhere", "house-blend", serves="openai/gpt-4o")
    follow(endpoint)
    assert endpoint.listing.model.slug == "gpt-4o"
    assert endpoint.listing.said_by == "source"


def test_an_editors_listing_is_never_changed(admin_user):
    endpoint = sells("openai", "gpt-4o")
    other = AIModelFactory(slug="other")
    Listing.objects.create(endpoint=endpoint, model=other, said_by="editor", editor=admin_user)
    not_one = sells("openai", "router")
    Listing.objects.create(endpoint=not_one, model=None, said_by="editor", editor=admin_user)
    reconcile.everything(now=NOW)
    assert Listing.objects.get(endpoint=endpoint).model == other
    assert Listing.objects.get(endpoint=not_one).model is None


def test_a_rules_listing_moves_when_the_rules_do():
    endpoint = sells("openai", "gpt-4o")
    wrong = AIModelFactory(slug="gpt-4o-wrong")
    Listing.objects.create(endpoint=endpoint, model=wrong, said_by="rule")
    reconcile.everything(now=NOW)
    assert paths() == ["openai/gpt-4o"]
    assert ModelAlias.objects.get(path="openai/gpt-4o-wrong").model.slug == "gpt-4o"


def test_a_model_an_editor_wrote_about_stays_without_a_listing():
    AIModelFactory(slug="gpt-0", summary="The one before.")
    AIModelFactory(slug="gpt-00")
    follow(sells("openai", "gpt-4o"))
    assert paths() == ["openai/gpt-0", "openai/gpt-4o"]


def test_a_model_no_longer_sold_stays():
    endpoint = sells("openai", "gpt-4o", gone_since=NOW)
    follow(endpoint)
    assert endpoint.listing.model.slug == "gpt-4o"


def test_an_editors_claim_about_a_model_shows_at_once():
    endpoint = sells("openai", "gpt-4o", context_length=1)
    follow(endpoint)
    claim = ClaimFactory(
        source=SourceFactory(slug="editor"), endpoint=None, model="openai/gpt-4o", says=2
    )
    assert follow(models=["openai/gpt-4o"]) == 1
    model = AIModel.objects.get()
    assert (model.context_length, model.provenance["context_length"]) == (2, claim.pk)


def test_a_correction_of_one_endpoint_folds_its_model():
    endpoint = sells("openai", "gpt-4o")
    follow(endpoint)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        retires_on=date(2026, 12, 11), replacement="gpt-5"
    )
    follow(endpoint)
    model = AIModel.objects.get()
    assert (model.retires_on, model.replacement) == (date(2026, 12, 11), "gpt-5")


def test_a_replacement_becomes_the_path_of_its_model():
    old = sells("openai", "gpt-4o", replacement="gpt-5-2025-08-07")
    follow(old, sells("openai", "gpt-5"))
    assert old.listing.model.replacement == "openai/gpt-5"


def test_derived_tags_come_and_go_and_editors_tags_stay():
    endpoint = sells("openai", "gpt-4o", input_modalities=["text", "image"])
    PriceFactory(endpoint=endpoint, amount=Decimal("0.10"))
    PriceFactory(endpoint=endpoint, component="output", amount=Decimal("0.40"))
    follow(endpoint)
    model = endpoint.listing.model
    Tagging.objects.create(model=model, tag=TagFactory(slug="loved"), derived=False)
    tags = Tagging.objects.filter(model=model).order_by("tag__slug")
    assert [one.tag.slug for one in tags] == ["cheap", "loved", "vision"]
    Endpoint.objects.filter(pk=endpoint.pk).update(input_modalities=["text"])
    follow(endpoint)
    assert [one.tag.slug for one in tags.all()] == ["cheap", "loved"]


def test_an_author_keeps_the_name_an_editor_gave():
    AuthorFactory(slug="openai", name="Open AI, Inc.")
    follow(sells("openai", "gpt-4o"))
    assert Author.objects.get().name == "Open AI, Inc."


def test_queries_do_not_grow_with_endpoints(django_assert_max_num_queries):
    few = [sells(f"host-{n}", "openai/gpt-4o") for n in range(5)]
    with django_assert_max_num_queries(60) as first:
        follow(*few)
    many = [sells(f"more-{n}", f"openai/gpt-{n}.5") for n in range(5, 45)]
    with django_assert_max_num_queries(len(first.captured_queries) + 5):
        follow(*many)


def test_the_command_makes_an_edition_only_when_it_wrote(capsys):
    sells("openai", "gpt-4o")
    call_command("reconcile")
    edition = queries.edition()
    call_command("reconcile")
    assert capsys.readouterr().out.endswith("0 rows written\n")
    assert queries.edition() == edition > 0
