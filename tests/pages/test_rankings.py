"""The rankings: measured use, speed and uptime, and price for what benchmarks say."""

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from catalog.pages import rankings
from catalog.pages.rankings import Ranking, RankingsPage
from providers.choices import Inlet
from providers.models import Endpoint
from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import (
    NOW,
    AIModelFactory,
    BenchmarkFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    ScoreFactory,
    measured,
)

pytestmark = pytest.mark.django_db


def sold(slug: str, **model: Any) -> Endpoint:
    endpoint: Any = EndpointFactory.create(native_id=slug)
    made = AIModelFactory.create(slug=slug, name=slug.title(), **model)
    ListingFactory.create(endpoint=endpoint, model=made)
    return endpoint


def page(query: str = "") -> RankingsPage:
    return rankings.build(QueryDict(query), now=NOW)


def ranking(key: str, query: str = "") -> Ranking:
    return next(one for one in page(query).rankings if one.key == key)


def names(of: Ranking) -> list[str]:
    return [place.model.text for place in of.places]


def fast(seconds: float, n: int = 40, fails: int = 0) -> Tally:
    return Tally(
        ok=n,
        provider_error=fails,
        ttft=Histogram.of([seconds] * n),
        throughput=Histogram.of([10 / seconds] * n),
    )


def test_nothing_measured_is_said_and_no_table_is_drawn(client: Client):
    sold("alpha")
    assert (page().way, page().rankings) == ("", ())
    html = client.get("/rankings/").content.decode()
    assert "not measured yet" in html
    assert "No benchmark has been entered yet" in html


def test_speed_and_uptime_are_ranked_by_endpoint_with_n():
    measured(sold("alpha"), 1, fast(0.5))
    measured(sold("beta"), 1, fast(0.2, fails=2))
    assert names(ranking("ttft")) == ["Beta", "Alpha"]
    assert names(ranking("throughput")) == ["Beta", "Alpha"]
    assert names(ranking("uptime")) == ["Alpha", "Beta"]
    assert [place.n for place in ranking("uptime").places] == ["40", "42"]


def test_too_few_requests_are_not_ranked():
    measured(sold("alpha"), 1, fast(0.1, n=29))
    assert ranking("ttft").places == ()
    assert ranking("requests").places[0].figure == "29"


def test_use_is_ranked_by_model_over_its_endpoints():
    one = sold("alpha")
    other: Any = EndpointFactory.create()
    ListingFactory.create(endpoint=other, model=one.listing.model)
    for endpoint, tokens in ((one, 10), (other, 15), (sold("beta"), 20)):
        measured(endpoint, 1, Tally(ok=1, with_tokens=1, input_tokens=tokens))
    assert [(p.model.text, p.figure, p.n) for p in ranking("tokens").places] == [
        ("Alpha", "25", "2"),
        ("Beta", "20", "1"),
    ]


def test_ways_of_measuring_have_rankings_of_their_own():
    measured(sold("alpha"), 1, fast(0.5))
    measured(sold("beta"), 1, fast(0.2), inlet=Inlet.PUSH)
    assert names(ranking("ttft")) == ["Alpha"]
    assert names(ranking("ttft", "by=push")) == ["Beta"]


def test_models_that_are_not_shown_are_not_ranked():
    measured(sold("alpha", visibility="hidden"), 1, fast(0.5))
    assert page().rankings == ()


def priced(slug: str, amount: str, score: str | None, benchmark: Any) -> None:
    provider: Any = ProviderFactory.create(slug=f"of-{slug}")
    RunFactory.create(covers=[provider.slug])
    endpoint: Any = EndpointFactory.create(native_id=slug, provider=provider)
    model = AIModelFactory.create(slug=slug, name=slug.title())
    ListingFactory.create(endpoint=endpoint, model=model)
    for component in ("input", "output"):
        PriceFactory.create(endpoint=endpoint, component=component, amount=Decimal(amount))
    if score:
        ScoreFactory.create(model=model, benchmark=benchmark, value=Decimal(score))


def test_price_for_quality_is_points_by_the_lowest_confirmed_price():
    benchmark = BenchmarkFactory.create()
    priced("cheap", "0.5", "60", benchmark)
    priced("dear", "2", "80", benchmark)
    priced("unscored", "0.1", None, benchmark)
    ScoreFactory.create(benchmark=benchmark, model__slug="unpriced")
    value = page().value
    assert value is not None
    assert [(p.model.text, p.points) for p in value.places] == [("Cheap", 120), ("Dear", 40)]
    assert (value.n, value.unpriced) == (3, 1)


def test_a_benchmark_where_less_is_better_is_not_divided_by_a_price():
    ScoreFactory.create(benchmark__slug="errors", benchmark__higher_is_better=False)
    assert page().value is None


def test_queries_do_not_grow(django_assert_num_queries: Any):
    for slug in ("alpha", "beta", "gamma"):
        measured(sold(slug), 1, fast(0.5))
    page()
    with django_assert_num_queries(3):
        page()
