"""What counts as a change of price, and what only looks like one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from providers.changes import MANY, Elsewhere, Kind, Step, Value, classify, crowded, is_rolling

AT = datetime(2026, 9, 29, tzinfo=UTC)


def usd(amount: str | None, *, state: str = "known", unit: str = "1M tokens") -> Value:
    return Value(state, None if amount is None else Decimal(amount), unit, "USD")


STEP = Step(
    endpoint_id=1,
    provider="azure",
    native_id="gpt-4o",
    component="input",
    condition="",
    at=AT,
    source_id=1,
    source="litellm",
    claim_id=1,
    value=usd("2"),
    before=usd("3"),
    source_before="litellm",
)


def kinds(*steps: Step, elsewhere: tuple[Elsewhere, ...] = ()) -> list[Kind]:
    return [change.kind for change in classify(steps, elsewhere)]


def crowd(size: int) -> list[Step]:
    """Changes of so many endpoints of one provider by one source at once."""
    return [replace(STEP, endpoint_id=n) for n in range(size)]


def stated(step: Step, source: str, value: Value | None = None) -> Elsewhere:
    return Elsewhere(step.endpoint_id, step.component, step.condition, source, value or step.value)


def test_the_same_source_with_another_price_is_a_change_of_price():
    assert kinds(STEP) == [Kind.PRICE]


def test_an_equal_value_is_no_change_even_by_another_source():
    assert kinds(replace(STEP, before=usd("2.00"), source_before="models_dev")) == []


def test_another_source_that_begins_to_speak_changes_no_price():
    assert kinds(replace(STEP, source_before="models_dev")) == [Kind.OTHER_SOURCE]


@pytest.mark.parametrize(
    "before",
    [
        None,
        usd(None, state="free"),
        usd(None, state="unknown"),
        usd("3", unit="hour"),
        replace(usd("3"), currency="EUR"),
    ],
)
def test_a_price_that_could_not_be_compared_with_the_one_before_is_a_correction(before):
    assert kinds(replace(STEP, before=before)) == [Kind.CORRECTION]


@pytest.mark.parametrize(
    "native_id",
    ["mistral-medium-latest", "codestral@latest", "google/gemini-latest:free", "latest"],
)
def test_an_id_that_follows_the_newest_release_was_only_pointed_elsewhere(native_id):
    assert kinds(replace(STEP, native_id=native_id)) == [Kind.NAME_MOVED]


@pytest.mark.parametrize("native_id", ["gpt-4o", "latestial-7b", "o3-2025-04-16"])
def test_other_ids_do_not_roll(native_id):
    assert not is_rolling(native_id)


@pytest.mark.parametrize("amount", ["3.014", "2.986"])
def test_less_than_half_a_percent_is_the_same_price_written_another_way(amount):
    assert kinds(replace(STEP, value=usd(amount))) == [Kind.RESTATEMENT]


def test_many_at_one_provider_at_once_are_a_restatement():
    assert set(kinds(*crowd(MANY))) == {Kind.RESTATEMENT}


def test_a_few_are_not():
    assert set(kinds(*crowd(MANY - 1))) == {Kind.PRICE}


def test_many_prices_of_few_endpoints_are_not():
    steps = [replace(STEP, component=f"part_{n}") for n in range(MANY)]
    assert set(kinds(*steps)) == {Kind.PRICE}


def test_many_on_different_days_or_at_different_providers_are_not():
    days = [replace(one, at=AT + timedelta(n)) for n, one in enumerate(crowd(MANY))]
    providers = [replace(one, provider=f"p{n}") for n, one in enumerate(crowd(MANY))]
    assert set(kinds(*days)) == set(kinds(*providers)) == {Kind.PRICE}


def test_of_a_restatement_what_another_source_states_too_is_a_change():
    first, *rest = crowd(MANY)
    confirmed = (stated(first, "genai_prices"),)
    assert kinds(first, *rest, elsewhere=confirmed) == [Kind.PRICE] + [Kind.RESTATEMENT] * len(rest)


@pytest.mark.parametrize("other", ["litellm", "models_dev"])
def test_neither_the_source_itself_nor_a_copy_of_it_confirms(other):
    steps = [replace(one, source=s, source_before=s) for one in crowd(MANY) for s in ["pi_ai"]]
    own = [stated(one, "pi_ai") for one in steps] if other == "litellm" else []
    copies = [stated(one, "models_dev") for one in steps] if other == "models_dev" else []
    assert set(kinds(*steps, elsewhere=(*own, *copies))) == {Kind.RESTATEMENT}


def test_another_price_of_another_source_does_not_confirm():
    steps = crowd(MANY)
    elsewhere = tuple(stated(one, "genai_prices", usd("5")) for one in steps)
    assert set(kinds(*steps, elsewhere=elsewhere)) == {Kind.RESTATEMENT}


def test_the_crowd_leaves_out_what_is_no_change_of_price():
    steps = crowd(MANY)
    others = [replace(one, source_before="models_dev", endpoint_id=100 + n)
              for n, one in enumerate(crowd(MANY))]  # fmt: skip
    assert crowded([*steps, *others]) == set(steps)


def test_a_percentage_compares_known_amounts_of_one_unit():
    (change,) = classify([replace(STEP, before=usd("0.4"), value=usd("0.5"))], ())
    assert change.percent == 25
    (change,) = classify([replace(STEP, before=usd("3", unit="hour"))], ())
    assert change.percent is None
