import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from providers import senders
from providers.models import Observation, Sender
from providers.stats import ingest
from tests.factories import NOW, EndpointFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/observations"
JSON = "application/json"


@pytest.fixture
def token() -> str:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    return senders.issue("gateway", now=NOW)


def event(name: object = 1, **told: Any) -> dict[str, Any]:
    sound = {"id": str(name), "at": datetime.now(UTC).isoformat(), "outcome": "ok"}
    return {**sound, "provider": "openai", "model": "gpt-4o", **told}


def push(token: str, events: Any, *, kind: str = JSON, **headers: str) -> Any:
    body = events if isinstance(events, bytes) else json.dumps(events).encode()
    headers = {"Authorization": f"Bearer {token}", **headers}
    return Client(enforce_csrf_checks=True).post(ADDRESS, body, content_type=kind, headers=headers)


def test_a_batch_is_taken_and_counted(token: str) -> None:
    answer = push(token, [event(1, ttft_ms=310.5, output_tokens=20), event(2)])
    assert answer.status_code == 200
    assert answer.json() == {
        "accepted": 2, "duplicates": 0, "refused": 0, "quarantined": 0, "problems": [],
    }  # fmt: skip
    assert (
        Observation.objects.filter(delivery__sender="gateway", delivery__inlet="push").count() == 2
    )


def test_a_replayed_batch_is_taken_note_of_and_not_counted(token: str) -> None:
    batch = [event(1), event(2)]
    push(token, batch)
    answer = push(token, batch)
    assert (answer.status_code, answer.json()["duplicates"]) == (200, 2)
    assert Observation.objects.count() == 2


def test_lines_and_gzip_come_in_the_same(token: str) -> None:
    lines = b"\n".join(json.dumps(event(name)).encode() for name in range(3))
    kind = "application/x-ndjson"
    answer = push(token, gzip.compress(lines), kind=kind, **{"Content-Encoding": "gzip"})
    assert answer.json()["accepted"] == 3


def test_problems_are_named_by_the_items_own_index(token: str) -> None:
    late = (datetime.now(UTC) - timedelta(days=9)).isoformat()
    answer = push(
        token,
        [event(1), {"id": "x"}, event(2), event(4, model="gpt-4p"), event(3, at=late), event(5)],
    )
    assert answer.status_code == 422
    said = answer.json()
    assert (said["accepted"], said["refused"], said["quarantined"]) == (3, 2, 1)
    assert [(one["index"], one["became"]) for one in said["problems"]] == [
        (1, "refused"),
        (3, "quarantined"),
        (4, "refused"),
    ]
    assert "more than 8 days ago" in said["problems"][2]["reason"]


def test_an_answer_names_a_hundred_problems_and_counts_all(token: str) -> None:
    said = push(token, [event(name, ttft_ms=-1) for name in range(300)]).json()
    assert (said["refused"], len(said["problems"])) == (300, 100)


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer \u00e9", "Bearer " + "x" * 5000],
)
def test_nobody_gets_in_without_a_token(token: str, authorization: str) -> None:
    answer = push(token, [event()], Authorization=authorization)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert not Observation.objects.exists()


def test_a_token_that_was_renewed_is_void(token: str) -> None:
    fresh = senders.renew(Sender.objects.get())
    assert push(token, [event()]).status_code == 401
    assert push(fresh, [event()]).status_code == 200


def test_a_paused_sender_is_told_so(token: str) -> None:
    Sender.objects.update(paused=True)
    answer = push(token, [event()])
    assert (answer.status_code, answer.json()["error"]) == (403, "the sender gateway is paused")


def test_a_sender_of_another_inlet_is_told_so(token: str) -> None:
    Sender.objects.update(inlets=["otlp"])
    answer = push(token, [event()])
    assert (answer.status_code, "may not send by push" in answer.json()["error"]) == (403, True)


def test_only_post_is_answered(token: str) -> None:
    answer = Client().get(ADDRESS)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("body", "headers", "kind", "status"),
    [
        (b"garbage", {}, JSON, 400),
        (b"[" * 100_000, {}, JSON, 400),
        (b"[]", {}, "text/plain", 415),
        (b"[]", {"Content-Encoding": "br"}, JSON, 415),
        (b"x" * (ingest.MAX_BYTES + 1), {}, JSON, 413),
        (
            gzip.compress(b" " * (ingest.MAX_BYTES + 1), mtime=0),
            {"Content-Encoding": "gzip"},
            JSON,
            413,
        ),
    ],
)
def test_a_bad_body_is_a_clear_4xx(
    token: str, body: bytes, headers: dict[str, str], kind: str, status: int
) -> None:
    answer = push(token, body, kind=kind, **headers)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_an_empty_batch_is_no_error(token: str) -> None:
    assert push(token, []).json()["accepted"] == 0


def test_a_busy_database_is_told_to_try_again(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*args: object, **fields: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr("providers.api.record", locked)
    answer = push(token, [event()])
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_a_sender_is_seen_once_a_minute(token: str) -> None:
    push(token, [event(1)])
    first = Sender.objects.get().last_seen_at
    push(token, [event(2)])
    assert first is not None
    assert Sender.objects.get().last_seen_at == first
