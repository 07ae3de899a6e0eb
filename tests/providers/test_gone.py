"""When an endpoint counts as no longer sold."""

import pytest
from django.contrib.auth.models import User

from providers import claims, publish
from providers.facts import Fact
from providers.models import Endpoint

from .market import FIRST, NOW, SECOND, offer, price, read, snapshot

pytestmark = pytest.mark.django_db
OTHER = offer("other", price("1"))


@pytest.fixture(autouse=True)
def _alone(settings) -> None:
    settings.AFTER_PUBLISH = []


def gone_since(native_id: str = "small"):
    return Endpoint.objects.get(native_id=native_id).gone_since


@pytest.mark.parametrize("prices", [(), (price("0.15"),)], ids=["no price", "a price"])
def test_what_a_whole_list_leaves_out_is_gone_with_or_without_a_price(prices):
    read(snapshot(offer("small", *prices, context_length=5), OTHER, as_of=FIRST))
    assert gone_since() is None
    read(snapshot(OTHER, as_of=SECOND))
    assert gone_since() == SECOND and gone_since("other") is None
    publish.publish_everything(now=NOW)
    assert gone_since() == SECOND


def test_it_is_back_when_a_list_has_it_again():
    read(snapshot(offer("small", context_length=5), OTHER, as_of=FIRST))
    read(snapshot(OTHER, as_of=SECOND))
    read(snapshot(offer("small", context_length=5), OTHER, as_of=NOW))
    assert gone_since() is None


def test_the_last_of_several_sources_counts():
    for source in ("litellm", "genai_prices"):
        read(snapshot(offer("small", context_length=5), OTHER, source=source, as_of=FIRST))
    read(snapshot(OTHER, source="litellm", as_of=SECOND))
    assert gone_since() is None
    read(snapshot(OTHER, source="genai_prices", as_of=NOW))
    assert gone_since() == NOW


def test_an_editors_word_does_not_keep_it_listed():
    read(snapshot(offer("small", context_length=5), OTHER, as_of=FIRST))
    endpoint, ada = Endpoint.objects.get(native_id="small"), User.objects.create_user("ada")
    claims.correct(endpoint, Fact("max_output", 7), by=ada, why="their page", now=FIRST)
    read(snapshot(OTHER, as_of=SECOND))
    assert gone_since() == SECOND
