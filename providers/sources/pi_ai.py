"""pi-ai: a coding agent's model catalog, the freshest copy of OpenRouter's and Vercel's own lists.

The answer is ours in its outer shape, the package's files side by side:
`{"generatedAt": "…Z", "schemaVersion": 6, "providers": {provider: {api: {"chat:<id>": {…}}}}}`.

What its zeros mean, per fact: a cache price of 0 is unknown. An input and output price of 0 is
free; at a plan it is "in the plan", at a router "varies", and for images and voice, which are
charged in other units than tokens, it is unknown.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from providers import roster
from providers.choices import Component, Group, Kind, Protocol, State
from providers.facts import (
    ANY,
    BadFact,
    BadSnapshot,
    Condition,
    Offer,
    Price,
    Snapshot,
    amount,
    count,
    text,
)

from . import answer
from .answer import FactList, Gathering, listing, mapping, read_json, seller_of_broken
from .base import Client, Package, SourceInfo
from .http import FetchFailed

SOURCE = SourceInfo(
    slug="pi_ai",
    name="pi-ai",
    siglum="P",
    licence="MIT",
    homepage="https://github.com/earendil-works/pi",
    live=False,
)
PACKAGE = Package(
    kind="npm",
    name="@earendil-works/pi-ai",
    version="1.5.2",
    what="the package's dist/providers/data/*.json, side by side under their provider",
)
_FILES = Path("dist/providers/data")

_KINDS = {"chat": Kind.CHAT, "image": Kind.IMAGE}
_CLASSIFIER = "answers decisions, not prompts: a kind of service this site does not list"
# Its wire formats in our words. One that is not here (`pi-messages` …) keeps its own name.
_PROTOCOLS = {
    "openai-completions": Protocol.OPENAI_CHAT,
    "openai-responses": Protocol.OPENAI_RESPONSES,
    "azure-openai-responses": Protocol.OPENAI_RESPONSES,
    "google-generative-ai": Protocol.GOOGLE_GENERATE,
    "google-vertex": Protocol.GOOGLE_GENERATE,
    "bedrock-converse-stream": Protocol.BEDROCK_CONVERSE,
}
# `baseUrl` goes with `api`. Only an OpenAI base is one that any client can be pointed at.
_OPENAI = ("openai-completions", "openai-responses")
_COSTS = {
    "input": Component.INPUT,
    "output": Component.OUTPUT,
    "cacheRead": Component.CACHE_READ,
    "cacheWrite": Component.CACHE_WRITE,
}
# From least to most. A map that leaves one out leaves it to the provider: not a complete list.
_LEVELS = ("off", "minimal", "low", "medium", "high", "xhigh", "max")
_PARAMETERS = {
    "supportsTemperature": "temperature",
    "supportsReasoningEffort": "reasoning_effort",
    "supportsStore": "store",
}
_ENTRY_KEYS = frozenset(
    {"id", "name", "type", "api", "provider", "reasoning", "input", "output", "cost"}
    | {"contextWindow", "maxTokens", "compat", "free"}
)
_ROUTER = re.compile(r"auto|openrouter/(?!free).*|.*-router")
_NOT_BY_TOKENS = re.compile(r"(?<![a-z])(?:voice|live|realtime)(?![a-z])")


def fetch(client: Client) -> bytes:
    raise FetchFailed(f"{SOURCE.slug} is published inside a package alone; renew its recording")


def extract(folder: Path) -> bytes:
    """All files of the package's catalog as one answer."""
    manifest = json.loads((folder / _FILES / ".manifest.json").read_bytes())
    providers = {
        Path(name).stem: json.loads((folder / _FILES / name).read_bytes())
        for name in manifest["files"]
    }
    stamp = {key: manifest[key] for key in ("generatedAt", "schemaVersion")}
    return json.dumps(stamp | {"providers": providers}).encode()


def content_date(folder: Path) -> datetime:
    """When the package's authors generated the catalog."""
    manifest = json.loads((folder / _FILES / ".manifest.json").read_bytes())
    return _moment(manifest["generatedAt"])


def parse(data: bytes, *, as_of: datetime | None = None) -> Snapshot:
    """Every entry of every provider; a broken one is refused by name."""
    gathering = Gathering(SOURCE.slug)
    try:
        stated = mapping(read_json(SOURCE.slug, data))
        providers = mapping(stated.get("providers"))
        stamp = stated.get("generatedAt")
        moment = _moment(stamp) if stamp is not None else answer.dated(SOURCE.slug, as_of)
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    for provider, groups in providers.items():
        _read_provider(provider, groups, gathering)
    return gathering.snapshot(moment)


def _moment(stamp: Any) -> datetime:
    try:
        return datetime.fromisoformat(text(stamp)).astimezone(UTC)
    except ValueError as error:
        raise BadFact(f"generatedAt: {error}") from None


def _read_provider(their_id: str, groups: Any, gathering: Gathering) -> None:
    refusal = roster.refusal(SOURCE.slug, their_id)
    if refusal:
        gathering.refuse(their_id, refusal)
        return
    try:
        entries = [entry for group in mapping(groups).values() for entry in mapping(group).items()]
    except BadFact as error:
        gathering.refuse_broken(their_id, error, seller_of_broken(SOURCE.slug, their_id))
        return
    for label, entry in entries:
        try:
            gathering.offer(_offer(their_id, mapping(entry), gathering))
        except BadFact as error:
            provider = seller_of_broken(SOURCE.slug, their_id)
            gathering.refuse_broken(f"{their_id}/{label}", error, provider, _id_of(entry))


def _id_of(entry: Any) -> str:
    """The id of a broken entry; empty when that is broken too."""
    native_id = entry.get("id") if isinstance(entry, dict) else None
    return native_id if isinstance(native_id, str) else ""


def _offer(their_provider: str, entry: Mapping[str, Any], gathering: Gathering) -> Offer:
    operation = _operation(entry)
    provider = roster.canonical(SOURCE.slug, their_provider)
    native_id = text(entry.get("id"))
    facts = FactList("endpoint")
    facts.add("name", entry.get("name"))
    facts.add("context_length", entry.get("contextWindow"))
    facts.add("max_output", entry.get("maxTokens"))
    facts.add("input_modalities", entry.get("input"))
    facts.add("output_modalities", entry.get("output"))
    facts.add("capability.reasoning", entry.get("reasoning"))
    if operation == Kind.CHAT:
        # Only models that call tools are in the chat list.
        facts.add("parameter.tools", True)
    known = set(_ENTRY_KEYS)
    known |= _state_efforts(entry, facts) | _state_address(entry, facts)
    _state_compatibility(mapping(entry.get("compat") or {}), facts, gathering)
    gathering.no_room(entry, known=known)
    return Offer(
        provider=provider,
        native_id=native_id,
        operation=operation,
        facts=facts.freeze(),
        prices=tuple(_prices(entry, provider, native_id, operation)),
    )


def _operation(entry: Mapping[str, Any]) -> Kind:
    stated = text(entry.get("type", "chat"))
    if stated == "classifier":
        raise BadFact(_CLASSIFIER)
    if stated not in _KINDS:
        raise BadFact(f"type {stated!r} is not a kind of model this site knows")
    return _KINDS[stated]


# -- facts ----------------------------------------------------------------------------------------


def _state_efforts(entry: Mapping[str, Any], facts: FactList) -> set[str]:
    """Reasoning efforts in the words one sends, where the entry rules on every level."""
    levels = mapping(entry.get("thinkingLevelMap") or {})
    if not all(level in levels for level in _LEVELS):
        return set()
    facts.add("reasoning_efforts", [levels[key] for key in _LEVELS if levels[key]] or None)
    return {"thinkingLevelMap"}


def _state_address(entry: Mapping[str, Any], facts: FactList) -> set[str]:
    api = text(entry.get("api"))
    facts.add(f"protocol.{_PROTOCOLS.get(api, api)}", True)
    if api not in _OPENAI and entry.get("baseUrl"):
        return set()
    facts.add("api_base", entry.get("baseUrl") or None)
    return {"baseUrl"}


def _state_compatibility(compat: Mapping[str, Any], facts: FactList, gathering: Gathering) -> None:
    """What requests may contain. Flags named `supports…` are stated, workarounds are counted."""
    for key, value in compat.items():
        if key in _PARAMETERS:
            facts.add(f"parameter.{_PARAMETERS[key]}", value)
        elif key == "maxTokensField":
            facts.add(f"parameter.{text(value)}", True)
        elif key.startswith("supports"):
            facts.add(f"capability.{_kebab(key.removeprefix('supports'))}", value)
        else:
            gathering.no_room([key], prefix="compat.")


def _kebab(camel: str) -> str:
    """`StrictMode` → `strict-mode`, `OpenAIGrammarTools` → `openai-grammar-tools`."""
    words = camel.replace("OpenAI", "Openai")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", words).lower()


# -- prices ---------------------------------------------------------------------------------------


def _prices(
    entry: Mapping[str, Any], provider: str, native_id: str, operation: Kind
) -> Iterator[Price]:
    cost = mapping(entry.get("cost"))
    amounts = {key: amount(cost.get(key)) for key in _COSTS}
    if not amounts["input"] and not amounts["output"]:
        state = _state_of_zero(provider, native_id, operation)
        if state is not None:
            yield Price(Component.INPUT, None, state=state)
            yield Price(Component.OUTPUT, None, state=state)
        return
    yield from _known(amounts, ANY)
    for tier in map(mapping, listing(cost.get("tiers") or [])):
        condition = Condition(above_tokens=count(tier.get("inputTokensAbove")))
        yield from _known({key: amount(tier.get(key)) for key in _COSTS}, condition)


def _known(amounts: Mapping[str, Decimal], condition: Condition) -> Iterator[Price]:
    for key, value in amounts.items():
        if value:
            yield Price(_COSTS[key], value, condition=condition)


def _state_of_zero(provider: str, native_id: str, operation: Kind) -> State | None:
    """What 0 for input and output means; None: nothing."""
    if roster.company(provider).group == Group.PLAN:
        return State.PLAN
    if operation != Kind.CHAT or _NOT_BY_TOKENS.search(native_id):
        return None
    if _ROUTER.fullmatch(native_id):
        return State.VARIES
    return State.FREE
