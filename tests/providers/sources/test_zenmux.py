import json
from datetime import UTC, datetime
from typing import Any

import pytest

from providers.choices import State
from providers.facts import Condition, Fact, Offer, Snapshot
from providers.sources import recordings, zenmux

from .read import amounts, facts, offer, parsed, refusals, snapshot

HOUR = datetime(2025, 10, 10, 15, tzinfo=UTC)
GPT, O4 = "openai/gpt-4o-mini", "openai/o4-mini"
PARAMETERS = (
    *("max_completion_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty"),
    *("seed", "logit_bias", "logprobs", "top_logprobs", "response_format", "stop", "tools"),
    *("tool_choice", "parallel_tool_calls"),
)


@pytest.fixture(scope="module")
def recorded() -> Snapshot:
    return snapshot("zenmux")


def _stated(of: Snapshot, model: str, upstream: str) -> Offer:
    return offer(of, "zenmux", model, upstream=upstream)


def _refused_parameters(of: Offer) -> set[str]:
    stated = {key.removeprefix("parameter."): value for key, value in facts(of).items()}
    assert all(name in stated for name in PARAMETERS)
    return {name for name in PARAMETERS if not stated[name]}


def _readings(of: Snapshot, model: str, upstream: str) -> dict[str, str]:
    return {
        " ".join(filter(None, [reading.metric, reading.statistic, reading.window])): (
            f"{reading.value} {reading.unit}"
        )
        for reading in of.readings
        if reading.offer == ("zenmux", model, "chat", upstream)
    }


# -- the recorded pages ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "upstream", "cache_read", "retention"),
    [
        (GPT, "azure", "0.075", 30),
        (GPT, "openai", "0.075", 0),
        (O4, "openai", "0.275", 0),
        (O4, "azure", "0.28", 30),
    ],
)
def test_each_upstream_has_its_prices_and_policy(
    recorded: Snapshot, model: str, upstream: str, cache_read: str, retention: int
) -> None:
    card = _stated(recorded, model, upstream)
    listed = {GPT: ("0.15", "0.6"), O4: ("1.1", "4.4")}[model]

    assert amounts(card) == {"input": listed[0], "output": listed[1], "cache_read": cache_read}
    assert facts(card)["retention_days"] == retention
    assert facts(card)["trains_on_prompts"] is False
    assert facts(card)["moderation"] == "by the developer"
    assert facts(card)["status_page"] == f"https://status.{upstream}.com/"
    assert facts(card)["protocol.openai-chat"] is True
    assert facts(card)["protocol.anthropic-messages"] is False
    assert facts(card)["serves"] == model


def test_limits_keep_the_precision_of_the_page(recorded: Snapshot) -> None:
    mini = _stated(recorded, GPT, "azure").facts
    o4 = _stated(recorded, O4, "openai").facts

    assert Fact("context_length", 128_000, "128.00K") in mini
    assert Fact("max_output", 16_380, "16.38K") in mini
    assert Fact("context_length", 200_000, "200.00K") in o4
    assert Fact("max_output", 100_000, "100.00K") in o4


def test_a_dash_at_a_parameter_is_not_supported(recorded: Snapshot) -> None:
    sampling = {"temperature", "top_p", "frequency_penalty", "presence_penalty", "logit_bias"}
    o4 = sampling | {"logprobs", "top_logprobs", "stop", "parallel_tool_calls"}

    assert _refused_parameters(_stated(recorded, GPT, "azure")) == {
        "max_completion_tokens",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
    }
    assert _refused_parameters(_stated(recorded, GPT, "openai")) == {"parallel_tool_calls"}
    assert _refused_parameters(_stated(recorded, O4, "openai")) == o4
    assert _refused_parameters(_stated(recorded, O4, "azure")) == o4


def test_figures_are_readings_of_that_hour(recorded: Snapshot) -> None:
    assert {reading.at for reading in recorded.readings} == {HOUR}
    assert _readings(recorded, GPT, "azure") == {
        "ttft min": "1299 ms",
        "ttft max": "2742 ms",
        "ttft avg": "1547.46 ms",
        "throughput min": "6.17 tokens/s",
        "throughput max": "82.63 tokens/s",
        "throughput avg": "24.64 tokens/s",
        "uptime latest": "100 %",
        "uptime latest 1 hour": "100 %",
    }
    assert _readings(recorded, GPT, "openai") == {
        "ttft min": "642 ms",
        "ttft max": "814 ms",
        "ttft avg": "719.82 ms",
        "throughput min": "8.3 tokens/s",
        "throughput max": "44.26 tokens/s",
        "throughput avg": "13.64 tokens/s",
        "latency latest": "0.74 s",
        "throughput latest": "9.56 tokens/s",
        "uptime latest": "100 %",
        "uptime latest 1 hour": "100 %",
    }
    assert _readings(recorded, O4, "openai") == {
        "ttft min": "1677 ms",
        "ttft max": "93499 ms",
        "ttft avg": "7973.91 ms",
        "throughput min": "36.37 tokens/s",
        "throughput max": "100.14 tokens/s",
        "throughput avg": "48.77 tokens/s",
        "latency latest": "1.75 s",
        "throughput latest": "14.2 tokens/s",
        "uptime latest": "100 %",
        "uptime latest 1 hour": "100 %",
    }
    assert _readings(recorded, O4, "azure") == {
        "ttft min": "1945 ms",
        "ttft max": "223821 ms",
        "ttft avg": "30199.85 ms",
        "throughput min": "15.65 tokens/s",
        "throughput max": "138.49 tokens/s",
        "throughput avg": "65.33 tokens/s",
        "uptime latest": "100 %",
        "uptime latest 1 hour": "100 %",
    }


def test_the_manifest_says_how_the_cards_were_read() -> None:
    notes = recordings.recorded("zenmux").notes

    assert "first card as Azure" in notes
    assert "0.74 s and 1.75 s" in notes


def test_zenmux_states_how_it_is_called(recorded: Snapshot) -> None:
    (statement,) = recorded.providers

    assert {fact.key: fact.value for fact in statement.facts} == {
        "name": "ZenMux",
        "api_base": "https://zenmux.ai/api/v1",
        "key_variable": "ZENMUX_API_KEY",
        "docs_url": "https://docs.zenmux.ai",
    }


# -- the live list --------------------------------------------------------------------------------


def _live(pricings: dict[str, Any] | None = None, **stated: Any) -> Snapshot:
    model = {
        "id": "z/m",
        "object": "model",
        "display_name": "M",
        "owned_by": "z",
        "created": 1700000000,
        "input_modalities": ["text"],
        "output_modalities": ["text"],
        "capabilities": {"reasoning": True},
        "context_length": 1_000_000,
        "pricings": pricings or {},
    } | stated
    return parsed("zenmux", {"object": "list", "data": [model]})


def _price(value: object, unit: str = "perMTokens", **conditions: Any) -> dict[str, Any]:
    return {"value": value, "unit": unit, "currency": "USD", "conditions": conditions}


def test_the_live_list_is_read_without_upstreams() -> None:
    read = _live({"prompt": [_price(3)], "completion": [_price("15")]})
    (one,) = read.offers

    assert one.identity() == ("zenmux", "z/m", "chat", "")
    assert amounts(one) == {"input": "3", "output": "15"}
    assert facts(one) == {
        "name": "M",
        "context_length": 1_000_000,
        "input_modalities": ["text"],
        "output_modalities": ["text"],
        "capability.reasoning": True,
        "protocol.openai-chat": True,
    }
    assert read.without_room == {"created": 1, "owned_by": 1}


def test_ranges_of_the_prompt_become_thresholds() -> None:
    """At least 200,000 tokens is more than 199,999; an upper bound is where the next one begins."""
    small = _price(3, prompt_tokens={"unit": "kTokens", "gte": 0, "lt": 200})
    large = _price(6, prompt_tokens={"unit": "kTokens", "gte": 200})
    beyond = _price(9, prompt_tokens={"unit": "kTokens", "gt": 500})
    (one,) = _live({"prompt": [small, large, beyond]}).offers

    assert amounts(one) == {"input": "3"}
    assert amounts(one, Condition(above_tokens=199_999)) == {"input": "6"}
    assert amounts(one, Condition(above_tokens=500_000)) == {"input": "9"}


def test_a_condition_on_the_answer_is_a_named_one() -> None:
    short = _price(8, completion_tokens={"unit": "kTokens", "gte": 0, "lt": 0.2})
    (one,) = _live({"completion": [short]}).offers

    assert amounts(one, Condition(named=(("completion_tokens", "gte 0 lt 200"),))) == {
        "output": "8"
    }


@pytest.mark.parametrize(
    ("key", "makes", "unit", "value", "component", "ours", "amount"),
    [
        ("web_search", "text", "perCount", 0.01, "web_search", "1K requests", "10"),
        ("image", "image", "perCount", 0.04, "image_output", "image", "0.04"),
        ("image", "text", "perCount", 0.04, "image_input", "image", "0.04"),
        ("video", "video", "perSecond", 0.1, "video_output", "hour", "360"),
        ("audio", "text", "perSecond", 0.0001, "audio_input", "hour", "0.36"),
        ("audio_and_video", "video", "perSecond", 0.2, "audio_and_video_output", "hour", "720"),
        ("internal_reasoning", "text", "perMTokens", 4, "reasoning", "1M tokens", "4"),
        ("input_cache_write_1_h", "text", "perMTokens", 6, "cache_write_1h", "1M tokens", "6"),
    ],
)
def test_units_become_ours(
    key: str, makes: str, unit: str, value: float, component: str, ours: str, amount: str
) -> None:
    (one,) = _live({key: [_price(value, unit)]}, output_modalities=[makes]).offers
    (price,) = one.prices

    assert (price.component, price.unit, str(price.amount)) == (component, ours, amount)


def test_zero_is_free_for_input_and_unknown_elsewhere() -> None:
    (one,) = _live({"prompt": [_price(0)], "web_search": [_price(0, "perCount")]}).offers

    assert [(price.component, price.state) for price in one.prices] == [("input", State.FREE)]


@pytest.mark.parametrize(
    "price",
    [
        _price(-1),
        _price(float("nan")),
        _price(1, "perFortnight"),
        _price(1, prompt_tokens={"unit": "pages", "gte": 1}),
        {"value": 1},
        "cheap",
    ],
    ids=["negative", "NaN", "unknown unit", "unknown condition", "no unit", "text"],
)
def test_a_broken_price_refuses_the_model_by_name(price: object) -> None:
    read = _live({"prompt": [price]})

    assert read.offers == ()
    assert list(refusals(read)) == ["z/m"]


def test_a_broken_upstream_leaves_the_others() -> None:
    good, bad = {"upstream": "azure"}, {"upstream": "openai", "retention_days": -1}
    read = _live(endpoints=[good, bad])

    assert [one.upstream for one in read.offers] == ["azure"]
    assert list(refusals(read)) == ["z/m at openai"]


def test_a_price_in_an_unknown_unit_or_currency_is_refused_as_it_was_written() -> None:
    for price in (_price(1, "perFortnight"), {**_price(1), "currency": "XQZ"}):
        reason = refusals(_live({"prompt": [price]}))["z/m"]
        assert json.dumps(price) in reason
        assert "perMTokens" in reason or "a code like USD" in reason


def test_what_is_counted_must_be_known() -> None:
    """`perCount` of something we never heard of would be a guess at its unit."""
    assert "perCount" in refusals(_live({"smell": [_price(1, "perCount")]}))["z/m"]


def test_an_unknown_component_is_kept_under_its_own_name() -> None:
    (one,) = _live({"smell": [_price(1)]}).offers
    assert amounts(one) == {"smell": "1"}


def test_a_refused_model_is_not_taken_for_one_that_is_gone() -> None:
    assert _live({"prompt": [_price(-1)]}).unreadable == {("zenmux", "z/m")}


def test_it_reads_the_public_list() -> None:
    class Client:
        def get(self, url: str) -> bytes:
            return url.encode()

    assert zenmux.fetch(Client()) == b"https://zenmux.ai/api/v1/models"
