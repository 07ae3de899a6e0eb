"""Curated facts go into the catalog: parameters, benchmarks, scores, notes and editors' tags.

Nothing that exists is overwritten. A parameter, benchmark or score is created where its row is
missing. A model's notes are written once: from then on `notes_on` has a date, and the model's
prose and tags belong to the editors, who may empty them too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from catalog import markdown, models
from providers import publish

from . import files
from .files import BadFile, Curated, Note

__all__ = ["BadFile", "Loaded", "load"]

FOLDER: Path = settings.FIXTURES_DIR / "curated"


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows were written, and which models are not in the catalog (yet)."""

    parameters: int
    benchmarks: int
    scores: int
    notes: int
    without_model: tuple[str, ...]

    def wrote(self) -> bool:
        return any((self.parameters, self.benchmarks, self.scores, self.notes))


def load(now: datetime, *, folder: Path = FOLDER) -> Loaded:
    """Writes what is missing, in one transaction; a second call writes nothing."""
    curated = files.read(folder)
    with transaction.atomic():
        known = _models_of(curated)
        loaded = Loaded(
            parameters=_load_parameters(curated.parameters),
            benchmarks=_load_benchmarks(curated.benchmarks),
            scores=_load_scores(curated.scores, known),
            notes=sum(
                _load_note(known[note.model], note) for note in curated.notes if note.model in known
            ),
            without_model=tuple(sorted(_named(curated) - known.keys())),
        )
        if loaded.wrote():
            publish.announce(now=now)
    return loaded


def _named(curated: Curated) -> set[str]:
    return {score.model for score in curated.scores} | {note.model for note in curated.notes}


def _models_of(curated: Curated) -> dict[str, models.AIModel]:
    """`author/slug` as a file has it → the model, also by an alias of its path."""
    named = _named(curated)
    slugs = {path.partition("/")[2] for path in named}
    found = {
        f"{model.author.slug}/{model.slug}": model
        for model in models.AIModel.objects.filter(slug__in=slugs).select_related("author")
    }
    aliases = models.ModelAlias.objects.filter(path__in=named - found.keys())
    aliased = {alias.path: alias.model for alias in aliases.select_related("model__author")}
    return {path: model for path, model in {**aliased, **found}.items() if path in named}


def _load_parameters(parameters: Iterable[files.Parameter]) -> int:
    standing = set(models.Parameter.objects.values_list("name", flat=True))
    rows = [
        models.Parameter(
            name=one.name,
            type=one.type,
            description=one.description,
            deprecated=one.deprecated,
            replaced_by=one.replaced_by,
        )
        for one in parameters
        if one.name not in standing
    ]
    return len(models.Parameter.objects.bulk_create(rows))


def _load_benchmarks(benchmarks: Iterable[files.Benchmark]) -> int:
    standing = set(models.Benchmark.objects.values_list("slug", flat=True))
    rows = [
        models.Benchmark(
            slug=one.slug,
            name=one.name,
            metric=one.metric,
            higher_is_better=one.higher_is_better,
            homepage=one.homepage,
        )
        for one in benchmarks
        if one.slug not in standing
    ]
    return len(models.Benchmark.objects.bulk_create(rows))


def _load_scores(scores: Iterable[files.Score], known: dict[str, models.AIModel]) -> int:
    benchmarks = dict(models.Benchmark.objects.values_list("slug", "pk"))
    identity = ("model_id", "benchmark_id", "condition", "harness", "source_name")
    standing = set(models.Score.objects.values_list(*identity))
    rows = [
        models.Score(
            model=known[one.model],
            benchmark_id=benchmarks[one.benchmark],
            value=one.value,
            unit=one.unit,
            harness=one.harness,
            condition=one.condition,
            source_name=one.source_name,
            source_url=one.source_url,
            published_on=one.published_on,
        )
        for one in scores
        if one.model in known
    ]
    new = [row for row in rows if tuple(getattr(row, name) for name in identity) not in standing]
    return len(models.Score.objects.bulk_create(new))


def _load_note(model: models.AIModel, note: Note) -> bool:
    """Fills the model's empty prose, unless notes were written before."""
    if model.notes_on is not None:
        return False
    model.summary = model.summary or note.summary
    for name, text in note.sections.items():
        if not getattr(model, name):
            setattr(model, name, text)
            model.html = {**model.html, name: markdown.render(text)}
    model.notes_on = note.on
    model.save(update_fields=["summary", *note.sections, "html", "notes_on"])
    for name in note.tags:
        _tag(model, name)
    return True


def _tag(model: models.AIModel, name: str) -> None:
    """An editor's word, which stays when the rule of a derived tag no longer fits."""
    tag, _ = models.Tag.objects.get_or_create(slug=slugify(name), defaults={"name": name})
    models.Tagging.objects.update_or_create(model=model, tag=tag, defaults={"derived": False})
