"""A stand-in provider on loopback, which probes may reach."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from tests.standin_provider import StandinProvider, beside

from .plans import BEHAVIOUR, SECRET


@pytest.fixture(autouse=True)
def loopback() -> Iterator[None]:
    with override_settings(ALLOWED_PRIVATE_NETWORKS=["127.0.0.1/32"], HTTPS_PROXY=""):
        yield


@pytest.fixture
def standin() -> Iterator[StandinProvider]:
    with beside(BEHAVIOUR, key=SECRET) as provider:
        yield provider
