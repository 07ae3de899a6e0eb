import gzip
import json
from typing import Any

import pytest

from providers.stats import ingest
from providers.stats.ingest import BadBody, Decoded, decoded, inflated
from tests.factories import NOW

pytestmark = pytest.mark.once
JSON = "application/json"
LINES = "application/x-ndjson"


def event(name: object = 1, **told: Any) -> dict[str, Any]:
    sound = {"id": str(name), "at": NOW.isoformat(), "outcome": "ok"}
    return {**sound, "provider": "openai", "model": "gpt-4o", **told}


def as_json(*events: Any) -> bytes:
    return json.dumps(list(events)).encode()


def as_lines(*events: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)


def ids(batch: Decoded) -> list[str]:
    return [one.id for one in batch.items]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (as_json(event(1), event(2)), JSON),
        (as_json(event(1), event(2)), "application/json; charset=utf-8"),
        (as_lines(event(1), event(2)), LINES),
        (as_lines(event(1), event(2)).rstrip(), "application/jsonl"),
    ],
)
def test_arrays_and_lines_are_read(body: bytes, kind: str) -> None:
    batch = decoded(body, kind)
    assert (ids(batch), batch.faults) == (["1", "2"], [])
    assert [batch.place_of(index) for index in (0, 1)] == [0, 1]


def test_one_event_may_come_alone() -> None:
    assert ids(decoded(json.dumps(event(7)).encode(), JSON)) == ["7"]


@pytest.mark.parametrize(("write", "kind"), [(as_json, JSON), (as_lines, LINES)])
@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (5, "Expected `object`, got `int`"),
        ({"id": "x"}, "missing required field `at`"),
        (event(outcome="fine"), "write ok, provider_error, rate_limited, caller_error"),
        (event(input_tokens=1.5), "$.input_tokens"),
        (event(ttft="3"), "unknown field `ttft`"),
        (event(at="yesterday"), "$.at"),
        (event(output_tokens=float("nan")), "$.output_tokens"),
        ([[[]]], "Expected `object`"),
    ],
)
def test_the_good_items_stand_beside_a_broken_one(
    broken: Any, reason: str, write: Any, kind: str
) -> None:
    batch = decoded(write(event(1), broken, event(2)), kind)
    assert ids(batch) == ["1", "2"]
    ((place, why),) = batch.faults
    assert place == 1 and reason in why
    assert [batch.place_of(index) for index in (0, 1)] == [0, 2]


@pytest.mark.parametrize(("write", "kind"), [(as_json, JSON), (as_lines, LINES)])
def test_nan_is_read_to_be_refused_by_its_name(write: Any, kind: str) -> None:
    batch = decoded(write(event(1), event(2, ttft_ms=float("nan"))), kind)
    assert ids(batch) == ["1", "2"]
    assert str(batch.items[1].ttft_ms) == "nan"


def test_a_line_that_is_no_json_spares_the_others() -> None:
    batch = decoded(as_lines(event(1)) + b"{garbage\n\n" + as_lines(event(2)), LINES)
    assert ids(batch) == ["1", "2"]
    ((place, why),) = batch.faults
    assert place == 1 and "is not JSON" in why


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", JSON, 400),
        (b"garbage", JSON, 400),
        (b"[1, 2", JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"[" * 100_000 + b"]" * 100_000, JSON, 400),
        (as_json(event()), "text/plain", 415),
        (as_json(event()), "", 415),
        (b"[" + b"1," * 2_000_000 + b"1]", JSON, 413),
        (b"1\n" * (ingest.MAX_ITEMS + 1), LINES, 413),
    ],
)
def test_a_body_that_cannot_be_told_apart_is_refused_whole(
    body: bytes, kind: str, status: int
) -> None:
    with pytest.raises(BadBody) as refused:
        decoded(body, kind)
    assert refused.value.status == status


@pytest.mark.parametrize("body", [b'{"a":' * 100_000, b"1," * 2_000_000, b"null", b'"text"'])
def test_what_is_no_event_is_a_batch_of_one_bad_item(body: bytes) -> None:
    batch = decoded(body, JSON)
    assert batch.items == []
    assert [place for place, _ in batch.faults] == [0]


@pytest.mark.parametrize("deep", [b"[" * 50_000, b'{"a":' * 50_000])
def test_a_deep_line_spares_the_others(deep: bytes) -> None:
    batch = decoded(as_lines(event(1)) + deep + b"\n", LINES)
    assert ids(batch) == ["1"]
    assert len(batch.faults) == 1


def pieces(body: bytes, size: int = 1000) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_gzip_is_read_in_whatever_pieces_it_comes(size: int) -> None:
    packed = gzip.compress(b"first ") + gzip.compress(b"second")
    assert inflated(pieces(packed, size), "gzip") == b"first second"
    assert inflated([b"plain"], "") == b"plain"


def test_a_bomb_is_cut_while_it_unfolds() -> None:
    bomb = gzip.compress(b"\0" * (ingest.MAX_BYTES * 20))
    read: list[int] = []

    def wire() -> Any:
        for piece in pieces(bomb, 512):
            read.append(len(piece))
            yield piece

    with pytest.raises(BadBody, match="larger than") as refused:
        inflated(wire(), "gzip")
    assert refused.value.status == 413
    assert sum(read) < len(bomb) / 4


@pytest.mark.parametrize(
    ("body", "encoding", "reason"),
    [
        (b"plain", "gzip", "says gzip and the body is not"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-6], "gzip", "breaks off"),
        (b"", "gzip", "breaks off"),
        (b"x", "br", "send gzip or none"),
        (b"x" * (ingest.MAX_BYTES + 1), "", "larger than"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(body: bytes, encoding: str, reason: str) -> None:
    with pytest.raises(BadBody, match=reason):
        inflated(pieces(body, 100_000), encoding)
