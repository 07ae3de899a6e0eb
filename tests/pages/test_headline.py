from decimal import Decimal

from catalog.pages.headline import Card, blended, cheapest, headline, plain_prices
from providers.choices import Group, Kind, State
from providers.facts import Condition
from providers.queries import PriceRow
from tests.factories import CONFIRMED


def row(component, amount, *, state="known", unit="1M tokens", currency="USD", condition=None):
    return PriceRow(
        endpoint_id=1,
        component=component,
        condition=condition or Condition(),
        amount=None if amount is None else Decimal(amount),
        unit=unit,
        currency=currency,
        state=state,
        claim_id=1,
        source_id=7,
        valid_from=CONFIRMED,
        valid_to=None,
    )


def card(provider, first=None, second=None, **fields):
    prices = {}
    if first:
        prices["input"] = row("input", first)
    if second:
        prices["output"] = row("output", second)
    stated = {
        "endpoint": 1, "provider": provider, "group": Group.CLOUD.value, "own": False,
        "native_id": "m", "prices": prices,
    }  # fmt: skip
    return Card(**(stated | fields))


def test_the_authors_own_price_is_the_headline_whatever_others_ask():
    found = headline([card("cheap", "0.01", "0.02"), card("openai", "0.15", "0.60", own=True)])
    assert (found.basis, found.input.amount, found.output.amount) == (
        "author", Decimal("0.15"), Decimal("0.60"),
    )  # fmt: skip
    assert found.source == 7


def test_the_authors_confirmed_card_stands_before_an_old_one_and_a_snapshot():
    cards = [
        card("a", "1", "1", own=True, old=True),
        card("a", "2", "2", own=True, variant="2024-05-13"),
        card("a", "3", "3", own=True, native_id="much-longer-id"),
    ]
    assert headline(cards).input.amount == 3


def test_without_the_author_it_is_the_median_of_the_providers_and_says_of_how_many():
    cards = [card("a", "1", "4"), card("b", "2", "5"), card("c", "9", "6")]
    found = headline(cards)
    assert (found.basis, found.n) == ("median", 3)
    assert (found.input.amount, found.output.amount) == (2, 5)


def test_of_two_prices_the_median_is_one_that_somebody_asks():
    assert headline([card("a", "1"), card("b", "2")]).input.amount == 1


def test_a_provider_counts_once_in_the_median():
    cards = [card("a", "1"), card("a", "5"), card("b", "2"), card("c", "3")]
    assert headline(cards).n == 3
    assert headline(cards).input.amount == 2


def test_plans_and_free_offers_stay_out_of_the_median():
    free = card("f", prices={"input": row("input", None, state="free")})
    plan = card("p", "0.5", group=Group.PLAN.value)
    assert headline([free, plan, card("a", "2")]).n == 1


def test_what_everybody_gives_away_or_puts_in_a_plan_says_so():
    free = card("f", prices={"input": row("input", None, state="free")})
    plan = card("p", "0.5", group=Group.PLAN.value)
    assert headline([free]).input.state == State.FREE
    assert headline([plan]).input.state == State.PLAN


def test_old_prices_count_only_where_there_is_no_other():
    assert headline([card("a", "1", old=True), card("b", "2")]).input.amount == 2
    alone = headline([card("a", "1", old=True)])
    assert (alone.input.amount, alone.old) == (1, True)


def test_nothing_known_is_no_headline():
    assert headline([]).basis == ""
    assert headline([card("a")]).input.state == State.UNKNOWN


def test_an_embedding_has_no_output_price():
    found = headline([card("a", "0.02", own=True)], kind=Kind.EMBEDDING.value)
    assert found.output.state == State.NOT_APPLICABLE


def test_an_image_model_is_known_by_its_price_of_an_image():
    prices = {"image_output": row("image_output", "0.04", unit="image")}
    found = headline([card("a", prices=prices, own=True)], kind=Kind.IMAGE.value)
    assert (found.output.amount, found.output.unit) == (Decimal("0.04"), "image")


def test_a_price_by_the_hour_is_the_whole():
    prices = {"audio_input": row("audio_input", "0.36", unit="hour")}
    found = headline([card("a", prices=prices, own=True)], kind=Kind.TRANSCRIPTION.value)
    assert found.input.unit == "hour"
    assert found.output.state == State.NOT_APPLICABLE


def test_what_a_router_charges_varies():
    prices = {"input": row("input", None, state="varies")}
    assert headline([card("a", prices=prices)]).input.state == State.VARIES


def test_units_are_never_mixed_in_a_median():
    cards = [
        card("a", prices={"input": row("input", "3", unit="hour")}),
        card("b", prices={"input": row("input", "1")}),
        card("c", prices={"input": row("input", "2")}),
    ]
    found = headline(cards)
    assert (found.n, found.input.unit) == (2, "1M tokens")


def test_old_plan_free_and_half_known_prices_are_never_cheapest():
    cards = [
        card("old", "0.01", "0.01", old=True),
        card("plan", "0.01", "0.01", group=Group.PLAN.value),
        card("half", "0.01"),
        card("free", prices={"input": row("input", None, state="free")}),
        card("yuan", prices={"input": row("input", "0.01", currency="CNY")}),
        card("sure", "1", "5"),
    ]
    best = cheapest(cards)
    assert best is not None
    assert (best.card.provider, best.blended) == ("sure", 2)
    assert cheapest(cards[:-1]) is None


def test_the_blend_is_three_parts_input_and_one_output():
    assert blended(card("a", "1", "5")) == 2
    assert blended(card("a", "1"), kind=Kind.EMBEDDING.value) == 1


def test_only_prices_without_a_condition_are_standard():
    batch = row("input", "1", condition=Condition(tier="batch"))
    assert plain_prices([row("input", "2"), batch])["input"].amount == 2
