from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from providers.disagreement import (
    NOT_COMPARED,
    VOCABULARIES,
    Factor,
    Known,
    Statement,
    causes,
    disagreements,
    factors,
    is_rolling,
)
from providers.facts import (
    ENDPOINT_FACTS,
    MODEL_FACTS,
    PROVIDER_FACTS,
    Condition,
    Price,
    Schedule,
)

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
FRESH = datetime(2026, 11, 12, tzinfo=UTC)
OLD = datetime(2026, 5, 21, tzinfo=UTC)


def priced(source, amount, *, as_of=FRESH, condition=None, component="input", **rest):
    condition = condition or Condition()
    value = {"amount": amount, "unit": "1M tokens", "currency": "USD", "state": "known"} | rest
    Price(component, Decimal(amount), condition=condition)
    return Statement(0, source, f"price.{component}", condition, value, "", as_of)


def said(source, key, value, *, as_of=FRESH, stated=""):
    return Statement(0, source, key, Condition(), value, stated, as_of)


def why(*statements, **known):
    return [one.cause for one in disagreements(statements, now=NOW, known=Known(**known))]


def found(*statements):
    """The values on each side, by probe point."""
    return [
        (one.condition, [side.value.get("amount", side.value["state"]) for side in one.sides])
        for one in disagreements(statements, now=NOW)
    ]


def test_sources_that_agree_are_silent():
    assert why(priced("litellm", "0.15"), priced("models_dev", "0.15", as_of=OLD)) == []


def test_a_difference_of_fresh_sources_is_unexplained():
    assert why(priced("litellm", "0.15"), priced("genai_prices", "0.25")) == [""]


def test_a_copy_over_thirty_days_behind_is_explained():
    assert why(priced("litellm", "0.15"), priced("models_dev", "0.25", as_of=OLD)) == [causes.OLDER]


def test_a_rounded_copy_is_explained():
    assert why(priced("litellm", "0.075"), priced("genai_prices", "0.08")) == [causes.ROUNDED]


def test_a_coarser_price_that_does_not_round_to_it_is_unexplained():
    assert why(priced("litellm", "0.15"), priced("genai_prices", "0.2")) == [""]


def test_a_price_that_the_other_charges_under_a_condition_is_explained():
    peak = Condition(schedule=Schedule("UTC", ((0, 60),)))
    assert why(
        priced("litellm", "0.30"),
        priced("litellm", "0.15", condition=peak),
        priced("genai_prices", "0.15"),
    ) == [causes.CONDITIONS]


def test_a_thousandfold_difference_is_a_unit_slip():
    assert why(priced("litellm", "0.15"), priced("genai_prices", "150")) == [causes.UNIT]


def test_a_rolling_name_explains_a_difference():
    assert why(priced("litellm", "2"), priced("genai_prices", "7.5"), rolling=True) == [
        causes.MOVED
    ]


def test_thresholds_written_differently_but_charged_alike_agree():
    above = Condition(above_tokens=200_000)
    assert (
        why(
            priced("litellm", "1"),
            priced("litellm", "2", condition=above),
            priced("genai_prices", "1"),
            priced("genai_prices", "2", condition=above),
        )
        == []
    )


def test_a_price_above_a_threshold_may_differ_alone():
    above = Condition(above_tokens=200_000)
    assert found(
        priced("litellm", "1"),
        priced("litellm", "2", condition=above),
        priced("genai_prices", "1"),
        priced("genai_prices", "4", condition=above),
    ) == [(above, ["2", "4"])]


def test_short_and_long_requests_differ_each_by_prices_of_their_own():
    above = Condition(above_tokens=200_000)
    assert found(
        priced("litellm", "1"),
        priced("litellm", "2", condition=above),
        priced("genai_prices", "3"),
        priced("genai_prices", "6", condition=above),
    ) == [(Condition(), ["1", "3"]), (above, ["2", "6"])]


def test_a_price_that_differs_at_every_size_is_told_once():
    above = Condition(above_tokens=200_000)
    assert found(
        priced("litellm", "1"),
        priced("genai_prices", "3"),
        priced("genai_prices", "6", condition=above),
    ) == [(Condition(), ["1", "3"])]


def test_a_threshold_that_one_source_leaves_out_is_unexplained():
    above = Condition(above_tokens=200_000)
    assert why(
        priced("litellm", "1"),
        priced("genai_prices", "1"),
        priced("genai_prices", "2", condition=above),
    ) == [""]


def test_what_one_asks_of_long_requests_explains_what_another_asks_of_all():
    above = Condition(above_tokens=200_000)
    assert why(
        priced("litellm", "2"),
        priced("genai_prices", "1"),
        priced("genai_prices", "2", condition=above),
    ) == [causes.CONDITIONS]


@pytest.mark.parametrize("other", [Condition(tier="batch"), Condition(region="eu")])
def test_tiers_and_regions_are_compared_among_those_that_state_them(other):
    assert found(
        priced("litellm", "1"),
        priced("litellm", "0.5", condition=other),
        priced("genai_prices", "1"),
        priced("genai_prices", "0.6", condition=other),
        priced("models_dev", "1"),
    ) == [(other, ["0.5", "0.6"])]


def test_peak_prices_are_compared_at_peak():
    peak = Condition(schedule=Schedule("Asia/Shanghai", ((540, 1080),)))
    assert found(
        priced("litellm", "1"),
        priced("litellm", "2", condition=peak),
        priced("genai_prices", "1"),
        priced("genai_prices", "3", condition=peak),
    ) == [(peak, ["2", "3"])]


def test_what_differs_does_not_depend_on_the_hour_of_looking():
    peak = Condition(schedule=Schedule("UTC", ((0, 720),)))
    stated = [
        priced("litellm", "1"),
        priced("litellm", "2", condition=peak),
        priced("genai_prices", "3"),
    ]
    at_noon = disagreements(stated, now=NOW)
    for hour in range(24):
        assert disagreements(stated, now=NOW.replace(hour=hour)) == at_noon


def test_a_batch_price_of_long_requests_explains_no_plain_price():
    long_batch = Condition(above_tokens=200_000, tier="batch")
    assert why(
        priced("litellm", "3"),
        priced("genai_prices", "3"),
        priced("genai_prices", "6", condition=Condition(above_tokens=200_000)),
        priced("genai_prices", "3", condition=long_batch),
    ) == [""]


def test_prices_in_other_units_or_currencies_are_not_compared():
    assert why(priced("litellm", "1"), priced("genai_prices", "9", unit="image")) == []
    assert why(priced("litellm", "1"), priced("genai_prices", "9", currency="CNY")) == []


def test_free_is_compared_with_a_price_in_any_unit():
    free = replace(priced("litellm", "1"), value={"unit": "1M tokens", "currency": "USD",
                                                  "state": "free"})  # fmt: skip
    assert found(free, priced("genai_prices", "9", unit="image")) == [(Condition(), ["free", "9"])]


def test_an_unknown_price_contradicts_nobody():
    unknown = replace(priced("litellm", "1"), value={"unit": "1M tokens", "currency": "USD",
                                                     "state": "unknown"})  # fmt: skip
    assert why(unknown, priced("genai_prices", "9")) == []


def test_only_what_holds_today_is_compared():
    past = replace(priced("genai_prices", "10"), effective_to=FRESH)
    now = replace(priced("genai_prices", "2"), effective_from=FRESH)
    ahead = replace(priced("genai_prices", "1"), effective_from=NOW + timedelta(days=1))
    assert why(priced("litellm", "2"), past, now, ahead) == []


def test_of_two_dated_prices_in_force_the_later_holds():
    first = priced("genai_prices", "10")
    second = replace(priced("genai_prices", "2"), effective_from=FRESH)
    assert why(priced("litellm", "2"), first, second) == []
    assert why(priced("litellm", "2"), second, first) == []


def test_a_source_without_a_tier_says_nothing_of_it():
    batch = Condition(tier="batch")
    assert (
        why(
            priced("litellm", "1"),
            priced("litellm", "0.5", condition=batch),
            priced("genai_prices", "1"),
        )
        == []
    )


def test_values_agree_within_stated_precision():
    assert why(said("zenmux", "max_output", 16_380, stated="16.38K"),
                  said("litellm", "max_output", 16_384)) == []  # fmt: skip
    assert why(said("litellm", "released_on", "2024-07"),
                  said("pi_ai", "released_on", "2024-07-18")) == []  # fmt: skip


def test_lists_agree_in_any_order():
    assert why(said("litellm", "input_modalities", ["text", "image"]),
                  said("pi_ai", "input_modalities", ["image", "text"])) == []  # fmt: skip


def test_limits_that_differ_are_a_disagreement():
    assert why(said("litellm", "context_length", 128_000),
                  said("pi_ai", "context_length", 200_000)) == [""]  # fmt: skip


def test_names_are_not_compared():
    assert why(said("litellm", "name", "A"), said("pi_ai", "name", "B")) == []


# -- lists ----------------------------------------------------------------------------------------


def test_a_source_does_not_deny_what_its_format_cannot_say():
    reads = ["text", "image", "pdf", "video"]
    assert why(said("models_dev", "input_modalities", reads),
               said("pi_ai", "input_modalities", ["text", "image"])) == []  # fmt: skip


def test_a_source_denies_what_its_format_could_say():
    assert why(said("models_dev", "input_modalities", ["text", "image"]),
               said("pi_ai", "input_modalities", ["text"])) == [""]  # fmt: skip


def test_every_vocabulary_says_why():
    assert all(vocabulary.words and vocabulary.reason for vocabulary in VOCABULARIES.values())


def test_what_is_not_compared_is_a_fact_with_a_reason():
    facts = ENDPOINT_FACTS.keys() | PROVIDER_FACTS.keys() | MODEL_FACTS.keys()
    assert NOT_COMPARED.keys() <= facts
    assert all(NOT_COMPARED.values())


# -- causes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "cause"),
    [
        (128_000, 131_072, causes.KILO),
        (1_000_000, 1_048_576, causes.KILO),
        (65_535, 65_536, causes.ONE_APART),
        (1_048_000, 1_048_576, causes.ROUNDED),
        (1_000_000, 1_047_576, causes.ROUNDED),
        (128, 128_000, causes.UNIT),
        (200_000, 256_000, ""),
        (128_000, 400_000, ""),
    ],
)
def test_limits_tell_by_themselves_why_they_differ(one, other, cause):
    assert why(said("litellm", "context_length", one),
               said("genai_prices", "context_length", other)) == [cause]  # fmt: skip


def test_a_whole_context_given_as_output_is_explained():
    assert why(
        said("litellm", "context_length", 262_144),
        said("litellm", "max_output", 262_144),
        said("pi_ai", "context_length", 262_144),
        said("pi_ai", "max_output", 32_000),
    ) == [causes.CONTEXT]


def test_two_limits_beside_a_repeated_context_stay_unexplained():
    assert why(
        said("litellm", "context_length", 262_144),
        said("litellm", "max_output", 262_144),
        said("pi_ai", "max_output", 32_000),
        said("zenmux", "max_output", 20_000),
    ) == [""]


def test_a_price_threshold_given_as_context_is_explained():
    above = Condition(above_tokens=272_000)
    assert why(
        priced("pi_ai", "5"),
        priced("pi_ai", "10", condition=above),
        said("pi_ai", "context_length", 272_000),
        said("genai_prices", "context_length", 1_050_000),
    ) == [causes.THRESHOLD]


def test_sources_that_mean_different_models_by_an_id_are_explained():
    assert why(
        said("litellm", "serves", "mistral/mistral-medium-3.1"),
        said("zenmux", "serves", "mistral/mistral-medium-2508"),
        priced("litellm", "1"),
        priced("zenmux", "2"),
    ) == [causes.MOVED]


@pytest.mark.parametrize(
    ("native_id", "rolling"),
    [
        ("gemini-flash-latest", True),
        ("~anthropic/claude-opus", True),
        ("mistral/latest:batch", True),
        ("latest-greatest-7b", True),
        ("gpt-4o", False),
        ("collatest-7b", False),
    ],
)
def test_a_rolling_id_is_known_by_its_own_word(native_id, rolling):
    assert is_rolling(native_id) == rolling


def test_an_editors_claim_settles_a_difference():
    assert why(priced("editor", "1"), priced("litellm", "2")) == [causes.SETTLED]


def test_both_right_holds_until_a_source_changes_its_word():
    stated = [priced("litellm", "1"), priced("genai_prices", "2")]
    [one] = disagreements(stated, now=NOW)
    judged = frozenset({one.digest()})
    assert why(*stated, both_right=judged) == [causes.BOTH_RIGHT]
    assert why(*reversed(stated), both_right=judged) == [causes.BOTH_RIGHT]
    assert why(stated[0], priced("genai_prices", "3"), both_right=judged) == [""]
    assert why(*stated, priced("zenmux", "2"), both_right=judged) == [""]


# -- one factor on a whole provider ----------------------------------------------------------------


def cards(*pairs):
    """Differences between two sources, one endpoint a pair."""
    return [
        (number, one)
        for number, (cheap, dear) in enumerate(pairs)
        for one in disagreements([priced("litellm", cheap), priced("genai_prices", dear)], now=NOW)
    ]


EUROS = (("0.67", "0.74"), ("0.91", "1.01"), ("0.63", "0.70"), ("1.83", "2.03"), ("2.75", "3.05"))


def test_one_inexact_factor_looks_like_another_currency():
    [factor] = factors(cards(*EUROS, ("0.1", "0.11")))
    assert (factor.cheap, factor.dear, factor.cause) == (
        "litellm", "genai_prices", causes.CURRENCY,
    )  # fmt: skip
    assert Decimal("1.105") < factor.factor < Decimal("1.115")
    assert Factor.from_json(factor.as_json()) == factor
    coarse = priced("litellm", "0.1"), priced("genai_prices", "0.11")
    assert why(*coarse, factors=(factor,)) == [causes.CURRENCY]
    stranger = priced("litellm", "0.5"), priced("genai_prices", "0.9")
    assert why(*stranger, factors=(factor,)) == [""]


def test_one_exact_factor_looks_like_a_surcharge():
    [factor] = factors(
        cards(("10", "11"), ("5", "5.5"), ("2", "2.2"), ("25", "27.5"), ("1", "1.1"))
    )
    assert (factor.factor, factor.cause) == (Decimal("1.1"), causes.SURCHARGE)


def test_four_prices_are_a_coincidence():
    assert factors(cards(*EUROS[:4])) == ()


def test_prices_of_few_digits_tell_no_factor():
    assert factors(cards(*[("0.1", "0.11"), ("0.2", "0.22"), ("0.08", "0.09")] * 3)) == ()


def test_a_factor_that_most_prices_deny_is_none():
    assert factors(cards(*EUROS, ("1", "3"), ("1", "5"), ("2", "9"))) == ()


def test_a_factor_of_two_cards_is_a_coincidence():
    same = [(number % 2, one) for number, one in cards(*EUROS)]
    assert factors(same) == ()
