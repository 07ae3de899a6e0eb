from datetime import UTC, date, datetime

import pytest
from django.db.models import Q

from catalog.reconcile.sightings import first_listings
from tests.factories import (
    AIModelFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

MAY = datetime(2026, 5, 21, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 10, tzinfo=UTC)


@pytest.fixture
def model():
    """A model at OpenRouter, whose whole list models.dev and pi-ai copy."""
    for slug, as_of in (("models_dev", MAY), ("pi_ai", NOVEMBER), ("genai_prices", NOVEMBER)):
        source = SourceFactory(slug=slug)
        RunFactory(source=source, as_of=as_of, covers=["openrouter", "vercel"])
    return AIModelFactory()


def listed(model, source: str, at: datetime, provider: str = "openrouter") -> None:
    seller = ProviderFactory._meta.model.objects.filter(slug=provider).first()
    endpoint = EndpointFactory(provider=seller or ProviderFactory(slug=provider))
    ListingFactory(endpoint=endpoint, model=model)
    ClaimFactory(endpoint=endpoint, source=SourceFactory(slug=source), stated_from=at)


def test_a_model_on_the_second_whole_list_only_came_in_between(model):
    listed(model, "pi_ai", NOVEMBER)
    assert first_listings(Q()) == {model.pk: date(2026, 11, 10)}


def test_a_model_that_somebody_listed_before_is_older(model):
    listed(model, "pi_ai", NOVEMBER)
    listed(model, "models_dev", MAY, provider="azure")
    assert first_listings(Q()) == {}


def test_a_list_that_is_not_whole_proves_nothing(model):
    listed(model, "genai_prices", NOVEMBER)
    assert first_listings(Q()) == {}


def test_without_an_earlier_look_nothing_is_known(model):
    listed(model, "pi_ai", NOVEMBER, provider="vercel")
    assert first_listings(Q()) == {}
