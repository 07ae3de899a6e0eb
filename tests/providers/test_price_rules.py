"""House and contract prices that follow others: the rule, and the fold that applies it."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.choices import Book
from providers.facts import ANY, BadFact, Condition, Price, PriceRule
from providers.ledger import LedgerRow, Stated, fold

START = datetime(2026, 1, 1, tzinfo=UTC)
LATER = START + timedelta(days=30)
PUBLIC, CONTRACT, HOUSE = (book.value for book in Book)


def said(
    number: int,
    value: str,
    *,
    key: str = "price.input",
    book: str = PUBLIC,
    source: str = "editor",
    since: datetime = START,
    until: datetime | None = None,
    condition: Condition = ANY,
    of_provider: bool = False,
) -> Stated:
    return Stated(
        number, source, key, condition.key(), book, value, "", since, until, None, None, of_provider
    )


def price(amount: str, unit: str = "1M tokens", currency: str = "USD") -> str:
    return Price("input", Decimal(amount), unit, currency).value()


def rule(**rest) -> str:
    return PriceRule(**rest).value()


def house(*claims: Stated) -> list[LedgerRow]:
    return [row for row in fold(claims, "openai") if row.book == HOUSE]


def test_a_rule_multiplies_adds_and_rounds_up():
    over = PriceRule(
        times=Decimal("1.15"), plus=Decimal("0.02"), step=Decimal("0.01"),
        unit="1M tokens", currency="USD",
    )  # fmt: skip
    assert json.loads(over.applied(price("0.15")) or "")["amount"] == "0.2"  # 0.1925
    assert json.loads(over.applied(price("10")) or "")["amount"] == "11.52"
    assert over.words() == "public × 1.15 + 0.02 USD per 1M tokens, rounded up to 0.01"


@given(
    st.decimals("0.0001", "1000", places=4),
    st.decimals("0.01", "20", places=2),
    st.decimals("0.01", "1", places=2),
)
def test_rounding_up_never_loses_and_never_adds_a_whole_step(amount, times, step):
    over = PriceRule(times=times, step=step)
    exact = amount * times
    got = Decimal(json.loads(over.applied(price(f"{amount:f}")) or "")["amount"])
    assert exact <= got < exact + step
    assert got % step == 0


@given(
    st.decimals("0.01", "20", places=2),
    st.decimals("0", "5", places=2),
    st.one_of(st.none(), st.decimals("0.01", "1", places=2)),
)
def test_a_stored_rule_is_the_same_rule(times, plus, step):
    over = PriceRule(times=times, plus=plus, step=step, unit="1M tokens", currency="USD")
    assert PriceRule.from_value(json.loads(over.value())) == over


def test_an_amount_is_added_to_prices_of_its_own_unit_only():
    over = PriceRule(plus=Decimal("0.02"), unit="1M tokens", currency="USD")
    assert over.applied(price("0.04", unit="image")) is None
    assert over.applied(price("1", currency="CNY")) is None


def test_free_stays_free():
    free = Price("input", None, state="free").value()
    assert PriceRule(times=Decimal(2)).applied(free) == free


@pytest.mark.parametrize(
    ("rest", "mend"),
    [
        ({"times": Decimal(0)}, "factor above 0"),
        ({"times": Decimal("NaN")}, "factor above 0"),
        ({"plus": Decimal(-1)}, "0 or more"),
        ({"plus": Decimal(1)}, "unit and the currency"),
        ({"step": Decimal(0)}, "step like 0.01"),
        ({"over": "house"}, "public or contract"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rest, mend):
    with pytest.raises(BadFact, match=mend):
        PriceRule(**rest)


def test_a_house_price_follows_its_upstream():
    rows = house(
        said(1, price("1"), source="litellm", until=LATER),
        said(2, price("2"), source="litellm", since=LATER),
        said(3, rule(times=Decimal("1.15")), key="price.*", book=HOUSE),
    )
    assert [(row.amount, row.valid_from, row.valid_to) for row in rows] == [
        (Decimal("1.15"), START, LATER),
        (Decimal("2.3"), LATER, None),
    ]
    assert {row.claim for row in rows} == {3}


def test_a_rule_for_the_card_covers_every_component_and_condition():
    batch = Condition(tier="batch")
    rows = house(
        said(1, price("1"), source="litellm"),
        said(2, price("4"), key="price.output", source="litellm"),
        said(3, price("0.5"), condition=batch, source="litellm"),
        said(4, rule(times=Decimal(2)), key="price.*", book=HOUSE),
    )
    assert {(row.component, row.condition): row.amount for row in rows} == {
        ("input", ""): 2,
        ("output", ""): 8,
        ("input", batch.key()): 1,
    }


def test_the_more_particular_word_wins():
    public = [
        said(1, price("1"), source="litellm"),
        said(2, price("4"), key="price.output", source="litellm"),
        said(3, price("0.1"), key="price.cache_read", source="litellm"),
        said(4, price("9"), key="price.request", source="litellm"),
    ]
    rows = house(
        *public,
        said(10, rule(times=Decimal(2)), key="price.*", book=HOUSE, of_provider=True),
        said(11, rule(times=Decimal(3)), key="price.*", book=HOUSE),
        said(12, rule(times=Decimal(5)), key="price.output", book=HOUSE),
        said(13, price("7"), key="price.request", book=HOUSE),
    )
    assert {row.component: row.amount for row in rows} == {
        "input": 3,
        "output": 20,
        "cache_read": Decimal("0.3"),
        "request": 7,
    }


def test_a_contract_that_names_no_price_leaves_the_public_one():
    rows = house(
        said(1, price("1"), source="litellm"),
        said(2, price("4"), key="price.output", source="litellm"),
        said(3, price("0.8"), book=CONTRACT),
        said(4, rule(over=CONTRACT, times=Decimal(2)), key="price.*", book=HOUSE),
    )
    assert {row.component: row.amount for row in rows} == {"input": Decimal("1.6"), "output": 8}


def test_no_book_hides_another():
    claims = [
        said(1, price("1"), source="litellm"),
        said(2, price("0.8"), book=CONTRACT),
        said(3, price("1.5"), book=HOUSE),
    ]
    rows = {row.book: row.amount for row in fold(claims, "openai")}
    assert rows == {PUBLIC: 1, CONTRACT: Decimal("0.8"), HOUSE: Decimal("1.5")}


def test_an_ended_rule_leaves_its_history():
    rows = house(
        said(1, price("1"), source="litellm"),
        said(2, rule(times=Decimal(2)), key="price.*", book=HOUSE, until=LATER),
    )
    assert [(row.amount, row.valid_to) for row in rows] == [(2, LATER)]
