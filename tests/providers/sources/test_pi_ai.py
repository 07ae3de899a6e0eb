import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from providers.choices import State
from providers.facts import Condition, Price, Snapshot
from providers.sources import pi_ai
from providers.sources.http import FetchFailed

from .read import amounts, facts, offer, parsed, refusals, snapshot

COST = {"input": 1, "output": 2, "cacheRead": 0, "cacheWrite": 0}


@pytest.fixture(scope="module")
def recorded() -> Snapshot:
    return snapshot("pi_ai")


def _read(provider: str = "deepseek", **stated: Any) -> Snapshot:
    """The snapshot of one entry."""
    entry = {
        "type": "chat",
        "id": "m",
        "name": "M",
        "api": "openai-completions",
        "baseUrl": "https://api.example.com/v1",
        "provider": provider,
        "reasoning": False,
        "input": ["text"],
        "cost": COST,
        "contextWindow": 1000,
        "maxTokens": 100,
    } | stated
    group = {f"{entry['type']}:{entry['id']}": entry}
    return parsed("pi_ai", {"providers": {provider: {entry["api"]: group}}})


def _prices(provider: str = "deepseek", **stated: Any) -> tuple[Price, ...]:
    return _read(provider, **stated).offers[0].prices


# -- the recording --------------------------------------------------------------------------------


def test_the_answer_carries_its_own_date(recorded: Snapshot) -> None:
    assert recorded.as_of == datetime(2026, 11, 10, 12, 5, 37, 628000, tzinfo=UTC)


def test_openrouter_sells_gpt_4o_mini(recorded: Snapshot) -> None:
    mini = offer(recorded, "openrouter", "openai/gpt-4o-mini")

    assert amounts(mini) == {"input": "0.15", "output": "0.6", "cache_read": "0.075"}
    assert facts(mini) == {
        "name": "OpenAI: GPT-4o-mini",
        "context_length": 128_000,
        "max_output": 16_384,
        "input_modalities": ["text", "image"],
        "capability.reasoning": False,
        "capability.strict-mode": True,
        "parameter.tools": True,
        "protocol.openai-chat": True,
        "api_base": "https://openrouter.ai/api/v1",
    }


def test_a_batch_id_is_another_endpoint(recorded: Snapshot) -> None:
    assert amounts(offer(recorded, "openrouter", "openai/gpt-4o-mini:batch"))["input"] == "0.075"


def test_vercel_sells_o4_mini(recorded: Snapshot) -> None:
    mini = offer(recorded, "vercel", "openai/o4-mini")

    assert amounts(mini) == {"input": "1.1", "output": "4.4", "cache_read": "0.275"}
    assert facts(mini)["protocol.anthropic-messages"] is True
    # The base address of its Anthropic interface is no base for OpenAI clients.
    assert "api_base" not in facts(mini)


def test_a_tier_reprices_above_its_threshold(recorded: Snapshot) -> None:
    haiku = offer(recorded, "anthropic", "claude-haiku-5-5")

    assert amounts(haiku)["input"] == "0.1"
    assert amounts(haiku, Condition(above_tokens=100_000)) == {
        "input": "0.5",
        "output": "2.5",
        "cache_read": "0.05",
        "cache_write": "0.625",
    }


def test_a_router_varies_and_free_is_free(recorded: Snapshot) -> None:
    auto = offer(recorded, "openrouter", "openrouter/auto")
    free = offer(recorded, "openrouter", "openrouter/free")

    assert {price.state for price in auto.prices} == {State.VARIES}
    assert {price.state for price in free.prices} == {State.FREE}


def test_an_image_model_without_token_prices_is_not_free(recorded: Snapshot) -> None:
    flux = offer(recorded, "openrouter", "black-forest-labs/flux.2-pro", kind="image")

    assert flux.prices == ()


def test_both_gateways_catalogs_are_there(recorded: Snapshot) -> None:
    """Chat entries of the two; images are counted apart, classifiers refused."""
    chats = [one.provider for one in recorded.offers if one.operation == "chat"]

    assert chats.count("openrouter") == 403
    assert chats.count("vercel") == 307


def test_nothing_of_the_recording_is_lost(recorded: Snapshot) -> None:
    """1,773 entries: taken, or refused by name (TypeSafe whole, with one entry)."""
    assert len(recorded.offers) + len(recorded.refused) == 1_773
    assert {reason for reason in refusals(recorded).values()} == {
        "answers decisions, not prompts: a kind of service this site does not list"
    }


# -- the rules ------------------------------------------------------------------------------------


def test_a_cache_price_of_zero_is_unknown() -> None:
    assert [price.component for price in _prices()] == ["input", "output"]


def test_zero_for_input_and_output_is_free() -> None:
    assert {price.state for price in _prices(cost=COST | {"input": 0, "output": 0})} == {State.FREE}


def test_zero_at_a_plan_is_in_the_plan() -> None:
    prices = _prices("kimi-coding", cost=COST | {"input": 0, "output": 0})

    assert {price.state for price in prices} == {State.PLAN}


def test_zero_for_voice_says_nothing() -> None:
    assert _prices(id="grok-voice-3.0", cost=COST | {"input": 0, "output": 0}) == ()


def test_efforts_are_stated_when_every_level_is_ruled_on() -> None:
    levels = {"off": "none", "minimal": None, "low": "low", "medium": None, "high": "HIGH"}
    full = levels | {"xhigh": None, "max": "HIGH"}

    assert facts(_read(thinkingLevelMap=full).offers[0])["reasoning_efforts"] == [
        "none",
        "low",
        "HIGH",
    ]


def test_a_partial_list_of_efforts_is_counted_not_stated() -> None:
    read = _read(thinkingLevelMap={"xhigh": "xhigh"})

    assert "reasoning_efforts" not in facts(read.offers[0])
    assert read.without_room == {"thinkingLevelMap": 1}


def test_compatibility_flags_become_parameters_and_capabilities() -> None:
    compat = {
        "supportsTemperature": False,
        "supportsReasoningEffort": True,
        "maxTokensField": "max_tokens",
        "supportsOpenAIGrammarTools": True,
        "zaiToolStream": True,
    }
    read = _read(compat=compat)
    stated = facts(read.offers[0])

    assert stated["parameter.temperature"] is False
    assert stated["parameter.reasoning_effort"] is True
    assert stated["parameter.max_tokens"] is True
    assert stated["capability.openai-grammar-tools"] is True
    assert read.without_room == {"compat.zaiToolStream": 1}


@pytest.mark.parametrize(
    "stated",
    [
        {"cost": COST | {"input": -1}},
        {"cost": COST | {"output": float("nan")}},
        {"cost": {"input": 1}},
        {"contextWindow": "many"},
        {"contextWindow": -5},
        {"input": "text"},
        {"id": ""},
        {"type": "toaster"},
        {"cost": COST | {"tiers": [{"inputTokensAbove": "x"}]}},
    ],
    ids=lambda stated: next(iter(stated)),
)
def test_a_broken_entry_is_refused_by_name(stated: dict[str, Any]) -> None:
    read = _read(**stated)

    assert read.offers == ()
    (item,) = refusals(read)
    assert item.startswith("deepseek/")


# -- where it comes from --------------------------------------------------------------------------


def test_the_package_is_one_answer(tmp_path: Path) -> None:
    folder = tmp_path / "dist" / "providers" / "data"
    folder.mkdir(parents=True)
    stamp = {"generatedAt": "2026-11-10T12:05:37.628Z", "schemaVersion": 6}
    manifest = stamp | {"structureHash": "…", "files": {"zai.json": "…"}}
    (folder / ".manifest.json").write_text(json.dumps(manifest))
    (folder / "zai.json").write_text('{"openai-completions": {}}')

    assert json.loads(pi_ai.extract(tmp_path)) == stamp | {
        "providers": {"zai": {"openai-completions": {}}}
    }
    assert pi_ai.content_date(tmp_path) == datetime(2026, 11, 10, 12, 5, 37, 628000, tzinfo=UTC)


def test_there_is_no_live_answer() -> None:
    class Nobody:
        def get(self, url: str) -> bytes:
            raise AssertionError(url)

    with pytest.raises(FetchFailed, match="renew its recording"):
        pi_ai.fetch(Nobody())
