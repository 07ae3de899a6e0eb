"""Curated facts as written in `fixtures/curated/`: read and checked, without a database.

A fault is told with its file and entry, and what to write instead; nothing of a bad set is used.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from providers import facts
from providers.facts import BadFact

# Heading in a note → field of the model.
SECTIONS = {
    "Description": "description",
    "Best for": "best_for",
    "Consider alternatives": "alternatives",
    "Strengths": "strengths",
    "Limitations": "limitations",
    "Choosing a provider": "choosing",
}
_MODEL = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*\Z")
_NOTE = re.compile(r"\+\+\+\n(?P<head>.*?)\n\+\+\+\n(?P<body>.*)\Z", re.DOTALL)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)


class BadFile(ValueError):
    """A curated file that cannot be used; the message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str
    description: str
    deprecated: bool = False
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Benchmark:
    slug: str
    name: str
    metric: str
    higher_is_better: bool = True
    homepage: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    model: str  # author/slug
    benchmark: str
    value: Decimal
    source_name: str
    unit: str = "%"
    harness: str = ""
    condition: str = ""
    source_url: str | None = None
    published_on: str = ""  # as much of the date as was stated


@dataclass(frozen=True, slots=True)
class Note:
    """Prose about one model: field → Markdown. `on` is the day it was true."""

    model: str
    on: date
    summary: str
    sections: Mapping[str, str]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Curated:
    parameters: tuple[Parameter, ...]
    benchmarks: tuple[Benchmark, ...]
    scores: tuple[Score, ...]
    notes: tuple[Note, ...]


def read(folder: Path) -> Curated:
    """Everything in the folder, or `BadFile`."""
    scored = _toml(folder / "benchmarks.toml")
    parameters = _parameters(folder / "parameters.toml")
    benchmarks = tuple(_benchmarks(folder / "benchmarks.toml", scored))
    return Curated(
        parameters=parameters,
        benchmarks=benchmarks,
        scores=tuple(_scores(folder / "benchmarks.toml", scored, {one.slug for one in benchmarks})),
        notes=tuple(_note(file) for file in sorted((folder / "notes").glob("*.md"))),
    )


# -- parameters -----------------------------------------------------------------------------------


def _parameters(file: Path) -> tuple[Parameter, ...]:
    table = _toml(file)
    parameters = []
    for name, entry in table.items():
        with _Entry(file, name) as check:
            check.fields(entry, needs={"type", "description"}, may={"deprecated", "replaced_by"})
            parameters.append(
                Parameter(
                    name=facts.text(name, longest=facts.MAX_SLUG),
                    type=facts.text(entry["type"], longest=facts.MAX_NAME),
                    description=facts.text(entry["description"]),
                    deprecated=facts.flag(entry.get("deprecated", False)),
                    replaced_by=entry.get("replaced_by", ""),
                )
            )
            if parameters[-1].replaced_by and parameters[-1].replaced_by not in table:
                raise BadFact(f"replaced_by names {entry['replaced_by']!r}, which has no entry")
    return tuple(parameters)


# -- benchmarks -----------------------------------------------------------------------------------


def _benchmarks(file: Path, table: Mapping[str, Any]) -> Iterator[Benchmark]:
    for slug, entry in table.get("benchmarks", {}).items():
        with _Entry(file, f"benchmarks.{slug}") as check:
            check.fields(entry, needs={"name", "metric"}, may={"higher_is_better", "homepage"})
            yield Benchmark(
                slug=facts.slug(slug),
                name=facts.text(entry["name"], longest=facts.MAX_NAME),
                metric=facts.text(entry["metric"], longest=facts.MAX_NAME),
                higher_is_better=facts.flag(entry.get("higher_is_better", True)),
                homepage=facts.url(entry["homepage"]) if "homepage" in entry else None,
            )


def _scores(file: Path, table: Mapping[str, Any], benchmarks: set[str]) -> Iterator[Score]:
    needs = {"model", "benchmark", "value", "source_name"}
    may = {"unit", "harness", "condition", "source_url", "published_on"}
    seen = set()
    for number, entry in enumerate(table.get("scores", []), start=1):
        name = f"score {number} ({entry.get('model', '?')}, {entry.get('benchmark', '?')})"
        with _Entry(file, name) as check:
            check.fields(entry, needs=needs, may=may)
            score = _score(entry)
            if score.benchmark not in benchmarks:
                raise BadFact(f"no benchmark is called {score.benchmark!r} in this file")
            identity = (score.model, score.benchmark, score.condition, score.harness)
            if (*identity, score.source_name) in seen:
                raise BadFact("the same score twice; tell them apart by condition or harness")
            seen.add((*identity, score.source_name))
            yield score


def _score(entry: Mapping[str, Any]) -> Score:
    published_on = entry.get("published_on", "")
    return Score(
        model=_model(entry["model"]),
        benchmark=facts.slug(entry["benchmark"]),
        value=_value(entry["value"]),
        source_name=facts.text(entry["source_name"], longest=facts.MAX_NAME),
        unit=entry.get("unit", "%"),
        harness=entry.get("harness", ""),
        condition=entry.get("condition", ""),
        source_url=facts.url(entry["source_url"]) if "source_url" in entry else None,
        published_on=facts.partial_date(published_on) if published_on else "",
    )


def _value(stated: object) -> Decimal:
    """Values are written as texts, so that every digit stays as stated."""
    try:
        value = Decimal(facts.text(stated))
    except InvalidOperation:
        raise BadFact(f"value {stated!r} is not a number") from None
    if not value.is_finite() or value < 0:
        raise BadFact(f"value {stated!r} is not zero or more")
    return value


# -- notes ----------------------------------------------------------------------------------------


def _note(file: Path) -> Note:
    with _Entry(file, "head") as check:
        parts = _NOTE.match(_text(file))
        if not parts:
            raise BadFact("a note begins with a head of TOML between two lines of +++")
        head = tomllib.loads(parts["head"])
        check.fields(head, needs={"model", "on", "summary"}, may={"tags"})
        if file.stem != head["model"].replace("/", "__"):
            raise BadFact(f"the file of {head['model']} is called author__slug.md")
        if type(head["on"]) is not date:
            raise BadFact("on is a day, written 2026-11-20")
        return Note(
            model=_model(head["model"]),
            on=head["on"],
            summary=facts.text(head["summary"]),
            sections=dict(_sections(file, parts["body"])),
            tags=tuple(facts.texts(head.get("tags", []))),
        )


def _sections(file: Path, body: str) -> Iterator[tuple[str, str]]:
    before, *pieces = _HEADING.split(body)
    if before.strip():
        raise BadFile(f"{file.name}: text stands before the first heading")
    for heading, text in zip(pieces[::2], pieces[1::2], strict=True):
        with _Entry(file, heading):
            if heading not in SECTIONS:
                raise BadFact(f"unknown heading; use one of {', '.join(SECTIONS)}")
            if not text.strip():
                raise BadFact("nothing stands under this heading; leave it out")
            yield SECTIONS[heading], text.strip()


# -- reading --------------------------------------------------------------------------------------


class _Entry:
    """Turns a fault inside it into a `BadFile` that names file and entry."""

    def __init__(self, file: Path, name: str) -> None:
        self.file, self.name = file, name

    def __enter__(self) -> "_Entry":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (BadFact, tomllib.TOMLDecodeError, UnicodeDecodeError)):
            raise BadFile(f"{self.file.name}, {self.name}: {error}") from error

    def fields(self, entry: object, *, needs: set[str], may: set[str]) -> None:
        if not isinstance(entry, dict):
            raise BadFact("expected a table of fields")
        if missing := sorted(needs - entry.keys()):
            raise BadFact(f"lacks {', '.join(missing)}")
        if unknown := sorted(entry.keys() - needs - may):
            raise BadFact(
                f"unknown field {', '.join(unknown)}; use {', '.join(sorted(needs | may))}"
            )
        if wrong := sorted(name for name in needs & {"model"} if not isinstance(entry[name], str)):
            raise BadFact(f"{', '.join(wrong)} must be text")


def _toml(file: Path) -> dict[str, Any]:
    with _Entry(file, "as a whole"):
        return tomllib.loads(_text(file))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadFile(f"{file.name} is missing in {file.parent}") from None


def _model(stated: object) -> str:
    path = facts.text(stated, longest=facts.MAX_ID)
    if not _MODEL.match(path):
        raise BadFact(f"{path!r} is not a model; write author/slug")
    return path
