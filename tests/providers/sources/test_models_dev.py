"""models.dev, on its recorded answer and on broken ones."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from providers.choices import Kind, State
from providers.facts import EVERYTHING, BadSnapshot, Condition
from providers.sources import models_dev
from providers.sources.recordings import recorded

from .read import broken, facts
from .read import offer as find
from .reading import only, prices

AS_OF = datetime(2026, 5, 21, tzinfo=UTC)
PRIORITY = Condition(tier="priority")


@pytest.fixture(scope="module")
def snapshot():
    recording = recorded("models_dev")
    return models_dev.parse(recording.data, as_of=recording.as_of)


def answer(model: dict | None = None, provider: str = "openai", **rest) -> bytes:
    whole = {
        "id": "m",
        "name": "M",
        "limit": {"context": 1000, "output": 100},
        "modalities": {"input": ["text"], "output": ["text"]},
    }
    entry = {
        "name": "P", "npm": "@ai-sdk/openai", "env": ["P_API_KEY"], "doc": "https://p.example/",
        "models": {"m": whole | (model or {})},
    }  # fmt: skip
    return json.dumps({provider: entry | rest}).encode()


def parse(data: bytes):
    return models_dev.parse(data, as_of=AS_OF)


# -- the recorded answer --------------------------------------------------------------------------


def test_the_recording_is_read_whole(snapshot):
    assert snapshot.as_of == datetime(2026, 5, 21, 13, 55, 43, tzinfo=UTC)
    assert (len(snapshot.offers), len(snapshot.providers)) == (4783, 129)
    assert EVERYTHING in snapshot.covers


def test_gpt_4o_mini_at_openai(snapshot):
    offer = find(snapshot, "openai", "gpt-4o-mini")
    assert offer.operation == Kind.CHAT
    assert prices(offer) == {
        "input": Decimal("0.15"), "output": Decimal("0.6"), "cache_read": Decimal("0.08"),
    }  # fmt: skip
    stated = facts(offer)
    assert stated["name"] == "GPT-4o mini"
    assert stated["context_length"] == 128_000
    assert stated["max_output"] == 16_384
    assert stated["knowledge_cutoff"] == "2023-09"
    assert stated["released_on"] == "2024-07-18"
    assert stated["input_modalities"] == ["text", "image", "pdf"]
    assert stated["open_weights"] is False
    assert stated["parameter.tools"] is True
    assert stated["capability.reasoning"] is False
    assert stated["protocol.openai-responses"] is True


def test_a_mode_is_a_tier_called_by_what_is_sent(snapshot):
    assert prices(find(snapshot, "openai", "gpt-5.4"), PRIORITY)["input"] == 5
    fast = prices(find(snapshot, "anthropic", "claude-opus-4-6"), Condition(tier="fast"))
    assert fast["output"] == 150


def test_a_threshold_is_stated_once(snapshot):
    offer = find(snapshot, "azure", "claude-opus-4-6")
    assert prices(offer, Condition(above_tokens=200_000))["input"] == 10
    assert len([price for price in offer.prices if price.condition.above_tokens]) == 4


def test_a_model_with_a_way_of_its_own_overrides_the_provider(snapshot):
    stated = facts(find(snapshot, "azure", "claude-opus-4-6"))
    assert stated["sdk"] == "@ai-sdk/anthropic"
    assert stated["protocol.anthropic-messages"] is True
    assert "api_base" not in facts(find(snapshot, "openai", "gpt-4o-mini"))


def test_vertex_is_one_provider(snapshot):
    assert find(snapshot, "google-vertex", "gemini-2.5-flash")
    assert find(snapshot, "google-vertex", "claude-opus-4-5@20251101")


def test_a_providers_facts(snapshot):
    groq = next(one for one in snapshot.providers if one.provider == "digitalocean")
    assert facts(groq) == {
        "name": "DigitalOcean",
        "sdk": "@ai-sdk/openai-compatible",
        "api_base": "https://inference.do-ai.run/v1",
        "docs_url": facts(groq)["docs_url"],
        "key_variable": "DIGITALOCEAN_ACCESS_TOKEN",
    }


def test_kinds_by_name_and_by_what_is_written(snapshot):
    assert find(snapshot, "openai", "text-embedding-3-small", kind=Kind.EMBEDDING)
    assert find(snapshot, "openai", "gpt-image-1", kind=Kind.IMAGE)
    assert find(snapshot, "groq", "whisper-large-v3", kind=Kind.TRANSCRIPTION)
    assert find(snapshot, "poe", "openai/sora-2", kind=Kind.VIDEO)


def test_local_runtimes_are_refused_by_name(snapshot):
    reasons = {refusal.item: refusal.reason for refusal in snapshot.refused}
    assert "own machine" in reasons["lmstudio"]


def test_a_day_no_calendar_has_costs_only_the_date(snapshot):
    assert any(refusal.item == "azure/claude-haiku-4-5, knowledge" for refusal in snapshot.refused)
    stated = facts(find(snapshot, "azure", "claude-haiku-4-5"))
    assert "knowledge_cutoff" not in stated
    assert stated["context_length"] == 200_000


def test_dates_of_1970_are_not_stated(snapshot):
    assert snapshot.without_room["release_date before 2015"] == 4


# -- zeros ----------------------------------------------------------------------------------------

ZERO = {"cost": {"input": 0, "output": 0, "cache_read": 0}}


def test_nothing_is_charged_within_a_plan():
    offer = only(parse(answer(ZERO, provider="github-copilot")))
    assert {price.state for price in offer.prices} == {State.PLAN}


def test_an_id_may_say_that_it_is_free():
    stated = json.loads(answer(ZERO, provider="openrouter"))
    stated["openrouter"]["models"] = {"a/b:free": stated["openrouter"]["models"]["m"]}
    offer = only(parse(json.dumps(stated).encode()))
    assert {price.state for price in offer.prices} == {State.FREE}


def test_any_other_zero_is_unknown_and_counted():
    snapshot = parse(answer(ZERO))
    assert only(snapshot).prices == ()
    assert snapshot.without_room["cost.input of 0"] == 1


def test_a_limit_of_zero_is_unknown():
    stated = facts(only(parse(answer({"limit": {"context": 0, "output": 0}}))))
    assert not {"context_length", "max_output"} & stated.keys()


# -- what is newer than the recording -------------------------------------------------------------


def test_reasoning_options_are_read():
    options = [
        {"type": "toggle"},
        {"type": "effort", "values": [None, "low", "high"]},
        {"type": "budget_tokens", "min": 1024},
    ]
    snapshot = parse(answer({"reasoning_options": options}))
    stated = facts(only(snapshot))
    assert stated["reasoning_efforts"] == ["none", "low", "high"]
    assert stated["capability.reasoning-toggle"] is True
    assert snapshot.without_room == {"reasoning_options.min": 1}


def test_the_old_spelling_of_a_threshold_is_read_alone():
    cost = {"input": 1, "output": 2, "context_over_200k": {"input": 3, "output": 4}}
    offer = only(parse(answer({"cost": cost})))
    assert prices(offer, Condition(above_tokens=200_000)) == {"input": 3, "output": 4}


def test_keys_without_a_room_are_counted():
    snapshot = parse(answer({"weight": 1}, colour="red"))
    assert snapshot.without_room == {"weight": 1, "provider.colour": 1}


def test_prices_keep_their_digits_and_lose_binary_noise():
    cost = {"input": 0.1234567891, "output": 0.30000000000000004}
    offer = only(parse(answer({"cost": cost})))
    assert prices(offer) == {"input": Decimal("0.1234567891"), "output": Decimal("0.3")}


# -- broken answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'"x"', b"{}", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe"],
    ids=["empty", "cut", "list", "null", "text", "nothing", "deep", "deeper", "bytes"],
)
def test_what_is_no_answer_is_refused_whole(data):
    with pytest.raises(BadSnapshot, match="models_dev"):
        parse(data)


@pytest.mark.parametrize(
    "broken",
    [
        {"cost": {"input": -1, "output": 2}},
        {"cost": {"input": float("nan"), "output": 2}},
        {"cost": {"input": float("inf"), "output": 2}},
        {"cost": {"input": "cheap", "output": 2}},
        {"cost": {"input": 1e30, "output": 2}},
        {"cost": [1, 2]},
        {"cost": {"input": 1, "output": 2, "tiers": [{"tier": {"type": "context", "size": "x"}}]}},
        {"limit": {"context": -5}},
        {"limit": {"context": "128K"}},
        {"limit": 5},
        {"modalities": {"input": "text"}},
        {"modalities": {"input": [1]}},
        {"reasoning": "yes"},
        {"name": "x" * 5000},
        {"status": "asleep"},
        {"provider": "me"},
        {"experimental": {"modes": {"fast": 1}}},
    ],
    ids=str,
)
def test_a_broken_model_is_refused_by_name_and_the_rest_is_read(broken):
    stated = json.loads(answer())
    stated["openai"]["models"]["bad"] = stated["openai"]["models"]["m"] | broken
    snapshot = parse(json.dumps(stated).encode())
    assert only(snapshot).native_id == "m"
    assert [refusal.item for refusal in snapshot.refused] == ["openai/bad"]
    assert snapshot.refused[0].reason
    # It is there, so its absence among the offers must not end what was stated of it.
    assert snapshot.unreadable == {("openai", "bad")}


@pytest.mark.parametrize("id", ["\x00", "a\x00b", "\ud800", "x" * 300, " a "])
def test_an_id_no_database_keeps_is_refused_in_readable_words(id):
    stated = json.loads(answer())
    stated["openai"]["models"][id] = stated["openai"]["models"]["m"] | {"\x00\udfff": 1}
    snapshot = parse(json.dumps(stated).encode())
    assert only(snapshot).native_id == "m"
    for words in (snapshot.refused[0].item, snapshot.refused[0].reason, *snapshot.without_room):
        assert "\x00" not in words.encode().decode()


WHOLE = {
    "family": "f", "status": "beta", "knowledge": "2025-01", "release_date": "2025-02-03",
    "open_weights": True, "temperature": True, "interleaved": {"field": "thoughts"},
    "reasoning_options": [{"type": "effort", "values": ["low"]}],
    "provider": {"npm": "@ai-sdk/openai", "api": "https://a.example/", "shape": "responses"},
    "cost": {
        "input": 1, "output": 2, "context_over_200k": {"input": 2},
        "tiers": [{"input": 2, "tier": {"type": "context", "size": 1000}}],
    },
    "experimental": {"modes": {"fast": {
        "cost": {"input": 9}, "provider": {"body": {"service_tier": "priority"}},
    }}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("where", "tree"),
    [pytest.param(*case, id=case[0]) for case in broken(json.loads(answer(WHOLE)))],
)
def test_junk_anywhere_is_refused_or_counted_but_never_an_accident(where, tree):
    try:
        snapshot = parse(json.dumps(tree).encode())
    except BadSnapshot:
        return
    assert snapshot.offers or snapshot.refused or not tree["openai"]["models"]


def test_a_provider_id_that_makes_no_slug_is_refused():
    stated = json.loads(answer()) | {"///": {}}
    assert [refusal.item for refusal in parse(json.dumps(stated).encode()).refused] == ["///"]


@pytest.mark.parametrize("provider", [None, 5, {"models": []}, {"models": {}, "env": "KEY"}])
def test_a_broken_provider_is_refused_by_name(provider):
    stated = json.loads(answer()) | {"anthropic": provider}
    snapshot = parse(json.dumps(stated).encode())
    assert [refusal.item for refusal in snapshot.refused] == ["anthropic"]
    assert ("anthropic", "") in snapshot.unreadable
    assert "anthropic" not in snapshot.covers
