"""The model page: order, basis, folding, and what is never called cheapest."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import html5lib
import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from lxml import html

from catalog import words
from catalog.models import AIModel
from catalog.pages import model_detail
from catalog.pages.model.offers import FOLD_BEYOND
from catalog.pages.model.table import OfferRow
from catalog.pages.model_detail import ModelDetailPage, Moved
from providers import disputes, judging
from providers.choices import Group, Kind, State
from providers.disagreement import Factor, causes
from providers.facts import Condition
from providers.models import Endpoint, Provider, Source
from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import (
    CONFIRMED,
    NOW,
    OLD,
    AIModelFactory,
    AuthorFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    ModelAliasFactory,
    ParameterFactory,
    PriceFactory,
    ProviderFactory,
    ReadingFactory,
    RunFactory,
    ScoreFactory,
    SourceFactory,
    TagFactory,
    TaggingFactory,
    measured,
)

pytestmark = pytest.mark.django_db

PATH = "openai/gpt-4o-mini"
BATCH = Condition(tier="batch").key()
ABOVE = Condition(above_tokens=200_000).key()


@pytest.fixture
def mini() -> AIModel:
    return AIModelFactory.create(slug="gpt-4o-mini", name="GPT-4o mini")


@pytest.fixture
def litellm() -> Source:
    return SourceFactory.create(slug="litellm", name="LiteLLM", siglum="L")


@pytest.fixture
def own(mini: AIModel) -> Provider:
    """Where the author sells it."""
    provider = provider_named("OpenAI", group=Group.AUTHOR)
    mini.author.providers.add(provider)
    return provider


def provider_named(name: str, *, group: Group = Group.CLOUD, at: datetime = CONFIRMED) -> Provider:
    """A provider whose whole listing LiteLLM last read at `at`."""
    provider = ProviderFactory.create(slug=name.lower(), name=name, group=group.value)
    RunFactory.create(source__slug="litellm", as_of=at, covers=[provider.slug])
    return provider


def sold(
    model: AIModel,
    provider: Provider,
    asked: str | None = None,
    *,
    variant: str = "",
    **facts: object,
) -> Endpoint:
    """An endpoint of the model, with an input price and one four times as high for output."""
    endpoint = EndpointFactory.create(provider=provider, **facts)
    ListingFactory.create(endpoint=endpoint, model=model, variant=variant)
    if asked is not None:
        price(endpoint, asked)
    return endpoint


def price(endpoint: Endpoint, asked: str, condition: str = "", **more: object) -> None:
    for component, factor in (("input", 1), ("output", 4)):
        PriceFactory.create(
            endpoint=endpoint,
            component=component,
            amount=Decimal(asked) * factor,
            condition=condition,
            **more,
        )


def build(path: str = PATH, query: str = "") -> ModelDetailPage:
    page = model_detail.build(path, QueryDict(query), now=NOW)
    assert isinstance(page, ModelDetailPage)
    return page


def rows(page: ModelDetailPage) -> list[OfferRow]:
    return [row for group in page.offers.groups for block in group.blocks for row in block.rows]


def labels(page: ModelDetailPage) -> list[str]:
    return [row.label for row in rows(page)]


def row_of(page: ModelDetailPage, label: str) -> OfferRow:
    return next(row for row in rows(page) if row.label == label)


def get(query: str = "") -> str:
    answer = Client().get(f"/models/{PATH}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


# -- reading --------------------------------------------------------------------------------------


def test_queries_are_at_most_ten_and_do_not_grow_with_offers(
    mini, own, django_assert_max_num_queries
):
    full_of_everything(mini, own)
    for n in range(45):
        sold(mini, provider_named(f"Host{n}"), f"0.{n + 10}")
    with django_assert_max_num_queries(10):
        get()


def full_of_everything(mini: AIModel, own: Provider) -> Endpoint:
    """Every block of the page has something to draw."""
    endpoint = sold(
        mini,
        own,
        "0.15",
        context_length=128_000,
        parameters={"tools": True, "seed": False},
        protocols={"openai-chat": True},
        capabilities={"vision": True},
        trains_on_prompts=False,
        retires_on=date(2027, 1, 14),
    )
    ClaimFactory.create(endpoint=endpoint)
    ReadingFactory.create(endpoint=endpoint, statistic="latest")
    ScoreFactory.create(model=mini)
    ParameterFactory.create(name="tools")
    TaggingFactory.create(model=mini)
    AIModelFactory.create(author=mini.author)
    mini.html = {"best_for": "<p>Chat.</p>"}
    mini.save()
    return endpoint


def test_a_full_page_is_valid_html_without_inline_style_or_script(mini, own):
    full_of_everything(mini, own)
    page = get()
    html5lib.HTMLParser(strict=True).parse(page)
    assert "style=" not in page
    assert "<script>" not in page


def test_nothing_is_found_at_an_unknown_or_hidden_path(mini):
    AIModelFactory.create(slug="secret", visibility="hidden")
    assert model_detail.build("openai/nothing", QueryDict(), now=NOW) is None
    assert model_detail.build("openai/secret", QueryDict(), now=NOW) is None
    assert Client().get("/models/openai/nothing/").status_code == 404


def test_another_name_moves_to_the_model(mini):
    ModelAliasFactory.create(path="openai/4o-mini", model=mini)
    assert model_detail.build("openai/4o-mini", QueryDict(), now=NOW) == Moved(
        "openai", "gpt-4o-mini"
    )
    assert Client().get("/models/openai/4o-mini/")["Location"] == f"/models/{PATH}/"


@pytest.mark.parametrize(
    "query",
    [
        "?sort=price",
        "?endpoint=abc",
        "?endpoint=-1",
        "?endpoint=²",
        f"?endpoint={'9' * 40}",
        "?code=x",
    ],
)
def test_nonsense_in_the_address_counts_as_nothing_asked(mini, own, query):
    sold(mini, own, "0.15")
    assert "GPT-4o mini" in get(f"?{query}")


def test_a_model_that_nobody_sells_still_has_a_page(mini):
    page = build()
    assert page.offers.groups == ()
    assert page.sheet is None
    assert "No source names a provider that sells it today." in get()


# -- the headline ---------------------------------------------------------------------------------


def test_the_headline_is_the_authors_own_standard_price(mini, own):
    endpoint = sold(mini, own, "0.15")
    price(endpoint, "0.075", BATCH)
    sold(mini, provider_named("Cheap"), "0.10")
    page = build()
    assert (page.basis.kind, page.basis.seller) == ("author", "OpenAI")
    assert page.figures[0].money.amount == Decimal("0.15")


def test_without_an_authors_price_the_headline_is_the_median_with_n(mini):
    for name, asked in (("A", "0.10"), ("B", "0.20"), ("C", "0.90")):
        sold(mini, provider_named(name), asked)
    page = build()
    assert (page.basis.kind, page.basis.n) == ("median", 3)
    assert page.figures[0].money.amount == Decimal("0.20")
    assert "median of 3 providers" in get()


def test_the_span_of_input_prices_counts_confirmed_ones_only(mini, own):
    sold(mini, own, "0.15")
    sold(mini, provider_named("Dear"), "0.25")
    sold(mini, provider_named("Stale", at=OLD), "0.01")
    [figure] = [figure for figure in build().figures if figure.label == "Sold by"]
    assert (figure.text, figure.note) == ("3 providers", "input $0.15 to $0.25")


# -- order ----------------------------------------------------------------------------------------


def test_groups_stand_in_the_order_author_clouds_gateways_plans(mini, own):
    sold(mini, provider_named("Plan", group=Group.PLAN))
    sold(mini, provider_named("Gate", group=Group.GATEWAY), "0.01")
    sold(mini, provider_named("Cloud"), "0.02")
    sold(mini, own, "0.15")
    assert labels(build()) == ["OpenAI", "Cloud", "Gate", "Plan"]


def test_a_lab_that_sells_somebody_elses_model_counts_as_a_host(mini, own):
    sold(mini, own, "0.15")
    sold(mini, provider_named("Other", group=Group.AUTHOR), "0.10")
    titles = [group.title for group in build().offers.groups]
    assert titles == ["Sold by its author", "Clouds and hosts"]


def test_confirmed_prices_come_first_then_old_ones_then_free_and_unknown(mini):
    sold(mini, provider_named("Unknown"))
    free = sold(mini, provider_named("Free"))
    PriceFactory.create(endpoint=free, amount=None, state=State.FREE.value)
    sold(mini, provider_named("Stale", at=OLD), "0.01")
    sold(mini, provider_named("Dear"), "0.30")
    sold(mini, provider_named("Cheap"), "0.20")
    assert labels(build()) == ["Cheap", "Dear", "Stale", "Free", "Unknown"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [("output", ["B", "A", "C"]), ("context", ["C", "A", "B"]), ("name", ["A", "B", "C"])],
)
def test_rows_can_be_ordered_by_output_context_and_name(mini, sort, order):
    for name, context, output in (("A", 2000, 3), ("B", 1000, 2), ("C", 3000, 4)):
        endpoint = sold(mini, provider_named(name), "0.10", context_length=context)
        endpoint.prices.filter(component="output").update(amount=output)
    assert labels(build(query=f"sort={sort}")) == order


# -- best -----------------------------------------------------------------------------------------


def best(page: ModelDetailPage) -> list[str]:
    return [row.label for row in rows(page) if row.prices[0].money.best]


def test_the_lowest_confirmed_price_is_best(mini):
    for name, asked in (("A", "0.10"), ("B", "0.20"), ("C", "0.90")):
        sold(mini, provider_named(name), asked)
    assert best(build()) == ["A"]


def test_old_free_plan_foreign_and_conditional_prices_are_never_best(mini):
    for name, asked in (("A", "0.30"), ("B", "0.40"), ("C", "0.90")):
        sold(mini, provider_named(name), asked)
    sold(mini, provider_named("Stale", at=OLD), "0.01")
    sold(mini, provider_named("Plan", group=Group.PLAN), "0.02")
    free = sold(mini, provider_named("Free"))
    PriceFactory.create(endpoint=free, amount=None, state=State.FREE.value)
    price(sold(mini, provider_named("Yuan")), "0.03", currency="CNY")
    price(sold(mini, provider_named("Tiered"), "0.95"), "0.04", BATCH)
    assert best(build()) == ["A"]


def test_what_most_ask_is_not_marked_as_best(mini):
    for name, asked in (("A", "0.15"), ("B", "0.15"), ("C", "0.20")):
        sold(mini, provider_named(name), asked)
    assert best(build()) == []


def test_a_price_in_another_currency_names_it(mini):
    price(sold(mini, provider_named("Yuan")), "1.20", currency="CNY")
    assert ">CNY</small>" in get()


# -- rows and columns -----------------------------------------------------------------------------


def test_tiers_and_further_ids_are_indented_rows_of_their_provider(mini, own):
    plain = sold(mini, own, "0.15", native_id="gpt-4o-mini")
    price(plain, "0.075", BATCH)
    price(plain, "0.30", ABOVE)
    sold(mini, own, "0.16", native_id="gpt-4o-mini-2024-07-18", variant="2024-07-18")
    page = build()
    assert labels(page) == ["OpenAI", "above 200,000 input tokens", "batch", "2024-07-18"]
    assert [row.sub for row in rows(page)] == [False, True, True, True]
    against = [row.against.replace(words.NO_BREAK, " ") for row in rows(page)]
    assert against == ["list", "+100 %", "−50 %", "+7 %"]


def test_decimals_of_a_column_stand_on_one_point(mini):
    for name, asked in (("A", "0.1875"), ("B", "0.15"), ("C", "0.075")):
        sold(mini, provider_named(name), asked)
    page = build()
    padding = {row.label: row.prices[0].css.split() for row in rows(page)}
    assert "k2" in padding["B"]
    assert "k1" in padding["C"]
    assert not {"k1", "k2"} & set(padding["A"])


def test_a_column_that_no_row_states_is_named_and_not_drawn(mini, own):
    sold(mini, own, "0.15", context_length=128_000)
    page = build()
    assert [head.label for head in page.offers.heads] == ["Context"]
    assert {"longest", "train", "kept", "cache write"} <= set(page.offers.not_drawn)


def test_a_limit_stands_as_its_source_rounds_it(mini, own):
    endpoint = sold(mini, own, "0.15", max_output=16_380)
    claim = ClaimFactory.create(endpoint=endpoint, key="max_output", says=16_380, stated="16.38K")
    endpoint.provenance = {"max_output": claim.pk}
    endpoint.save()
    assert rows(build())[0].facts[0].text == "16.38K"


def test_a_row_ends_with_its_sources_and_the_day_they_confirmed_it(mini, own):
    endpoint = sold(mini, own, "0.15")
    models_dev = SourceFactory.create(slug="models_dev", name="models.dev", siglum="M")
    RunFactory.create(source=models_dev, as_of=OLD, covers=[own.slug])
    price(endpoint, "0.15", "", source=models_dev, valid_from=OLD, valid_to=CONFIRMED)
    [row] = rows(build())
    assert (row.fresh, row.stale, row.confirmed) == ("L", "M", "12 Nov 2026")


def test_an_unconfirmed_row_says_so_in_brackets(mini):
    sold(mini, provider_named("Stale", at=OLD), "0.15")
    [row] = rows(build())
    assert (row.old, row.confirmed) == (True, "(21 May 2026)")


def test_what_is_no_longer_sold_stands_apart(mini, own):
    sold(mini, own, "0.15")
    sold(mini, provider_named("Gone"), "0.01", gone_since=CONFIRMED)
    sold(mini, provider_named("Retired"), "0.01", retires_on=NOW.date())
    page = build()
    assert labels(page) == ["OpenAI"]
    assert [offer.name for offer in page.formerly] == ["Retired", "Gone"]


# -- folding --------------------------------------------------------------------------------------


def market_of(mini: AIModel, alike: int) -> None:
    for n in range(alike):
        sold(mini, provider_named(f"Host{n:02}"), "0.15")


def test_forty_equal_rows_are_all_drawn(mini):
    market_of(mini, FOLD_BEYOND)
    assert len(rows(build())) == FOLD_BEYOND


def test_beyond_forty_equal_rows_fold_behind_the_first(mini):
    market_of(mini, FOLD_BEYOND)
    sold(mini, provider_named("Other"), "0.30")
    page = build()
    assert labels(page) == ["Host00", "Other"]
    assert len(page.offers.groups[0].blocks[0].folded) == FOLD_BEYOND - 1
    assert "and 39 more with the same stated values" in get()


def test_measurements_unfold_nothing_and_are_told_in_the_fold(mini, monkeypatch):
    monkeypatch.setattr("catalog.views._now", lambda: NOW)
    market_of(mini, FOLD_BEYOND + 1)
    for n, endpoint in enumerate(Endpoint.objects.order_by("pk")):
        measured(endpoint, 1, Tally(ok=9 + n, ttft=Histogram.of([0.1 * (n + 1)] * 5)))
    [row] = rows(page := build())
    assert [cell.text for cell in row.facts] == ["100\u00a0%", "0.1"]
    folded = page.offers.groups[0].blocks[0].folded
    assert folded[0].figures == "100\u00a0% up, 0.2 s to the first token"
    assert folded[0].figures in get()


def test_in_a_long_table_what_few_state_is_told_in_words(mini):
    market_of(mini, FOLD_BEYOND)
    leaving = {"retires_on": date(2027, 1, 14), "trains_on_prompts": False}
    sold(mini, provider_named("Other"), "0.30", **leaving)
    page = build()
    assert not {"leaves", "trains"} & {head.key for head in page.offers.heads}
    assert not {"leaves", "train"} & set(page.offers.not_drawn)
    assert "training: no · leaves 14 Jan 2027" in " ".join(
        html.document_fromstring(get()).text_content().split()
    )


def test_in_a_short_table_every_stated_fact_has_its_column(mini):
    market_of(mini, 20)
    sold(mini, provider_named("Other"), "0.30", retires_on=date(2027, 1, 14))
    assert "leaves" in {head.key for head in build().offers.heads}


def test_the_chosen_endpoint_is_never_folded_away(mini):
    market_of(mini, FOLD_BEYOND + 1)
    last = Endpoint.objects.get(provider__name="Host40")
    page = build(query=f"endpoint={last.pk}")
    assert "Host40" in labels(page)
    assert page.sheet.endpoint == last.pk


# -- sheet, code, grids ---------------------------------------------------------------------------


def test_the_sheet_is_of_the_headline_unless_another_endpoint_is_asked_for(mini, own):
    first = sold(mini, own, "0.15")
    other = sold(mini, provider_named("Other"), "0.01")
    assert build().sheet.endpoint == first.pk
    assert build(query=f"endpoint={other.pk}").sheet.endpoint == other.pk


def test_an_endpoint_of_another_model_is_not_shown_as_this_ones(mini, own):
    mine = sold(mini, own, "0.15")
    stranger = sold(AIModelFactory.create(), provider_named("Other"), "0.01")
    assert build(query=f"endpoint={stranger.pk}").sheet.endpoint == mine.pk


def test_routes_of_a_gateway_stand_side_by_side_on_the_sheet(mini):
    gateway = provider_named("ZenMux", group=Group.GATEWAY)
    routes = [
        sold(mini, gateway, "0.15", native_id="x", upstream=provider_named(name))
        for name in ("OpenAI", "Azure")
    ]
    sheet = build(query=f"endpoint={routes[0].pk}").sheet
    assert sheet.name == "ZenMux → OpenAI"
    assert [(route.endpoint, route.name) for route in sheet.routes] == [
        (routes[1].pk, "→ Azure"),
        (routes[0].pk, "→ OpenAI"),
    ]


def test_every_price_of_the_sheet_says_its_condition(mini, own):
    endpoint = sold(mini, own, "0.15")
    sized = Condition(named=(("size", "large"),)).key()
    PriceFactory.create(endpoint=endpoint, component="image_output", condition=sized)
    price(endpoint, "0.30", ABOVE)
    sheet = build().sheet
    assert [row.label for row in sheet.tiers.groups[0].rows] == [
        "standard",
        "above 200,000 tokens in",
    ]
    assert "Image output, size large" in [row.label for row in sheet.rows]


def test_endpoints_that_answer_alike_share_a_column(mini):
    few, many = {"tools": True}, {name: True for name in "abcdef"} | {"tools": False}
    for name, answers in (("A", many), ("B", many), ("C", few)):
        sold(mini, provider_named(name), "0.15", parameters=answers)
    grid = build().parameters
    assert [column.names for column in grid.columns] == [("A", "B")]
    assert [brief.sellers.names for brief in grid.briefs] == [("C",)]
    assert next(row for row in grid.rows if row.name == "tools").answers == ("no",)


def test_a_deprecated_parameter_names_its_replacement(mini, own):
    sold(mini, own, "0.15", parameters={"max_tokens": True})
    ParameterFactory.create(name="max_tokens", deprecated=True, replaced_by="max_completion_tokens")
    [row] = build().parameters.rows
    assert (row.deprecated, row.replaced_by) == (True, "max_completion_tokens")
    assert "deprecated, use max_completion_tokens" in get()


# -- who says so ----------------------------------------------------------------------------------


def test_a_difference_between_sources_is_noted_and_signed(mini, own):
    endpoint = sold(mini, own, "0.15")
    pi_ai = SourceFactory.create(slug="pi_ai", name="pi-ai", siglum="P")
    RunFactory.create(source=pi_ai, covers=[own.slug])
    ClaimFactory.create(
        endpoint=endpoint,
        source=pi_ai,
        key="price.input",
        says={"amount": "0.4", "currency": "USD", "state": "known", "unit": "1M tokens"},
    )
    page = build()
    [note] = page.disputes
    assert (note.label, note.cause, note.about) == ("Input", "", ("OpenAI",))
    assert [side.value for side in note.sides] == ["$0.15", "$0.40"]
    dispute = rows(page)[0].prices[0].money.dispute
    assert (dispute.number, dispute.explained) == (note.number, False)


def test_what_an_editor_found_right_on_both_sides_is_noted_so(mini, own):
    test_a_difference_between_sources_is_noted_and_signed(mini, own)
    [case] = disputes.market(now=NOW).cases
    judging.both_right(case, by=User.objects.create_user("ada"), why="two plans", now=NOW)
    page = build()
    assert page.disputes[0].cause == causes.BOTH_RIGHT
    assert rows(page)[0].prices[0].money.dispute.explained


def test_a_factor_of_the_whole_provider_explains_a_difference(mini, own):
    test_a_difference_between_sources_is_noted_and_signed(mini, own)
    apart = Factor("litellm", "pi_ai", Decimal("2.6667"), exact=False)
    Provider.objects.update(price_factors=[apart.as_json()])
    assert build().disputes[0].cause == causes.CURRENCY


def test_the_notes_lead_to_every_disagreement_about_the_model(mini, own):
    test_a_difference_between_sources_is_noted_and_signed(mini, own)
    [row] = Client().get(build().disputed).context["page"].rows
    assert row.subject.text == mini.name


def test_an_editors_price_is_marked_as_such(mini, own):
    endpoint = sold(mini, own)
    editor = SourceFactory.create(slug="editor", name="Editor", siglum="E")
    PriceFactory.create(endpoint=endpoint, source=editor, amount=Decimal("0.14"))
    money = rows(build())[0].prices[0].money
    assert money.edited
    assert [mark.siglum for mark in money.marks] == ["E"]
    assert not money.old


def test_the_sources_of_the_page_stand_at_its_foot(mini, own):
    sold(mini, own, "0.15")
    assert [source.name for source in build().sources] == ["LiteLLM"]


# -- the rest -------------------------------------------------------------------------------------


def test_the_day_it_retires_stands_at_the_head_with_its_replacement(mini, own):
    AIModelFactory.create(slug="gpt-5-mini", name="GPT-5 mini", author=mini.author)
    sold(mini, own, "0.15", retires_on=date(2027, 1, 14), replacement="gpt-5-mini")
    [day] = build().days
    assert (day.on, day.who) == (date(2027, 1, 14), "OpenAI")
    assert [link.href for link in day.replacements] == ["/models/openai/gpt-5-mini/"]


def test_a_day_that_is_past_is_no_red_letter_day(mini, own):
    sold(mini, own, "0.15", retires_on=NOW.date() - timedelta(days=1))
    assert build().days == ()


def test_least_mean_and_most_make_a_chart_with_every_figure(mini, own):
    endpoint = sold(mini, own, "0.15")
    run = RunFactory.create(source__slug="zenmux", source__name="ZenMux", as_of=OLD)
    for statistic, value in (("min", "6.17"), ("avg", "24.64"), ("max", "82.63")):
        ReadingFactory.create(
            run=run, endpoint=endpoint, statistic=statistic, value=Decimal(value), at=OLD,
            unit="tokens/s",
        )  # fmt: skip
    measured = build().measured
    [figure] = measured.ranges
    assert measured.singles == ()
    assert figure.spoken == (
        "Throughput in tokens per second: OpenAI, least 6.17, mean 24.64, most 82.63"
    )
    assert figure.caption.n is None
    assert "sample size not stated" in get()


def test_a_reading_without_a_provider_is_shown_as_such(mini):
    ReadingFactory.create(endpoint=None, model=PATH, statistic="latest", value=150, unit="tokens/s")
    [single] = build().measured.singles
    assert (single.provider, single.value) == ("", "150 tokens/s")
    assert "no provider named" in get()


def test_uptime_of_an_hour_is_drawn_for_that_hour_alone(mini, own):
    endpoint = sold(mini, own, "0.15")
    ReadingFactory.create(
        endpoint=endpoint,
        metric="uptime",
        statistic="latest",
        value=100,
        unit="%",
        window="1 hour",
        at=datetime(2025, 10, 10, 15, tzinfo=UTC),
    )
    [figure] = build().measured.uptimes
    [row] = figure.chart.rows
    assert (figure.hours, len(row.marks), len(row.voids)) == ("15:00", 1, 2)


def test_scores_are_ranked_among_the_models_scored_here(mini):
    ScoreFactory.create(model=mini, value=82)
    for value in (90, 70, 60):
        ScoreFactory.create(value=value, condition="5-shot")
    [score] = build().scores
    assert (score.rank, score.n) == (2, 4)
    assert (score.value, score.percentile) == (words.percent(82, 1), words.percent(67))


def test_neighbours_are_those_of_the_authors_list(mini):
    for name in ("GPT-4o", "GPT-5", "Alpha"):
        AIModelFactory.create(name=name, author=mini.author)
    AIModelFactory.create(name="GPT-4o min", author=AuthorFactory.create(slug="x", name="X"))
    guide = build().guide
    assert (guide.previous.text, guide.following.text, guide.entries) == ("GPT-4o", "GPT-5", 4)


def test_similar_models_cost_about_the_same_at_their_own_authors(mini, own):
    sold(mini, own, "0.15")
    for name, asked in (("Near", "0.20"), ("Cheap", "0.10"), ("Far", "9.00")):
        sold(AIModelFactory.create(name=name, author=mini.author), own, asked)
    similar = build().family.similar
    assert [line.name for line in similar] == ["Cheap", "GPT-4o mini", "Near"]
    assert [line.here for line in similar] == [False, True, False]


def test_a_tag_tells_the_rule_it_was_given_by(mini):
    TaggingFactory.create(model=mini, tag=TagFactory.create(rule="takes images"))
    assert 'title="takes images"' in get()


def test_gateways_tell_the_id_to_send_for_each_way_they_route(mini):
    router = provider_named("OpenRouter", group=Group.GATEWAY)
    router.routing_modes = [{"name": "Nitro", "effect": "fastest", "send": "{id}:nitro"}]
    router.suffix_variants = [
        {"name": "nitro", "effect": "by throughput", "send": "{id}:nitro"},
        {"name": "free", "accepted": "models that list it", "send": "{id}:free"},
    ]
    router.save()
    sold(mini, router, "0.15", native_id="openai/gpt-4o-mini")
    [routing] = build().routings
    assert [(way.native_id, way.listed) for way in routing.ways] == [
        ("openai/gpt-4o-mini:nitro", True),
        ("openai/gpt-4o-mini:free", False),
    ]


def test_an_embedding_is_told_by_its_input_alone(own):
    model = AIModelFactory.create(
        slug="embed", kind=Kind.EMBEDDING.value, output_modalities=["text"]
    )
    endpoint = sold(model, own, operation=Kind.EMBEDDING.value)
    PriceFactory.create(endpoint=endpoint, amount=Decimal("0.02"))
    page = build("openai/embed")
    assert [column.label for column in page.offers.columns] == ["Input"]
    assert "writes" not in [term.term for term in page.grammar.terms]
    assert page.basis.kind == "author"
