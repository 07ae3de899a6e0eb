"""POST /api/v1/observations/litellm, fed with what LiteLLM's own proxy posted.

The recording is of LiteLLM 1.106.2 in front of the stand-in provider, its table of models cut out.
"""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from providers import senders
from providers.models import Observation, Quarantined, Sender
from tests.factories import NOW, EndpointFactory, ProviderFactory

pytestmark = pytest.mark.django_db
RECORDED = json.loads((Path(__file__).parent / "recorded/litellm-1.106.2.json").read_bytes())
SOLD = (
    ("openai", "gpt-4o-mini"),
    ("openai", "gpt-4o"),
    ("anthropic", "claude-3-5-haiku-20241022"),
    ("deepseek", "deepseek-chat"),
    ("openrouter", "openai/gpt-4o"),
    ("groq", "llama-3.1-8b-instant"),
)


@pytest.fixture
def token() -> str:
    providers = {slug: ProviderFactory(slug=slug) for slug in dict(SOLD)}
    for slug, native_id in SOLD:
        EndpointFactory(provider=providers[slug], native_id=native_id)
    return senders.issue("proxy", now=NOW)


@pytest.fixture
def payloads() -> list[dict[str, Any]]:
    """The recording, as if it had been made just now."""
    moved = copy.deepcopy(RECORDED)
    shift = datetime.now(UTC).timestamp() - moved[-1]["endTime"]
    for one in moved:
        for name in ("startTime", "endTime", "completionStartTime"):
            one[name] += shift
    return moved


def post(token: str, body: Any, *, kind: str = "application/json") -> Any:
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client(enforce_csrf_checks=True).post(
        "/api/v1/observations/litellm",
        body,
        content_type=kind,
        headers={"Authorization": f"Bearer {token}"},
    )


def test_all_that_a_proxy_posted_is_taken(token: str, payloads: list[dict[str, Any]]) -> None:
    answer = post(token, payloads)
    assert answer.json() == {
        "accepted": 12, "duplicates": 0, "refused": 0, "quarantined": 0, "problems": [],
    }  # fmt: skip
    rows = Observation.objects.order_by("at_ms")
    sold = [f"{row.endpoint.provider.slug} {row.endpoint.native_id}" for row in rows]
    assert sold == [f"{provider} {name}" for provider, name in _asked() for _ in range(2)]
    assert [row.outcome for row in rows] == (
        ["ok"] * 8 + ["rate_limited"] * 2 + ["provider_error"] * 2
    )
    assert {row.delivery.inlet for row in rows} == {"litellm"}


def _asked() -> list[tuple[str, str]]:
    """In the order of the recording."""
    return [SOLD[0], SOLD[2], SOLD[3], SOLD[4], SOLD[1], SOLD[5]]


def test_a_stream_tells_its_first_token_and_a_whole_answer_does_not(
    token: str, payloads: list[dict[str, Any]]
) -> None:
    post(token, payloads[:2])
    stream, whole = Observation.objects.order_by("at_ms")
    told = payloads[0]
    expected = (told["completionStartTime"] - told["startTime"]) * 1e6
    assert stream.ttft_us == pytest.approx(expected, abs=2)
    assert whole.ttft_us is None
    assert (stream.input_tokens, stream.output_tokens, stream.cached_tokens) == (9, 20, 3)
    assert (stream.cost_pico, stream.app) == (13_125_000, "shop")


def test_a_cost_of_nothing_and_a_failures_tokens_are_unknown(
    token: str, payloads: list[dict[str, Any]]
) -> None:
    post(token, [payloads[2], payloads[8]])
    answered, failed = Observation.objects.order_by("at_ms")
    assert (answered.input_tokens, answered.cost_pico) == (19, None)
    assert (failed.input_tokens, failed.output_tokens, failed.cost_pico) == (None, None, None)


def test_a_batch_that_comes_again_counts_once(token: str, payloads: list[dict[str, Any]]) -> None:
    post(token, payloads)
    assert post(token, payloads).json()["duplicates"] == 12
    assert Observation.objects.count() == 12


def test_attempts_of_one_call_are_told_apart(token: str, payloads: list[dict[str, Any]]) -> None:
    payloads[9]["litellm_call_id"] = payloads[8]["litellm_call_id"]
    assert post(token, payloads[8:10]).json()["accepted"] == 2


def test_the_three_formats_are_one(token: str, payloads: list[dict[str, Any]]) -> None:
    lines = b"\n".join(json.dumps(one).encode() for one in payloads[:3])
    assert post(token, lines).json()["accepted"] == 3
    assert post(token, lines, kind="application/x-ndjson").json()["duplicates"] == 3
    assert post(token, payloads[3]).json()["accepted"] == 1


def test_a_team_stands_before_a_tag(token: str, payloads: list[dict[str, Any]]) -> None:
    payloads[0]["metadata"]["user_api_key_team_alias"] = "warehouse"
    post(token, payloads[:1])
    assert Observation.objects.get().app == "warehouse"


def test_what_the_proxy_answered_itself_measures_nobody(
    token: str, payloads: list[dict[str, Any]]
) -> None:
    payloads[0]["cache_hit"] = True
    assert post(token, payloads[:1]).json()["accepted"] == 0
    payloads[8]["error_information"]["error_rate_limit_category"] = "litellm_rate_limit"
    post(token, payloads[8:9])
    assert Observation.objects.get().outcome == "caller_error"


def test_a_deployments_own_name_is_known_by_what_it_is_priced_as(
    token: str, payloads: list[dict[str, Any]]
) -> None:
    payloads[0]["model"] = "openai/our-deployment"
    assert post(token, payloads[:1]).json()["accepted"] == 1


def test_a_strange_model_waits_in_quarantine(token: str, payloads: list[dict[str, Any]]) -> None:
    payloads[0]["model"] = payloads[0]["model_map_information"]["model_map_key"] = "openai/odd"
    answer = post(token, payloads[:2])
    assert (answer.status_code, answer.json()["quarantined"]) == (422, 1)
    assert answer.json()["problems"][0]["index"] == 0
    row = Quarantined.objects.get()
    assert (row.provider, row.model) == ("openai", "odd")
    assert "tide" not in row.example  # no prompt is kept


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"status": "odd"}, "success or failure"),
        ({"startTime": "now"}, "startTime"),
        ({"startTime": 1e300}, "write Unix seconds"),
        ({"prompt_tokens": -1}, "input_tokens is -1"),
        ({"model": ""}, "no provider was asked"),
        ({"custom_llm_provider": None}, "no provider was asked"),
        ({"status": "failure", "error_information": None}, "whose failure it was"),
        ({"id": None}, "id"),
    ],
)
def test_a_bad_item_is_named_and_the_others_are_taken(
    token: str, payloads: list[dict[str, Any]], change: dict[str, Any], part: str
) -> None:
    payloads[1].update(change)
    said = post(token, payloads[:3]).json()
    assert (said["accepted"], said["refused"]) == (2, 1)
    assert said["problems"][0]["index"] == 1
    assert part in said["problems"][0]["reason"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"[", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[NaN]", "application/json", 400),
        (b"{}", "text/plain", 415),
        pytest.param(b"[%s0]" % (b"0," * 1_000_001), "application/json", 413, id="figures"),
        pytest.param(b"0\n" * 50_001, "application/json", 413, id="lines"),
    ],
)
def test_junk_is_refused_whole(token: str, body: bytes, kind: str, status: int) -> None:
    assert post(token, body, kind=kind).status_code == status


def test_a_sender_of_another_inlet_is_told_so(token: str, payloads: list[dict[str, Any]]) -> None:
    Sender.objects.update(inlets=["push"])
    assert post(token, payloads).status_code == 403
