"""OpenRouter's list, its providers and the endpoints of a model, in the shapes of its schema."""

import contextlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from providers.choices import Kind, State, Unit
from providers.facts import ANY, BadSnapshot, Condition, Offer, Snapshot
from providers.sources import openrouter
from tests import simulated
from tests.simulated import Model

from .read import NOW, amounts, broken, facts, prices, refusals

MODEL: dict[str, Any] = {
    **simulated.openrouter_models([Model("acme/one")])["data"][0],
    "canonical_slug": "acme/one-20260805",
    "hugging_face_id": "acme/One-70B",
    "knowledge_cutoff": "2026-02-16",
    "expiration_date": "2026-12-31",
    "architecture": {
        "modality": "text+image+file->text",
        "input_modalities": ["image", "text", "file"],
        "output_modalities": ["text"],
        "tokenizer": "Llama3",
        "instruct_type": None,
    },
    "pricing": {
        "prompt": "0.000002",
        "completion": "0.000012",
        "input_cache_read": "0.0000002",
        "input_cache_write": "0.0000025",
        "input_cache_write_1h": "0.000004",
        "image": "0.000002",
        "audio": "0.000003",
        "internal_reasoning": "0.000012",
        "web_search": "0.014",
        "request": "0",
        "overrides": [{"min_prompt_tokens": 200000, "prompt": "0.000004"}],
    },
    "reasoning": {
        "mandatory": False,
        "supports_max_tokens": True,
        "supported_efforts": ["high", "low", "none"],
    },
    "top_provider": {
        "context_length": 65_536,
        "max_completion_tokens": 8192,
        "is_moderated": True,
    },
}


def listed(**changes: Any) -> Snapshot:
    return parsed({"data": [MODEL | changes], "links": {"next": None}})


def parsed(tree: Any) -> Snapshot:
    return openrouter.parse(json.dumps(tree).encode(), as_of=NOW)


def only(of: Snapshot) -> Offer:
    assert len(of.offers) == 1, of.refused
    return of.offers[0]


def priced(**pricing: Any) -> Offer:
    return only(listed(pricing=pricing))


# -- the list -------------------------------------------------------------------------------------


def test_a_model_states_its_facts() -> None:
    assert facts(only(listed())) == {
        "name": "Made up",
        "context_length": 131_072,
        "max_output": 8192,
        "input_modalities": ["text", "image", "pdf"],
        "output_modalities": ["text"],
        "tokenizer": "Llama3",
        "moderation": "prompts are screened",
        "capability.reasoning": True,
        "capability.reasoning-toggle": True,
        "capability.reasoning-budget_tokens": True,
        "reasoning_efforts": ["none", "low", "high"],
        "weights_url": "https://huggingface.co/acme/One-70B",
        "knowledge_cutoff": "2026-02-16",
        "retires_on": "2026-12-31",
        "protocol.openai-chat": True,
        **{f"parameter.{name}": True for name in ("max_tokens", "temperature", "tools")},
    }


def test_prices_are_per_unit_in_dollars() -> None:
    one = only(listed())
    assert amounts(one) == {
        "input": "2",
        "output": "12",
        "cache_read": "0.2",
        "cache_write": "2.5",
        "cache_write_1h": "4",
        "image_input": "2",
        "audio_input": "3",
        "reasoning": "12",
        "web_search": "14",
    }
    assert prices(one, "web_search")[0].unit == Unit.THOUSAND_REQUESTS
    assert amounts(one, Condition(above_tokens=200_000)) == {"input": "4"}


def test_no_digit_of_a_small_price_is_lost() -> None:
    assert amounts(priced(prompt="0.00000015719", completion="0.000001"))["input"] == "0.15719"


def test_what_is_not_taken_is_counted() -> None:
    assert listed().without_room == {"canonical_slug": 1, "created": 1}


def test_the_whole_list_is_covered_and_pages_of_it_are_refused() -> None:
    assert listed().covers == {"openrouter"}
    with pytest.raises(BadSnapshot, match="more"):
        parsed({"data": [MODEL], "links": {"next": "/api/v1/models?offset=500"}})
    with pytest.raises(BadSnapshot, match="empty"):
        parsed({"data": []})


def test_an_alias_says_what_it_serves() -> None:
    alias = listed(id="~acme/latest", alias_target={"slug": "acme/one", "name": "One"})
    assert facts(only(alias))["serves"] == "acme/one"


@pytest.mark.parametrize("date", ["2098-12-31", "2026-02-31", "soon"])
def test_a_date_that_says_nothing_costs_only_itself(date: str) -> None:
    one = listed(expiration_date=date)
    assert "retires_on" not in facts(only(one)) and amounts(only(one))
    assert one.refused or one.without_room["expiration_date from 2090"] == 1


@pytest.mark.parametrize(
    ("makes", "kind"),
    [
        (["text"], Kind.CHAT),
        (["text", "image"], Kind.CHAT),
        (["image"], Kind.IMAGE),
        (["embeddings"], Kind.EMBEDDING),
        (["speech"], Kind.SPEECH),
        (["transcription"], Kind.TRANSCRIPTION),
        (["rerank"], Kind.RERANK),
        (["video"], Kind.VIDEO),
    ],
)
def test_what_comes_out_tells_the_kind(makes: list[str], kind: Kind) -> None:
    architecture = MODEL["architecture"] | {"output_modalities": makes}
    assert only(listed(architecture=architecture)).operation == kind


def test_what_is_no_model_is_refused_by_name() -> None:
    architecture = MODEL["architecture"] | {"output_modalities": ["decision"]}
    refused = listed(architecture=architecture)
    assert refusals(refused) == {
        "acme/one": "puts out 'decision': not a kind of model this site knows"
    }
    assert refused.unreadable == {("openrouter", "acme/one")}


# -- what zeros and odd figures mean --------------------------------------------------------------


def test_zero_is_free_where_text_alone_comes_out() -> None:
    free = priced(prompt="0", completion="0")
    assert [(one.component, one.state) for one in free.prices] == [
        ("input", State.FREE),
        ("output", State.FREE),
    ]


def test_zero_says_nothing_where_something_else_is_sold() -> None:
    songs = listed(
        pricing={"prompt": "0", "completion": "0"},
        architecture=MODEL["architecture"] | {"output_modalities": ["text", "audio"]},
    )
    assert only(songs).prices == ()
    by_request = priced(prompt="0", completion="0", request="0.01")
    assert amounts(by_request) == {"request": "10"}
    assert amounts(priced(prompt="0.00000002", completion="0")) == {"input": "0.02"}


def test_minus_one_varies() -> None:
    router = priced(prompt="-1", completion="-1")
    assert {one.state for one in router.prices} == {State.VARIES}


@pytest.mark.parametrize("wrong", ["-2", "abc", "NaN", "1e999", True, [], {"usd": 1}])
def test_a_price_that_is_none_costs_only_itself(wrong: object) -> None:
    one = listed(pricing={"prompt": "0.000001", "completion": wrong})
    assert amounts(only(one)) == {"input": "1"}
    assert list(refusals(one)) == ["acme/one, completion"]


@pytest.mark.parametrize(
    ("key", "stated", "amount", "unit"),
    [
        ("image_output", "0.00012", "120", Unit.MILLION_TOKENS),
        ("image_output", "0.04", "0.04", Unit.IMAGE),
        ("image", "0.001445", "0.001445", Unit.IMAGE),
        ("image_token", "0.00001", "10", Unit.MILLION_TOKENS),
    ],
)
def test_a_picture_is_paid_by_the_piece_or_by_tokens(
    key: str, stated: str, amount: str, unit: Unit
) -> None:
    one = priced(prompt="0.000001", completion="0.000002", **{key: stated})
    picture = next(price for price in one.prices if price.component.startswith("image"))
    assert (picture.amount, picture.unit) == (Decimal(amount), unit)


def test_a_picture_at_a_price_between_is_refused() -> None:
    one = listed(pricing={"prompt": "0.000001", "completion": "0.000002", "image": "0.00004"})
    assert "neither" in refusals(one)["acme/one, image"]


def test_a_discount_is_already_in_the_price() -> None:
    assert amounts(priced(prompt="0.0000002574", completion="0.000001", discount=0.1)) == {
        "input": "0.2574",
        "output": "1",
    }


# -- parts ----------------------------------------------------------------------------------------


def test_parts_are_models_with_endpoints_of_their_own() -> None:
    ids = ["acme/one", "acme/one:free", "acme/one:batch", "acme/gift:free", "~acme/latest"]
    several = parsed({"data": [MODEL | {"id": name} for name in [*ids, "openrouter/auto"]]})
    assert openrouter.parts(several) == ("providers", "acme/gift:free", "acme/one")


class Asked:
    def __init__(self) -> None:
        self.urls: list[str] = []

    def get(self, url: str) -> bytes:
        self.urls.append(url)
        return b"{}"


def test_parts_have_their_addresses() -> None:
    asked = Asked()
    for part in ("providers", "acme/one", "acme/gift:free"):
        openrouter.fetch_part(asked, part)
    base = "https://openrouter.ai/api/v1"
    assert asked.urls == [
        f"{base}/providers",
        f"{base}/models/acme/one/endpoints",
        f"{base}/models/acme/gift/endpoints",
    ]


def providers(*stated: Mapping[str, Any]) -> Snapshot:
    answer = json.dumps({"data": list(stated)}).encode()
    return openrouter.parse_part(answer, "providers", as_of=NOW)


ACME = simulated.openrouter_providers(["together"])["data"][0]


def test_providers_go_by_their_slug_here() -> None:
    (statement,) = providers(ACME).providers
    assert statement.provider == "togetherai"
    assert {fact.key: fact.value for fact in statement.facts} == {
        "name": "Together",
        "headquarters": "US",
        "datacenters": ["US"],
        "terms_url": "https://together.example/terms",
        "privacy_url": "https://together.example/privacy",
    }


def test_no_list_of_data_centres_says_nothing_of_them() -> None:
    (statement,) = providers(ACME | {"datacenters": []}).providers
    assert "datacenters" not in {fact.key for fact in statement.facts}


def test_test_entries_are_refused() -> None:
    assert list(refusals(providers(ACME | {"slug": "fake-provider"}))) == ["provider fake-provider"]


# -- endpoints ------------------------------------------------------------------------------------


def rows(*tags: str, **changes: Any) -> Snapshot:
    answer = simulated.openrouter_endpoints(Model("acme/one", tags=tags))
    for row in answer["data"]["endpoints"]:
        row.update(changes)
    return endpoints(answer)


def endpoints(answer: Any, part: str = "acme/one") -> Snapshot:
    return openrouter.parse_part(json.dumps(answer).encode(), part, as_of=NOW)


def by_upstream(of: Snapshot) -> dict[str, Offer]:
    return {offer.upstream: offer for offer in of.offers}


def test_an_endpoint_is_an_upstream_of_the_models_id() -> None:
    found = rows("fireworks/fp8")
    one = only(found)
    assert one.identity() == ("openrouter", "acme/one", "chat", "fireworks-ai")
    assert facts(one)["quantization"] == "fp8"
    assert amounts(one) == {"input": "1", "output": "4"}
    assert found.covers == frozenset()
    assert found.covers_ids == {("openrouter", "acme/one"), ("openrouter", "acme/one:free")}


def test_flex_and_fast_never_pass_for_the_standard_price() -> None:
    one = only(rows("openai/flex", "openai", "openai/fast"))
    assert amounts(one)["input"] == "1"
    assert amounts(one, Condition(tier="flex"))["input"] == "0.5"
    assert amounts(one, Condition(tier="fast"))["input"] == "2"


def test_an_upstream_with_flex_alone_has_no_standard_price() -> None:
    one = only(rows("openai/flex"))
    assert amounts(one) == {}
    assert amounts(one, Condition(tier="flex"))["input"] == "0.5"


def test_a_dearer_region_is_a_condition() -> None:
    one = only(rows("azure", "azure/eu"))
    assert amounts(one)["input"] == "1"
    assert amounts(one, Condition(region="eu"))["input"] == "1.1"
    assert facts(one)["regions"] == ["eu"]


def test_regions_at_one_price_are_no_condition() -> None:
    one = only(rows("google-vertex/us-east5", "google-vertex/us-south1"))
    assert {price.condition for price in one.prices} == {ANY}


def test_everywhere_is_the_rule_and_a_region_the_exception() -> None:
    one = only(rows("google-vertex/eu", "google-vertex/global"))
    assert amounts(one)["input"] == "1"
    assert amounts(one, Condition(region="eu"))["input"] == "1.1"


def test_variants_at_different_prices_are_named() -> None:
    answer = simulated.openrouter_endpoints(
        Model("acme/one", tags=("deepinfra/fp8", "deepinfra/turbo"))
    )
    answer["data"]["endpoints"][1]["pricing"]["prompt"] = "0.000003"
    one = only(endpoints(answer))
    assert amounts(one) == {}
    assert amounts(one, Condition(named=(("variant", "fp8"),)))["input"] == "1"
    assert amounts(one, Condition(named=(("variant", "turbo"),)))["input"] == "3"


def test_a_tag_may_carry_variant_and_tier() -> None:
    one = only(rows("xai", "xai/zdr/priority"))
    zdr = Condition(tier="priority")
    assert amounts(one, zdr) == amounts(one) == {"input": "1", "output": "4"}


def test_two_rows_alike_in_all_but_price_are_refused() -> None:
    answer = simulated.openrouter_endpoints(Model("acme/one", tags=("openai", "openai")))
    answer["data"]["endpoints"][1]["pricing"]["prompt"] = "0.000003"
    found = endpoints(answer)
    assert found.offers == () and found.unreadable == {("openrouter", "acme/one")}


def test_free_rows_beside_paid_ones_are_the_free_variant() -> None:
    answer = simulated.openrouter_endpoints(Model("acme/one", tags=("openai", "chutes")))
    answer["data"]["endpoints"][1]["pricing"] = {"prompt": "0", "completion": "0"}
    found = by_upstream(endpoints(answer))
    assert found["chutes"].native_id == "acme/one:free"
    assert {price.state for price in found["chutes"].prices} == {State.FREE}
    assert found["openai"].native_id == "acme/one"


def test_a_model_that_is_free_altogether_keeps_its_id() -> None:
    free = {"prompt": "0", "completion": "0"}
    assert only(rows("stealth", pricing=free)).native_id == "acme/one"
    answer = simulated.openrouter_endpoints(Model("acme/gift", tags=("chutes",)))
    answer["data"]["endpoints"][0]["pricing"] = free
    assert only(endpoints(answer, "acme/gift:free")).native_id == "acme/gift:free"


# -- readings -------------------------------------------------------------------------------------


def test_readings_are_the_leading_rows() -> None:
    found = rows("openai", "openai/flex")
    assert {reading.offer for reading in found.readings} == {only(found).identity()}
    assert found.without_room["readings of a marked row"] == 1


@pytest.mark.parametrize("value", [0.25, 49.9])
def test_a_latency_that_may_be_seconds_is_refused(value: float) -> None:
    latency = {"p50": value, "p75": 60, "p90": 70, "p99": 900}
    found = rows("openai", latency_last_30m=latency)
    assert not [one for one in found.readings if one.metric == "ttft"]
    assert "seconds or milliseconds" in refusals(found)["acme/one at openai, latency_last_30m"]


def test_without_a_key_there_are_no_speeds() -> None:
    answer = simulated.openrouter_endpoints(Model("acme/one"), with_key=False)
    assert {reading.metric for reading in endpoints(answer).readings} == {"uptime"}


def test_an_uptime_above_a_hundred_is_refused() -> None:
    assert "uptime of 250" in refusals(rows("openai", uptime_last_1d=250)).popitem()[1]


# -- broken answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"{", b"null", b"[]", b'{"data":7}', b'{"data":{}}'])
@pytest.mark.parametrize("part", ["providers", "acme/one"])
def test_a_part_of_another_shape_is_refused_whole(part: str, data: bytes) -> None:
    with pytest.raises(BadSnapshot):
        openrouter.parse_part(data, part, as_of=NOW)


@pytest.mark.parametrize(
    ("name", "tree"),
    list(broken({"data": [MODEL], "links": {"next": None}})),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_junk_anywhere_in_the_list_is_survived(name: str, tree: Any) -> None:
    with contextlib.suppress(BadSnapshot):
        parsed(tree)


@pytest.mark.parametrize(
    ("name", "tree"),
    list(broken(simulated.openrouter_endpoints(Model("acme/one", tags=("openai", "azure/eu"))))),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_junk_anywhere_in_endpoints_is_survived(name: str, tree: Any) -> None:
    try:
        found = endpoints(tree)
    except BadSnapshot:
        return
    is_whole = len(found.offers) == len(tree["data"]["endpoints"])
    assert is_whole or ("openrouter", "acme/one") in found.unreadable
