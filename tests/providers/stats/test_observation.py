from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import inf, nan
from typing import Any

import pytest

from providers.choices import Outcome
from providers.stats.observation import Observation, fault, outcome_of
from tests.factories import NOW

pytestmark = pytest.mark.once


def seen(**told: Any) -> Observation:
    sound = {"id": "a", "at": NOW, "outcome": Outcome.OK, "provider": "openai", "model": "gpt-4o"}
    return Observation(**{**sound, **told})


def test_a_sound_observation_has_no_fault() -> None:
    assert fault(seen(ttft_ms=0.0, latency_ms=900.0, input_tokens=0, cost=Decimal(0)), NOW) is None


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"id": ""}, "id is empty"),
        ({"id": "x" * 201}, "id is longer than 200"),
        ({"model": ""}, "provider and model are missing"),
        ({"model": "a\0b"}, "model holds characters"),
        ({"app": "a\ud800"}, "app holds characters"),
        ({"region": "x" * 61}, "region is longer than 60"),
        ({"at": NOW + timedelta(minutes=5, seconds=1)}, "more than 5 minutes ahead"),
        ({"at": NOW - timedelta(days=8, seconds=1)}, "more than 8 days ago"),
        ({"at": datetime(2026, 11, 14)}, "without an offset"),  # noqa: DTZ001
        ({"ttft_ms": nan}, "ttft_ms is nan"),
        ({"ttft_ms": -0.1}, "ttft_ms is -0.1"),
        ({"latency_ms": inf}, "latency_ms is inf"),
        ({"ttft_ms": 2.0, "latency_ms": 1.0}, "more than latency_ms"),
        ({"input_tokens": -1}, "input_tokens is -1"),
        ({"output_tokens": 10**9 + 1}, "output_tokens is"),
        ({"input_tokens": 5, "cached_tokens": 6}, "more than input_tokens"),
        ({"cost": Decimal("-0.01")}, "cost is -0.01"),
        ({"cost": Decimal("NaN")}, "cost is NaN"),
        ({"cost": Decimal(10_001)}, "cost is 10001"),
    ],
)
def test_a_fault_is_named(told: dict[str, Any], reason: str) -> None:
    assert reason in str(fault(seen(**told), NOW))


def test_the_edges_of_time_are_taken() -> None:
    assert fault(seen(at=NOW + timedelta(minutes=5)), NOW) is None
    assert fault(seen(at=NOW - timedelta(days=8)), NOW) is None
    assert fault(seen(at=NOW.replace(tzinfo=UTC)), NOW) is None


def test_throughput_counts_what_came_after_the_first_token() -> None:
    assert seen(ttft_ms=500.0, latency_ms=2500.0, output_tokens=101).throughput == 50.0


@pytest.mark.parametrize(
    "told",
    [
        {"ttft_ms": None},
        {"latency_ms": None},
        {"output_tokens": None},
        {"output_tokens": 1},
        {"latency_ms": 500.5},  # one piece
    ],
)
def test_throughput_is_unknown_where_a_part_of_it_is(told: dict[str, Any]) -> None:
    whole = {"ttft_ms": 500.0, "latency_ms": 2500.0, "output_tokens": 101}
    assert seen(**{**whole, **told}).throughput is None


def test_reasoning_is_none_of_what_came_after_the_first_content_token() -> None:
    whole = {"ttft_ms": 500.0, "latency_ms": 2500.0, "output_tokens": 1101}
    assert seen(**whole, reasoning_tokens=1000).throughput == 50.0


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "ok"),
        (302, "ok"),
        (400, "caller_error"),
        (401, "caller_error"),
        (404, "caller_error"),
        (408, "provider_error"),
        (429, "rate_limited"),
        (500, "provider_error"),
        (503, "provider_error"),
        (529, "provider_error"),
        (None, "provider_error"),
    ],
)
def test_a_status_is_one_of_four_outcomes(status: int | None, outcome: str) -> None:
    assert outcome_of(status) == outcome
