import pytest

from catalog.matching.naming import cleaned, display_name, from_slug


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("gpt-4o-mini", "GPT-4o mini"),
        ("gpt-5.1-codex-max", "GPT-5.1 Codex Max"),
        ("o4-mini", "o4-mini"),
        ("claude-sonnet-4-6", "Claude Sonnet 4.6"),
        ("qwen3-235b-a22b", "Qwen3 235B A22B"),
        ("deepseek-v3.2", "DeepSeek V3.2"),
        ("minimax-m2.5", "MiniMax M2.5"),
    ],
)
def test_ids_are_read_as_names(slug, name):
    assert from_slug(slug) == name


@pytest.mark.parametrize(
    "stated",
    ["OpenAI: GPT-4o (free)", "GPT-4o (2024-08-06)", "GPT-4o 2024-08-06", "GPT-4o (latest)"],
)
def test_sellers_dates_and_tiers_are_not_the_name(stated):
    assert cleaned(stated) == "GPT-4o"


def test_the_authors_name_comes_first():
    stated = [("Gpt 4o Mini", False), ("Gpt 4o Mini", False), ("GPT-4o mini", True)]
    assert display_name("gpt-4o-mini", stated) == "GPT-4o mini"


def test_a_name_must_say_what_the_id_says():
    stated = [("o4 Mini High", True), ("o4 Mini", False)]
    assert display_name("o4-mini", stated) == "o4 Mini"
    assert display_name("o4-mini", [("o4-mini", True), *stated]) == "o4-mini"
    assert display_name("claude-opus-4-6-fast", [("Claude Opus 4.6 (Fast)", False)]) == (
        "Claude Opus 4.6 Fast"
    )
    assert display_name("gemini-9-flash-preview", [("Gemini 9 Flash", True)]) == (
        "Gemini 9 Flash Preview"
    )


def test_an_id_is_not_a_name():
    assert display_name("llama-3.1-8b", [("meta-llama-3.1-8b", False)]) == "Llama 3.1 8B"
