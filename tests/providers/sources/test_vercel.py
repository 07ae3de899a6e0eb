"""Vercel's list and the endpoints of a model, in the shapes of live answers."""

import contextlib
import json
from decimal import Decimal
from typing import Any

import pytest

from providers.choices import Kind, State, Unit
from providers.facts import BadSnapshot, Condition, Offer, Snapshot
from providers.sources import vercel
from tests import simulated
from tests.simulated import Model

from .read import NOW, amounts, broken, facts, prices, refusals

MODEL: dict[str, Any] = {
    **simulated.vercel_models([Model("acme/one")])["data"][0],
    "released": 1_753_228_800,
    "knowledge": "2025-02",
    "deprecated_at": 1_790_812_800_000,
    "regions": ["eu", "us"],
    "interleaved": True,
    "reasoning_options": [
        {"type": "toggle"},
        {"type": "budget_tokens", "min": 1024},
        {"type": "effort", "values": ["low", "high"]},
    ],
    "pricing": {
        "input": "0.0000013",
        "output": "0.000005",
        "input_cache_read": "0.00000013",
        "web_search": "10",
        "input_tiers": [
            {"cost": "0.0000013", "min": 0, "max": 128_000},
            {"cost": "0.000002", "min": 128_000},
        ],
        "regional": {"eu": {"input": "0.00000143", "output": "0.0000055"}},
        "service_tiers": {
            "flex": {
                "input": "0.00000065",
                "long_context": {"threshold": 272_000, "input": "0.000001"},
            }
        },
        "fast": {"input": "0.0000026"},
    },
}


def parsed(tree: Any) -> Snapshot:
    return vercel.parse(json.dumps(tree).encode(), as_of=NOW)


def listed(**changes: Any) -> Snapshot:
    return parsed({"object": "list", "data": [MODEL | changes]})


def only(of: Snapshot) -> Offer:
    assert len(of.offers) == 1, of.refused
    return of.offers[0]


def priced(type_: str, **pricing: Any) -> Offer:
    return only(listed(type=type_, pricing=pricing))


def named(**conditions: str) -> Condition:
    return Condition(named=tuple(sorted(conditions.items())))


# -- the list -------------------------------------------------------------------------------------


def test_a_model_states_its_facts() -> None:
    stated = facts(only(listed()))
    assert stated["context_length"] == 131_072 and stated["max_output"] == 16_384
    assert stated["released_on"] == "2025-07-23"
    assert stated["deprecated_on"] == "2026-10-01"
    assert stated["knowledge_cutoff"] == "2025-02"
    assert stated["regions"] == ["eu", "us"]
    assert stated["reasoning_efforts"] == ["low", "high"]
    for key in ("reasoning", "reasoning-toggle", "reasoning-budget_tokens", "tool-use"):
        assert stated[f"capability.{key}"] is True
    assert stated["protocol.openai-chat"] is True and stated["parameter.tools"] is True


def test_prices_come_with_thresholds_regions_and_tiers() -> None:
    one = only(listed())
    assert amounts(one) == {
        "input": "1.3",
        "output": "5",
        "cache_read": "0.13",
        "web_search": "10",
    }
    assert prices(one, "web_search")[0].unit == Unit.THOUSAND_REQUESTS
    # From 128,000 tokens on is above 127,999.
    assert amounts(one, Condition(above_tokens=127_999)) == {"input": "2"}
    assert amounts(one, Condition(region="eu")) == {"input": "1.43", "output": "5.5"}
    assert amounts(one, Condition(tier="flex")) == {"input": "0.65"}
    assert amounts(one, Condition(tier="flex", above_tokens=272_000)) == {"input": "1"}
    assert amounts(one, Condition(tier="fast")) == {"input": "2.6"}


def test_of_two_tiers_that_overlap_the_first_keeps_the_token() -> None:
    tiers = [{"cost": "0.000003", "min": 0, "max": 200_001}, {"cost": "0.000006", "min": 200_000}]
    one = priced("language", input="0.000003", output="0.00001", input_tiers=tiers)
    assert amounts(one, Condition(above_tokens=200_000)) == {"input": "6"}


def test_no_prices_say_nothing() -> None:
    assert priced("reranking").prices == ()
    assert priced("language").prices == ()


def test_zero_is_free_for_text_and_nothing_elsewhere() -> None:
    free = priced("language", input="0", output="0")
    assert {price.state for price in free.prices} == {State.FREE} and len(free.prices) == 2
    assert amounts(priced("embedding", input="0.00000002", output="0")) == {"input": "0.02"}


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("language", Kind.CHAT),
        ("realtime", Kind.CHAT),
        ("embedding", Kind.EMBEDDING),
        ("image", Kind.IMAGE),
        ("video", Kind.VIDEO),
        ("speech", Kind.SPEECH),
        ("transcription", Kind.TRANSCRIPTION),
        ("reranking", Kind.RERANK),
    ],
)
def test_its_type_tells_the_kind(type_: str, kind: Kind) -> None:
    assert only(listed(type=type_)).operation == kind


def test_a_type_nobody_knows_is_refused_by_name() -> None:
    assert "'decision' is not a kind" in refusals(listed(type="decision"))["acme/one"]


# -- other units than tokens ----------------------------------------------------------------------


def test_pictures_by_the_piece() -> None:
    table = [
        {"size": "1024x1024", "quality": "high", "cost": "0.167"},
        {"operation": "vectorize", "cost": "0.15"},
    ]
    one = priced("image", image="0.04", image_dimension_quality_pricing=table)
    assert amounts(one) == {"image_output": "0.04"}
    assert amounts(one, named(size="1024x1024", quality="high")) == {"image_output": "0.167"}
    assert amounts(one, named(operation="vectorize")) == {"image_output": "0.15"}
    assert {price.unit for price in one.prices} == {Unit.IMAGE}


def test_pictures_by_tokens() -> None:
    assert amounts(priced("image", input="0.000005", output="0.00003")) == {
        "input": "5",
        "image_output": "30",
    }


def test_films_by_the_second_and_by_tokens() -> None:
    table = [{"resolution": "720p", "audio": False, "cost_per_second": "0.1"}]
    by_time = priced("video", video_duration_pricing=table)
    (price,) = by_time.prices
    assert (price.unit, price.amount) == (Unit.HOUR, Decimal(360))
    assert price.condition == named(resolution="720p", audio="no")
    tokens = {
        "tiers": [
            {
                "resolution": "1080p",
                "no_video_input": {"cost_per_million_tokens": "5.6"},
                "with_video_input": {"cost_per_million_tokens": "3.3"},
            }
        ],
        "notes": "said in words",
    }
    by_tokens = priced("video", video_token_pricing=tokens)
    assert amounts(by_tokens, named(resolution="1080p", video_input="no")) == {
        "video_output": "5.6"
    }
    assert amounts(by_tokens, named(resolution="1080p", video_input="yes")) == {
        "video_output": "3.3"
    }


def test_speech_is_paid_by_characters_and_seconds_whatever_input_says() -> None:
    spoken = priced("speech", input="0.000015", speech_input_character_cost="0.000015")
    (price,) = spoken.prices
    assert (price.component, price.unit, price.amount) == (
        "input",
        Unit.MILLION_CHARACTERS,
        Decimal(15),
    )
    heard = priced(
        "transcription", input="0.0000000001", transcription_duration_cost_per_second="0.0001"
    )
    (price,) = heard.prices
    assert (price.component, price.unit, price.amount) == (
        "audio_input",
        Unit.HOUR,
        Decimal("0.36"),
    )


def test_live_sessions_by_time_and_message() -> None:
    live = priced(
        "realtime",
        realtime_session_duration_cost_per_second="0.001334",
        realtime_client_message_cost="0.004",
    )
    assert amounts(live) == {"session": "4.8024", "text_message": "4"}


@pytest.mark.parametrize("wrong", ["-1", "abc", "NaN", [], True])
def test_a_price_that_is_none_costs_only_itself(wrong: object) -> None:
    one = listed(pricing={"input": "0.000001", "output": wrong})
    assert amounts(only(one)) == {"input": "1"}
    assert list(refusals(one)) == ["acme/one, output"]


@pytest.mark.parametrize("released", [0, 10**30, -5, "2025"])
def test_a_moment_that_is_none_costs_only_that_date(released: object) -> None:
    one = only(listed(released=released))
    assert "released_on" not in facts(one) and amounts(one)


# -- parts ----------------------------------------------------------------------------------------


class Asked:
    def __init__(self) -> None:
        self.urls: list[str] = []

    def get(self, url: str) -> bytes:
        self.urls.append(url)
        return b"{}"


def test_parts_remember_what_the_answer_does_not_repeat() -> None:
    ranked = MODEL | {"id": "acme/rank", "type": "reranking"}
    parts = vercel.parts(parsed({"data": [MODEL, ranked]}))
    assert parts == ("acme/one", "acme/rank rerank")
    asked = Asked()
    for part in parts:
        vercel.fetch_part(asked, part)
    base = "https://ai-gateway.vercel.sh/v1/models"
    assert asked.urls == [f"{base}/acme/one/endpoints", f"{base}/acme/rank/endpoints"]
    answer = json.dumps(simulated.vercel_endpoints(Model("acme/rank"))).encode()
    assert only(vercel.parse_part(answer, parts[1], as_of=NOW)).operation == Kind.RERANK


def rows(*upstreams: str, **changes: Any) -> Snapshot:
    answer = simulated.vercel_endpoints(Model("acme/one", tags=upstreams))
    for row in answer["data"]["endpoints"]:
        row.update(changes)
    return endpoints(answer)


def endpoints(answer: Any) -> Snapshot:
    return vercel.parse_part(json.dumps(answer).encode(), "acme/one", as_of=NOW)


def test_endpoints_name_upstreams_under_our_slugs() -> None:
    found = rows("bedrock", "vertexAnthropic", "anthropic")
    assert [offer.upstream for offer in found.offers] == [
        "amazon-bedrock",
        "google-vertex",
        "anthropic",
    ]
    assert (found.covers, found.covers_ids) == (frozenset(), {("vercel", "acme/one")})


def test_an_endpoints_zeros_are_no_prices() -> None:
    assert amounts(only(rows("openai"))) == {"input": "1", "output": "4"}


def test_an_endpoints_regions_have_their_prices() -> None:
    regions = [
        {"scope": "zone", "geo_region": "us"},
        {
            "scope": "specific",
            "geo_region": "eu",
            "provider_region": "eu-central-1",
            "pricing": {"prompt": "0.0000011", "completion": "0.0000044"},
        },
    ]
    one = only(rows("bedrock", inference_regions=regions))
    assert facts(one)["regions"] == ["us", "eu-central-1"]
    assert amounts(one, Condition(region="eu-central-1")) == {"input": "1.1", "output": "4.4"}


def test_an_endpoints_tiers_speak_of_prompts_and_completions() -> None:
    pricing = {
        "prompt": "0.000001",
        "completion": "0.000004",
        "prompt_tiers": [{"cost": "0.000002", "min": 200_000}],
        "service_tiers": {"priority": {"prompt": "0.000003"}},
    }
    one = only(rows("openai", pricing=pricing))
    assert amounts(one, Condition(above_tokens=199_999)) == {"input": "2"}
    assert amounts(one, Condition(tier="priority")) == {"input": "3"}


def test_readings_come_with_their_windows() -> None:
    found = rows("openai")
    assert {(one.metric, one.statistic, one.window) for one in found.readings} == {
        ("uptime", "latest", "last 15 minutes"),
        ("uptime", "latest", "last hour"),
        ("uptime", "latest", "last day"),
        ("ttft", "p50", "last hour"),
        ("ttft", "p95", "last hour"),
        ("throughput", "p50", "last hour"),
        ("throughput", "p95", "last hour"),
    }


# -- broken answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"{", b"null", b"[]", b'{"data":7}', b'{"data":{}}'])
def test_a_part_of_another_shape_is_refused_whole(data: bytes) -> None:
    with pytest.raises(BadSnapshot):
        vercel.parse_part(data, "acme/one", as_of=NOW)


@pytest.mark.parametrize(
    ("name", "tree"),
    list(broken({"object": "list", "data": [MODEL]})),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_junk_anywhere_in_the_list_is_survived(name: str, tree: Any) -> None:
    with contextlib.suppress(BadSnapshot):
        parsed(tree)


@pytest.mark.parametrize(
    ("name", "tree"),
    list(broken(simulated.vercel_endpoints(Model("acme/one", tags=("openai", "azure"))))),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_junk_anywhere_in_endpoints_is_survived(name: str, tree: Any) -> None:
    try:
        found = endpoints(tree)
    except BadSnapshot:
        return
    is_whole = len(found.offers) == len(tree["data"]["endpoints"])
    assert is_whole or ("vercel", "acme/one") in found.unreadable
