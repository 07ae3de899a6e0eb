"""What a model page costs to load, and how many queries to build, on the real market.

`pytest tests/test_weight.py -s` prints the figures.
"""

import gzip
import re
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db.models import Count
from django.test import Client
from lxml import html

from catalog.models import AIModel
from providers.models import Endpoint
from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import measured

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_market")]

MODEL = "/models/openai/gpt-4o-mini/"
MOST_BYTES = 60_000
MOST_NODES = 3_000


def sold(*, most: bool) -> str:
    """Page of the model with the most endpoints, or of one with a single endpoint."""
    models = AIModel.objects.select_related("author").annotate(offers=Count("listings"))
    model = models.filter(offers__gt=0).order_by("-offers" if most else "offers", "pk").first()
    return f"/models/{model.author.slug}/{model.slug}/"


def squeezed(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def static(address: str) -> bytes:
    path = urlsplit(address).path.removeprefix(settings.STATIC_URL)
    return (settings.BASE_DIR / "static" / path).read_bytes()


@pytest.mark.parametrize("path", [MODEL, ""], ids=["gpt-4o-mini", "the most endpoints"])
def test_a_model_page_is_light(path):
    content = Client().get(path or sold(most=True)).content
    page = html.document_fromstring(content.decode())
    styles = {address: static(address) for address in page.xpath("//link[@rel='stylesheet']/@href")}
    used = {
        name for sheet in styles.values() for name in re.findall(rb"fonts/([\w-]+\.woff2)", sheet)
    }
    parts = {
        "html": squeezed(content),
        "css": sum(squeezed(sheet) for sheet in styles.values()),
        "fonts": sum(len(static(f"/static/fonts/{name.decode()}")) for name in used),
    }
    nodes = sum(1 for _ in page.iter("*"))
    sprite = squeezed(static("/static/icons/providers.svg"))
    print(f"\n{parts} of {MOST_BYTES}, {nodes} nodes of {MOST_NODES}; the sprite {sprite} more")
    assert len(used) >= 2
    assert sum(parts.values()) <= MOST_BYTES
    assert nodes <= MOST_NODES


def test_measurements_add_one_query_and_stay_within_the_weight(django_assert_max_num_queries):
    path = sold(most=True)
    author, slug = path.removeprefix("/models/").strip("/").split("/", 1)
    tally = Tally(ok=9, ttft=Histogram.of([0.4] * 9), throughput=Histogram.of([60.0] * 9))
    listed = Endpoint.objects.filter(
        listing__model__author__slug=author, listing__model__slug=slug, gone_since=None
    )
    for endpoint in listed[:5]:
        measured(endpoint, 1, tally)
    with django_assert_max_num_queries(11):
        content = Client().get(path).content
    page = html.document_fromstring(content.decode())
    assert "Measured, 24 h" in content.decode()
    assert sum(1 for _ in page.iter("*")) <= MOST_NODES


@pytest.mark.parametrize("most", [True, False], ids=["the most endpoints", "one endpoint"])
def test_a_model_page_takes_ten_queries_at_most(most, django_assert_max_num_queries):
    path = sold(most=most)
    with django_assert_max_num_queries(10):
        assert Client().get(path).status_code == 200


@pytest.mark.parametrize("query", ["", "?q=gpt4o+mini", "?kind=embedding&order=input&page=2"])
def test_the_list_takes_eight_queries_at_most(query, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        assert Client().get(f"/models/{query}").status_code == 200
