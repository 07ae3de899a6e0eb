"""Curated facts: what ships is sound, loading is safe to repeat, editors have the last word."""

import re
import tomllib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from catalog import curated
from catalog.curated import BadFile, files
from catalog.models import AIModel, Author, Benchmark, ModelAlias, Parameter, Score, Tag, Tagging
from providers.models import Edition

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHIPPED = settings.FIXTURES_DIR / "curated"

# As a model-reference page of April 2026 types them.
TYPED = {
    "frequency_penalty": "number",
    "logit_bias": "object",
    "logprobs": "boolean",
    "max_completion_tokens": "integer",
    "max_tokens": "integer",
    "presence_penalty": "number",
    "response_format": "one of",
    "seed": "integer",
    "stop": "array",
    "structured_outputs": "boolean",
    "temperature": "number",
    "tool_choice": "one of",
    "tools": "array",
    "top_logprobs": "integer",
    "top_p": "number",
    "web_search_options": "object",
}

PARAMETERS = """
[max_tokens]
type = "integer"
description = "Longest answer."
deprecated = true
replaced_by = "max_completion_tokens"

[max_completion_tokens]
type = "integer"
description = "Longest answer, reasoning included."
"""
BENCHMARKS = """
[benchmarks.mmlu]
name = "MMLU"
metric = "percent correct"

[[scores]]
model = "openai/gpt-4o-mini"
benchmark = "mmlu"
value = "82.0"
source_name = "A page"
published_on = "2026-04"
"""
NOTE = """+++
model = "openai/gpt-4o-mini"
on = 2026-11-20
summary = "Small."
tags = ["Fast"]
+++
## Best for
- **Volume**

## Limitations
- Depth
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    (tmp_path / "parameters.toml").write_text(PARAMETERS)
    (tmp_path / "benchmarks.toml").write_text(BENCHMARKS)
    (tmp_path / "notes" / "openai__gpt-4o-mini.md").write_text(NOTE)
    return tmp_path


@pytest.fixture
def mini(db: None) -> AIModel:
    author = Author.objects.create(slug="openai", name="OpenAI")
    return AIModel.objects.create(
        author=author, slug="gpt-4o-mini", name="GPT-4o mini", kind="chat"
    )


# -- what ships -----------------------------------------------------------------------------------


def test_what_ships_can_be_read() -> None:
    shipped = files.read(SHIPPED)
    assert len(shipped.parameters) >= 40
    assert len(shipped.notes) >= 10
    for note in shipped.notes:
        assert set(note.sections) == set(files.SECTIONS.values())
        assert note.on == date(2026, 11, 20)


def test_parameters_have_the_types_of_the_reference_page() -> None:
    shipped = {one.name: one for one in files.read(SHIPPED).parameters}
    assert {name: shipped[name].type for name in TYPED} == TYPED
    assert shipped["max_tokens"].deprecated
    assert shipped["max_tokens"].replaced_by == "max_completion_tokens"


@pytest.mark.parametrize(
    ("model", "benchmark", "value", "condition", "source"),
    [
        ("openai/gpt-4o-mini", "mmlu", "82", "", "Reference page"),
        ("openai/gpt-4o-mini", "humaneval", "87.2", "", "Reference page"),
        ("openai/gpt-4o-mini", "math", "70.2", "", "Reference page"),
        ("openai/o4-mini", "aime", "99.5", "with Python", "ZenMux"),
    ],
)
def test_scores_carry_their_condition_and_source(
    model: str, benchmark: str, value: str, condition: str, source: str
) -> None:
    [score] = [
        score
        for score in files.read(SHIPPED).scores
        if (score.model, score.benchmark, score.source_name) == (model, benchmark, source)
    ]
    assert (score.value, score.condition) == (Decimal(value), condition)
    assert score.published_on


def test_notes_link_to_models_by_their_page() -> None:
    for note in files.read(SHIPPED).notes:
        for text in note.sections.values():
            for address in re.findall(r"\]\(([^)]*)\)", text):
                assert re.fullmatch(r"/models/[a-z0-9-]+/[a-z0-9.-]+/", address), address


# -- loading --------------------------------------------------------------------------------------


def test_loading_writes_what_is_missing(mini: AIModel, folder: Path) -> None:
    loaded = curated.load(NOW, folder=folder)
    assert (loaded.parameters, loaded.benchmarks, loaded.scores, loaded.notes) == (2, 1, 1, 1)
    mini.refresh_from_db()
    assert mini.summary == "Small."
    assert mini.best_for == "- **Volume**"
    assert mini.html["best_for"] == "<ul>\n<li><strong>Volume</strong></li>\n</ul>"
    assert mini.notes_on == date(2026, 11, 20)
    assert Score.objects.get().value == Decimal("82.0")
    assert Tagging.objects.get(model=mini, tag__slug="fast").derived is False


def test_loading_again_writes_nothing(mini: AIModel, folder: Path) -> None:
    curated.load(NOW, folder=folder)
    edition = Edition.objects.get().number
    assert not curated.load(NOW, folder=folder).wrote()
    assert Edition.objects.get().number == edition


def test_loading_makes_a_new_edition(mini: AIModel, folder: Path) -> None:
    curated.load(NOW, folder=folder)
    before = Edition.objects.get().number
    Parameter.objects.filter(name="max_tokens").delete()
    curated.load(NOW, folder=folder)
    assert Edition.objects.get().number == before + 1


def test_what_an_editor_wrote_first_stays(mini: AIModel, folder: Path) -> None:
    AIModel.objects.update(best_for="Ours.")
    Parameter.objects.create(name="max_tokens", type="int", description="Ours.")
    curated.load(NOW, folder=folder)
    mini.refresh_from_db()
    assert mini.best_for == "Ours."
    assert mini.limitations == "- Depth"
    assert Parameter.objects.get(name="max_tokens").description == "Ours."


def test_what_an_editor_emptied_stays_empty(mini: AIModel, folder: Path) -> None:
    curated.load(NOW, folder=folder)
    AIModel.objects.update(best_for="", html={})
    Tagging.objects.all().delete()
    curated.load(NOW, folder=folder)
    mini.refresh_from_db()
    assert mini.best_for == ""
    assert not Tagging.objects.exists()


def test_a_derived_tag_becomes_the_editors(mini: AIModel, folder: Path) -> None:
    fast = Tag.objects.create(slug="fast", name="Quick", rule="It is quick.")
    Tagging.objects.create(model=mini, tag=fast, derived=True)
    curated.load(NOW, folder=folder)
    assert Tagging.objects.get().derived is False
    assert Tag.objects.get().name == "Quick"


def test_models_that_are_not_there_are_named(db: None, folder: Path) -> None:
    loaded = curated.load(NOW, folder=folder)
    assert loaded.without_model == ("openai/gpt-4o-mini",)
    assert (loaded.benchmarks, loaded.scores, loaded.notes) == (1, 0, 0)
    assert Benchmark.objects.exists()


def test_a_model_is_found_by_another_path(db: None, folder: Path) -> None:
    author = Author.objects.create(slug="oai", name="OpenAI")
    model = AIModel.objects.create(author=author, slug="4o-mini", name="Mini", kind="chat")
    ModelAlias.objects.create(path="openai/gpt-4o-mini", model=model)
    assert curated.load(NOW, folder=folder).notes == 1


def test_a_bad_file_changes_nothing(mini: AIModel, folder: Path) -> None:
    (folder / "notes" / "openai__gpt-4o-mini.md").write_text("no head")
    with pytest.raises(BadFile):
        curated.load(NOW, folder=folder)
    assert not Parameter.objects.exists()


# -- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("parameters.toml", 'type = "integer"', "", "parameters.toml, max_tokens: lacks type"),
        ("parameters.toml", "deprecated = true", 'deprecated = "yes"', "expected true or false"),
        ("parameters.toml", "deprecated", "depricated", "unknown field depricated"),
        ("parameters.toml", "[max_completion_tokens]", "[other]", "which has no entry"),
        ("parameters.toml", "[max_tokens]", "[max_tokens", "parameters.toml, as a whole:"),
        ("parameters.toml", "Longest answer.", "x" * 501, "text of 501 characters"),
        (
            "benchmarks.toml",
            "[[scores]]\n",
            "[[scores]]\nnote = 1\n",
            "score 1 (openai/gpt-4o-mini",
        ),
        ("benchmarks.toml", '"82.0"', '"82 %"', "'82 %' is not a number"),
        ("benchmarks.toml", '"82.0"', '"-1"', "is not zero or more"),
        ("benchmarks.toml", '"82.0"', '"NaN"', "is not zero or more"),
        ("benchmarks.toml", '"82.0"', "82.0", "expected text"),
        ("benchmarks.toml", "gpt-4o-mini", "GPT 4o", "is not a model; write author/slug"),
        ("benchmarks.toml", 'benchmark = "mmlu"', 'benchmark = "arc"', "no benchmark is called"),
        ("benchmarks.toml", '"2026-04"', '"April"', "is not a date"),
        ("notes/openai__gpt-4o-mini.md", "+++\nmodel", "model", "begins with a head of TOML"),
        ("notes/openai__gpt-4o-mini.md", "## Best for", "## Bets for", "Bets for: unknown heading"),
        ("notes/openai__gpt-4o-mini.md", "- Depth", "", "nothing stands under this heading"),
        ("notes/openai__gpt-4o-mini.md", "gpt-4o-mini", "gpt-4", "is called author__slug.md"),
        ("notes/openai__gpt-4o-mini.md", "2026-11-20", '"2026"', "on is a day"),
        ("notes/openai__gpt-4o-mini.md", "+++\n##", "+++\nHm.\n##", "before the first heading"),
    ],
)
def test_a_fault_is_told_with_its_file_and_entry(
    folder: Path, file: str, old: str, new: str, message: str
) -> None:
    path = folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(BadFile, match=re.escape(message)) as fault:
        files.read(folder)
    assert Path(file).name in str(fault.value)


def test_the_same_score_twice_is_a_fault(folder: Path) -> None:
    entry = tomllib.loads(BENCHMARKS)["scores"][0]
    again = "".join(f'{name} = "{value}"\n' for name, value in entry.items())
    (folder / "benchmarks.toml").write_text(f"{BENCHMARKS}\n[[scores]]\n{again}")
    with pytest.raises(BadFile, match="the same score twice"):
        files.read(folder)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"benchmarks\.toml is missing"):
        files.read(tmp_path)
