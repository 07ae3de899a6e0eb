"""A workload on the model page and in a comparison: who costs what, by which bill."""

from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from lxml import html

from catalog.models import AIModel
from catalog.pages import compare, model_detail
from catalog.pages.costs import CostRow, CostTable, Offered, cost_table
from catalog.pages.signs import Signs
from catalog.workload import PRESETS, Workload
from providers.choices import Group, State
from providers.facts import Condition, Schedule
from providers.models import Endpoint
from providers.queries import PriceRow, SourceRow
from tests.catalog.test_workload import workloads
from tests.factories import (
    CONFIRMED,
    NOW,
    OLD,
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
)

MILLION = "?requests=1000&input=1000&cached=0&output=0"  # a million tokens in a month
PATH = "/models/openai/mini/"


# -- the table ------------------------------------------------------------------------------------

LITELLM = SourceRow(
    1, "litellm", "LiteLLM", "L", "MIT", "", "1.0", CONFIRMED, {"fresh": CONFIRMED, "stale": OLD}
)
SIGNS = Signs({1: LITELLM}, NOW)


def row(component="input", asked="1", *, state="known", currency="USD", **condition) -> PriceRow:
    amount = None if asked is None else Decimal(asked)
    when = Condition(**condition)
    return PriceRow(1, component, when, amount, "1M tokens", currency, state, 7, 1, CONFIRMED, None)


def offered(name, *prices, provider="fresh", **more) -> Offered:
    return Offered(name, name, provider, "chat", prices, id=len(name), **more)


def table(*sellers: Offered, workload=None, bill="") -> CostTable:
    return cost_table(
        workload or Workload(requests=1000, input=1000, cached=0, output=0),
        sellers,
        signs=SIGNS,
        speakers=lambda price: (price.source_id,),
        now=NOW,
        bill=bill,
        kept=[("sort", "name")],
    )


def named(costs: CostTable) -> list[str]:
    return [row.label for row in costs.rows]


def one(costs: CostTable, name: str) -> CostRow:
    return next(row for row in costs.rows if row.label == name)


def test_the_least_comes_first_and_what_is_not_known_last():
    costs = table(
        offered("nobody"),
        offered("plan", row(asked=None, state="plan")),
        offered("gratis", row(asked=None, state="free")),
        offered("yuan", row(asked="3", currency="CNY")),
        offered("old", row(asked="0.5"), provider="stale"),
        offered("dear", row(asked="4")),
        offered("cheap", row(asked="2")),
    )
    assert named(costs) == ["cheap", "dear", "old", "yuan", "gratis", "plan", "nobody"]
    assert [r.per_month for r in costs.rows] == [
        "2.00", "4.00", "0.50", "3.00 CNY", "free", "plan", ".."
    ]  # fmt: skip
    assert costs.unknown == 2


def test_only_a_confirmed_price_per_use_is_the_least():
    costs = table(
        offered("old", row(asked="0.5"), provider="stale"),
        offered("in a plan", row(asked="0.1"), in_plan=True),
        offered("gratis", row(asked=None, state="free")),
        offered("sure", row(asked="2")),
    )
    assert [r.label for r in costs.rows if r.best] == ["sure"]
    assert one(costs, "old").against == "−75\N{NO-BREAK SPACE}%"


def test_what_lacks_a_price_is_named_and_costs_nothing_certain():
    workload = Workload(cached=0)
    costs = table(offered("half", row("input")), workload=workload)
    assert one(costs, "half").per_month == ".."
    assert one(costs, "half").said == "output: no known price"
    assert not costs.bill.is_whole
    assert [(item.label, item.reason) for item in costs.bill.parts[0].missing] == [
        ("Output", "no known price")
    ]


def test_a_stand_in_is_said_beside_the_cost():
    workload = Workload(cached=50, output=0, tier="batch")
    costs = table(offered("plain", row("input")), workload=workload)
    assert one(costs, "plain").said == (
        "no batch price stated, standard price; no cache read price stated, billed as input; "
        "no batch price stated, standard price"
    )


def test_an_id_that_is_the_tier_is_not_asked_for_it_again():
    workload = Workload(cached=0, output=0, tier="batch")
    costs = table(offered("own", row("input"), sells="batch"), workload=workload)
    assert one(costs, "own").said == "its own id for batch"


def test_every_amount_of_a_column_shows_three_digits_of_the_least():
    costs = table(offered("a", row(asked="0.0123")), offered("bb", row(asked="10")))
    assert [r.per_request for r in costs.rows] == ["0.0000123", "0.0100000"]


def test_a_bill_shows_each_line_with_its_rule_and_its_source():
    workload = Workload(requests=10, input=300_000, cached=0, output=10)
    prices = (row("input", "2"), row("input", "4", above_tokens=200_000), row("output", "8"))
    [part] = table(offered("x", *prices), workload=workload).bill.parts
    assert [(line.label, line.amount, line.rule) for line in part.lines] == [
        ("Input", "$1.20000", "input of 300,000 tokens is above 200,000"),
        ("Output", "$0.00008", "list price"),
    ]
    assert part.total == "$1.20008"
    assert {line.mark.siglum for line in part.lines} == {"L"}


def test_a_price_of_the_hour_makes_a_bill_for_each_stretch_of_the_week():
    night = Schedule("UTC", tuple((day * 1440, day * 1440 + 360) for day in range(7)))
    workload = Workload(requests=1000, input=1000, cached=0, output=0)
    costs = table(offered("x", row(asked="2"), row(asked="1", schedule=night)), workload=workload)
    assert [part.hours for part in costs.bill.parts] == [
        "126 of 168 hours a week",
        "42 of 168 hours a week",
    ]
    assert costs.bill.parts[1].lines[0].rule == "daily 00:00–06:00 UTC"
    assert costs.rows[0].per_month == "1.75"
    assert costs.rows[0].said == "changes with the hour"


def test_the_bill_asked_for_is_drawn_else_the_first():
    sellers = (offered("dear", row(asked="4")), offered("inexpensive", row(asked="2")))
    assert table(*sellers).bill.label == "inexpensive"
    assert table(*sellers, bill="4").bill.label == "dear"
    assert table(*sellers, bill="'; nonsense").bill.label == "inexpensive"


def test_what_has_no_bill_says_why():
    costs = table(Offered("median", said="no bill"))
    assert (one(costs, "median").said, one(costs, "median").href, costs.bill) == (
        "no bill",
        "",
        None,
    )


def test_links_keep_what_else_the_address_says():
    costs = table(offered("x", row()))
    workload = "requests=1000&input=1000&cached=0&output=0"
    assert costs.rows[0].href == f"?sort=name&{workload}&bill=1#bill"
    assert costs.form.leave_href == "?sort=name#workload"
    assert costs.form.kept == [("sort", "name")]


# -- the form -------------------------------------------------------------------------------------


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(workloads())
def test_a_form_sent_as_it_stands_asks_for_the_same_workload(workload):
    form = table(offered("x", row()), workload=workload).form
    sent = {field.name: field.value for field in form.fields}
    sent["tier"] = "".join(option.value for option in form.tiers if option.chosen)
    sent["region"] = "".join(option.value for option in form.regions if option.chosen)
    assert Workload.from_query(QueryDict(urlencode(sent))) == workload


# -- the model page -------------------------------------------------------------------------------


@pytest.fixture
def mini() -> AIModel:
    return AIModelFactory.create(slug="mini", name="Mini")


def sold(model: AIModel, name: str, asked: str | None, *, variant: str = "", **more) -> Endpoint:
    """The model at a provider of that name; amount None: in a plan."""
    provider = ProviderFactory.create(slug=name.lower(), name=name, **more)
    RunFactory.create(covers=[provider.slug])
    endpoint = EndpointFactory.create(provider=provider)
    ListingFactory.create(endpoint=endpoint, model=model, variant=variant)
    for component in ("input", "output"):
        PriceFactory.create(
            endpoint=endpoint,
            component=component,
            amount=asked and Decimal(asked),
            state=(State.KNOWN if asked else State.PLAN).value,
        )
    return endpoint


def page(query: str = "", path: str = PATH) -> html.HtmlElement:
    answer = Client().get(f"{path}{query}")
    assert answer.status_code == 200
    return html.fromstring(answer.content)


def costs_drawn(tree: html.HtmlElement) -> list[tuple[str, str]]:
    rows = tree.cssselect("table.costs tbody tr")
    return [(tr[0].text_content(), tr[3].text_content()) for tr in rows]


@pytest.mark.django_db
def test_without_a_workload_the_page_offers_some(mini):
    sold(mini, "Acme", "1")
    tree = page()
    assert not tree.cssselect("table.costs, form.workload")
    hrefs = [a.get("href") for a in tree.cssselect(".asks a")]
    assert hrefs == [f"?workload={name}#workload" for name in PRESETS]


@pytest.mark.django_db
def test_a_workload_takes_the_place_of_the_list_prices(mini):
    sold(mini, "Dear", "3")
    sold(mini, "Acme", "1")
    sold(mini, "Club", None, group=Group.PLAN.value)
    tree = page(MILLION)
    assert costs_drawn(tree) == [("Acme", "1.00"), ("Dear", "3.00"), ("Club", "plan")]
    assert not tree.cssselect("table.offers")
    assert len(tree.cssselect("#bill tbody tr")) == 2


@pytest.mark.django_db
def test_a_bill_is_one_click_away(mini):
    sold(mini, "Acme", "1")
    sold(mini, "Dear", "3")
    href = page(MILLION).cssselect("table.costs tbody tr")[1][0][0].get("href")
    assert (
        page(href.partition("#")[0])
        .cssselect("#bill summary")[0]
        .text_content()
        .startswith("The bill of one request: Dear")
    )


@pytest.mark.django_db
def test_the_form_on_the_page_keeps_the_rest_of_the_address(mini):
    endpoint = sold(mini, "Acme", "1")
    (form,) = page(f"{MILLION}&sort=name&endpoint={endpoint.pk}").cssselect("form.workload")
    assert ("sort", "name") in form.form_values()
    assert ("endpoint", str(endpoint.pk)) in form.form_values()
    assert Workload.from_query(dict(form.form_values())).query() == MILLION[1:]


@pytest.mark.django_db
def test_a_tier_is_asked_at_the_id_that_sells_it(mini):
    plain = sold(mini, "Acme", "2")
    batch = EndpointFactory.create(provider=plain.provider, native_id="mini:batch")
    ListingFactory.create(endpoint=batch, model=mini, variant="batch")
    PriceFactory.create(endpoint=batch, amount=Decimal(1))
    tree = page(f"{MILLION}&tier=batch")
    assert costs_drawn(tree) == [("Acme", "1.00")]
    assert tree.cssselect("table.costs td.id")[0].text_content() == "mini:batch"


@pytest.mark.django_db
def test_a_model_that_is_not_billed_by_tokens_has_no_workload():
    image = AIModelFactory.create(slug="painter", kind="image")
    sold(image, "Acme", "1")
    tree = page("?workload=chat", "/models/openai/painter/")
    assert not tree.cssselect(".asks, table.costs")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?workload=nonsense", "?requests=-1", "?input=%00&tier=%3Cb%3E"])
def test_a_workload_that_makes_no_sense_is_none(mini, query):
    sold(mini, "Acme", "1")
    assert page(query).cssselect("table.offers")


@pytest.mark.django_db
def test_a_workload_needs_no_further_queries(mini):
    for number in range(3):
        sold(mini, f"Seller{number}", "1")
    plain, few = queries_of(""), queries_of("workload=chat")
    for number in range(3, 12):
        sold(mini, f"Seller{number}", "1")
    assert plain == few == queries_of("workload=chat")


def queries_of(query: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        model_detail.build("openai/mini", QueryDict(query), now=NOW)
    return len(asked)


# -- the comparison -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_comparison_is_costed_column_by_column(mini):
    own = sold(mini, "Acme", "1")
    mini.author.providers.add(own.provider)
    other = AIModelFactory.create(slug="other", name="Other", author=mini.author)
    sold(other, "Dear", "3")
    found = compare.build(
        models=["openai/mini", "openai/other"],
        endpoints=[],
        now=NOW,
        workload=Workload.from_query(dict(parse_qsl(MILLION[1:]))),
    )
    assert [(row.label, row.per_month, row.said) for row in found.costs.rows] == [
        ("Mini, Acme", "1.00", ""),
        ("Other", "..", "the price is a median of several sellers: it has no bill"),
    ]
    assert found.costs.form.kept == [("model", "openai/mini"), ("model", "openai/other")]


@pytest.mark.django_db
def test_a_comparison_shows_costs_only_for_a_workload(mini):
    first, second = sold(mini, "Acme", "1"), sold(mini, "Dear", "3")
    query = urlencode([("endpoint", f"{e.provider.slug}:{e.native_id}") for e in (first, second)])
    plain = page(f"?{query}", "/compare/")
    assert not plain.cssselect("table.costs")
    preset = plain.cssselect(".asks a")[0].get("href").partition("#")[0]
    costed = page(preset, "/compare/")
    assert [label for label, _ in costs_drawn(costed)] == ["Mini, Acme", "Mini, Dear"]
