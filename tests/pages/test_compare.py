"""The comparison of models and endpoints."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import AIModel
from catalog.pages import compare
from catalog.pages.compare import ComparePage
from catalog.pages.compare_rows import Row
from catalog.pages.compare_values import Value
from providers import disputes, judging
from providers.choices import State
from providers.disagreement import causes
from providers.models import Endpoint
from tests.factories import (
    NOW,
    OLD,
    AIModelFactory,
    AuthorFactory,
    BenchmarkFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    ModelAliasFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    ScoreFactory,
    SourceFactory,
    price_value,
)

pytestmark = pytest.mark.django_db


def sold(
    slug: str, *, amount: str | None = "1", state: State = State.FREE, covered: bool = True, **more
) -> Endpoint:
    """A model with one endpoint at a provider of its own name; amount None: in `state`."""
    model = AIModelFactory.create(slug=slug, name=slug.title())
    endpoint = EndpointFactory.create(
        provider=ProviderFactory.create(slug=slug), native_id=slug, **more
    )
    ListingFactory.create(endpoint=endpoint, model=model)
    PriceFactory.create(
        endpoint=endpoint,
        amount=Decimal(amount) if amount else None,
        state=(State.KNOWN if amount else state).value,
    )
    RunFactory.create(covers=[slug], **({} if covered else {"as_of": OLD}))
    return endpoint


def models(*slugs: str) -> ComparePage:
    return compare.build(models=[f"openai/{slug}" for slug in slugs], endpoints=[], now=NOW)


def endpoints(*names: str) -> ComparePage:
    return compare.build(models=[], endpoints=names, now=NOW)


def row(page: ComparePage, label: str) -> Row:
    return next(r for s in page.sections for r in s.rows if r.label.startswith(label))


def best(page: ComparePage, label: str) -> list[bool]:
    return [cell.best for cell in row(page, label).cells]


# -- choosing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [[], ["openai/alpha"]])
def test_less_than_two_give_a_form(asked: list[str], client: Client):
    sold("alpha")
    page = compare.build(models=asked, endpoints=[], now=NOW)
    assert page.is_choice
    assert [option.path for option in page.options] == ["openai/alpha"]
    html = client.get("/compare/", {"model": asked}).content.decode()
    assert '<datalist id="models">' in html
    assert "<script>" not in html


def test_columns_come_in_the_order_asked_for_each_once():
    sold("alpha")
    sold("beta")
    page = models("beta", "alpha", "beta")
    assert [column.name for column in page.columns] == ["openai/beta", "openai/alpha"]
    assert page.title == "Beta and Alpha"


def test_more_than_eight_give_the_first_eight_and_a_message():
    for n in range(10):
        sold(f"m{n}x")
    page = models(*(f"m{n}x" for n in range(10)))
    assert len(page.columns) == 8
    assert [message.text for message in page.messages] == [
        "10 were asked for; these are the first 8."
    ]
    assert not page.slots


def test_an_unknown_model_gives_a_message_and_ways_on():
    sold("gpt-4o-mini")
    sold("gpt-4o-max")
    sold("beta")
    page = compare.build(models=["openai/beta", "gpt4o", "no/such"], endpoints=[], now=NOW)
    assert [column.name for column in page.columns] == ["openai/beta"]
    near, lost = page.messages
    assert near.text == "No model is called “gpt4o”."
    assert {way.text for way in near.ways} == {"Gpt-4O-Mini", "Gpt-4O-Max"}
    assert near.ways[0].href.startswith("/compare/?model=openai/beta&model=openai/gpt-4o-m")
    assert lost.ways == ()


def test_a_name_as_people_type_it_finds_the_one_model_it_can_mean():
    sold("gpt-4o-mini")
    page = compare.build(models=["gpt4o mini"], endpoints=[], now=NOW)
    assert [column.name for column in page.columns] == ["openai/gpt-4o-mini"]


def test_another_name_of_a_model_leads_to_it():
    model = sold("alpha").listing.model
    ModelAliasFactory.create(path="old/name", model=model)
    page = compare.build(models=["old/name"], endpoints=[], now=NOW)
    assert [column.name for column in page.columns] == ["openai/alpha"]


def test_hidden_models_cannot_be_compared():
    model = sold("alpha").listing.model
    AIModel.objects.filter(pk=model.pk).update(visibility="hidden")
    assert models("alpha").columns == ()


def test_an_endpoint_is_named_by_provider_id_and_route():
    zenmux = ProviderFactory.create(slug="zenmux", name="ZenMux")
    for slug in ("azure", "openai"):
        EndpointFactory.create(
            provider=zenmux,
            native_id="openai/gpt-4o-mini",
            upstream=ProviderFactory.create(slug=slug, name=slug.title()),
        )
    page = endpoints("zenmux:openai/gpt-4o-mini@azure", "zenmux:openai/gpt-4o-mini@openai")
    assert [column.under.text for column in page.columns] == ["ZenMux → Azure", "ZenMux → Openai"]


def test_an_id_may_hold_an_at_sign_itself():
    sold("claude", amount="3")
    EndpointFactory.create(
        provider=ProviderFactory.create(slug="vertex"), native_id="claude@20251001"
    )
    page = endpoints("vertex:claude@20251001", "claude:claude")
    assert [column.note for column in page.columns] == ["claude@20251001", "claude"]


def test_an_unknown_endpoint_gives_a_message():
    [message] = endpoints("nobody:nothing").messages
    assert message.text.startswith("No endpoint is called “nobody:nothing”")


def test_a_lone_endpoint_names_other_sellers_of_its_model():
    endpoint = sold("alpha")
    other = EndpointFactory.create(
        provider=ProviderFactory.create(slug="azure", name="Azure"), native_id="eu/alpha"
    )
    ListingFactory.create(endpoint=other, model=endpoint.listing.model)
    sold("beta")
    [link] = endpoints("alpha:alpha").beside
    assert link.text == "Azure eu/alpha"
    assert link.href == "/compare/?endpoint=alpha:alpha&endpoint=azure:eu/alpha"


def test_removing_a_column_keeps_the_others():
    for slug in ("alpha", "beta", "gamma"):
        sold(slug)
    page = compare.build(models=["openai/alpha", "openai/beta"], endpoints=["gamma:gamma"], now=NOW)
    assert page.columns[0].remove_href == "/compare/?model=openai/beta&endpoint=gamma:gamma"
    assert page.columns[2].remove_href == "/compare/?model=openai/alpha&model=openai/beta"


@pytest.mark.parametrize(
    "query",
    [
        {"model": ["", " ", "\x00", "/", "a" * 5000]},
        {"model": ["openai/" + "é" * 300, "💥"]},
        {"endpoint": ["", ":", "@", "openai:", ":x", "a:@b", "x:" + "y" * 9000, "\x00:\x00"]},
        {"model": ["x/y"] * 500, "endpoint": ["x:y"] * 500},
    ],
)
def test_absurd_queries_give_a_page(client: Client, query: dict[str, list[str]]):
    assert client.get(f"/compare/?{urlencode(query, doseq=True)}").status_code == 200


def test_what_was_typed_is_escaped(client: Client):
    html = client.get("/compare/", {"model": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in html


# -- the best of a row ----------------------------------------------------------------------------


def test_the_lowest_price_is_best():
    sold("alpha", amount="2")
    sold("beta", amount="0.5")
    page = models("alpha", "beta")
    assert best(page, "Input") == [False, True]
    assert row(page, "Input").differs


def test_equal_prices_have_no_best_and_do_not_differ():
    sold("alpha", amount="2")
    sold("beta", amount="2.00")
    page = models("alpha", "beta")
    assert best(page, "Input") == [False, False]
    assert not row(page, "Input").differs


@pytest.mark.parametrize("state", [State.FREE, State.PLAN, State.VARIES, State.UNKNOWN])
def test_what_has_no_amount_is_never_best(state: State):
    sold("none", amount=None, state=state)
    sold("two", amount="2")
    sold("three", amount="3")
    assert best(endpoints("none:none", "two:two", "three:three"), "Input") == [False, True, False]


def test_an_old_price_is_never_best():
    sold("old", amount="1", covered=False)
    sold("two", amount="2")
    sold("three", amount="3")
    page = endpoints("old:old", "two:two", "three:three")
    assert best(page, "Input") == [False, True, False]
    assert page.columns[0].standing.old


def test_prices_of_other_currencies_or_units_are_not_compared():
    sold("alpha", amount="2")
    other = sold("beta", amount=None, state=State.UNKNOWN)
    other.prices.update(amount=Decimal(1), state=State.KNOWN.value, currency="CNY")
    page = endpoints("alpha:alpha", "beta:beta")
    assert best(page, "Input") == [False, False]
    assert row(page, "Input").differs


def test_prices_under_a_condition_have_rows_of_their_own():
    endpoint = sold("alpha", amount="2")
    PriceFactory.create(endpoint=endpoint, amount=Decimal(1), condition='{"tier":"batch"}')
    sold("beta", amount="2")
    page = endpoints("alpha:alpha", "beta:beta")
    plain, conditional = page.sections[:2]
    assert [r.label for r in plain.rows] == ["Input"]
    [batch] = conditional.rows
    assert batch.label == "Input, batch"
    assert batch.cells[1].money is not None
    assert batch.cells[1].money.state == State.UNKNOWN
    assert not batch.differs


def test_conditions_come_by_tier_then_threshold():
    endpoint = sold("alpha", amount="2")
    for condition in ('{"above":200000}', '{"tier":"batch"}', '{"above":32000}'):
        PriceFactory.create(endpoint=endpoint, amount=Decimal(1), condition=condition)
    sold("beta")
    assert [r.label for r in endpoints("alpha:alpha", "beta:beta").sections[1].rows] == [
        "Input, above 32,000 input tokens",
        "Input, above 200,000 input tokens",
        "Input, batch",
    ]


def test_a_unit_other_than_a_million_tokens_is_named():
    endpoint = sold("alpha")
    PriceFactory.create(endpoint=endpoint, component="web_search", unit="1K requests")
    sold("beta")
    assert row(endpoints("alpha:alpha", "beta:beta"), "Web search").label == (
        "Web search, per 1K requests"
    )


def test_the_largest_confirmed_limit_is_best():
    for slug, context, covered in (("old", 9, False), ("small", 4, True), ("large", 8, True)):
        endpoint = sold(slug, context_length=context, covered=covered)
        claim = ClaimFactory.create(endpoint=endpoint, says=context)
        Endpoint.objects.filter(pk=endpoint.pk).update(provenance={"context_length": claim.pk})
    page = endpoints("old:old", "small:small", "large:large")
    assert best(page, "Context") == [False, False, True]


def test_scores_are_compared_under_one_condition_only():
    one, other = sold("alpha").listing.model, sold("beta").listing.model
    mmlu = BenchmarkFactory.create()
    ScoreFactory.create(model=one, benchmark=mmlu, value=82, condition="5-shot")
    ScoreFactory.create(model=other, benchmark=mmlu, value=70, condition="5-shot")
    ScoreFactory.create(model=other, benchmark=mmlu, value=99, condition="with tools")
    page = models("alpha", "beta")
    assert best(page, "MMLU, 5-shot") == [True, False]
    assert best(page, "MMLU, with tools") == [False, False]


def test_where_less_is_better_the_lowest_score_is_best():
    one, other = sold("alpha").listing.model, sold("beta").listing.model
    errors = BenchmarkFactory.create(slug="wer", name="Word errors", higher_is_better=False)
    ScoreFactory.create(model=one, benchmark=errors, value=5)
    ScoreFactory.create(model=other, benchmark=errors, value=9)
    assert best(models("alpha", "beta"), "Word errors") == [True, False]


# -- differences ----------------------------------------------------------------------------------


def test_a_rounded_limit_does_not_differ_from_the_exact_one():
    exact = Value("16,384", exact=Decimal(16_384))
    rounded = Value("16.38K", exact=Decimal(16_380), slack=Decimal(5))
    assert exact.agrees(rounded)
    assert not exact.agrees(Value("16.40K", exact=Decimal(16_400), slack=Decimal(5)))


def test_a_month_agrees_with_a_day_in_it_and_order_of_names_means_nothing():
    assert Value("Jul 2024", exact="2024-07").agrees(Value("18 Jul 2024", exact="2024-07-18"))
    assert Value("a, b", exact=frozenset("ab")).agrees(Value("b, a", exact=frozenset("ba")))


def test_an_unknown_value_is_no_difference():
    sold("alpha", quantization="fp8")
    sold("beta")
    assert not row(endpoints("alpha:alpha", "beta:beta"), "Precision").differs


def test_parameters_protocols_and_capabilities_are_rows():
    sold("alpha", parameters={"tools": True, "seed": False}, protocols={"openai-chat": True})
    sold("beta", parameters={"tools": False}, capabilities={"vision": True})
    page = models("alpha", "beta")
    assert [cell.value.text for cell in row(page, "tools").cells] == ["✓", "×"]
    assert row(page, "tools").differs
    assert [cell.value.text for cell in row(page, "seed").cells] == ["×", ""]
    assert {"Protocols", "Capabilities", "Parameters"} <= {s.title for s in page.sections}


def test_a_value_shows_who_states_it_and_a_score_who_published_it():
    endpoint = sold("alpha")
    provider = endpoint.provider
    claim = ClaimFactory.create(
        endpoint=None, provider=provider, key="retention_days", says=0, source__slug="litellm"
    )
    provider.retention_days, provider.provenance = 0, {"retention_days": claim.pk}
    provider.save()
    ScoreFactory.create(model=endpoint.listing.model, source_name="Lab report")
    sold("beta")
    page = endpoints("alpha:alpha", "beta:beta")
    [mark] = row(page, "Keeps prompts").cells[0].value.marks
    assert mark.label == "stated by LiteLLM, 12 November 2026"
    assert row(page, "MMLU").cells[0].value.note == "Lab report"


def test_a_policy_is_the_endpoints_own_else_its_providers():
    endpoint = sold("alpha")
    endpoint.provider.retention_days = 30
    endpoint.provider.trains_on_prompts = True
    endpoint.provider.save()
    Endpoint.objects.filter(pk=endpoint.pk).update(retention_days=0)
    sold("beta")
    page = endpoints("alpha:alpha", "beta:beta")
    assert row(page, "Keeps prompts").cells[0].value.text == "not kept"
    assert row(page, "Trains on prompts").cells[0].value.text == "yes"


# -- columns --------------------------------------------------------------------------------------


def test_a_column_says_what_its_price_is():
    author = AuthorFactory.create()
    own = sold("alpha", amount="1")
    author.providers.add(own.provider)
    sold("beta", amount="2")
    page = models("alpha", "beta")
    assert [column.note for column in page.columns] == ["Alpha’s own price", "only seller’s price"]
    assert [mark.siglum for mark in page.columns[0].standing.marks] == ["L"]


def test_the_page_shows_values_and_sources(client: Client):
    sold("alpha", amount="0.075")
    sold("beta", amount="0.6")
    html = client.get("/compare/?model=openai/alpha&endpoint=beta:beta").content.decode()
    assert "0.075" in html
    assert 'id="w-L"' in html


def test_the_number_of_queries_does_not_grow_with_columns(django_assert_max_num_queries):
    for n in range(4):
        endpoint = sold(f"m{n}x", quantization="fp8")
        ScoreFactory.create(model=endpoint.listing.model)
        sold(f"e{n}x")
    with django_assert_max_num_queries(16):  # eight of them build the index of models
        compare.build(
            models=[f"openai/m{n}x" for n in range(4)],
            endpoints=[f"e{n}x:e{n}x" for n in range(4)],
            now=NOW,
        )


# -- disputed values ------------------------------------------------------------------------------


def contradicted(endpoint: Endpoint, key: str, says: object) -> None:
    """Another fresh source states something else."""
    other = SourceFactory.create(slug="genai_prices", name="genai-prices", siglum="G")
    RunFactory.create(source=other, covers=[endpoint.provider.slug])
    ClaimFactory.create(endpoint=endpoint, source=other, key=key, says=says)


def test_a_disputed_price_is_signed_and_noted():
    contradicted(sold("alpha"), "price.input", price_value(Decimal(3), state="known"))
    sold("beta")
    page = endpoints("alpha:alpha", "beta:beta")
    alpha, beta = row(page, "Input").cells
    [note] = page.disputes
    assert (alpha.money.dispute.number, alpha.money.dispute.explained) == (note.number, False)
    assert beta.money.dispute is None
    assert [side.value for side in note.sides] == ["$1.00", "$3.00"]
    html = Client().get("/compare/?endpoint=alpha:alpha&endpoint=beta:beta").content.decode()
    assert 'href="#d-1"' in html
    assert 'id="d-1"' in html


def test_a_disputed_limit_is_signed_and_noted():
    alpha = sold("alpha", context_length=128_000)
    claim = ClaimFactory.create(endpoint=alpha)
    Endpoint.objects.filter(pk=alpha.pk).update(provenance={"context_length": claim.pk})
    contradicted(alpha, "context_length", 200_000)
    sold("beta")
    page = endpoints("alpha:alpha", "beta:beta")
    assert row(page, "Context").cells[0].value.dispute.label == "sources differ, note 1"


def test_what_an_editor_found_right_on_both_sides_is_grey():
    alpha = sold("alpha")
    contradicted(alpha, "price.input", price_value(Decimal(3), state="known"))
    sold("beta")
    [case] = disputes.of_subject(disputes.Subject("endpoint", alpha.pk), now=NOW)
    judging.both_right(case, by=User.objects.create_user("ada"), why="two plans", now=NOW)
    page = endpoints("alpha:alpha", "beta:beta")
    assert row(page, "Input").cells[0].money.dispute.explained
    assert page.disputes[0].cause == causes.BOTH_RIGHT
