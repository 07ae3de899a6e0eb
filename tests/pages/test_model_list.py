from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from catalog.filters import SORTS, Filter
from catalog.pages import model_list
from providers.models import Edition
from tests.factories import (
    NOW,
    OLD,
    AIModelFactory,
    AuthorFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
    TaggingFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def confirmed():
    """One source that has lately read the listings of every provider used here."""
    source = SourceFactory()
    RunFactory(source=source, covers=["*", "openai", "azure", "host"])
    return source


def sold(model, provider="openai", prices=("0.15", "0.60"), **fields):
    """An endpoint of the model with input and output price, `None` for one nobody states."""
    seller = ProviderFactory._meta.model.objects.filter(slug=provider).first()
    endpoint = EndpointFactory(provider=seller or ProviderFactory(slug=provider), **fields)
    ListingFactory(endpoint=endpoint, model=model)
    for component, amount in zip(("input", "output"), prices, strict=True):
        if amount is not None:
            PriceFactory(endpoint=endpoint, component=component, amount=Decimal(amount))
    return endpoint


def a_model(name, **fields):
    return AIModelFactory(name=name, slug=name.lower().replace(" ", "-"), **fields)


def page(query="", now=NOW):
    return model_list.build(Filter.from_query(QueryDict(query)), now=now)


def names(query=""):
    return [row.model.text for row in page(query).rows]


def facet(query, key):
    found = next(facet for facet in page(query).facets if facet.key == key)
    return {choice.label: choice.count for choice in (*found.choices, *found.more)}


def publish(number):
    Edition.objects.update_or_create(pk=1, defaults={"number": number, "changed_at": NOW})


# -- searching ------------------------------------------------------------------------------------


def test_typing_gpt4o_mini_finds_it_before_all_others():
    for name in ("GPT-4o mini Audio", "GPT-4o mini", "GPT-4o", "Claude 4"):
        a_model(name)
    assert names("q=gpt4o+mini") == ["GPT-4o mini", "GPT-4o mini Audio"]


def test_native_ids_parameters_and_providers_are_searched():
    model = a_model("GPT-4o")
    azure = ProviderFactory(slug="azure", name="Azure")
    endpoint = EndpointFactory(
        provider=azure, native_id="eu/gpt-4o", parameters={"top_logprobs": True, "seed": False}
    )
    ListingFactory(endpoint=endpoint, model=model)
    assert names("q=azure+eu") == names("q=top_logprobs") == ["GPT-4o"]
    assert names("q=seed") == []


def test_an_empty_list_offers_the_nearest_name_and_a_way_out(client):
    a_model("Claude Opus 4")
    answer = client.get(reverse("catalog:models"), {"q": "clode opsu 4"})
    tree = html.fromstring(answer.content)
    assert "Claude Opus 4" in tree.cssselect(".message a")[0].text
    assert reverse("catalog:models") in [a.get("href") for a in tree.cssselect(".message a")]


def test_filters_that_hide_what_was_searched_are_the_first_suspects():
    a_model("GPT-4o", kind="chat")
    found = page("q=gpt-4o&kind=image")
    assert found.suggestion is not None
    assert found.suggestion.href.endswith("?q=gpt-4o")


# -- narrowing and counting -----------------------------------------------------------------------


def test_a_count_is_what_the_list_would_hold():
    openai, google = AuthorFactory(), AuthorFactory(slug="google", name="Google")
    a_model("A", author=openai, kind="chat")
    a_model("B", author=google, kind="chat")
    a_model("C", author=google, kind="image")
    assert facet("kind=chat", "author") == {"OpenAI": 1, "Google": 1}
    # A facet's own choice does not hide its other values …
    assert facet("kind=chat", "kind") == {"Chat": 2, "Image": 1}
    # … and each count comes true.
    assert len(names("kind=chat&kind=image")) == 3


def test_a_model_must_support_every_parameter_asked():
    both, one = a_model("Both"), a_model("One")
    sold(both, parameters={"tools": True, "seed": True})
    sold(one, parameters={"tools": True, "seed": False})
    assert names("parameter=tools") == ["Both", "One"]
    assert names("parameter=tools&parameter=seed") == ["Both"]
    assert facet("parameter=tools", "parameter") == {"tools": 2, "seed": 1}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("provider=azure", ["Small"]),
        ("reads=image", ["Large"]),
        ("writes=audio", ["Large"]),
        ("context=128000", ["Large"]),
        ("input=0.5", ["Small"]),
        ("output=5", ["Small"]),
        ("open=yes", ["Small"]),
        ("protocol=openai-chat", ["Small"]),
        ("year=2026", ["Large"]),
        ("tag=vision", ["Large"]),
    ],
)
def test_every_facet_narrows(query, found):
    small = a_model("Small", open_weights=True, released_on="2025", context_length=32_000)
    large = a_model(
        "Large",
        open_weights=False,
        released_on="2026-03",
        context_length=128_000,
        input_modalities=["text", "image"],
        output_modalities=["audio"],
    )
    sold(small, "azure", ("0.5", "2"), protocols={"openai-chat": True})
    sold(large, "openai", ("3", "15"))
    TaggingFactory(model=large)
    assert names(query) == found


def test_a_value_nobody_has_can_be_dropped_again():
    a_model("A")
    found = page("author=nobody")
    assert found.rows == ()
    assert [chip.href for chip in found.chips] == [reverse("catalog:models")]


# -- prices ---------------------------------------------------------------------------------------


def test_a_row_shows_the_authors_price_and_says_so():
    model = a_model("GPT-4o mini")
    model.author.providers.add(sold(model, "openai", ("0.15", "0.60")).provider)
    sold(model, "azure", ("0.10", "0.40"))
    row = page().rows[0]
    assert (row.basis, row.input.amount, row.providers) == ("author", Decimal("0.15"), 2)
    assert row.mark is not None
    assert row.mark.siglum == "L"


def test_a_price_confirmed_long_ago_is_drawn_old_and_never_cheapest(confirmed):
    stale, fresh = a_model("Stale"), a_model("Fresh")
    sold(stale, "faded", ("0.01", "0.01"))
    RunFactory(source=SourceFactory(slug="old", siglum="O"), as_of=OLD, covers=["faded"])
    confirmed.runs.update(covers=["host"])
    sold(fresh, "host", ("9", "9"))
    assert {row.model.text: row.old for row in page().rows} == {"Stale": True, "Fresh": False}
    assert names("sort=cheapest") == ["Fresh", "Stale"]


def test_a_retired_endpoint_no_longer_sells():
    model = a_model("Gone")
    sold(model, "openai", retires_on=NOW.date())
    assert page().rows[0].providers == 0


# -- order ----------------------------------------------------------------------------------------


def test_unknown_prices_come_last_both_ways_and_free_ones_after_the_priced():
    dear, cheap, unknown, free = map(a_model, ("Dear", "Cheap", "Unknown", "Free"))
    sold(dear, prices=("10", "10"))
    sold(cheap, prices=("1", "1"))
    sold(unknown, prices=(None, None))
    endpoint = sold(free, prices=(None, None))
    PriceFactory(endpoint=endpoint, amount=None, state="free")
    assert names("sort=input") == ["Cheap", "Dear", "Free", "Unknown"]
    assert names("sort=-input") == ["Dear", "Cheap", "Free", "Unknown"]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_takes_models_of_which_nothing_is_known(sort):
    a_model("Blank")
    full = a_model(
        "Full",
        released_on="2026-01-01",
        knowledge_cutoff="2025",
        context_length=1,
        max_output=1,
        retires_on=NOW.date() + timedelta(days=1),
    )
    sold(full)
    expected = ["Blank", "Full"] if sort == "name" else ["Full", "Blank"]
    assert names(f"sort={sort}") == expected


def test_in_the_order_of_the_cheapest_a_row_shows_who_that_is():
    model = a_model("GPT-4o mini")
    model.author.providers.add(sold(model, "openai", ("0.15", "0.60")).provider)
    sold(model, "azure", ("0.10", "0.40"))
    row = page("sort=cheapest").rows[0]
    assert (row.basis, row.seller, row.input.amount) == ("cheapest", "Azure", Decimal("0.10"))


def test_a_list_sorted_by_an_unusual_column_draws_it(client):
    a_model("A", max_output=16_384, knowledge_cutoff="2023-10")
    for sort, drawn in (("max_output", "16,384"), ("cutoff", "Oct 2023")):
        tree = html.fromstring(client.get(f"/models/?sort={sort}").content)
        assert len(tree.cssselect("thead th")) == len(tree.cssselect("tbody tr > *"))
        assert drawn in tree.cssselect("tbody")[0].text_content()
        assert drawn not in client.get("/models/").text


def test_what_has_left_comes_after_what_will_leave():
    today = NOW.date()
    for name, days in (("Gone", -9), ("Later", 20), ("Soon", 2)):
        a_model(name, retires_on=today + timedelta(days=days))
    a_model("Staying")
    assert names("sort=retires") == ["Soon", "Later", "Gone", "Staying"]


def test_a_columns_head_sorts_by_it_and_then_the_other_way():
    def head(query):
        return next(head for head in page(query).heads if head.label == "Input")

    a_model("A")
    assert (head("").sorted, head("").href) == ("", "/models/?sort=input")
    assert head("sort=input").sorted == "ascending"
    assert head("sort=input").href == "/models/?sort=-input"
    assert head("sort=-input").sorted == "descending"


def test_ties_stand_by_name():
    for name in ("b", "A", "c"):
        a_model(name)
    assert names("sort=context") == ["A", "b", "c"]


# -- the page -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "page=99999999999999999999999",
        "page=-1&sort=%00&context=1e400&input=NaN",
        "kind=%F0%9F%A6%84&reads=" + "x" * 5000,
        "q=" + "(" * 300,
        "open=maybe&year=abc&year=٣",
    ],
)
def test_absurd_queries_are_answered(client, query):
    a_model("A", released_on="2026")
    assert client.get(f"{reverse('catalog:models')}?{query}").status_code == 200


def test_a_page_beyond_the_last_is_the_last_and_says_so(client):
    for n in range(60):
        a_model(f"M{n:02}")
    answer = client.get(reverse("catalog:models"), {"page": "9"})
    tree = html.fromstring(answer.content)
    assert "no page 9" in tree.cssselect("[role=status]")[0].text
    assert len(tree.cssselect("tbody tr")) == 10


def test_the_search_form_keeps_the_filters(client):
    a_model("A", kind="chat")
    tree = html.fromstring(client.get("/models/?kind=chat&sort=name").content)
    hidden = {i.get("name"): i.get("value") for i in tree.cssselect("form input[type=hidden]")}
    assert hidden == {"kind": "chat", "sort": "name"}


def test_a_public_page_is_the_same_for_everyone(client):
    a_model("A")
    answer = client.get(reverse("catalog:models"))
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert b"csrf" not in answer.content.lower()
    assert b"style=" not in answer.content


def test_a_hidden_model_is_not_listed():
    a_model("Seen")
    a_model("Hidden", visibility="hidden")
    assert names() == ["Seen"]


# -- queries --------------------------------------------------------------------------------------


def test_the_list_reads_eight_times_at_most_however_long_it_is(client):
    def count():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("catalog:models"))
        return len(queries)

    sold(a_model("A"))
    few = count()
    for n in range(30):
        model = a_model(f"B{n}")
        sold(model)
        TaggingFactory(model=model)
    assert count() == few <= 8


def test_while_the_edition_stays_the_list_reads_once(django_assert_num_queries, client):
    publish(71)
    sold(a_model("A"))
    client.get(reverse("catalog:models"))
    with django_assert_num_queries(1):
        client.get(reverse("catalog:models"))


def test_a_new_edition_is_seen_at_once():
    publish(81)
    a_model("A")
    assert names() == ["A"]
    a_model("B")
    assert names() == ["A"]
    publish(82)
    assert names() == ["A", "B"]


def test_a_scheduled_price_is_seen_when_its_moment_comes():
    publish(91)
    endpoint = sold(a_model("A"), prices=(None, None))
    change = NOW + timedelta(hours=1)
    PriceFactory(endpoint=endpoint, amount=Decimal(1), valid_to=change)
    PriceFactory(
        endpoint=endpoint, amount=Decimal(2), valid_from=change, claim=endpoint.claims.get()
    )
    assert page().rows[0].input.amount == 1
    assert page(now=change).rows[0].input.amount == 2
