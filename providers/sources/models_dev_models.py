"""models.dev's canonical models: what is true of a model wherever it is served.

`{"anthropic/claude-opus-5": {"name", "family", "license", "open_weights", "release_date", …}}`, in
`catalog.json` beside the providers. Limits and modalities are not taken from there: they are the
endpoints' own.
"""

from collections.abc import Mapping
from typing import Any

from providers.facts import EARLIEST_YEAR, BadFact, ModelStatement

from .answer import FactList, Gathering, mapping

_FACTS = {
    "name": "name",
    "family": "family",
    "license": "licence",
    "open_weights": "open_weights",
    "knowledge": "knowledge_cutoff",
    "release_date": "released_on",
}
_SAID_BY_ENDPOINTS = frozenset(
    {"id", "description", "attachment", "reasoning", "reasoning_options", "temperature"}
    | {"tool_call", "structured_output", "interleaved", "modalities", "limit", "last_updated"}
)


def read_models(stated: Any, gathering: Gathering) -> None:
    """Every canonical model; a broken one is refused by name."""
    try:
        models = mapping(stated)
    except BadFact as error:
        gathering.refuse("models", error)
        return
    for name, model in models.items():
        try:
            gathering.models[name] = ModelStatement(name, _facts(name, mapping(model), gathering))
        except BadFact as error:
            gathering.refuse(f"model {name}", error)


def _facts(name: str, model: Mapping[str, Any], gathering: Gathering) -> tuple[Any, ...]:
    """A fact that cannot be kept costs only itself."""
    facts = FactList("model")
    for key, fact in _FACTS.items():
        value = model.get(key)
        if isinstance(value, str) and value[:4].isdecimal() and int(value[:4]) < EARLIEST_YEAR:
            gathering.no_room([f"models.{key} before {EARLIEST_YEAR}"])
            continue
        try:
            facts.add(fact, value or None if isinstance(value, str) else value)
        except BadFact as error:
            gathering.refuse(f"model {name}, {key}", error)
    gathering.no_room(model, known=_FACTS.keys() | _SAID_BY_ENDPOINTS, prefix="models.")
    return facts.freeze()
