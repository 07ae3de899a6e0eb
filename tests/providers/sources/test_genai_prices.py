import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from providers.choices import Kind, State
from providers.facts import BadSnapshot, Condition, Snapshot, utc
from providers.sources import genai_prices

from .read import GENAI_UNITS, amounts, facts, offer, prices, refusals, snapshot, spans

BATCH = Condition(tier="batch")


@pytest.fixture(scope="module")
def recorded() -> Snapshot:
    return snapshot("genai_prices")


# -- the recording --------------------------------------------------------------------------------


def test_gpt_4o_mini_has_its_tiers(recorded: Snapshot) -> None:
    mini = offer(recorded, "openai", "gpt-4o-mini")

    assert facts(mini)["context_length"] == 128_000
    assert "gpt-4o-mini-2024-07-18" in facts(mini)["aliases"]
    assert amounts(mini) == {
        "input": "0.15",
        "output": "0.6",
        "cache_read": "0.075",
        "web_search": "10",
        "storage_search": "2.5",
    }
    assert amounts(mini, BATCH) == {"input": "0.075", "output": "0.3"}
    assert amounts(mini, Condition(tier="priority")) == {
        "input": "0.25",
        "output": "1",
        "cache_read": "0.125",
    }


def test_o4_mini_is_cheaper_in_flex(recorded: Snapshot) -> None:
    flex = amounts(offer(recorded, "openai", "o4-mini"), Condition(tier="flex"))

    assert flex == {"input": "0.55", "output": "2.2", "cache_read": "0.138"}


def test_prices_are_dated_one_after_the_other(recorded: Snapshot) -> None:
    flash = offer(recorded, "deepseek", "deepseek-v4-flash")

    assert spans(prices(flash, "input")) == [
        ("0.14", None, utc(2026, 8, 17)),
        ("0.22", utc(2026, 8, 17), utc(2026, 9, 10)),
        ("0.15", utc(2026, 9, 10), None),
    ]


def test_peak_hours_hold_every_day_in_utc(recorded: Snapshot) -> None:
    flash = offer(recorded, "deepseek", "deepseek-v4-flash")
    (peak,) = [
        price for price in flash.prices if price.condition.schedule and price.component == "input"
    ]
    schedule = peak.condition.schedule

    assert schedule is not None
    assert str(peak.amount) == "0.3"
    assert schedule.ranges[:3] == ((60, 240), (360, 600), (1500, 1680))
    assert len(schedule.ranges) == 14
    assert schedule.holds(datetime(2026, 11, 21, 3, 59, tzinfo=UTC))
    assert not schedule.holds(datetime(2026, 11, 21, 4, 0, tzinfo=UTC))


def test_ocr_is_priced_by_the_page(recorded: Snapshot) -> None:
    ocr = offer(recorded, "mistral", "mistral-ocr-latest", kind="ocr")
    newest = prices(ocr, "page")[-1]

    assert (str(newest.amount), newest.unit) == ("0.004", "page")


def test_whisper_is_priced_by_the_hour_once(recorded: Snapshot) -> None:
    whisper = offer(recorded, "openai", "whisper-1", kind="transcription")

    assert [(p.component, str(p.amount), p.unit) for p in whisper.prices] == [
        ("audio_input", "0.36", "hour")
    ]


def test_the_host_behind_hugging_face_is_the_upstream(recorded: Snapshot) -> None:
    served = offer(recorded, "huggingface", "openai/gpt-oss-120b", upstream="cerebras")

    assert amounts(served)["input"]


def test_the_native_id_is_the_one_that_fireworks_answers_to(recorded: Snapshot) -> None:
    assert offer(recorded, "fireworks-ai", "accounts/fireworks/models/glm-5p3")


def test_claude_in_googles_list_is_sold_by_vertex(recorded: Snapshot) -> None:
    assert offer(recorded, "google-vertex", "claude-haiku-4-5")


def test_a_free_id_without_prices_is_free(recorded: Snapshot) -> None:
    gift = offer(recorded, "openrouter", "deepseek/deepseek-r1:free")

    assert {price.component: price.state for price in gift.prices} == {
        "input": State.FREE,
        "output": State.FREE,
    }


def test_a_plan_without_prices_includes_the_model(recorded: Snapshot) -> None:
    included = offer(recorded, "github-copilot", "gpt-4o-mini")

    assert {price.state for price in included.prices} == {State.PLAN}


def test_ids_that_openrouter_does_not_answer_to_are_refused(recorded: Snapshot) -> None:
    refused = refusals(recorded)

    assert "author/model" in refused["openrouter/deepseek-r1:free"]
    assert "OpenRouter's suffix" in refused["azure/mai-ds-r1:free"]
    assert "decisions" in refused["openai-decisions"]


def test_nothing_of_the_recording_is_lost(recorded: Snapshot) -> None:
    """2,330 models: taken, or refused by name; two providers are refused whole, with 3 models."""
    of_models = [item for item in refusals(recorded) if "/" in item]

    assert len(recorded.offers) + len(of_models) + 3 == 2_330
    assert {key for key in recorded.without_room if not key.startswith("provider.")} == {
        "description",
        "price_comments",
    }


# -- where it comes from --------------------------------------------------------------------------


class _Client:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, url: str) -> bytes:
        self.asked.append(url)
        return b"answer"


def test_it_reads_the_feed_that_carries_units() -> None:
    client = _Client()

    assert genai_prices.fetch(client) == b"answer"
    assert client.asked == [genai_prices.ADDRESS]


PACKAGE = """
from decimal import Decimal
from .types import *
providers: list[Provider] = [
    Provider(
        id='deepseek',
        name='DeepSeek',
        models=[
            ModelInfo(
                id='m',
                match=ClauseOr(or_=[ClauseEquals(equals='m')]),
                context_window=None,
                prices=[
                    ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('0.15'))),
                    ConditionalPrice(
                        constraint=TimeOfDateConstraint(
                            start_time=datetime.time(0, 30, tzinfo=datetime.UTC),
                            end_time=datetime.time(16, 30, tzinfo=datetime.UTC),
                        ),
                        prices=ModelPrice(input_mtok=Decimal('3')),
                    ),
                    ConditionalPrice(
                        constraint=StartDateConstraint(start_date=datetime.date(2026, 1, 5)),
                        prices=ModelPrice(input_mtok=Decimal('2')),
                    ),
                ],
            )
        ],
    )
]
"""


def _package(folder: Path, data: str) -> Path:
    (folder / "genai_prices").mkdir()
    (folder / "genai_prices" / "data.py").write_text(data)
    (folder / "genai_prices" / "data_units.py").write_text(f"unit_data: dict = {GENAI_UNITS!r}")
    return folder


def test_the_package_is_written_as_the_live_answer(tmp_path: Path) -> None:
    answer = json.loads(genai_prices.extract(_package(tmp_path, PACKAGE)))

    assert answer["units"] == GENAI_UNITS
    assert answer["providers"][0]["models"] == [
        {
            "id": "m",
            "match": {"or": [{"equals": "m"}]},
            "prices": [
                {"prices": {"input_mtok": 0.15}},
                {
                    "constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"},
                    "prices": {"input_mtok": 3},
                },
                {"constraint": {"start_date": "2026-01-05"}, "prices": {"input_mtok": 2}},
            ],
        }
    ]


def test_the_package_is_read_but_never_run(tmp_path: Path) -> None:
    code = "providers: list = [__import__('os').system('true')]"

    with pytest.raises(BadSnapshot, match="not plain data"):
        genai_prices.extract(_package(tmp_path, code))


def test_kinds_come_from_ids_and_units(recorded: Snapshot) -> None:
    kinds = {one.operation for one in recorded.offers}

    assert {Kind.CHAT, Kind.EMBEDDING, Kind.OCR, Kind.TRANSCRIPTION, Kind.SPEECH} <= kinds
