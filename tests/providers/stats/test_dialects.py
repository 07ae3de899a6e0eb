"""What events tell that the stand-in does not say, because only some providers do."""

from typing import Any

import pytest

from providers.choices import Outcome
from providers.stats import dialects, prompts
from providers.stats.dialects import SPOKEN, Token, Told

pytestmark = pytest.mark.once


def told(protocol: str, *said: Any) -> Told:
    found = Told()
    for event in said:
        dialects.read(protocol, event, found)
    return found


def usage(**counts: Any) -> dict[str, Any]:
    return {"choices": [], "usage": counts}


def test_reasoning_that_is_counted_beside_the_completion_is_added() -> None:
    thought = {"completion_tokens_details": {"reasoning_tokens": 30}}
    beside = usage(prompt_tokens=10, completion_tokens=5, total_tokens=45, **thought)
    within = usage(prompt_tokens=10, completion_tokens=35, total_tokens=45, **thought)
    assert told("openai-chat", beside).output_tokens == 35
    assert told("openai-chat", within).output_tokens == 35


def test_cached_input_that_stands_apart_is_added() -> None:
    counts = {
        "input_tokens": 5,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 20,
        "output_tokens": 1,
    }
    found = told("anthropic-messages", {"type": "message_start", "message": {"usage": counts}})
    assert (found.input_tokens, found.cached_tokens, found.cache_written_tokens) == (125, 100, 20)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (502, Outcome.PROVIDER_ERROR),
        (429, Outcome.RATE_LIMITED),
        (400, Outcome.CALLER_ERROR),
        ("rate_limit_exceeded", Outcome.RATE_LIMITED),
        ("invalid_prompt", Outcome.CALLER_ERROR),
        ("something_new", Outcome.PROVIDER_ERROR),
    ],
)
def test_an_error_inside_a_stream_has_an_outcome(code: int | str, outcome: Outcome) -> None:
    error = {"error": {"code": code, "message": "no"}}
    assert told("openai-chat", error).error == outcome
    if isinstance(code, str):
        failed = {"type": "response.failed", "response": error}
        assert told("openai-responses", failed).error == outcome
        assert told("openai-responses", {"type": "error", **error["error"]}).error == outcome


@pytest.mark.parametrize("protocol", SPOKEN)
@pytest.mark.parametrize(
    "said",
    [
        *(None, 7, "text", [], {}, {"choices": None}, {"choices": [None]}, {"choices": "x"}),
        *({"choices": [{"delta": {"content": 7}}]}, {"usage": {"prompt_tokens": -1}}),
        *({"usage": {"prompt_tokens": True, "completion_tokens": 1e9}}, {"error": "text"}),
        *({"type": "message_start", "message": None}, {"type": "response.completed"}),
        *({"type": "message_delta", "usage": {"output_tokens": "9"}}, {"type": ["x"]}),
        *({"type": "content_block_delta", "delta": 1}, {"type": "response.failed"}),
    ],
)
def test_strange_events_do_no_harm(protocol: str, said: Any) -> None:
    found = Told()
    assert dialects.read(protocol, said, found) is Token.NONE
    assert found.input_tokens is None and found.output_tokens is None


def test_only_plain_words_are_taken_for_a_kind_of_error() -> None:
    for word in ("sk-123", "with space", "x" * 41, "naïve", 7, None, ["a"]):
        assert dialects.kind_of_error({"error": {"type": word}}) == ""
    assert dialects.kind_of_error({"error": {"type": "rate_limit_error"}}) == "rate_limit_error"


def test_anthropics_address_is_right_with_and_without_the_version() -> None:
    for root in ("https://a.example", "https://a.example/", "https://a.example/v1"):
        assert dialects.address("anthropic-messages", root) == "https://a.example/v1/messages"


def test_no_two_prompts_begin_alike() -> None:
    assert len({prompts.prompt(100)[:20] for _ in range(200)}) == 200


@pytest.mark.parametrize("tokens", [50, 500, 5000])
def test_a_prompt_has_about_as_many_words_as_asked_for(tokens: int) -> None:
    words = len(prompts.prompt(tokens).split())
    assert tokens * 0.8 <= words <= tokens * 1.1
    assert prompts.most_tokens(prompts.prompt(tokens)) > words
