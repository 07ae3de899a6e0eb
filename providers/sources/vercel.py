"""Vercel AI Gateway: its model list, and as parts each model's endpoints.

`GET /v1/models` answers `{"object": "list", "data": [{"id", "type", "context_window", "max_tokens",
"modalities", "tags", "released", "pricing", …}]}`; it takes no parameters. A context or output of 0
is unknown. `GET /v1/models/{creator}/{model}/endpoints` names who runs it: `{"data": {"endpoints":
[{"provider_name", "pricing", "uptime_last_1h", …}]}}`. `released` is seconds, `deprecated_at`
milliseconds since 1970.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from providers import roster
from providers.choices import Kind, Protocol
from providers.facts import (
    BadFact,
    BadSnapshot,
    Offer,
    ProviderStatement,
    Snapshot,
    text,
)

from .answer import FactList, Gathering, dated, listing, mapping, money, read_json
from .base import Client, SourceInfo
from .readings import Published, Window
from .vercel_prices import read_prices

SOURCE = SourceInfo(
    slug="vercel",
    name="Vercel AI Gateway",
    siglum="V",
    licence="facts of Vercel's public API",
    homepage="https://vercel.com/ai-gateway",
    pace=timedelta(milliseconds=500),
    key_variable="AI_GATEWAY_API_KEY",
    key_host="ai-gateway.vercel.sh",
)
API_BASE = "https://ai-gateway.vercel.sh/v1"
PUBLISHED = Published(
    uptimes=(
        Window("uptime_last_15m", "last 15 minutes"),
        Window("uptime_last_1h", "last hour"),
        Window("uptime_last_1d", "last day"),
    ),
    ttft=Window("latency_last_1h", "last hour"),
    throughput=Window("throughput_last_1h", "last hour"),
)

_KINDS = {
    "language": Kind.CHAT,
    "realtime": Kind.CHAT,
    "embedding": Kind.EMBEDDING,
    "image": Kind.IMAGE,
    "video": Kind.VIDEO,
    "speech": Kind.SPEECH,
    "transcription": Kind.TRANSCRIPTION,
    "reranking": Kind.RERANK,
}
_PROTOCOLS = {
    "language": Protocol.OPENAI_CHAT,
    "realtime": Protocol.OPENAI_REALTIME,
    "embedding": Protocol.OPENAI_EMBEDDINGS,
}
_MODEL_KEYS = frozenset(
    {"id", "object", "name", "description", "type", "context_window", "max_tokens", "modalities"}
    | {"supported_parameters", "temperature", "reasoning_options", "knowledge", "released"}
    | {"deprecated_at", "regions", "tags", "interleaved", "pricing"}
)
_ROW_KEYS = frozenset(
    {"name", "model_name", "provider_name", "pricing", "quantization", "context_length", "status"}
    | {"max_completion_tokens", "max_prompt_tokens", "supported_parameters", "tags"}
    | {"supports_implicit_caching", "inference_regions", "deprecated_at"}
)
_LAST_SECOND = 10**10  # in the year 2286
_MEDIA = {"file": "pdf"}
# Their key → our fact, and how many of its units make a second; 0: it is written as a date.
_DATES = {
    "knowledge": ("knowledge_cutoff", 0),
    "released": ("released_on", 1),
    "deprecated_at": ("deprecated_on", 1000),
}


def fetch(client: Client) -> bytes:
    return client.get(f"{API_BASE}/models")


def parse(data: bytes, *, as_of: datetime | None = None) -> Snapshot:
    """Every model of the list; a broken one is refused by name."""
    gathering = Gathering(SOURCE.slug)
    try:
        models = listing(mapping(read_json(SOURCE.slug, data)).get("data"))
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    if not models:
        raise BadSnapshot(f"{SOURCE.slug}: an empty list")
    facts = FactList("provider")
    facts.add("api_base", API_BASE)
    gathering.provider(ProviderStatement(SOURCE.slug, facts.freeze()))
    for model in models:
        name = model.get("id") if isinstance(model, dict) else model
        try:
            gathering.offer(_offer(mapping(model), gathering))
        except BadFact as error:
            native_id = name if isinstance(name, str) else ""
            gathering.refuse_broken(name, error, SOURCE.slug, native_id)
    return gathering.snapshot(dated(SOURCE.slug, as_of))


# -- models ---------------------------------------------------------------------------------------


def _offer(model: Mapping[str, Any], gathering: Gathering) -> Offer:
    native_id = text(model.get("id"))
    type_ = text(model.get("type", "language"))
    if type_ not in _KINDS:
        raise BadFact(f"type {type_!r} is not a kind of model this site knows")
    operation = _KINDS[type_]
    facts = FactList("endpoint")
    facts.add("name", model.get("name"))
    facts.add("context_length", model.get("context_window") or None)
    if operation not in (Kind.EMBEDDING, Kind.RERANK):
        facts.add("max_output", model.get("max_tokens") or None)
    _add_media(facts, mapping(model.get("modalities") or {}))
    for parameter in listing(model.get("supported_parameters") or []):
        facts.add(f"parameter.{text(parameter)}", True)
    facts.add("parameter.temperature", model.get("temperature"))
    for tag in listing(model.get("tags") or []):
        facts.add(f"capability.{text(tag)}", True)
    _add_reasoning(facts, model, gathering)
    if type_ in _PROTOCOLS:
        facts.add(f"protocol.{_PROTOCOLS[type_]}", True)
    facts.add("regions", model.get("regions") or None)
    _add_dates(facts, model, native_id, gathering)
    gathering.no_room(model, known=_MODEL_KEYS)
    return Offer(
        provider=SOURCE.slug,
        native_id=native_id,
        operation=operation,
        facts=facts.freeze(),
        prices=read_prices(mapping(model.get("pricing") or {}), operation, gathering, native_id),
    )


def _add_media(facts: FactList, stated: Mapping[str, Any]) -> None:
    for way in ("input", "output"):
        media = [text(medium) for medium in listing(stated.get(way) or [])]
        facts.add(f"{way}_modalities", [_MEDIA.get(one, one) for one in media] or None)


def _add_reasoning(facts: FactList, model: Mapping[str, Any], gathering: Gathering) -> None:
    """Options are toggles, efforts and budgets, as at models.dev."""
    facts.add("capability.interleaved-reasoning", model.get("interleaved"))
    for option in map(mapping, listing(model.get("reasoning_options") or [])):
        facts.add("capability.reasoning", True)
        if option.get("type") == "effort":
            facts.add("reasoning_efforts", option.get("values") or None)
        else:
            facts.add(f"capability.reasoning-{text(option.get('type'))}", True)
            gathering.no_room(option, known=("type",), prefix="reasoning_options.")


def _add_dates(
    facts: FactList, model: Mapping[str, Any], native_id: str, gathering: Gathering
) -> None:
    """A date that cannot be true costs only that date."""
    for key, (fact, a_second) in _DATES.items():
        try:
            stated = model.get(key) or None
            facts.add(fact, _day(stated, a_second) if stated and a_second else stated)
        except BadFact as error:
            gathering.refuse(f"{native_id}, {key}", error)


def _day(since_1970: object, a_second: int) -> str:
    seconds = money(since_1970) / a_second
    if not 0 < seconds < _LAST_SECOND:
        raise BadFact(f"{since_1970} is no moment of this time")
    return datetime.fromtimestamp(float(seconds), UTC).date().isoformat()


# -- parts: the endpoints of a model --------------------------------------------------------------


def parts(snapshot: Snapshot) -> tuple[str, ...]:
    """`openai/gpt-4o-mini`, `cohere/rerank-v3.5 rerank`: the answer does not repeat the kind."""
    return tuple(
        sorted(
            offer.native_id
            if offer.operation == Kind.CHAT
            else f"{offer.native_id} {offer.operation}"
            for offer in snapshot.offers
        )
    )


def _id_and_kind(part: str) -> tuple[str, Kind]:
    native_id, _, operation = part.partition(" ")
    return native_id, Kind(operation) if operation else Kind.CHAT


def fetch_part(client: Client, part: str) -> bytes:
    native_id, _ = _id_and_kind(part)
    return client.get(f"{API_BASE}/models/{native_id}/endpoints")


def parse_part(data: bytes, part: str, *, as_of: datetime) -> Snapshot:
    """Every upstream of one model; covers that id alone."""
    gathering = Gathering(SOURCE.slug)
    native_id, operation = _id_and_kind(part)
    try:
        model = mapping(mapping(read_json(SOURCE.slug, data)).get("data"))
        rows = [mapping(row) for row in listing(model.get("endpoints"))]
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}, {part}: {error}") from None
    gathering.covers_ids.add((SOURCE.slug, native_id))
    for row in rows:
        name = row.get("provider_name")
        try:
            offer = _upstream(row, native_id, operation, gathering)
            gathering.offer_of_part(offer)
        except BadFact as error:
            gathering.refuse_broken(f"{native_id} at {name}", error, SOURCE.slug, native_id)
            continue
        gathering.readings += PUBLISHED.readings(row, offer, as_of, gathering)
    return gathering.snapshot(as_of)


def _upstream(
    row: Mapping[str, Any], native_id: str, operation: Kind, gathering: Gathering
) -> Offer:
    their_id = text(row.get("provider_name"))
    refusal = roster.refusal(SOURCE.slug, their_id)
    if refusal:
        raise BadFact(refusal)
    regions = [mapping(region) for region in listing(row.get("inference_regions") or [])]
    facts = FactList("endpoint")
    facts.add("name", row.get("model_name"))
    facts.add("context_length", row.get("context_length") or None)
    if operation not in (Kind.EMBEDDING, Kind.RERANK):
        facts.add("max_output", row.get("max_completion_tokens") or None)
    facts.add("max_input", row.get("max_prompt_tokens") or None)
    facts.add("quantization", row.get("quantization"))
    facts.add("regions", [_region(region) for region in regions] or None)
    for parameter in listing(row.get("supported_parameters") or []):
        facts.add(f"parameter.{text(parameter)}", True)
    for tag in listing(row.get("tags") or []):
        facts.add(f"capability.{text(tag)}", True)
    facts.add("capability.implicit-caching", row.get("supports_implicit_caching"))
    _add_dates(facts, row, native_id, gathering)
    gathering.no_room(
        (key for key, value in row.items() if value is not None),
        known=_ROW_KEYS | PUBLISHED.names(),
        prefix="endpoints.",
    )
    if row.get("status"):
        gathering.no_room([f"endpoints.status {row['status']}"])
    pricing = mapping(row.get("pricing") or {})
    by_region = {
        _region(region): mapping(region["pricing"]) for region in regions if region.get("pricing")
    }
    return Offer(
        provider=SOURCE.slug,
        native_id=native_id,
        operation=operation,
        upstream=roster.canonical(SOURCE.slug, their_id),
        facts=facts.freeze(),
        prices=read_prices(
            {**pricing, **({"regional": by_region} if by_region else {})},
            operation,
            gathering,
            f"{native_id} at {their_id}",
        ),
    )


def _region(stated: Mapping[str, Any]) -> str:
    return text(stated.get("provider_region") or stated.get("geo_region"))
