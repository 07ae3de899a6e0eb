"""The page that tells senders what to configure: what it says works."""

import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django.test import Client

from catalog.pages import sending
from providers import senders
from providers.models import Observation
from tests.factories import NOW, EndpointFactory

pytestmark = pytest.mark.django_db
ROOT = "https://almanac.example.org"


def text_of(slug: str) -> str:
    for way in sending.build(root=ROOT).ways:
        for sample in way.samples:
            if sample.slug == slug:
                return unescape(re.sub(r"<[^>]+>", "", sample.html))
    raise KeyError(slug)


def test_it_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        sending.build(root=ROOT)


def test_addresses_are_this_sites_own():
    page = Client().get("/about/sending/", headers={"Host": "localhost"}).content.decode()
    assert "http://localhost/v1/traces" in page
    assert "http://localhost/api/v1/observations/litellm" in page


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/metrics", "/api/v1/observations",
                                  "/api/v1/observations/litellm"])  # fmt: skip
def test_every_address_that_it_names_is_answered(path):
    assert any(f"{ROOT}{path}" in way.address for way in sending.build(root=ROOT).ways)
    assert Client().post(path, b"{}", content_type="application/json").status_code == 401


def test_the_example_is_taken_as_printed():
    """But for its date, which is past by the time anybody copies it."""
    EndpointFactory(provider__slug="openai", native_id="gpt-4o-mini")
    token = senders.issue("gateway", now=NOW)
    code = text_of("curl-example")
    [event] = json.loads(code[code.index("[") : code.rindex("]") + 1])
    headers = {"Authorization": f"Bearer {token}"}
    answer = Client().post(
        "/api/v1/observations",
        json.dumps([{**event, "at": datetime.now(UTC).isoformat()}]),
        content_type="application/json",
        headers=headers,
    )
    assert (answer.status_code, Observation.objects.count()) == (200, 1)


def test_headers_of_openrouter_are_json():
    assert json.loads(text_of("openrouter-headers")) == {"Authorization": "Bearer almanac_…"}


def test_the_admins_senders_lead_to_it(admin_client):
    for address in ("/admin/providers/sender/", "/admin/providers/sender/add/"):
        assert 'href="/about/sending/"' in admin_client.get(address).content.decode()
