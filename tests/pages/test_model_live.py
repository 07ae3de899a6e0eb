"""What a model's page says of measurements: columns of the provider table, and one line."""

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from catalog.pages import model_detail
from catalog.pages.model_detail import ModelDetailPage
from providers.choices import Inlet
from providers.models import Endpoint
from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import (
    NOW,
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    measured,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold() -> list[Endpoint]:
    """Three endpoints of one model, at rising prices."""
    model: Any = AIModelFactory.create(slug="gpt-9", name="GPT-9")
    found: list[Any] = []
    for n, name in enumerate(("Alpha", "Beta", "Gamma")):
        provider = ProviderFactory.create(slug=name.lower(), name=name)
        endpoint: Any = EndpointFactory.create(native_id="gpt-9", provider=provider)
        ListingFactory.create(endpoint=endpoint, model=model)
        PriceFactory.create(endpoint=endpoint, amount=n + 1)
        found.append(endpoint)
    return found


def page(query: str = "") -> ModelDetailPage:
    found = model_detail.build("openai/gpt-9", QueryDict(query), now=NOW)
    assert isinstance(found, ModelDetailPage)
    return found


def labels(of: ModelDetailPage) -> list[str]:
    rows = (row for group in of.offers.groups for block in group.blocks for row in block.rows)
    return [row.label for row in rows]


def fast(seconds: float, *, fails: int = 0) -> Tally:
    rate = Histogram.of([10 / seconds] * 5)
    return Tally(ok=95, provider_error=fails, ttft=Histogram.of([seconds] * 5), throughput=rate)


def test_without_measurements_there_are_no_columns_and_one_line(
    sold: list[Endpoint], client: Client
):
    found = page()
    assert {head.key for head in found.offers.heads} & {"uptime", "ttft", "throughput"} == set()
    assert "uptime" not in [sort.label for sort in found.offers.sorts]
    html = client.get("/models/openai/gpt-9/").content.decode()
    assert "Not measured by this site yet" in html
    assert "/about/metrics/#ways-of-measuring" in html
    assert "/performance/" not in html


def test_measured_endpoints_fill_the_columns_and_others_stay_blank(sold: list[Endpoint]):
    measured(sold[0], 1, fast(0.5, fails=5))
    found = page()
    keys = [head.key for head in found.offers.heads]
    assert keys == ["uptime", "ttft", "throughput"]
    rows = [row for group in found.offers.groups for block in group.blocks for row in block.rows]
    assert [[cell.text for cell in row.facts] for row in rows] == [
        ["95\u00a0%", "0.5", "20"],
        [""],
        [""],
    ]
    assert [row.facts[-1].span for row in rows] == [1, 3, 3]
    assert (found.live.way, found.live.n) == ("our probes", 100)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("uptime", ["Gamma", "Beta", "Alpha"]),
        ("ttft", ["Beta", "Gamma", "Alpha"]),
        ("throughput", ["Beta", "Gamma", "Alpha"]),
    ],
)
def test_the_table_sorts_by_them_and_the_unmeasured_come_last(
    sold: list[Endpoint], sort: str, order: list[str]
):
    measured(sold[1], 1, fast(0.2, fails=5))
    measured(sold[2], 1, fast(0.9))
    found = page(f"sort={sort}")
    assert labels(found) == order
    runs = {head.key: head.sorted for head in found.offers.heads}
    assert runs[sort] == ("ascending" if sort == "ttft" else "descending")


def test_reported_traffic_never_stands_among_probes(sold: list[Endpoint]):
    measured(sold[0], 1, fast(0.5))
    measured(sold[1], 1, fast(0.1), inlet=Inlet.PUSH)
    live = page().live
    assert (live.way, live.endpoints) == ("our probes", 1)
    assert live.figure(sold[1].pk, "ttft") is None


def test_what_was_measured_earlier_is_said_to_be(sold: list[Endpoint], client: Client):
    measured(sold[0], 50, fast(0.5))
    html = client.get("/models/openai/gpt-9/").content.decode()
    assert "no figures of the last 24 hours on this page" in html
    assert "/models/openai/gpt-9/performance/" in html


def test_a_past_day_shows_no_figures_of_today(sold: list[Endpoint], client: Client):
    measured(sold[0], 1, fast(0.5))
    html = client.get("/models/openai/gpt-9/?as_of=2026-11-13").content.decode()
    assert "Measured, 24 h" not in html


def test_measurements_cost_one_query(sold: list[Endpoint], django_assert_max_num_queries: Any):
    for endpoint in sold:
        measured(endpoint, 1, fast(0.5))
    with django_assert_max_num_queries(11):
        page()
