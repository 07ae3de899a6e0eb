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
from providers.models import Endpoint, Price
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


def measured_everywhere(path: str) -> list[Endpoint]:
    """Every endpoint of the model has figures of its own, so that no two rows are alike."""
    author, slug = path.removeprefix("/models/").strip("/").split("/", 1)
    sold = Endpoint.objects.filter(listing__model__author__slug=author, listing__model__slug=slug)
    found = list(sold.order_by("pk"))
    for n, endpoint in enumerate(found):
        speeds = Histogram.of([60.0 + n] * 9)
        tally = Tally(
            ok=99, provider_error=n % 3, ttft=Histogram.of([0.3 + n / 100] * 9), throughput=speeds
        )
        measured(endpoint, 1, tally)
    return found


@pytest.mark.parametrize("query", ["", "?sort=ttft"])
def test_a_page_of_which_all_is_measured_stays_light(query, django_assert_max_num_queries):
    path = sold(most=True)
    assert len(measured_everywhere(path)) > 70
    Client().get(path)  # reads what is kept once an edition
    with django_assert_max_num_queries(10):
        content = Client().get(path + query).content
    nodes = sum(1 for _ in html.document_fromstring(content.decode()).iter("*"))
    print(f"\n{nodes} nodes of {MOST_NODES}, {squeezed(content)} bytes")
    assert "Measured, 24 h" in content.decode()
    assert nodes <= MOST_NODES


def test_a_foreign_price_on_such_a_page_takes_no_further_query(django_assert_max_num_queries):
    path = sold(most=True)
    prices = Price.objects.filter(endpoint__in=measured_everywhere(path), valid_to=None)
    priced = prices.filter(endpoint__gone_since=None).earliest("pk").endpoint_id
    prices.filter(endpoint=priced).update(currency="CNY")
    Client().get(path)
    with django_assert_max_num_queries(10):
        content = Client().get(path).content
    assert "CNY" in content.decode()
    assert sum(1 for _ in html.document_fromstring(content.decode()).iter("*")) <= MOST_NODES


@pytest.mark.parametrize("most", [True, False], ids=["the most endpoints", "one endpoint"])
def test_a_model_page_takes_ten_queries_at_most(most, django_assert_max_num_queries):
    path = sold(most=most)
    with django_assert_max_num_queries(10):
        assert Client().get(path).status_code == 200


@pytest.mark.parametrize("query", ["", "?q=gpt4o+mini", "?kind=embedding&order=input&page=2"])
def test_the_list_takes_eight_queries_at_most(query, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        assert Client().get(f"/models/{query}").status_code == 200
