"""LiteLLM's price map: one flat object, key → entry, kept by the LiteLLM project.

How keys name endpoints is in `litellm_keys.py`, how cost fields name prices in `litellm_costs.py`.
Several keys may mean one endpoint (with a region, with an image size, with and without the
provider): they are laid together, the plainest first. Where two of them contradict each other the
first is kept and the second refused by name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from providers import roster
from providers.choices import Kind, Protocol
from providers.facts import (
    EVERYTHING,
    BadFact,
    BadSnapshot,
    Condition,
    Fact,
    Offer,
    Price,
    Snapshot,
    fact_type,
    text,
)

from .answer import FactList, Gathering, dated, listing, mapping, read_json
from .base import Client, Package, SourceInfo
from .kinds import kind_of
from .litellm_costs import CostReader, cost_fields
from .litellm_keys import Key, read_key, refusal

SOURCE = SourceInfo(
    slug="litellm",
    name="LiteLLM",
    siglum="L",
    licence="MIT",
    homepage="https://github.com/BerriAI/litellm",
)
FILE = "model_prices_and_context_window_backup.json"
ADDRESS = (
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
)
PACKAGE = Package(
    kind="pypi",
    name="litellm",
    version="1.109.1",
    what="the price map that the package falls back to when it is offline",
    as_of=datetime(2026, 11, 12, tzinfo=UTC),
)

KINDS = {
    "chat": Kind.CHAT,
    "completion": Kind.CHAT,
    "responses": Kind.CHAT,
    "realtime": Kind.CHAT,
    "embedding": Kind.EMBEDDING,
    "image_generation": Kind.IMAGE,
    "image_edit": Kind.IMAGE,
    "audio_speech": Kind.SPEECH,
    "audio_transcription": Kind.TRANSCRIPTION,
    "video_generation": Kind.VIDEO,
    "rerank": Kind.RERANK,
    "moderation": Kind.MODERATION,
    "ocr": Kind.OCR,
}
REFUSED_MODES = {
    "search": "a web search service, not a model",
    "guardrail": "a guardrail, not a model",
    "vector_store": "a vector store, not a model",
    "evaluation": "answers decisions, not prompts: a kind of service this site does not list",
    "decisions": "answers decisions, not prompts: a kind of service this site does not list",
    "extraction": "extracts fields from documents: a kind of service this site does not list",
}

# Entry field → fact, where the value is taken as it is.
FACTS = {
    "max_input_tokens": "max_input",
    "max_output_tokens": "max_output",
    "output_vector_size": "dimensions",
    "prompt_cache_min_tokens": "cache_min_tokens",
    "rpm": "requests_per_minute",
    "tpm": "tokens_per_minute",
    "deprecation_date": "retires_on",
    "source": "evidence_url",
    "supported_modalities": "input_modalities",
    "supported_output_modalities": "output_modalities",
    "reasoning_effort_levels": "reasoning_efforts",
    "supported_regions": "regions",
}
# What request parameters the provider takes; every other `supports_x` is the capability `x`.
PARAMETERS = {
    "supports_function_calling": "parameter.tools",
    "supports_tool_choice": "parameter.tool_choice",
    "supports_parallel_function_calling": "parameter.parallel_tool_calls",
    "supports_response_schema": "parameter.structured_outputs",
}
CAPABILITIES = {"thinking_always_on": "capability.thinking-always-on"}
# Fields about LiteLLM's own way to call Bedrock, not about what Bedrock can do.
_OWN_AFFAIRS = "supports_bedrock_"

ENDPOINTS = {
    "/v1/chat/completions": Protocol.OPENAI_CHAT,
    "/v1/responses": Protocol.OPENAI_RESPONSES,
    "/v1/completions": Protocol.OPENAI_COMPLETIONS,
    "/v1/messages": Protocol.ANTHROPIC_MESSAGES,
    "/v1/embeddings": Protocol.OPENAI_EMBEDDINGS,
    "/v1/images/generations": Protocol.OPENAI_IMAGES,
    "/v1/images/edits": Protocol.OPENAI_IMAGE_EDITS,
    "/v1/audio/speech": Protocol.OPENAI_SPEECH,
    "/v1/audio/transcriptions": Protocol.OPENAI_TRANSCRIPTIONS,
    "/v1/videos": Protocol.OPENAI_VIDEOS,
    "/v1/realtime": Protocol.OPENAI_REALTIME,
    "/v1/realtime/transcription_sessions": Protocol.OPENAI_REALTIME,
    "/v1/batch": Protocol.OPENAI_BATCH,
    "/v1/ocr": Protocol.MISTRAL_OCR,
}
MODES = {"responses": Protocol.OPENAI_RESPONSES, "realtime": Protocol.OPENAI_REALTIME}
# `supported_endpoints` are LiteLLM's own paths. Only these providers answer at the same ones; for
# the others LiteLLM translates, and the list says nothing of them.
SAME_PATHS = frozenset(
    {"aiml", "azure", "azure_ai", "bedrock_mantle", "bigmodel", "coralbricks", "darkbloom"}
    | {"deepseek", "github_copilot", "gradient_ai", "hostinger_router", "inferenceapis", "meta"}
    | {"mistral", "nscale", "openai", "opencode_go", "prism", "recraft", "tencent", "xai"}
    | {"xiaomi_mimo"}
)
_READ_HERE = (
    FACTS.keys()
    | PARAMETERS.keys()
    | CAPABILITIES.keys()
    | {"litellm_provider", "mode", "supported_endpoints"}
)


def fetch(client: Client) -> bytes:
    return client.get(ADDRESS)


def extract(folder: Path) -> bytes:
    return (folder / "litellm" / FILE).read_bytes()


# -- the answer -----------------------------------------------------------------------------------

_Slot = tuple[str, Condition]  # component and condition


@dataclass(frozen=True, slots=True)
class _Item:
    """One entry under one key."""

    name: str
    key: Key
    kind: Kind
    entry: Mapping[str, Any]

    def plainness(self) -> tuple[int, int]:
        """Entries without region, size or provider in their key come first."""
        condition = self.key.condition
        return len(condition.named) + bool(condition.region), self.name.count("/")


def parse(data: bytes, *, as_of: datetime | None = None) -> Snapshot:
    """Every endpoint of the map; a broken entry is refused by name."""
    gathering = Gathering(SOURCE.slug)
    try:
        entries = mapping(read_json(SOURCE.slug, data))
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    if not entries:
        raise BadSnapshot(f"{SOURCE.slug}: an answer without entries")
    gathering.covers.add(EVERYTHING)
    together: dict[tuple[str, str, Kind], list[_Item]] = {}
    for name, stated in entries.items():
        try:
            item = _item(name, mapping(stated))
        except BadFact as error:
            gathering.refuse(name, error)
        else:
            together.setdefault((item.key.provider, item.key.native_id, item.kind), []).append(item)
    for items in together.values():
        _read_endpoint(sorted(items, key=_Item.plainness), gathering)
    return gathering.snapshot(dated(SOURCE.slug, as_of))


def _item(name: str, entry: Mapping[str, Any]) -> _Item:
    their_provider = entry.get("litellm_provider")
    reason = refusal(name, entry) or roster.refusal(SOURCE.slug, str(their_provider))
    mode = entry.get("mode")
    reason = reason or REFUSED_MODES.get(str(mode))
    if reason:
        raise BadFact(reason)
    if not isinstance(their_provider, str):
        raise BadFact("no provider")
    kind = KINDS.get(str(mode)) if mode is not None else kind_of(name)
    if kind is None:
        raise BadFact(f"mode {mode!r} is none we know")
    return _Item(name, read_key(name, their_provider, kind, str(mode)), kind, entry)


def _read_endpoint(items: list[_Item], gathering: Gathering) -> None:
    """Lays the entries of one endpoint together, the first word on each thing winning."""
    facts: dict[str, Fact] = {}
    prices: dict[_Slot, Price] = {}
    taken: list[_Item] = []
    for item in items:
        try:
            stated, said = _prices(item, gathering), _facts(item, gathering)
        except BadFact as error:
            gathering.refuse_broken(item.name, error, item.key.provider, item.key.native_id)
            continue
        if clashes := [words for price in stated if (words := _clash(price, prices))]:
            gathering.refuse(item.name, f"not as {taken[0].name} says: {', '.join(clashes)}")
        for price in stated:
            prices.setdefault((price.component, price.condition), price)
        for fact in said:
            facts.setdefault(fact.key, fact)
        taken.append(item)
    if taken:
        _keep(taken[0], tuple(facts.values()), tuple(prices.values()), gathering)


def _clash(price: Price, prices: Mapping[_Slot, Price]) -> str:
    """In words, where a price is not what was stated before; else empty."""
    before = prices.get((price.component, price.condition), price)
    if before.value() == price.value():
        return ""
    return f"{price.component} {price.amount} instead of {before.amount}"


def _keep(
    item: _Item, facts: tuple[Fact, ...], prices: tuple[Price, ...], gathering: Gathering
) -> None:
    key = item.key
    try:
        if not facts and not prices:
            raise BadFact("states nothing that can be kept")
        gathering.offer(Offer(key.provider, key.native_id, item.kind, facts=facts, prices=prices))
    except BadFact as error:
        gathering.refuse(item.name, error)


def _prices(item: _Item, gathering: Gathering) -> tuple[Price, ...]:
    key = item.key
    reader = CostReader(key.provider, key.native_id, item.kind, key.condition, gathering)
    return reader.read(item.entry)


# -- facts ----------------------------------------------------------------------------------------


def _facts(item: _Item, gathering: Gathering) -> tuple[Fact, ...]:
    """The facts of one entry; one that cannot be kept is refused alone, by name."""
    facts = FactList("endpoint")
    for key, value in _stated(item, gathering):
        if fact_type("endpoint", key) is None:
            gathering.no_room([key])
            continue
        try:
            facts.add(key, value)
        except BadFact as error:
            gathering.refuse(f"{item.name}, {key}", error)
    return facts.freeze()


def _stated(item: _Item, gathering: Gathering) -> Iterator[tuple[str, Any]]:
    entry = item.entry
    known = _READ_HERE | set(cost_fields(entry, item.kind))
    for field, value in entry.items():
        if value is None:
            continue
        if field in FACTS:
            if not _is_void(field, value, item.kind):
                yield FACTS[field], value
        elif fact := PARAMETERS.get(field) or CAPABILITIES.get(field):
            yield fact, value
        elif field.startswith("supports_") and not field.startswith(_OWN_AFFAIRS):
            yield "capability." + field.removeprefix("supports_").replace("_", "-"), value
        elif field not in known:
            gathering.no_room([field])
    yield from _protocols(entry, gathering)


def _is_void(field: str, value: Any, kind: Kind) -> bool:
    """A limit of 0 is unknown; what an embedding or a ranking "writes" is no number of tokens."""
    if field == "max_output_tokens" and kind in (Kind.EMBEDDING, Kind.RERANK):
        return True
    return value in (0, [])


def _protocols(entry: Mapping[str, Any], gathering: Gathering) -> Iterator[tuple[str, bool]]:
    protocols = dict.fromkeys(
        ENDPOINTS.get(text(path)) for path in listing(entry.get("supported_endpoints") or [])
    )
    if entry["litellm_provider"] not in SAME_PATHS:
        if protocols:
            gathering.no_room(["supported_endpoints of LiteLLM itself"])
        return
    mode = MODES.get(str(entry.get("mode")))
    for protocol in dict.fromkeys([*protocols, mode]):
        if protocol:
            yield f"protocol.{protocol}", True
    if None in protocols:
        gathering.no_room(["supported_endpoints, a path of another kind"])
