from typing import Any

import pytest

from providers.facts import ANY, Condition, Price, Schedule, Snapshot, utc

from .read import GENAI_UNITS, amounts, facts, offer, parsed, prices, refusals, spans

BATCH = Condition(tier="batch")


def _model(**stated: Any) -> Snapshot:
    """The snapshot of one model of DeepSeek's."""
    model = {"id": "m", "match": {"equals": "m"}, "prices": {"input_mtok": 1}} | stated
    return parsed(
        "genai_prices",
        {
            "units": GENAI_UNITS,
            "providers": [{"id": "deepseek", "name": "DeepSeek", "models": [model]}],
        },
    )


def _priced(stated: Any, component: str = "input", condition: Condition = ANY) -> list[Price]:
    return prices(offer(_model(prices=stated), "deepseek", "m"), component, condition)


def test_a_tier_starts_strictly_above_its_threshold() -> None:
    tiered = {"input_mtok": {"base": 2, "tiers": [{"start": 200_000, "price": 4}]}}

    assert spans(_priced(tiered)) == [("2", None, None)]
    assert spans(_priced(tiered, condition=Condition(above_tokens=200_000))) == [("4", None, None)]


def test_a_later_list_that_repeats_a_price_does_not_change_it() -> None:
    lists = [
        {"prices": {"input_mtok": 1, "output_mtok": 2}},
        {"constraint": {"start_date": "2026-10-01"}, "prices": {"input_mtok": 1, "output_mtok": 3}},
    ]

    assert spans(_priced(lists)) == [("1", None, None)]
    assert spans(_priced(lists, "output")) == [
        ("2", None, utc(2026, 10, 1)),
        ("3", utc(2026, 10, 1), None),
    ]


def test_a_price_that_a_later_list_leaves_out_ends() -> None:
    lists = [
        {"prices": {"input_mtok": 1, "output_mtok": 2}},
        {"constraint": {"start_date": "2026-10-01"}, "prices": {"input_mtok": 1}},
    ]

    assert spans(_priced(lists, "output")) == [("2", None, utc(2026, 10, 1))]


def test_the_first_list_holds_before_any_has_begun() -> None:
    lists = [
        {"constraint": {"start_date": "2026-10-01"}, "prices": {"input_mtok": 1}},
        {"constraint": {"start_date": "2026-11-01"}, "prices": {"input_mtok": 2}},
    ]

    assert spans(_priced(lists)) == [("1", None, utc(2026, 11, 1)), ("2", utc(2026, 11, 1), None)]


def test_a_window_over_midnight_is_two_ranges_a_day() -> None:
    window = {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}
    lists = [{"prices": {"input_mtok": 2}}, {"constraint": window, "prices": {"input_mtok": 1}}]
    night = offer(_model(prices=lists), "deepseek", "m").prices[-1].condition.schedule

    assert night is not None
    assert night.ranges[:3] == ((0, 30), (990, 1440), (1440, 1470))
    assert night.zone == "UTC"


def test_hours_in_another_zone_are_moved_to_utc() -> None:
    window = {"start_time": "09:00:00+08:00", "end_time": "12:00:00+08:00"}
    lists = [{"prices": {"input_mtok": 2}}, {"constraint": window, "prices": {"input_mtok": 1}}]
    hours = offer(_model(prices=lists), "deepseek", "m").prices[-1].condition.schedule

    assert hours == Schedule("UTC", tuple((d * 1440 + 60, d * 1440 + 240) for d in range(7)))


def test_a_window_before_a_later_list_is_over() -> None:
    window = {"start_time": "01:00:00Z", "end_time": "04:00:00Z"}
    lists = [
        {"prices": {"input_mtok": 2}},
        {"constraint": window, "prices": {"input_mtok": 1}},
        {"constraint": {"start_date": "2026-10-01"}, "prices": {"input_mtok": 3}},
    ]
    (hourly,) = [
        p for p in offer(_model(prices=lists), "deepseek", "m").prices if p.condition.schedule
    ]

    assert (hourly.effective_from, hourly.effective_to) == (None, utc(2026, 10, 1))


def test_of_two_variants_the_first_that_has_begun_wins_price_by_price() -> None:
    variants = [
        {
            "when": {"processing": "batch"},
            "constraint": {"start_date": "2026-10-01"},
            "prices": {"input_mtok": 5},
        },
        {"when": {"processing": "batch"}, "prices": {"input_mtok": 6, "output_mtok": 7}},
    ]
    one = offer(_model(price_variants=variants), "deepseek", "m")

    assert spans(prices(one, "input", BATCH)) == [
        ("6", None, utc(2026, 10, 1)),
        ("5", utc(2026, 10, 1), None),
    ]
    assert spans(prices(one, "output", BATCH)) == [("7", None, None)]


def test_other_request_parameters_are_named_conditions() -> None:
    variants = [{"when": {"route": "mistral/eu"}, "prices": {"input_mtok": 5}}]
    one = offer(_model(price_variants=variants), "deepseek", "m")

    assert amounts(one, Condition(named=(("route", "mistral/eu"),))) == {"input": "5"}


def test_the_default_tier_is_the_standard_one() -> None:
    variants = [{"when": {"service_tier": "default"}, "prices": {"output_mtok": 5}}]

    assert amounts(offer(_model(price_variants=variants), "deepseek", "m"))["output"] == "5"


def test_an_alias_narrowed_by_another_clause_is_not_taken() -> None:
    match = {"or": [{"equals": "m"}, {"equals": "n"}, {"and": [{"equals": "o"}, {"regex": "^o$"}]}]}

    assert facts(offer(_model(match=match), "deepseek", "m"))["aliases"] == ["n"]


def test_an_unknown_price_key_is_counted() -> None:
    assert _model(prices={"input_mtok": 1, "smell_mtok": 2}).without_room == {
        "prices.smell_mtok": 1
    }


def test_a_new_unit_of_theirs_needs_no_new_parser() -> None:
    unit = {
        "per": 1_000_000_000,
        "price_key": "input_gpixels",
        "dimensions": {"family": "pixels", "direction": "input"},
    }
    model = {"id": "m", "match": {"equals": "m"}, "prices": {"input_gpixels": 3}}
    read = parsed(
        "genai_prices",
        {
            "units": GENAI_UNITS | {"input_pixels": unit},
            "providers": [{"id": "deepseek", "models": [model]}],
        },
    )
    (price,) = read.offers[0].prices

    assert (price.component, str(price.amount), price.unit) == ("image_input", "0.003", "1M pixels")


@pytest.mark.parametrize(
    "value", [-1, "much", None, True, {"base": -2, "tiers": []}, {"tiers": []}]
)
def test_a_broken_price_refuses_the_model_by_name(value: object) -> None:
    read = _model(prices={"input_mtok": 1, "output_mtok": value})
    if value is None:  # not stated
        assert amounts(read.offers[0]) == {"input": "1"}
    else:
        assert list(refusals(read)) == ["deepseek/m"]


def test_not_a_number_refuses_the_model_by_name() -> None:
    assert "finite" in refusals(_model(prices={"input_mtok": float("nan")}))["deepseek/m"]


def test_one_broken_model_leaves_the_others() -> None:
    good = {"id": "good", "match": {"equals": "good"}, "prices": {"input_mtok": 1}}
    models = [good, {"id": "bad", "match": [], "prices": {}}, 7]
    read = parsed(
        "genai_prices", {"units": GENAI_UNITS, "providers": [{"id": "deepseek", "models": models}]}
    )

    assert [one.native_id for one in read.offers] == ["good"]
    assert list(refusals(read)) == ["deepseek/bad", "deepseek/7"]


def test_no_price_is_nothing_said() -> None:
    (one,) = _model(prices={}).offers

    assert one.prices == ()
