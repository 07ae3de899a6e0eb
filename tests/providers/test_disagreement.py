from datetime import UTC, datetime
from decimal import Decimal

from providers import disagreement
from providers.disagreement import Statement, disagreements
from providers.facts import Condition, Price, Schedule

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


def causes(*statements, **rest):
    return [one.cause for one in disagreements(statements, now=NOW, **rest)]


def test_sources_that_agree_are_silent():
    assert causes(priced("litellm", "0.15"), priced("models_dev", "0.15", as_of=OLD)) == []


def test_a_difference_of_fresh_sources_is_unexplained():
    assert causes(priced("litellm", "0.15"), priced("genai_prices", "0.25")) == [""]


def test_a_copy_over_thirty_days_behind_is_explained():
    assert causes(priced("litellm", "0.15"), priced("models_dev", "0.25", as_of=OLD)) == [
        disagreement.OLDER
    ]


def test_a_rounded_copy_is_explained():
    assert causes(priced("litellm", "0.075"), priced("genai_prices", "0.08")) == [
        disagreement.ROUNDED
    ]


def test_a_coarser_price_that_does_not_round_to_it_is_unexplained():
    assert causes(priced("litellm", "0.15"), priced("genai_prices", "0.2")) == [""]


def test_a_price_that_the_other_charges_under_a_condition_is_explained():
    peak = Condition(schedule=Schedule("UTC", ((0, 60),)))
    assert causes(
        priced("litellm", "0.30"),
        priced("litellm", "0.15", condition=peak),
        priced("genai_prices", "0.15"),
    ) == [disagreement.CONDITIONS]


def test_a_thousandfold_difference_is_a_unit_slip():
    assert causes(priced("litellm", "0.15"), priced("genai_prices", "150")) == [disagreement.UNIT]


def test_a_rolling_name_explains_a_difference():
    assert causes(priced("litellm", "2"), priced("genai_prices", "7.5"), rolling_name=True) == [
        disagreement.MOVED
    ]


def test_thresholds_written_differently_but_charged_alike_agree():
    above = Condition(above_tokens=200_000)
    assert (
        causes(
            priced("litellm", "1"),
            priced("litellm", "2", condition=above),
            priced("genai_prices", "1"),
            priced("genai_prices", "2", condition=above),
        )
        == []
    )


def test_a_price_above_a_threshold_may_differ_alone():
    above = Condition(above_tokens=200_000)
    found = disagreements(
        [
            priced("litellm", "1"),
            priced("litellm", "2", condition=above),
            priced("genai_prices", "1"),
            priced("genai_prices", "4", condition=above),
        ],
        now=NOW,
    )
    assert [[side.value["amount"] for side in one.sides] for one in found] == [["2", "4"]]


def test_a_source_without_a_tier_says_nothing_of_it():
    batch = Condition(tier="batch")
    assert (
        causes(
            priced("litellm", "1"),
            priced("litellm", "0.5", condition=batch),
            priced("genai_prices", "1"),
        )
        == []
    )


def test_values_agree_within_stated_precision():
    assert causes(said("zenmux", "max_output", 16_380, stated="16.38K"),
                  said("litellm", "max_output", 16_384)) == []  # fmt: skip
    assert causes(said("litellm", "released_on", "2024-07"),
                  said("pi_ai", "released_on", "2024-07-18")) == []  # fmt: skip


def test_lists_agree_in_any_order():
    assert causes(said("litellm", "input_modalities", ["text", "image"]),
                  said("pi_ai", "input_modalities", ["image", "text"])) == []  # fmt: skip


def test_limits_that_differ_are_a_disagreement():
    assert causes(said("litellm", "context_length", 128_000),
                  said("pi_ai", "context_length", 131_072)) == [""]  # fmt: skip


def test_names_are_not_compared():
    assert causes(said("litellm", "name", "A"), said("pi_ai", "name", "B")) == []
