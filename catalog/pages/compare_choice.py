"""Which models and endpoints an address asks to compare, put right, with what went wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.models import AIModel
from catalog.pages import links
from catalog.pages.links import Link
from catalog.pages.model_index import ModelIndex
from catalog.pages.search import Query
from catalog.queries import compare as queries
from catalog.queries.compare import Named
from providers.models import Endpoint

MOST = 8
LONGEST_NAME = 400  # more is not a name; nothing is looked up for it
SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Message:
    """What could not be done as asked, with ways on."""

    text: str
    ways: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What to compare, in the order asked for. Models by path, endpoints by name."""

    models: tuple[tuple[str, AIModel], ...]
    endpoints: tuple[tuple[str, Endpoint], ...]
    messages: tuple[Message, ...]

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.models]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.endpoints]


def choose(models: Sequence[str], endpoints: Sequence[str], *, index: ModelIndex) -> Choice:
    """The first eight things asked for that exist; three queries at most."""
    asked_endpoints = _distinct(endpoints)
    paths, misses = _paths(_distinct(models), index)
    printed = {row.path for row in index.rows}
    known = queries.models_at([path for path in paths if path in printed])
    found = _endpoints(asked_endpoints)
    misses += [_no_endpoint(name) for name in asked_endpoints if name not in found]
    chosen_models = [(path, known[path]) for path in paths if path in known]
    chosen_endpoints = [(name, found[name]) for name in asked_endpoints if name in found]
    count = len(chosen_models) + len(chosen_endpoints)
    kept_models = tuple(chosen_models[:MOST])
    kept_endpoints = tuple(chosen_endpoints[: MOST - len(kept_models)])
    return Choice(
        kept_models,
        kept_endpoints,
        messages=(
            *([Message(f"{count} were asked for; these are the first {MOST}.")] * (count > MOST)),
            *_ways(misses, kept_models, kept_endpoints),
        ),
    )


def _distinct(asked: Iterable[str]) -> list[str]:
    cleaned = (" ".join(text.replace("\x00", " ").split()) for text in asked)
    return list(dict.fromkeys(text for text in cleaned if text))


# -- models ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Miss:
    """Something not found; `near`: models that may have been meant."""

    text: str
    near: tuple[tuple[str, str], ...] = ()  # path, name


def _paths(asked: Sequence[str], index: ModelIndex) -> tuple[list[str], list[_Miss]]:
    """Paths of the models asked for by path, by another name of theirs, or as people type."""
    known = {row.path for row in index.rows}
    other = [text for text in asked if text.lower() not in known and len(text) <= LONGEST_NAME]
    moved = queries.moved([text.lower() for text in other]) if other else {}
    paths: list[str] = []
    misses: list[_Miss] = []
    for text in asked:
        path = text.lower()
        if path in known or path in moved:
            paths.append(moved.get(path, path))
            continue
        near = _near(text, index)
        if len(near) == 1 or (near and near[0][1].lower() == path):
            paths.append(near[0][0])
        else:
            misses.append(_Miss(f"No model is called “{text[:100]}”.", tuple(near[:SUGGESTIONS])))
    return list(dict.fromkeys(paths)), misses


def _near(text: str, index: ModelIndex) -> list[tuple[str, str]]:
    """Path and name of the models that a search for the text finds, best first."""
    if len(text) > LONGEST_NAME:
        return []
    query = Query.of(text.rpartition("/")[2])
    ranked = [
        (rank, len(row.name), row.path, row.name)
        for row in index.rows
        if query.words and (rank := query.rank(row.text)) is not None
    ]
    return [(path, name) for _, _, path, name in sorted(ranked)]


# -- endpoints ------------------------------------------------------------------------------------


def _endpoints(asked: Iterable[str]) -> dict[str, Endpoint]:
    """Name as asked → endpoint. A native id may hold `@` itself, so both readings are tried."""
    readings = {text: _readings(text) for text in asked}
    found = queries.endpoints_named(name for names in readings.values() for name in names)
    return {
        text: next(found[name] for name in names if name in found)
        for text, names in readings.items()
        if any(name in found for name in names)
    }


def _readings(text: str) -> list[Named]:
    provider, colon, rest = text.partition(":")
    if not colon or not rest or len(text) > LONGEST_NAME:
        return []
    native_id, at, upstream = rest.rpartition("@")
    named = [Named(provider, native_id, upstream)] if at and native_id and upstream else []
    return [Named(provider, rest), *named]


def _no_endpoint(text: str) -> _Miss:
    return _Miss(
        f"No endpoint is called “{text[:100]}”; write provider:id, as in openai:gpt-4o-mini."
    )


# -- ways on --------------------------------------------------------------------------------------


def _ways(
    misses: Iterable[_Miss],
    models: Sequence[tuple[str, AIModel]],
    endpoints: Sequence[tuple[str, Endpoint]],
) -> list[Message]:
    """Each miss with links that compare a near model in its place."""
    paths, names = [path for path, _ in models], [name for name, _ in endpoints]
    return [
        Message(
            miss.text,
            tuple(
                Link(name, links.to_compare(models=[*paths, path], endpoints=names))
                for path, name in miss.near
            ),
        )
        for miss in misses
    ]
