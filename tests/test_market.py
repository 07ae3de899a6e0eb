"""The whole market of the recordings: how large it is, and the laws that hold all over it."""

import pytest

from catalog.models import AIModel, Listing
from providers.models import Endpoint, Provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_market")]


def test_the_market_is_as_large_as_promised():
    endpoints = Endpoint.objects.count()
    listed = Listing.objects.exclude(model=None).count()
    print(Provider.objects.count(), endpoints, AIModel.objects.count(), listed)
    assert Provider.objects.count() >= 150
    assert endpoints >= 7_000
    assert AIModel.objects.count() >= 800
    assert listed >= 0.6 * endpoints
