import pytest

from catalog.pages.search import Query, Text, nearest

MINI = Text.of(
    ["GPT-4o mini", "gpt-4o-mini", "openai/gpt-4o-mini"],
    ["OpenAI", "GPT-4o"],
    ["eu/gpt-4o-mini", "gpt-4o-mini-2024-07-18"],
    ["Azure", "top_logprobs"],
)
GEMINI = Text.of(["Gemini 1.5 Pro", "gemini-pro-1.5", "google/gemini-pro-1.5"], ["Google"], [], [])
LLAMA = Text.of(["Llama 32B", "llama-32b", "meta/llama-32b"], ["Meta"], [], [])


@pytest.mark.parametrize(
    "typed",
    ["gpt4o mini", "GPT-4o Mini", "gpt 4 o", "gpt4omini", "openai/gpt-4o-mini", "mini gpt4o",
     "azure eu", "top_logprobs", "2024-07-18", "ＧＰＴ4o"],
)  # fmt: skip
def test_a_model_is_found_however_it_is_typed(typed):
    assert Query.of(typed).rank(MINI) is not None


def test_a_word_begins_where_a_run_begins():
    assert Query.of("o1").rank(GEMINI) is None
    assert Query.of("mini").rank(GEMINI) is None


def test_a_number_ends_where_it_ends():
    assert Query.of("llama 3").rank(LLAMA) is None
    assert Query.of("llama 32").rank(LLAMA) is not None


def test_every_word_must_be_found():
    assert Query.of("gpt4o claude").rank(MINI) is None


def test_the_name_itself_comes_first_then_its_beginning_then_other_fields():
    ranks = [Query.of(typed).rank(MINI) for typed in ("gpt4o mini", "gpt4o", "mini", "azure")]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 4


def test_a_search_without_letters_or_digits_looks_for_nothing():
    assert Query.of("?? --").words == ()


def test_a_slip_of_the_fingers_has_a_nearest_name():
    assert nearest("clode opsu 4", ["GPT-4o", "Claude Opus 4", "Claude Opus"]) == "Claude Opus 4"
    assert nearest("qqqqqqqq", ["GPT-4o", "Claude Opus 4"]) is None
