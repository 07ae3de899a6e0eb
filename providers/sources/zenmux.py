"""ZenMux, a gateway: its model list, and its model pages as we recorded them.

Live, `{"data": [{"id", "context_length", "pricings", …}]}` names no upstream. Our recording has the
same shape with an `endpoints` list in each model, one entry an upstream, which holds the prices and
what only the page tells: parameters, protocols, data policy, readings.

A price is `{"value", "unit", "currency", "conditions"?}`; several of one component differ by their
conditions, ranges of prompt or completion tokens.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from providers import roster
from providers.choices import Component, Kind, Protocol, State, Unit
from providers.facts import (
    BadFact,
    BadSnapshot,
    Condition,
    Offer,
    Price,
    ProviderStatement,
    Reading,
    Snapshot,
    amount,
    text,
    trimmed,
)

from . import answer
from .answer import FactList, Gathering, listing, mapping, read_json
from .base import Client, SourceInfo
from .kinds import kind_of

SOURCE = SourceInfo(
    slug="zenmux",
    name="ZenMux",
    siglum="Z",
    licence="facts of ZenMux's public pages and model list, in our words",
    homepage="https://zenmux.ai",
)
API_BASE = "https://zenmux.ai/api/v1"
ADDRESS = f"{API_BASE}/models"

_MODEL_KEYS = frozenset(
    {"id", "object", "display_name", "context_length", "pricings", "endpoints"}
    | {"input_modalities", "output_modalities", "capabilities", "serves"}
)
_COMPONENTS = {
    "prompt": Component.INPUT,
    "completion": Component.OUTPUT,
    "input_cache_read": Component.CACHE_READ,
    "input_cache_write": Component.CACHE_WRITE,
    "input_cache_write_5_min": Component.CACHE_WRITE_5M,
    "input_cache_write_1_h": Component.CACHE_WRITE_1H,
    "internal_reasoning": Component.REASONING,
    "web_search": Component.WEB_SEARCH,
    "request": Component.REQUEST,
}
# Charged for reading or for making them, by what the model makes.
_MEDIA = ("image", "audio", "video", "audio_and_video")
# Their unit → ours, and how many of theirs it holds.
_UNITS = {"perMTokens": (Unit.MILLION_TOKENS, 1), "perSecond": (Unit.HOUR, 3600)}
# perCount is per whatever the component counts.
_COUNTED = {
    "web_search": (Unit.THOUSAND_REQUESTS, 1000),
    "request": (Unit.THOUSAND_REQUESTS, 1000),
    "image_input": (Unit.IMAGE, 1),
    "image_output": (Unit.IMAGE, 1),
}
_SIZES = {"tokens": 1, "kTokens": 1000}
_PROTOCOLS = {"openai": Protocol.OPENAI_CHAT, "anthropic": Protocol.ANTHROPIC_MESSAGES}
_POLICY = ("trains_on_prompts", "retention_days", "moderation", "status_page")
_MADE = (("image", Kind.IMAGE), ("video", Kind.VIDEO), ("audio", Kind.SPEECH))


def fetch(client: Client) -> bytes:
    return client.get(ADDRESS)


def parse(data: bytes, *, as_of: datetime | None = None) -> Snapshot:
    """Every model, or every upstream of it; a broken one is refused by name."""
    gathering = Gathering(SOURCE.slug)
    try:
        stated = mapping(read_json(SOURCE.slug, data))
        models = listing(stated.get("data"))
        gathering.provider(_zenmux(mapping(stated.get("provider") or {})))
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    moment = answer.dated(SOURCE.slug, as_of)
    for model in models:
        _read_model(model, moment, gathering)
    return gathering.snapshot(moment)


def _zenmux(stated: Mapping[str, Any]) -> ProviderStatement:
    facts = FactList("provider")
    facts.add("api_base", API_BASE)
    for key, value in stated.items():
        facts.add(key, value)
    return ProviderStatement(SOURCE.slug, facts.freeze())


def _read_model(stated: Any, moment: datetime, gathering: Gathering) -> None:
    name = stated.get("id") if isinstance(stated, dict) else stated
    try:
        model = mapping(stated)
        parts = [mapping(part) for part in listing(model.get("endpoints", [model]))]
    except BadFact as error:
        gathering.refuse_broken(name, error, SOURCE.slug, name if isinstance(name, str) else "")
        return
    gathering.no_room(model, known=_MODEL_KEYS)
    for part in parts:
        upstream = part.get("upstream", "")
        try:
            offer = _offer(model, part, gathering)
            readings = list(_readings(offer, part, moment))
            gathering.offer(offer)
            gathering.readings += readings
        except BadFact as error:
            item = f"{name} at {upstream}" if upstream else name
            known_as = name if isinstance(name, str) else ""
            gathering.refuse_broken(item, error, SOURCE.slug, known_as)


def _offer(model: Mapping[str, Any], part: Mapping[str, Any], gathering: Gathering) -> Offer:
    """`part` is the model itself, or one of its endpoints."""
    native_id = text(model.get("id"))
    makes = [text(medium) for medium in listing(model.get("output_modalities") or [])]
    kind = _kind(native_id, makes)
    facts = FactList("endpoint")
    facts.add("name", model.get("display_name"))
    facts.add("serves", model.get("serves"))
    facts.add_number("context_length", part.get("context_length"))
    facts.add_number("max_output", part.get("max_output"))
    facts.add("input_modalities", model.get("input_modalities") or None)
    facts.add("output_modalities", makes or None)
    for name, able in mapping(model.get("capabilities") or {}).items():
        facts.add(f"capability.{name}", able)
    for name, taken in mapping(part.get("parameters") or {}).items():
        facts.add(f"parameter.{name}", taken)
    for name, spoken in _spoken(part, kind).items():
        facts.add(f"protocol.{_PROTOCOLS.get(name, name)}", spoken)
    for key in _POLICY:
        facts.add(key, part.get(key))
    upstream = part.get("upstream")
    return Offer(
        provider=SOURCE.slug,
        native_id=native_id,
        operation=kind,
        upstream=roster.canonical(SOURCE.slug, text(upstream)) if upstream else "",
        facts=facts.freeze(),
        prices=tuple(_prices(mapping(part.get("pricings") or {}), makes)),
    )


def _kind(native_id: str, makes: list[str]) -> Kind:
    if makes and "text" not in makes:
        return next((kind for medium, kind in _MADE if medium in makes), kind_of(native_id))
    return kind_of(native_id)


def _spoken(part: Mapping[str, Any], kind: Kind) -> Mapping[str, Any]:
    """The protocols a page ticks. The live list is the one of ZenMux's OpenAI-like chat API."""
    if "protocols" in part:
        return mapping(part["protocols"])
    return {"openai": True} if kind == Kind.CHAT else {}


# -- prices ---------------------------------------------------------------------------------------


def _prices(pricings: Mapping[str, Any], makes: list[str]) -> Iterator[Price]:
    for key, stated in pricings.items():
        component = _component(key, makes)
        for price in listing(stated):
            try:
                read = _price(component, mapping(price))
            except BadFact as error:
                # The figures as written: an editor may know what they mean, we do not guess.
                raise BadFact(f"{error}; it says {key}: {answer.as_written(price)}") from None
            if read is not None:
                yield read


def _component(key: str, makes: list[str]) -> str:
    """Ours; one that we do not know keeps its name."""
    if key in _MEDIA:
        made = any(medium in makes for medium in key.split("_and_"))
        return f"{key}_{'output' if made else 'input'}"
    return _COMPONENTS.get(key, key)


def _price(component: str, stated: Mapping[str, Any]) -> Price | None:
    """One price; None where a 0 says nothing: only input and output can be known to be free."""
    value = amount(stated.get("value"))
    condition = _condition(mapping(stated.get("conditions") or {}))
    unit, factor = _unit(component, text(stated.get("unit")))
    currency = text(stated.get("currency", "USD"))
    if value:
        known = trimmed(value * Decimal(factor))
        return Price(component, known, unit=unit, currency=currency, condition=condition)
    if component in (Component.INPUT, Component.OUTPUT):
        return Price(component, None, unit=unit, condition=condition, state=State.FREE)
    return None


def _unit(component: str, theirs: str) -> tuple[str, int]:
    units = dict(_UNITS)
    if component in _COUNTED:
        units["perCount"] = _COUNTED[component]
    if theirs not in units:
        raise BadFact(f"{component}: unit {theirs!r} is none of {', '.join(units)}")
    return units[theirs]


def _condition(stated: Mapping[str, Any]) -> Condition:
    """Upper bounds of the prompt need no words: where a range ends, the next one's price begins."""
    above, named = None, []
    for key, value in stated.items():
        bounds = mapping(value)
        unit = text(bounds.get("unit", "tokens"))
        if unit not in _SIZES:
            raise BadFact(f"condition {key} in {unit!r}; {', '.join(_SIZES)} are known")
        if key == "prompt_tokens":
            above = _more_than(bounds, _SIZES[unit])
        else:
            named.append((text(key), _range(bounds, _SIZES[unit])))
    return Condition(above_tokens=above, named=tuple(named))


def _more_than(bounds: Mapping[str, Any], size: int) -> int | None:
    """Tokens that must be exceeded: "at least N" is more than N - 1. None: no lower bound."""
    if bounds.get("gt") is not None:
        return int(amount(bounds["gt"]) * size)
    least = int(amount(bounds.get("gte") or 0) * size)
    return least - 1 if least > 0 else None


def _range(bounds: Mapping[str, Any], size: int) -> str:
    """`gte 200000 lt 500000`, in tokens."""
    signs = [sign for sign in ("gt", "gte", "lt", "lte") if bounds.get(sign) is not None]
    return " ".join(f"{sign} {int(amount(bounds[sign]) * size)}" for sign in signs)


# -- readings -------------------------------------------------------------------------------------


def _readings(offer: Offer, part: Mapping[str, Any], moment: datetime) -> Iterator[Reading]:
    for stated in map(mapping, listing(part.get("readings", []))):
        yield Reading(
            metric=text(stated.get("metric")),
            statistic=text(stated.get("statistic")),
            value=amount(stated.get("value")),
            unit=text(stated.get("unit")),
            at=moment,
            window=text(stated["window"]) if "window" in stated else "",
            offer=offer.identity(),
        )
