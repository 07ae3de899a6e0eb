"""Operations over many prices: exact in Decimal, all or nothing, refused by name."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.choices import State
from providers.facts import WHOLE_CARD, BadFact, Price, PriceRule, canonical
from providers.pricing_desk import bulk
from providers.pricing_desk.bulk import BulkRefused, Target, Width
from providers.pricing_desk.entries import Dates, Typed, edits_of, merged, price_of, text_of

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
AMOUNTS = st.decimals(Decimal("0.000001"), Decimal(100_000), allow_nan=False, places=6)


def value(amount: str | Decimal, unit: str = "1M tokens", currency: str = "USD") -> str:
    return Price("input", Decimal(amount), unit, currency).value()


FREE = canonical({"currency": "USD", "state": "free", "unit": "1M tokens"})


def target(base: str, name: str = "OpenAI: small, input price", **rest) -> Target:
    return Target(1, 7, name, "input", "", base, **rest)


def amounts(outcome: bulk.Outcome) -> list[str]:
    return [json.loads(edit.value or "{}").get("amount", "") for edit in outcome.edits]


def percent(number: str, *bases: str) -> bulk.Outcome:
    return bulk.edits(map(target, bases), bulk.by_percent(Decimal(number)), book="public")


# -- percent --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "number", "result"),
    [
        ("0.15", "10", "0.165"),
        ("0.1", "10", "0.11"),  # in floats: 0.11000000000000001
        ("3", "-33.3", "2.001"),
        ("0.15", "0.001", "0.1500015"),
        ("1000000", "0.5", "1005000"),
    ],
)
def test_a_percentage_is_exact(base, number, result):
    assert amounts(percent(number, value(base))) == [result]


@given(AMOUNTS, st.decimals(Decimal("-99"), Decimal(900), allow_nan=False, places=2))
def test_a_percentage_is_the_fraction_to_the_digits_that_are_kept(base, number):
    [made] = amounts(percent(str(number), value(base.normalize() or Decimal(1))))
    exact = (base.normalize() or Decimal(1)) * (100 + number) / 100
    digits = Decimal(made).as_tuple().digits
    assert len(digits) <= 15
    assert abs(Decimal(made) - exact) <= max(exact * Decimal("5e-12"), Decimal("5e-11"))


@given(st.lists(AMOUNTS, min_size=1, max_size=5), st.sampled_from(["10", "-50", "0.25", "300"]))
def test_unit_currency_and_order_stay(bases, number):
    texts = [value(base.normalize() or Decimal(1), "image", "EUR") for base in bases]
    outcome = percent(number, *texts)
    stated = [json.loads(edit.value or "") for edit in outcome.edits]
    assert {(one["unit"], one["currency"]) for one in stated} == {("image", "EUR")}
    up = Decimal(number) > 0
    for before, after in zip(texts, stated, strict=True):
        assert (Decimal(after["amount"]) > Decimal(json.loads(before)["amount"])) == up


@pytest.mark.parametrize(
    ("base", "number", "message"),
    [
        ("0.15", "-100", "0.15 would become 0;"),
        ("0.15", "-150", "0.15 would become -0.075;"),
        ("900000000", "900", "absurdly large"),
        ("0.0000000001", "-99", "smaller than"),
    ],
)
def test_what_would_be_no_price_is_refused_by_name_and_nothing_is_made(base, number, message):
    with pytest.raises(BulkRefused) as caught:
        bulk.edits(
            [target(value("1"), "fine"), target(value(base), "bad")],
            bulk.by_percent(Decimal(number)),
            book="public",
        )
    told = {fault.name: fault.message for fault in caught.value.faults}
    assert message in told["bad"]


def test_what_has_no_figure_is_left_alone_and_told():
    outcome = percent("10", FREE, "", value("1"))
    assert amounts(outcome) == ["1.1"]
    assert [one.message for one in outcome.left] == [
        "it has no figure: free",
        "it has no figure: no price is published there",
    ]


# -- the others -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "digits", "result"),
    [("0.1725", 2, "0.17"), ("0.175", 2, "0.18"), ("123456", 3, "123000"), ("0.0999", 1, "0.1")],
)
def test_rounding_is_to_significant_digits_halves_up(base, digits, result):
    outcome = bulk.edits([target(value(base))], bulk.to_digits(digits), book="public")
    assert amounts(outcome) == [result]


def test_what_is_round_already_is_left_alone():
    outcome = bulk.edits([target(value("0.15"))], bulk.to_digits(2), book="public")
    assert (outcome.edits, len(outcome.left)) == ((), 1)
    with pytest.raises(BadFact, match="1 to 15"):
        bulk.to_digits(16)


def test_a_source_s_word_is_taken_whole():
    says = {"litellm": value("0.2", "image", "EUR")}
    taking = bulk.as_told_by("litellm", "LiteLLM")
    targets = [target(value("1"), says=says), target(value("1"))]
    outcome = bulk.edits(targets, taking, book="public")
    assert [edit.value for edit in outcome.edits] == [says["litellm"]]
    assert outcome.left[0].message == "LiteLLM states no such price"


def test_a_price_is_put_into_a_book_between_dates():
    dates = Dates(NOW, NOW + timedelta(days=1))
    [edit] = bulk.edits([target(value("1"))], bulk.as_it_is, book="contract", dates=dates).edits
    assert (edit.book, edit.value) == ("contract", value("1"))
    assert (edit.effective_from, edit.effective_to) == (dates.starts, dates.ends)


def test_dropping_ends_each_of_the_editors_prices():
    outcome = bulk.drops([target("", own=(None, NOW)), target("")], book="public")
    assert [(edit.value, edit.effective_from) for edit in outcome.edits] == [
        (None, None),
        (None, NOW),
    ]
    assert len(outcome.left) == 1


@pytest.mark.parametrize(
    ("width", "reach"),
    [
        (Width.PRICES, {("endpoint", "price.input", ""), ("endpoint", "price.output", "")}),
        (Width.CARDS, {("endpoint", f"price.{WHOLE_CARD}", "")}),
        (Width.PROVIDER, {("provider", f"price.{WHOLE_CARD}", "")}),
    ],
)
def test_a_rule_reaches_prices_cards_or_a_whole_provider(width, reach):
    targets = [target(value("1")), Target(1, 7, "out", "output", "", value("2"))]
    made = bulk.rules(targets, PriceRule(times=Decimal("1.15")), width, book="house").edits
    assert {(edit.subject.kind, edit.key, edit.condition) for edit in made} == reach
    assert len(made) == len(reach)


def test_the_public_list_has_no_rules():
    with pytest.raises(BadFact, match="prices, not rules"):
        bulk.rules([target(value("1"))], PriceRule(), Width.CARDS, book="public")


# -- boxes ----------------------------------------------------------------------------------------


@given(AMOUNTS, st.sampled_from(["1M tokens", "image"]), st.sampled_from(["USD", "EUR"]))
def test_what_a_box_shows_is_what_it_reads(number, unit, currency):
    stated = Price("input", number.normalize() or Decimal(1), unit, currency)
    like = value("1")
    shown = text_of(
        edits_of(Typed((1, "input", ""), _words(stated), None), "public", Dates()), like
    )
    assert price_of(shown, "input", "", like, Dates()).value() == stated.value()


def _words(price: Price) -> str:
    return f"{price.amount:f} {price.currency} per {price.unit}"


def test_a_box_that_was_not_touched_keeps_its_edits_with_their_dates():
    dates = Dates(NOW, NOW + timedelta(days=1))
    box = Typed((1, "input", ""), "0.2", None)
    before = edits_of(box, "public", dates)
    assert merged(before, [box], "public", Dates()) == (before, [])
    changed, _ = merged(before, [Typed(box.slot, "0.3", None)], "public", Dates())
    assert [(one.effective_from, '"0.3"' in (one.value or "")) for one in changed] == [(None, True)]
    assert merged(before, [Typed(box.slot, " ", None)], "public", Dates()) == ([], [])


def test_states_are_written_as_words():
    for state in (State.FREE, State.PLAN, State.VARIES):
        made = edits_of(Typed((1, "input", ""), state.value.upper(), None), "public", Dates())
        assert text_of(made, "") == state.value
