"""OpenRouter, a gateway: its model list, and as parts its providers and each model's endpoints.

`GET /models` answers `{"data": [{"id", "architecture", "pricing", "top_provider", …}], "links":
{"next"}}`; without `output_modalities=all` it holds only models that write text. What is stated
there of a model names no upstream. `GET /models/{author}/{slug}/endpoints` names them; see
`openrouter_endpoints.py`. `GET /providers` states where each has its seat, terms and status page.

A variant (`:free`, `:batch`) is an id of its own in the list, but its endpoints stand in the answer
of the plain id. An alias (`~openai/gpt-latest`) and a router (`openrouter/auto`) have none of their
own. `created` is when OpenRouter listed the model, not its release; `expiration_date` of 2098 says
that none is planned.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from providers import roster
from providers.choices import Kind, Protocol
from providers.facts import BadFact, BadSnapshot, Offer, ProviderStatement, Snapshot, text

from .answer import FactList, Gathering, dated, listing, mapping, read_json
from .base import Client, SourceInfo
from .kinds import kind_of
from .openrouter_endpoints import FREE, parse_endpoints
from .openrouter_prices import read_prices

SOURCE = SourceInfo(
    slug="openrouter",
    name="OpenRouter",
    siglum="O",
    licence="facts of OpenRouter's public API",
    homepage="https://openrouter.ai",
    pace=timedelta(milliseconds=500),
    key_variable="OPENROUTER_API_KEY",
    key_host="openrouter.ai",
)
API_BASE = "https://openrouter.ai/api/v1"
# The part that is not a model; no model's id is without a slash.
PROVIDERS = "providers"

_MODEL_KEYS = frozenset(
    {"id", "name", "description", "context_length", "architecture", "pricing", "top_provider"}
    | {"supported_parameters", "knowledge_cutoff", "expiration_date", "hugging_face_id"}
    | {"reasoning", "alias_target", "links"}
)
_PROVIDER_FACTS = {
    "name": "name",
    "headquarters": "headquarters",
    "datacenters": "datacenters",
    "terms_of_service_url": "terms_url",
    "privacy_policy_url": "privacy_url",
    "status_page_url": "status_page",
}
_DATES = {"knowledge_cutoff": "knowledge_cutoff", "expiration_date": "retires_on"}
# What comes out → what is sold, where that alone comes out. The list's word for PDF is `file`.
_MADE = {
    "embeddings": Kind.EMBEDDING,
    "image": Kind.IMAGE,
    "video": Kind.VIDEO,
    "audio": Kind.SPEECH,
    "speech": Kind.SPEECH,
    "transcription": Kind.TRANSCRIPTION,
    "rerank": Kind.RERANK,
}
_MEDIA = {"file": "pdf", "speech": "audio", "transcription": "text"}
# Stands where no end is planned.
_NO_END_FROM = 2090


def fetch(client: Client) -> bytes:
    return client.get(f"{API_BASE}/models?output_modalities=all")


def parse(data: bytes, *, as_of: datetime | None = None) -> Snapshot:
    """Every model of the list; a broken one is refused by name."""
    gathering = Gathering(SOURCE.slug)
    try:
        stated = mapping(read_json(SOURCE.slug, data))
        models = listing(stated.get("data"))
        more = mapping(stated.get("links") or {}).get("next")
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    if not models or more:
        raise BadSnapshot(f"{SOURCE.slug}: {'a page of more' if more else 'an empty list'}")
    gathering.provider(_ourselves())
    for model in models:
        _read_model(model, gathering)
    return gathering.snapshot(dated(SOURCE.slug, as_of))


def _ourselves() -> ProviderStatement:
    facts = FactList("provider")
    facts.add("api_base", API_BASE)
    return ProviderStatement(SOURCE.slug, facts.freeze())


# -- parts ----------------------------------------------------------------------------------------


def parts(snapshot: Snapshot) -> tuple[str, ...]:
    """The providers, and every model that has endpoints of its own.

    Variants share the plain id's answer; one that is sold as `:free` alone goes by that name.
    """
    ids = {offer.native_id for offer in snapshot.offers}
    own = {one for one in ids if not one.startswith(("~", f"{SOURCE.slug}/"))}
    plain = {one for one in own if ":" not in one}
    only_free = {one for one in own if one.endswith(FREE) and one.removesuffix(FREE) not in plain}
    return (PROVIDERS, *sorted(plain | only_free))


def fetch_part(client: Client, part: str) -> bytes:
    if part == PROVIDERS:
        return client.get(f"{API_BASE}/providers")
    return client.get(f"{API_BASE}/models/{part.removesuffix(FREE)}/endpoints")


def parse_part(data: bytes, part: str, *, as_of: datetime) -> Snapshot:
    if part == PROVIDERS:
        return _parse_providers(data, as_of)
    return parse_endpoints(SOURCE.slug, data, part, as_of=as_of, kind=kind)


def _parse_providers(data: bytes, as_of: datetime) -> Snapshot:
    gathering = Gathering(SOURCE.slug)
    try:
        providers = listing(mapping(read_json(SOURCE.slug, data)).get("data"))
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    for provider in providers:
        name = provider.get("slug") if isinstance(provider, dict) else provider
        try:
            _read_provider(mapping(provider), gathering)
        except BadFact as error:
            gathering.refuse(f"provider {name}", error)
    return gathering.snapshot(as_of)


def _read_provider(stated: Mapping[str, Any], gathering: Gathering) -> None:
    their_id = text(stated.get("slug"))
    refusal = roster.refusal(SOURCE.slug, their_id)
    if refusal:
        gathering.refuse(f"provider {their_id}", refusal)
        return
    facts = FactList("provider")
    for key, fact in _PROVIDER_FACTS.items():
        # An empty list of data centres is no statement that there are none.
        facts.add(fact, stated.get(key) or None)
    gathering.no_room(stated, known={"slug", *_PROVIDER_FACTS}, prefix="providers.")
    slug = roster.canonical(SOURCE.slug, their_id)
    gathering.provider(ProviderStatement(slug, facts.freeze()))


# -- models ---------------------------------------------------------------------------------------


def _read_model(stated: Any, gathering: Gathering) -> None:
    name = stated.get("id") if isinstance(stated, dict) else stated
    try:
        gathering.offer(_offer(mapping(stated), gathering))
    except BadFact as error:
        gathering.refuse_broken(name, error, SOURCE.slug, name if isinstance(name, str) else "")


def _offer(model: Mapping[str, Any], gathering: Gathering) -> Offer:
    native_id = text(model.get("id"))
    architecture = mapping(model.get("architecture"))
    makes = [text(medium) for medium in listing(architecture.get("output_modalities"))]
    sold = kind(native_id, makes)
    facts = FactList("endpoint")
    facts.add("name", model.get("name"))
    facts.add("context_length", model.get("context_length") or None)
    _add_architecture(facts, architecture, makes)
    _add_top_provider(facts, mapping(model.get("top_provider") or {}))
    _add_reasoning(facts, mapping(model.get("reasoning") or {}), gathering)
    _add_target(facts, model)
    _add_dates(facts, model, native_id, gathering)
    for parameter in listing(model.get("supported_parameters") or []):
        facts.add(f"parameter.{text(parameter)}", True)
    if sold == Kind.CHAT:
        facts.add(f"protocol.{Protocol.OPENAI_CHAT}", True)
    gathering.no_room(
        (key for key, value in model.items() if value not in (None, {}, [])), known=_MODEL_KEYS
    )
    return Offer(
        provider=SOURCE.slug,
        native_id=native_id,
        operation=sold,
        facts=facts.freeze(),
        prices=read_prices(mapping(model.get("pricing")), makes, gathering, native_id),
    )


def kind(native_id: str, makes: Iterable[str]) -> Kind:
    """What is sold under an id that puts out `makes`; refuses what is no model, as decisions."""
    made = list(makes)
    if made and "text" not in made:
        if made[0] not in _MADE:
            raise BadFact(f"puts out {made[0]!r}: not a kind of model this site knows")
        return _MADE[made[0]]
    return Kind.TRANSCRIPTION if kind_of(native_id) == Kind.TRANSCRIPTION else Kind.CHAT


def _add_architecture(facts: FactList, stated: Mapping[str, Any], makes: list[str]) -> None:
    reads = [text(medium) for medium in listing(stated.get("input_modalities"))]
    facts.add("input_modalities", [_MEDIA.get(medium, medium) for medium in reads] or None)
    facts.add("output_modalities", [_MEDIA.get(medium, medium) for medium in makes] or None)
    if stated.get("tokenizer") not in (None, "Other", "Router"):
        facts.add("tokenizer", stated["tokenizer"])


def _add_top_provider(facts: FactList, stated: Mapping[str, Any]) -> None:
    facts.add("max_output", stated.get("max_completion_tokens") or None)
    if stated.get("is_moderated") is True:
        facts.add("moderation", "prompts are screened")


def _add_reasoning(facts: FactList, stated: Mapping[str, Any], gathering: Gathering) -> None:
    """Efforts come from most to least; no list means that every one is accepted."""
    if not stated:
        return
    facts.add("capability.reasoning", True)
    facts.add("capability.reasoning-toggle", stated.get("mandatory") is False)
    facts.add("capability.reasoning-budget_tokens", stated.get("supports_max_tokens"))
    efforts = stated.get("supported_efforts")
    if efforts is not None:
        facts.add("reasoning_efforts", listing(efforts)[::-1])
    gathering.no_room(
        stated,
        known={"mandatory", "supports_max_tokens", "supported_efforts"},
        prefix="reasoning.",
    )


def _add_target(facts: FactList, model: Mapping[str, Any]) -> None:
    """What an alias serves today, and where the weights lie."""
    facts.add("serves", mapping(model.get("alias_target") or {}).get("slug"))
    weights = model.get("hugging_face_id")
    if weights:
        facts.add("weights_url", f"https://huggingface.co/{text(weights)}")


def _add_dates(
    facts: FactList, model: Mapping[str, Any], native_id: str, gathering: Gathering
) -> None:
    """A day that no calendar has costs only that date."""
    for key, fact in _DATES.items():
        stated = model.get(key)
        if isinstance(stated, str) and stated[:4].isdecimal() and int(stated[:4]) >= _NO_END_FROM:
            gathering.no_room([f"{key} from {_NO_END_FROM}"])
            continue
        try:
            facts.add(fact, stated)
        except BadFact as error:
            gathering.refuse(f"{native_id}, {key}", error)
