from datetime import UTC, datetime
from typing import Any

import pytest

from providers.facts import Fact, Snapshot
from providers.sources import recordings, reference_page
from providers.sources.http import FetchFailed

from .read import amounts, facts, offer, parsed, refusals, snapshot

APRIL = datetime(2026, 4, 1, tzinfo=UTC)
PARAMETERS = {
    *("frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens"),
    *("presence_penalty", "response_format", "seed", "stop", "structured_outputs"),
    *("temperature", "tool_choice", "tools", "top_logprobs", "top_p", "web_search_options"),
}


@pytest.fixture(scope="module")
def recorded() -> Snapshot:
    return snapshot("reference_page")


def _of_provider(of: Snapshot, slug: str) -> dict[str, Any]:
    (statement,) = [one for one in of.providers if one.provider == slug]
    return {fact.key: fact.value for fact in statement.facts}


def test_everything_written_down_is_taken(recorded: Snapshot) -> None:
    assert recorded.as_of == APRIL
    assert recorded.refused == ()
    assert recorded.without_room == {}


def test_the_reference_page_states_openais_endpoint(recorded: Snapshot) -> None:
    mini = offer(recorded, "openai", "gpt-4o-mini")
    stated = facts(mini)

    assert amounts(mini) == {"input": "0.15", "output": "0.6"}
    assert Fact("context_length", 128_000, "128K") in mini.facts
    assert Fact("released_on", "2024-07", "Jul 2024") in mini.facts
    assert stated["status"] == "available"
    assert stated["input_modalities"] == ["text", "image", "pdf", "code"]
    assert stated["output_modalities"] == ["text", "code"]
    assert {key.removeprefix("parameter.") for key in stated if key[:10] == "parameter."} == (
        PARAMETERS
    )
    assert Fact("parameter.max_tokens", True, "deprecated") in mini.facts


def test_its_speed_is_a_reading_without_a_provider(recorded: Snapshot) -> None:
    (speed,) = recorded.readings

    assert (speed.model, speed.offer, speed.window) == ("openai/gpt-4o-mini", None, "")
    assert (speed.metric, str(speed.value), speed.unit) == ("throughput", "150", "tokens/s")
    assert speed.at == APRIL


def test_openrouters_page_states_dates_in_its_own_words(recorded: Snapshot) -> None:
    mini = offer(recorded, "openrouter", "openai/gpt-4o-mini")

    assert amounts(mini) == {"input": "0.15", "output": "0.6"}
    assert Fact("released_on", "2024-07-18", "Jul 18, 2024") in mini.facts
    assert Fact("knowledge_cutoff", "2023-10", "Oct 2023") in mini.facts


def test_openrouters_routing_modes_tell_the_id_to_send(recorded: Snapshot) -> None:
    modes = _of_provider(recorded, "openrouter")["routing_modes"]

    assert {mode["name"]: mode["send"] for mode in modes} == {
        "Balanced": "{id}",
        "Nitro": "{id}:nitro",
        "Exacto": "{id}:exacto",
    }


def test_openrouters_suffix_variants_are_those_it_documents(recorded: Snapshot) -> None:
    variants = _of_provider(recorded, "openrouter")["suffix_variants"]

    assert [variant["name"] for variant in variants if variant["accepted"] == "any model"] == [
        "nitro",
        "floor",
        "exacto",
    ]


def test_vercels_page_states_its_terms(recorded: Snapshot) -> None:
    mini = offer(recorded, "vercel", "openai/gpt-4o-mini")
    vercel = _of_provider(recorded, "vercel")

    assert amounts(mini) == {"input": "0.15", "output": "0.6"}
    assert facts(mini)["released_on"] == "2024-07-18"
    assert facts(mini)["zero_retention_offered"] is True
    assert vercel["auth_methods"] == ["API key", "OIDC token"]
    assert vercel["free_credit"].startswith("$5 every 30 days")


def test_a_model_gathers_its_facts_from_all_pages(recorded: Snapshot) -> None:
    (model,) = recorded.models
    stated = {fact.key: fact.value for fact in model.facts}

    assert model.model == "openai/gpt-4o-mini"
    assert stated["family"] == "GPT-4o"
    assert stated["knowledge_cutoff"] == "2023-10"
    assert stated["announcement_url"].startswith("https://openai.com/index/")


def test_large_providers_have_a_seat_and_a_status_page(recorded: Snapshot) -> None:
    assert len(recorded.providers) >= 25
    openai = _of_provider(recorded, "openai")
    assert openai["headquarters"] == "San Francisco, United States"
    assert openai["status_page"] == "https://status.openai.com"
    assert openai["key_variable"] == "OPENAI_API_KEY"


def test_the_manifest_says_which_page_carries_the_date() -> None:
    assert "Only the reference page carries a date" in recordings.recorded("reference_page").notes


# -- the rules ------------------------------------------------------------------------------------


def _page(**parts: Any) -> Snapshot:
    return parsed("reference_page", {"pages": [{"page": "one"} | parts]})


def test_one_fact_on_two_pages_is_refused() -> None:
    states = {"provider": "openai", "facts": {"headquarters": "here"}}
    read = parsed("reference_page", {"pages": [{"providers": [states]}, {"providers": [states]}]})

    assert refusals(read) == {"openai": "headquarters stated twice"}
    assert len(read.providers) == 1


@pytest.mark.parametrize(
    ("parts", "item"),
    [
        ({"offers": [{"provider": "x", "id": "m", "facts": {"colour": "red"}}]}, "m"),
        ({"offers": [{"provider": "x", "id": "m", "prices": {"input": -1}}]}, "m"),
        ({"offers": [{"provider": "x", "id": "m", "prices": {"input": 0}}]}, "m"),
        ({"offers": [{"provider": "x", "id": "m", "kind": "toaster"}]}, "m"),
        ({"offers": [{"provider": "Not A Slug", "id": "m"}]}, "m"),
        ({"models": [{"model": "no-author"}]}, "no-author"),
        ({"providers": [{"provider": "x", "facts": {"terms_url": "somewhere"}}]}, "x"),
        ({"readings": [{"model": "a/b", "metric": "throughput"}]}, "a/b"),
        ({"offers": "none"}, "offers"),
    ],
)
def test_a_broken_statement_is_refused_by_name(parts: dict[str, Any], item: str) -> None:
    assert list(refusals(_page(**parts))) == [item]


def test_a_part_of_a_page_that_we_do_not_know_is_counted() -> None:
    assert _page(colours=[]).without_room == {"colours": 1}


def test_there_is_no_live_answer() -> None:
    class Nobody:
        def get(self, url: str) -> bytes:
            raise AssertionError(url)

    with pytest.raises(FetchFailed, match="written down by us"):
        reference_page.fetch(Nobody())
