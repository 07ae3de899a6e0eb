"""Prices in other currencies: shown as stated, beside what they come to by a rate that is named."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import AIModel
from catalog.pages.bill import bill_view
from catalog.pages.costs import CostTable, cost_table
from catalog.pages.exchange import Exchange, about, exchange
from catalog.pages.parts import Money
from catalog.workload import Workload, cost
from providers import rate_record
from providers.choices import Group
from providers.facts import Condition
from providers.rates import ECB, EDITOR, Rate
from tests.factories import (
    NOW,
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
)
from tests.pages.test_model_detail import PATH, build, labels, price, provider_named, sold
from tests.pages.test_workload import SIGNS, named, offered, one, row

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 30)
BY = "at 6.6529 CNY per USD, ECB, 30 Oct 2026"
RATES = (
    Rate("USD", Decimal("1.1172"), DAY, ECB),
    Rate("CNY", Decimal("7.4326"), DAY, ECB),
)
KNOWN = Exchange(NOW.date(), ("CNY",), {rate.currency: rate for rate in RATES})
UNKNOWN = Exchange(NOW.date(), ("XAF",), {})


@pytest.fixture
def mini() -> AIModel:
    return AIModelFactory.create(slug="gpt-4o-mini", name="GPT-4o mini")


@pytest.fixture
def rates() -> None:
    rate_record.record(RATES, now=NOW)


def text(address: str) -> str:
    answer = Client().get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


# -- words ----------------------------------------------------------------------------------------


def test_a_price_keeps_its_own_figure_and_names_the_rate():
    drawn = KNOWN.beside(Money("known", Decimal(1), "CNY"))
    assert (drawn.amount, drawn.currency) == (1, "CNY")
    assert (drawn.approx, drawn.rate) == ("≈ $0.150", BY)
    assert KNOWN.notes == (f"≈ stands for CNY in US dollars {BY}.",)


def test_without_a_rate_that_is_said():
    drawn = UNKNOWN.beside(Money("known", Decimal(1), "XAF"))
    assert drawn.approx == ""
    assert drawn.rate == "no exchange rate of XAF is known for 14 Nov 2026 or before"
    assert UNKNOWN.notes[0].endswith("such prices are not converted and come last.")


def test_dollars_and_unknown_prices_have_nothing_beside_them():
    for money in (Money("known", Decimal(1)), Money("free", None, "CNY"), Money()):
        assert KNOWN.beside(money) == money


def test_sums_are_added_over_currencies_only_by_known_rates():
    sums = {"USD": Decimal(1), "CNY": Decimal("7.4326")}
    assert KNOWN.dollars(sums).amount == Decimal("2.1172")
    assert not KNOWN.dollars(sums).is_exact
    assert KNOWN.dollars({"USD": Decimal(1)}).is_exact
    assert UNKNOWN.dollars({"XAF": Decimal(1)}) is None
    assert UNKNOWN.dollars({"XAF": Decimal(0)}).amount == 0, "nothing is nothing in any currency"


def test_small_and_large_amounts_keep_three_digits():
    assert about(Decimal("0.00123456")) == "≈ $0.00123"
    assert about(Decimal(1234)) == "≈ $1,234.00"


def test_rates_are_asked_for_only_where_they_are_needed(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert exchange({"USD"}, on=DAY).notes == ()
    with django_assert_num_queries(1):
        exchange({"USD", "CNY", "EUR"}, on=DAY)


# -- workloads ------------------------------------------------------------------------------------


def table(*sellers, known: Exchange = KNOWN) -> CostTable:
    return cost_table(
        Workload(requests=1000, input=1000, cached=0, output=0),
        sellers,
        signs=SIGNS,
        speakers=lambda price: (price.source_id,),
        now=NOW,
        bill="",
        kept=[],
        exchange=known,
    )


def test_costs_are_sorted_by_what_they_come_to():
    costs = table(
        offered("dear", row(asked="4")),
        offered("cheap", row(asked="2")),
        offered("yuan", row(asked="20", currency="CNY")),
    )
    assert named(costs) == ["cheap", "yuan", "dear"]
    yuan = one(costs, "yuan")
    assert yuan.per_month == "20.00 CNY ≈ 3.01"
    assert yuan.against.startswith("≈ +")
    assert costs.rates == KNOWN.notes


def test_a_currency_without_a_rate_stays_unsorted_and_says_so():
    costs = table(
        offered("francs", row(asked="1", currency="XAF")),
        offered("dear", row(asked="4")),
        known=UNKNOWN,
    )
    assert named(costs) == ["dear", "francs"]
    francs = one(costs, "francs")
    assert (francs.per_month, francs.against) == ("1.00 XAF", "")
    assert francs.said == "no exchange rate known: not compared"


def test_a_bill_in_two_currencies_adds_them_by_the_named_rate_alone():
    prices = [row(asked="1"), row("output", "8", currency="CNY")]
    workload = Workload(requests=1000, input=1000, cached=0, output=1000)
    found = cost(workload, prices, when=NOW)
    view = bill_view(
        found, SIGNS, label="x", native_id="x", provider="fresh", requests=1000, exchange=KNOWN
    )
    assert view.month == "$1.00 + CN¥8.00 ≈ $2.20"
    assert view.parts[0].total == "$0.001 + CN¥0.008 ≈ $0.002"
    assert view.rates == KNOWN.notes
    assert [line.amount for line in view.parts[0].lines] == ["$0.001", "CN¥0.008"]
    without = bill_view(found, SIGNS, label="", native_id="", provider="fresh", requests=1000)
    assert without.month == "$1.00 + CN¥8.00"


# -- pages ----------------------------------------------------------------------------------------


def test_the_model_page_sorts_by_what_prices_come_to(mini, rates):
    for name, asked, currency in (("A", "0.30", "USD"), ("Yuan", "1", "CNY"), ("B", "0.10", "USD")):
        price(sold(mini, provider_named(name)), asked, currency=currency)
    page = build()
    assert labels(page) == ["B", "Yuan", "A"]
    assert page.offers.rates == KNOWN.notes
    shown = text(f"/models/{PATH}/")
    assert f'1.00 <small title="{BY}">CNY ≈ $0.150</small>' in shown
    assert f"≈ stands for CNY in US dollars {BY}." in shown


def test_without_a_rate_the_model_page_says_so_and_puts_the_price_last(mini):
    price(sold(mini, provider_named("Yuan")), "0.01", currency="CNY")
    price(sold(mini, provider_named("A")), "0.30")
    assert labels(build()) == ["A", "Yuan"]
    shown = text(f"/models/{PATH}/")
    assert "No exchange rate of CNY is known for 14 Nov 2026 or before" in shown or (
        "No exchange rate of CNY is known for" in shown
    )


def test_the_sheet_and_the_tier_table_name_the_rate(mini, rates):
    endpoint = sold(mini, provider_named("Yuan"))
    price(endpoint, "2", currency="CNY")
    (first, *_) = [one_row for one_row in build().sheet.rows if one_row.label == "Input"]
    assert first.cells[0].text == "CN¥2.00 ≈ $0.301"
    assert first.cells[0].title == BY
    price(endpoint, "1", Condition(tier="batch").key(), currency="CNY")
    tiers = build().sheet.tiers
    assert tiers.currency == "CNY"
    batch = tiers.groups[0].rows[1]
    assert (batch.cells[0].text, batch.cells[0].approx) == ("1.00", "≈ $0.150")
    assert batch.cells[0].title == BY


def test_the_headline_of_an_author_who_sells_in_yuan_says_both(mini, rates):
    own = provider_named("DeepSeek", group=Group.AUTHOR)
    mini.author.providers.add(own)
    price(sold(mini, own), "2", currency="CNY")
    [figure, *_] = build().figures
    assert figure.money.currency == "CNY"
    assert figure.note == f"per 1M tokens, ≈ $0.301 {BY}"


def test_a_day_gone_by_is_converted_at_that_days_rate(mini, rates):
    rate_record.record(
        [
            Rate("USD", Decimal(1), date(2026, 11, 1), ECB),
            Rate("CNY", Decimal(8), date(2026, 11, 13), EDITOR),
        ],
        now=NOW,
    )
    price(
        sold(mini, provider_named("Yuan")),
        "8",
        currency="CNY",
        valid_from=NOW.replace(month=1),
        claim__stated_from=NOW.replace(month=1),
    )
    today = text(f"/models/{PATH}/")
    assert "≈ $1.00" in today
    assert "at 8 CNY per USD, ECB and an editor, 1 Nov 2026" in today
    past = text(f"/models/{PATH}/?as_of=2026-10-31")
    assert "≈ $1.20" in past
    assert BY in past


def test_the_provider_page_and_comparisons_name_the_rate(mini, rates):
    yuan = provider_named("Yuan")
    endpoint = sold(mini, yuan, native_id="cn-mini")
    price(endpoint, "2", currency="CNY")
    other = EndpointFactory.create(provider=ProviderFactory.create(slug="two"), native_id="two")
    ListingFactory.create(endpoint=other, model=mini)
    PriceFactory.create(endpoint=other)
    RunFactory.create(covers=["two"])
    shown = text("/providers/yuan/")
    assert f'<small title="{BY}">CNY ≈ $0.301</small>' in shown
    assert KNOWN.notes[0] in shown
    compared = text("/compare/?endpoint=yuan:cn-mini&endpoint=two:two&workload=chat")
    assert f'<small title="{BY}">CNY ≈ $0.301</small>' in compared
    assert compared.count(KNOWN.notes[0]) >= 2  # under the grid and under the costs


def test_the_list_names_a_currency_that_is_not_dollars(mini):
    own = provider_named("DeepSeek", group=Group.AUTHOR)
    mini.author.providers.add(own)
    price(sold(mini, own), "2", currency="CNY")
    assert ", in CNY" in text("/models/")


def test_one_query_more_where_a_price_is_not_in_dollars(mini, django_assert_max_num_queries):
    price(sold(mini, provider_named("Yuan")), "2", currency="CNY")
    for n in range(20):
        price(sold(mini, provider_named(f"Host{n}")), "1", currency="CNY" if n % 2 else "JPY")
    with django_assert_max_num_queries(11):
        text(f"/models/{PATH}/")
