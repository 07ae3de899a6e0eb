"""LiteLLM's price map, on its recorded answer and on broken ones."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.choices import Kind, State
from providers.facts import EVERYTHING, BadSnapshot, Condition
from providers.sources import litellm, litellm_facts
from providers.sources.recordings import recorded

from .read import facts
from .read import offer as find
from .reading import only, prices

AS_OF = datetime(2026, 11, 12, tzinfo=UTC)
BATCH, PRIORITY = Condition(tier="batch"), Condition(tier="priority")
GPT = {
    "litellm_provider": "openai", "mode": "chat", "max_input_tokens": 128_000,
    "input_cost_per_token": 1.5e-07, "output_cost_per_token": 6e-07,
}  # fmt: skip


@pytest.fixture(scope="module")
def snapshot():
    recording = recorded("litellm")
    return litellm.parse(recording.data, as_of=recording.as_of)


def parse(**entries):
    return litellm.parse(json.dumps(entries).encode(), as_of=AS_OF)


def read(key="gpt", **fields):
    """The one offer of an entry like GPT with other fields."""
    return only(parse(**{key: GPT | fields}))


# -- the recorded answer --------------------------------------------------------------------------


def test_the_recording_is_read_whole(snapshot):
    assert snapshot.as_of == AS_OF
    assert len(snapshot.offers) == 3837
    assert EVERYTHING in snapshot.covers
    assert len(snapshot.covers) == 105


def test_gpt_4o_mini_at_openai_with_its_tiers(snapshot):
    offer = find(snapshot, "openai", "gpt-4o-mini")
    assert prices(offer) == {
        "input": Decimal("0.15"), "output": Decimal("0.6"), "cache_read": Decimal("0.075"),
        "web_search": Decimal(25),
    }  # fmt: skip
    assert prices(offer, BATCH) == {"input": Decimal("0.075"), "output": Decimal("0.3")}
    assert prices(offer, PRIORITY) == {
        "input": Decimal("0.25"), "output": Decimal(1), "cache_read": Decimal("0.125"),
    }  # fmt: skip
    stated = facts(offer)
    assert (stated["max_input"], stated["max_output"]) == (128_000, 16_384)
    assert stated["parameter.tools"] is True
    assert stated["parameter.parallel_tool_calls"] is True
    assert stated["capability.vision"] is True
    assert stated["evidence_url"].startswith("https://developers.openai.com/")


def test_azures_europe_is_another_endpoint(snapshot):
    assert prices(find(snapshot, "azure", "gpt-4o-mini"))["output"] == Decimal("0.6")
    europe = find(snapshot, "azure", "eu/gpt-4o-mini")
    assert prices(europe)["output"] == Decimal("0.66")
    assert prices(europe, BATCH) == {"input": Decimal("0.083")}
    assert facts(europe)["retires_on"] == "2027-04-14"


def test_deepseeks_hours(snapshot):
    offer = find(snapshot, "deepseek", "deepseek-v4-flash")
    assert prices(offer) == {
        "input": Decimal("0.3"), "output": Decimal("1.2"), "cache_read": Decimal("0.006"),
    }  # fmt: skip
    cheap = next(price for price in offer.prices if price.condition.schedule)
    assert prices(offer, cheap.condition) == {
        "input": Decimal("0.15"), "output": Decimal("0.6"), "cache_read": Decimal("0.003"),
    }  # fmt: skip
    # Monday 16 November 2026: cheap until 01:00, dear until 04:00; Sunday is cheap all day.
    holds = cheap.condition.schedule.holds
    assert holds(datetime(2026, 11, 16, 0, 59, tzinfo=UTC))
    assert not holds(datetime(2026, 11, 16, 1, 0, tzinfo=UTC))
    assert holds(datetime(2026, 11, 16, 23, 59, tzinfo=UTC))
    assert holds(datetime(2026, 11, 15, 2, 0, tzinfo=UTC))


def test_a_qwen_that_is_dearer_for_long_prompts(snapshot):
    offer = find(snapshot, "alibaba", "qwen-flash")
    assert prices(offer) == {"input": Decimal("0.05"), "output": Decimal("0.4")}
    long = Condition(above_tokens=256_000)
    assert prices(offer, long) == {"input": Decimal("0.25"), "output": Decimal(2)}


def test_an_image_model_by_size_and_quality(snapshot):
    offer = find(snapshot, "openai", "gpt-image-1", kind=Kind.IMAGE)
    assert prices(offer) == {
        "input": Decimal(5), "image_input": Decimal(10), "image_output": Decimal(40),
        "cache_read": Decimal("1.25"), "image_cache_read": Decimal("2.5"),
    }  # fmt: skip
    small = Condition(named=(("quality", "low"), ("size", "1024x1024")))
    price = next(price for price in offer.prices if price.condition == small)
    assert (price.component, price.amount, price.unit) == (
        "image_output", Decimal("0.011"), "image",
    )  # fmt: skip
    assert facts(offer)["protocol.openai-images"] is True


def test_claudes_cache_writes(snapshot):
    offer = find(snapshot, "anthropic", "claude-sonnet-4-5-20250929")
    stated = prices(offer)
    assert (stated["cache_write"], stated["cache_write_1h"]) == (Decimal("3.75"), Decimal(6))
    assert prices(offer, BATCH)["cache_write"] == Decimal("1.875")
    assert facts(offer)["cache_min_tokens"] == 1024


def test_a_region_of_aws_is_a_condition_of_the_same_id(snapshot):
    offer = find(snapshot, "amazon-bedrock", "anthropic.claude-v2:1")
    tokyo = Condition(region="ap-northeast-1")
    assert prices(offer)["input"] == prices(offer, tokyo)["input"] == 8
    rented = Condition(region="us-east-1", named=(("commitment", "1 month"),))
    assert prices(offer, rented) == {"provisioned_throughput": Decimal(63)}


def test_searches_cost_by_the_context_they_add(snapshot):
    offer = find(snapshot, "perplexity", "sonar")
    small = Condition(named=(("search context", "low"),))
    assert prices(offer, small) == {"web_search": Decimal(5)}


def test_video_is_priced_by_the_hour_and_the_resolution(snapshot):
    offer = find(snapshot, "fal-ai", "minimax/h3/text-to-video", kind=Kind.VIDEO)
    assert prices(offer) == {"video_output": Decimal(468)}
    sharp = Condition(named=(("resolution", "4k"),))
    assert prices(offer, sharp) == {"video_output": Decimal(576)}


def test_speech_to_write_down_costs_once(snapshot):
    offer = find(snapshot, "openai", "whisper-1", kind=Kind.TRANSCRIPTION)
    assert prices(offer) == {"audio_input": Decimal("0.36")}


def test_other_peoples_models_at_perplexity_are_another_api(snapshot):
    assert find(snapshot, "perplexity-agent", "openai/gpt-5.2")


def test_gateways_are_read_too(snapshot):
    assert find(snapshot, "vercel", "alibaba/qwen-3-14b")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("tavily/search", "web search"),
        ("bedrock/guardrails", "guardrail"),
        ("ollama/codegeex4", "own machine"),
        ("typesafe/jev-latest", "decisions"),
        ("together-ai-21.1b-41b", "size of model"),
        ("openai/container", "per session"),
        ("sample_spec", "example"),
    ],
)
def test_what_is_no_endpoint_is_refused_by_name(snapshot, item, reason):
    reasons = {refusal.item: refusal.reason for refusal in snapshot.refused}
    assert reason in reasons[item]


def test_nothing_goes_silently(snapshot):
    """A field is read, refused or counted: these are the fields we know to have no room."""
    for field in ("metadata", "comment", "provider_specific_entry", "search_free_requests"):
        assert snapshot.without_room[field]


# -- keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "their_provider", "provider", "native_id"),
    [
        ("gpt-4o", "openai", "openai", "gpt-4o"),
        ("openai/sora-2", "openai", "openai", "sora-2"),
        ("azure/us/gpt-4o", "azure", "azure", "us/gpt-4o"),
        ("azure_ai/claude-haiku-4-5", "azure_ai", "azure-cognitive-services", "claude-haiku-4-5"),
        ("us.anthropic.claude-x", "bedrock_converse", "amazon-bedrock", "us.anthropic.claude-x"),
        ("bedrock/us-gov-west-1/a.b", "bedrock", "amazon-bedrock", "a.b"),
        ("bedrock/*/6-month-commitment/a.b", "bedrock", "amazon-bedrock", "a.b"),
        ("bedrock_mantle/openai.gpt", "bedrock_mantle", "amazon-bedrock", "openai.gpt"),
        ("vertex_ai/meta/llama", "vertex_ai-llama_models", "google-vertex", "meta/llama"),
        ("gemini/gemini-x", "gemini", "google", "gemini-x"),
        ("together_ai/together/T", "together_ai", "togetherai", "together/T"),
        ("fireworks_ai/kimi", "fireworks_ai", "fireworks-ai", "accounts/fireworks/models/kimi"),
        ("cloudflare/@cf/qwen/q", "cloudflare", "cloudflare-workers-ai", "@cf/qwen/q"),
        ("novita/deepseek/d", "novita", "novita-ai", "deepseek/d"),
    ],
)
def test_what_a_key_sends(key, their_provider, provider, native_id):
    offer = read(key, litellm_provider=their_provider)
    assert (offer.provider, offer.native_id) == (provider, native_id)


def test_a_size_may_stand_before_or_behind_the_provider():
    fields = {"litellm_provider": "fal_ai", "mode": "image_generation", "output_cost_per_image": 1}
    for key in ("high/1024-x-1024/fal_ai/a/b", "fal_ai/high/1024-x-1024/a/b"):
        offer = only(parse(**{key: fields}))
        assert offer.native_id == "a/b"
        assert offer.prices[0].condition.named == (("quality", "high"), ("size", "1024x1024"))


def test_a_word_like_high_is_no_quality_of_a_chat_model():
    assert read("openai/high/model").native_id == "high/model"


def test_two_keys_of_one_endpoint_are_laid_together():
    snapshot = parse(gpt=GPT, **{"openai/gpt": GPT | {"max_output_tokens": 5}})
    assert facts(only(snapshot))["max_output"] == 5
    assert snapshot.refused == ()


def test_of_two_contradicting_keys_the_plainer_wins_and_the_other_is_named():
    snapshot = parse(**{"openai/gpt": GPT | {"input_cost_per_token": 3e-07}, "gpt": GPT})
    assert prices(only(snapshot))["input"] == Decimal("0.15")
    [refusal] = snapshot.refused
    assert refusal.item == "openai/gpt"
    assert "input 0.3 instead of 0.15" in refusal.reason


# -- costs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "component", "amount", "unit", "condition"),
    [
        ("input_cost_per_token_flex", "input", 2, "1M tokens", Condition(tier="flex")),
        ("output_cost_per_token_batches", "output", 2, "1M tokens", BATCH),
        ("input_cost_per_token_ultrafast", "input", 2, "1M tokens", Condition(tier="ultrafast")),
        ("cache_read_input_token_cost_above_200k_tokens_priority", "cache_read", 2, "1M tokens",
         Condition(above_tokens=200_000, tier="priority")),
        ("cache_creation_input_token_cost_above_1hr", "cache_write_1h", 2, "1M tokens",
         Condition()),
        ("cache_creation_input_token_cost_above_1hr_above_200k_tokens", "cache_write_1h", 2,
         "1M tokens", Condition(above_tokens=200_000)),
        ("cache_creation_input_token_cost_above_12hr", "cache_write", 2, "1M tokens",
         Condition(named=(("kept", "over 12 h"),))),
        ("output_cost_per_reasoning_token", "reasoning", 2, "1M tokens", Condition()),
        ("input_cost_per_audio_token", "audio_input", 2, "1M tokens", Condition()),
        ("input_cost_per_character", "input", 2, "1M characters", Condition()),
        ("input_cost_per_query", "request", Decimal("0.002"), "1K requests", Condition()),
        ("output_cost_per_image_2K", "image_output", Decimal("0.000002"), "image",
         Condition(named=(("size", "2K"),))),
        ("input_cost_per_second", "audio_input", Decimal("0.0072"), "hour", Condition()),
        ("ocr_cost_per_page", "page", Decimal("0.000002"), "page", Condition()),
        ("explicit_cache_read_input_token_cost", "cache_read", 2, "1M tokens",
         Condition(named=(("cache", "explicit"),))),
    ],
)  # fmt: skip
def test_what_a_cost_field_says(field, component, amount, unit, condition):
    entry = {"litellm_provider": "openai", "mode": "chat", field: 2e-06}
    [price] = only(parse(gpt=entry)).prices
    assert (price.component, price.amount, price.unit) == (component, amount, unit)
    assert price.condition == condition


def test_binary_noise_is_cleaned():
    assert prices(read(input_cost_per_token=2.9999999999999997e-07))["input"] == Decimal("0.3")


def test_a_price_per_token_wins_over_the_same_in_another_unit():
    snapshot = parse(gpt=GPT | {"input_cost_per_character": 1e-06})
    assert prices(only(snapshot))["input"] == Decimal("0.15")
    assert snapshot.without_room == {"input_cost_per_character beside another": 1}


def test_zeros():
    free = {"input_cost_per_token": 0, "output_cost_per_token": 0}
    plan = read("github_copilot/gpt", litellm_provider="github_copilot", **free)
    assert {price.state for price in plan.prices} == {State.PLAN}
    assert {price.state for price in read("gpt:free", **free).prices} == {State.FREE}
    snapshot = parse(gpt=GPT | free)
    assert only(snapshot).prices == ()
    assert snapshot.without_room == {
        "input_cost_per_token of 0": 1, "output_cost_per_token of 0": 1,
    }  # fmt: skip


def test_paths_count_as_protocols_only_where_the_provider_has_them():
    paths = ["/v1/chat/completions", "/v1/messages"]
    assert facts(read(supported_endpoints=paths))["protocol.anthropic-messages"] is True
    snapshot = parse(**{"gemini/g": GPT | {
        "litellm_provider": "gemini", "supported_endpoints": paths,
    }})  # fmt: skip
    assert not [key for key in facts(only(snapshot)) if key.startswith("protocol.")]
    assert snapshot.without_room == {"supported_endpoints of LiteLLM itself": 1}


def test_a_capability_nobody_heard_of_is_kept_under_its_own_name():
    assert facts(read(supports_telepathy=True))["capability.telepathy"] is True


# -- broken answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"5", b"{}", b"[" * 100_000, b"\x00", json.dumps({"a": GPT}).encode()[:-9]],
    ids=["empty", "brace", "list", "number", "nothing", "deep", "NUL", "cut"],
)
def test_what_is_no_answer_is_refused_whole(data):
    with pytest.raises(BadSnapshot, match="litellm"):
        litellm.parse(data, as_of=AS_OF)


def test_an_answer_without_a_date_is_refused():
    with pytest.raises(BadSnapshot, match="as_of"):
        litellm.parse(json.dumps({"gpt": GPT}).encode())


@pytest.mark.parametrize(
    "broken",
    [
        {"input_cost_per_token": -1e-06},
        {"input_cost_per_token": float("nan")},
        {"input_cost_per_token": float("-inf")},
        {"input_cost_per_token": "1e-06"},
        {"input_cost_per_token": 1e30},
        {"input_cost_per_token": [1]},
        {"input_cost_per_token": True},
        {"tiered_pricing": "dear"},
        {"tiered_pricing": [{"input_cost_per_token": 1e-06}]},
        {"tiered_pricing": [{"input_cost_per_token": 1e-06, "range": ["a", "b"]}]},
        {"off_peak_pricing": {"input_cost_per_token": 1e-06, "windows": [{"hours_utc": "night"}]}},
        {"off_peak_pricing": {"input_cost_per_token": 1e-06, "hours_utc": "25:00-26:00"}},
        {"search_context_cost_per_query": {"search_context_size_low": "cheap"}},
        {"search_context_cost_per_query": {"search_context_size_low": [1]}},
    ],
    ids=str,
)
def test_an_entry_with_broken_prices_is_refused_by_name_and_the_rest_is_read(broken):
    snapshot = parse(good=GPT, bad=GPT | broken)
    assert only(snapshot).native_id == "good"
    assert [refusal.item for refusal in snapshot.refused] == ["bad"]
    assert snapshot.unreadable == {("openai", "bad")}


@pytest.mark.parametrize(
    ("broken", "fact"),
    [
        ({"source": "somewhere"}, "evidence_url"),
        ({"deprecation_date": "soon"}, "retires_on"),
        ({"max_output_tokens": -3}, "max_output"),
        ({"supports_vision": "yes"}, "capability.vision"),
        ({"supported_modalities": 5}, "input_modalities"),
    ],
)
def test_a_broken_fact_is_refused_alone(broken, fact):
    snapshot = parse(gpt=GPT | broken)
    assert prices(only(snapshot))["input"] == Decimal("0.15")
    assert [refusal.item for refusal in snapshot.refused] == [f"gpt, {fact}"]


@pytest.mark.parametrize("entry", [None, 5, [], "x", {}, {"mode": "chat"}, GPT | {"mode": "dream"}])
def test_a_broken_entry_is_refused_by_name(entry):
    snapshot = parse(good=GPT, bad=entry)
    assert only(snapshot).native_id == "good"
    assert [refusal.item for refusal in snapshot.refused] == ["bad"]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)
FIELDS = [
    *GPT, *litellm_facts.FACTS, *litellm_facts.PARAMETERS, "supported_endpoints", "supports_x",
    "tiered_pricing", "off_peak_pricing", "search_context_cost_per_query", "output_cost_per_image",
]  # fmt: skip


@given(st.text(max_size=20), st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=3))
@settings(max_examples=300, deadline=None)
def test_no_entry_can_break_the_parser(key, fields):
    snapshot = parse(good=GPT, **{f"x/{key}": GPT | fields})
    assert find(snapshot, "openai", "good")
    assert len(snapshot.offers) == 2 or snapshot.refused
