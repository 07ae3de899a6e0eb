"""Reading a price book: its own word first, the public list beneath, and never a third book."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers import queries
from providers.choices import Book
from providers.facts import ANY, WHOLE_CARD, Condition, Price, PriceRule, Schedule
from providers.ledger import LedgerRow, Stated, fold
from providers.pricing import Bill, Usage, in_book, price_at
from tests.factories import EndpointFactory, PriceFactory

from .test_bill import (
    CALLS,
    NOON,
    REGIONS,
    SCHEDULES,
    TIERS,
    USAGES,
    agree,
    is_open,
    oracle,
    priced,
)

PUBLIC, CONTRACT, HOUSE = (book.value for book in Book)


@dataclass(frozen=True)
class Row:
    """A price in a book."""

    component: str
    amount: Decimal | None
    book: str = PUBLIC
    condition: Condition = ANY
    state: str = "known"
    unit: str = "1M tokens"
    currency: str = "USD"


def row(component: str, amount: str, book: str = PUBLIC, **condition) -> Row:
    return Row(component, Decimal(amount), book, Condition(**condition))


def bill(prices: Iterable[Row], book: str, *, tier="", region="", when=NOON, **used) -> Bill[Row]:
    return price_at(prices, when=when, usage=Usage(**used), tier=tier, region=region, book=book)


def paid(prices: Iterable[Row], book: str, **asked) -> Decimal:
    found = bill(prices, book, **asked)
    assert found.is_complete, found.refused
    return found.totals["USD"]


LIST = [
    row("input", "3"),
    row("input", "6", above_tokens=1000),
    row("input", "1.5", tier="batch"),
    row("input", "2.5", tier="batch", above_tokens=1000),
    row("output", "15"),
]
MILLION = 10**6


# -- what a book leaves out ------------------------------------------------------------------------


def test_what_a_book_leaves_out_is_the_public_price_and_the_line_says_so():
    found = bill([*LIST, row("input", "2", CONTRACT)], CONTRACT, input_tokens=10, output_tokens=10)
    assert [(line.component, line.rule.book, line.why, line.in_stead) for line in found.lines] == [
        ("input", CONTRACT, "contract price", ""),
        ("output", PUBLIC, "list price", "no contract price stated, public price"),
    ]


def test_the_public_list_never_shows_another_book():
    prices = [*LIST, row("input", "2", CONTRACT), row("output", "1", HOUSE)]
    assert paid(prices, PUBLIC, input_tokens=1000) == Decimal("0.003")
    assert bill(prices, PUBLIC, input_tokens=1, output_tokens=1) == bill(
        LIST, PUBLIC, input_tokens=1, output_tokens=1
    )
    assert price_at(prices, when=NOON, usage=Usage(input_tokens=1)).lines[0].rule.book == PUBLIC


def test_what_the_house_book_leaves_out_is_public_and_never_contract():
    prices = [*LIST, row("input", "2", CONTRACT), row("output", "20", HOUSE)]
    found = bill(prices, HOUSE, input_tokens=10, output_tokens=10)
    assert [line.rule.book for line in found.lines] == [PUBLIC, HOUSE]
    assert found.assumptions == ("no house price stated, public price",)


def test_a_component_that_no_book_prices_is_refused_not_free():
    found = bill([row("input", "2", CONTRACT)], CONTRACT, output_tokens=1)
    assert [item.reason for item in found.refused] == ["no known price"]


def test_an_unknown_price_of_a_book_says_nothing():
    said_unknown = Row("input", None, CONTRACT, state="unknown")
    assert paid([*LIST, said_unknown], CONTRACT, input_tokens=1000) == Decimal("0.003")


# -- conditions ------------------------------------------------------------------------------------

NIGHT, DAY = Schedule("UTC", ((10, 20),)), Schedule("UTC", ((0, 30),))
TOKYO = Schedule("Asia/Tokyo", ((0, 10080),))


@pytest.mark.parametrize("tokens", [1000, 1001, MILLION])
@pytest.mark.parametrize("tier", ["", "batch"])
def test_a_plain_contract_price_replaces_every_public_price_of_its_component(tokens, tier):
    """Neither a public threshold above it nor a public tier below it undoes what was agreed."""
    prices = [*LIST, row("input", "2", CONTRACT)]
    assert paid(prices, CONTRACT, input_tokens=tokens, tier=tier) == Decimal(2 * tokens) / MILLION


def test_a_contract_price_under_a_condition_leaves_the_rest_of_the_list():
    prices = [*LIST, row("input", "1", CONTRACT, tier="batch")]
    assert paid(prices, CONTRACT, input_tokens=1000) == Decimal("0.003")
    assert paid(prices, CONTRACT, input_tokens=MILLION) == 6
    assert paid(prices, CONTRACT, input_tokens=1000, tier="batch") == Decimal("0.001")
    # The list's threshold on that tier lies within what was agreed.
    assert paid(prices, CONTRACT, input_tokens=MILLION, tier="batch") == 1


def test_a_contract_threshold_holds_above_it_alone():
    prices = [*LIST, row("input", "4", CONTRACT, above_tokens=1000)]
    assert paid(prices, CONTRACT, input_tokens=1000) == Decimal("0.003")
    assert paid(prices, CONTRACT, input_tokens=MILLION) == 4


@pytest.mark.parametrize(
    ("narrow", "wide", "is_within"),
    [
        ({}, {}, True),
        ({"tier": "batch"}, {}, True),
        ({}, {"tier": "batch"}, False),
        ({"tier": "batch", "region": "eu"}, {"region": "eu"}, True),
        ({"tier": "flex"}, {"tier": "batch"}, False),
        ({"above_tokens": 200}, {"above_tokens": 100}, True),
        ({"above_tokens": 100}, {"above_tokens": 200}, False),
        ({"named": (("size", "big"),)}, {}, True),
        ({}, {"named": (("size", "big"),)}, False),
        ({"schedule": NIGHT}, {"schedule": DAY}, True),
        ({"schedule": DAY}, {"schedule": NIGHT}, False),
        ({"schedule": NIGHT}, {"schedule": TOKYO}, False),  # two clocks are not compared
    ],
)  # fmt: skip
def test_one_condition_lies_within_another(narrow, wide, is_within):
    assert Condition(**narrow).is_within(Condition(**wide)) is is_within


# -- the oracle ------------------------------------------------------------------------------------

MINUTES = range(0, 7 * 1440, 5)
MONDAY = datetime(2026, 6, 1, tzinfo=UTC)  # a week without a change of clocks


@st.composite
def cards(draw):
    """Prices of all three books, those of a book each in its own slot."""
    found = []
    for book, most in ((PUBLIC, 16), (CONTRACT, 6), (HOUSE, 6)):
        prices = draw(
            st.lists(priced(), max_size=most, unique_by=lambda p: (p.component, p.condition))
        )
        found += [
            Row(p.component, p.amount, book, p.condition, p.state, p.unit, p.currency)
            for p in prices
        ]
    return draw(st.permutations(found))


OPEN = {
    schedule: frozenset(
        minute
        for minute in MINUTES
        if is_open(Condition(schedule=schedule), MONDAY + timedelta(minutes=minute))
    )
    for schedule in SCHEDULES
}


def places(condition: Condition) -> list[set]:
    """Where a condition holds, spelled out: tiers, regions, inputs, minutes, named things."""
    return [
        {tier for tier in (*TIERS, "x") if condition.tier in ("", tier)},
        {region for region in (*REGIONS, "x") if condition.region in ("", region)},
        {n for n in range(1200) if condition.above_tokens is None or n > condition.above_tokens},
        set(OPEN[condition.schedule]),
        {None} if condition.named else {None, "else"},
    ]


def laid_over(prices, book):
    """The public list, less what an own price of the component covers wholly, plus the own ones."""
    own = [p for p in prices if p.book == book and p.state != "unknown"]
    left = [
        p
        for p in prices
        if p.book == PUBLIC
        and not any(
            one.component == p.component
            and all(
                inner <= outer
                for inner, outer in zip(places(p.condition), places(one.condition), strict=True)
            )
            for one in own
        )
    ]
    return own + left


@settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(cards(), st.lists(USAGES, min_size=2, max_size=2), CALLS)
def test_bills_of_a_book_equal_a_slow_oracle(prices, usages, calls):
    for book in (CONTRACT, HOUSE):
        card = laid_over(prices, book)
        for used, (when, tier, region) in product(usages, calls):
            found = price_at(prices, when=when, usage=used, tier=tier, region=region, book=book)
            amounts, missing = oracle(card, when, tier, region, used)
            assert {item.component for item in found.refused} == missing
            assert {line.component for line in found.lines} == set(amounts)
            for line in found.lines:
                agree(line, *amounts[line.component])
                assert line.rule.book in (book, PUBLIC)
                says_public = f"no {book} price stated, public price" in line.in_stead
                assert says_public == (line.rule.book == PUBLIC)


@settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
@given(cards(), USAGES, CALLS)
def test_a_rule_over_the_contract_bills_what_the_contract_does(prices, used, calls):
    """The ledger and the bill lay books over one another by one law."""
    said = [p for p in prices if p.book in (PUBLIC, CONTRACT)]
    rows = fold([*map(claimed, range(len(said)), said), house_is_contract()], "openai")
    house = [in_ledger(one) for one in rows if one.book == HOUSE]
    for when, tier, region in calls:
        asked = {"when": when, "usage": used, "tier": tier, "region": region}
        by_contract = price_at(said, **asked, book=CONTRACT)
        by_house = price_at(house, **asked, book=HOUSE)
        assert [(one.component, Fraction(one.amount)) for one in by_house.lines] == [
            (one.component, Fraction(one.amount)) for one in by_contract.lines
        ]


def claimed(number: int, one: Row) -> Stated:
    value = Price(one.component, one.amount, one.unit, one.currency, one.condition, one.state)
    return Stated(
        number, "editor", f"price.{one.component}", one.condition.key(), one.book, value.value(),
        "", datetime(2026, 1, 1, tzinfo=UTC), None, None, None,
    )  # fmt: skip


def in_ledger(one: LedgerRow) -> Row:
    condition = Condition.from_key(one.condition)
    return Row(one.component, one.amount, one.book, condition, one.state, one.unit, one.currency)


def house_is_contract() -> Stated:
    rule = PriceRule(over=CONTRACT).value()
    since = datetime(2026, 1, 1, tzinfo=UTC)
    return Stated(
        9999, "editor", f"price.{WHOLE_CARD}", "", HOUSE, rule, "", since, None, None, None
    )


# -- in the ledger ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_prices_of_a_book_are_read_with_the_list_beside_them_in_one_query(
    django_assert_num_queries,
):
    endpoint = EndpointFactory()
    for component, amount, book in (
        *(("input", "3", PUBLIC), ("output", "15", PUBLIC)),
        *(("input", "2", CONTRACT), ("input", "4", HOUSE)),
    ):
        PriceFactory(endpoint=endpoint, component=component, amount=Decimal(amount), book=book)
    with django_assert_num_queries(1):
        found = queries.book_prices_at([endpoint.pk], when=NOON, books=[CONTRACT])[endpoint.pk]
    assert sorted((row.book, row.component) for row in found) == [
        (CONTRACT, "input"), (PUBLIC, "input"), (PUBLIC, "output"),
    ]  # fmt: skip
    held = {row.component: (row.book, row.amount) for row in in_book(found, CONTRACT)}
    assert held == {"input": (CONTRACT, 2), "output": (PUBLIC, 15)}
    assert {row.book for row in queries.prices_at([endpoint.pk], when=NOON)[endpoint.pk]} == {
        PUBLIC
    }
