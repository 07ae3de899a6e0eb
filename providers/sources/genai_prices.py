"""genai-prices: prices with their dates, tiers and hours, kept by Pydantic.

The live answer and our recording have one shape: `{"units": {…}, "providers": [{"id": "anthropic",
"models": [{"id", "match", "prices", …}], …}]}`. Price lists are read in `genai_metering.py`.
"""

import ast
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from providers import roster
from providers.choices import Component, Group, Kind, State, Status, Unit
from providers.facts import (
    BadFact,
    BadSnapshot,
    Offer,
    Price,
    ProviderStatement,
    Snapshot,
    flag,
    text,
)

from . import answer
from .answer import FactList, Gathering, listing, mapping, read_json
from .base import Client, Package, SourceInfo
from .genai_metering import Meter, Metering, read_units
from .kinds import kind_of

SOURCE = SourceInfo(
    slug="genai_prices",
    name="genai-prices",
    siglum="G",
    licence="MIT",
    homepage="https://github.com/pydantic/genai-prices",
)
ADDRESS = (
    "https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v3/data.json"
)
PACKAGE = Package(
    kind="pypi",
    name="genai-prices",
    version="0.2.3",
    what="providers, models and units of the package, in the shape of the project's live JSON",
    as_of=datetime(2026, 11, 10, tzinfo=UTC),
)

_PROVIDER_KEYS = frozenset({"id", "name", "pricing_urls", "models"})
_MODEL_KEYS = frozenset(
    {"id", "name", "match", "context_window", "deprecated", "prices", "price_variants"}
)


def fetch(client: Client) -> bytes:
    return client.get(ADDRESS)


# -- the package ----------------------------------------------------------------------------------


def extract(folder: Path) -> bytes:
    """The package's Python data as the JSON its project publishes.

    The data is one literal of keyword calls, so it is read, never run.
    """
    providers = _assigned(folder / "genai_prices" / "data.py", "providers")
    units = _assigned(folder / "genai_prices" / "data_units.py", "unit_data")
    return json.dumps({"units": units, "providers": providers}).encode()


def _assigned(file: Path, name: str) -> Any:
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value):
                if found == name:
                    return _literal(value)
    raise BadSnapshot(f"{file.name}: no {name} in it")


def _literal(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.List(elts=items):
            return [_literal(item) for item in items]
        case ast.Dict(keys=keys, values=values):
            return {
                _literal(key): _literal(value)
                for key, value in zip(keys, values, strict=True)
                if key is not None
            }
        case ast.Call(func=ast.Name(id="Decimal"), args=[ast.Constant(value=str(digits))]):
            return _json_number(Decimal(digits))
        case ast.Call(func=ast.Attribute(attr="date"), args=parts):
            return date(*map(_literal, parts)).isoformat()
        case ast.Call(func=ast.Attribute(attr="time"), args=parts):
            return time(*map(_literal, parts)).isoformat() + "Z"
        case ast.Call(func=ast.Name(), keywords=pairs):
            # `or_` and `and_` are `or` and `and` in their JSON; absent and None are the same there.
            fields = {str(pair.arg).rstrip("_"): _literal(pair.value) for pair in pairs}
            return {key: value for key, value in fields.items() if value is not None}
        case _:
            raise BadSnapshot(f"line {node.lineno} of the package's data is not plain data")


def _json_number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


# -- the answer -----------------------------------------------------------------------------------


def parse(data: bytes, *, as_of: datetime | None = None) -> Snapshot:
    """Every provider and model of the answer; a broken one is refused by name."""
    gathering = Gathering(SOURCE.slug)
    try:
        stated = mapping(read_json(SOURCE.slug, data))
        units = read_units(mapping(stated.get("units")))
        providers = listing(stated.get("providers"))
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    for provider in providers:
        _read_provider(provider, units, gathering)
    return gathering.snapshot(answer.dated(SOURCE.slug, as_of))


def _read_provider(stated: Any, units: Mapping[str, Meter], gathering: Gathering) -> None:
    their_id = stated.get("id") if isinstance(stated, dict) else stated
    try:
        provider = mapping(stated)
        their_id = text(their_id)
        if refusal := roster.refusal(SOURCE.slug, their_id):
            gathering.refuse(their_id, refusal)
            return
        models = listing(provider.get("models"))
        gathering.provider(_provider_statement(their_id, provider))
    except BadFact as error:
        gathering.refuse_broken(their_id, error, answer.seller_of_broken(SOURCE.slug, their_id))
        return
    gathering.no_room(provider, known=_PROVIDER_KEYS, prefix="provider.")
    for model in models:
        try:
            gathering.offer(_offer(their_id, mapping(model), units, gathering))
        except BadFact as error:
            name = model.get("id") if isinstance(model, dict) else model
            gathering.refuse_broken(f"{their_id}/{name}", error, *_identity(their_id, model))


def _identity(their_provider: str, model: Any) -> tuple[str, str]:
    """Provider and id of a broken model; without the id when that is broken too."""
    try:
        native_id, _ = _names(text(mapping(model).get("id")), mapping(model.get("match")))
        return _seller(their_provider, native_id), native_id
    except BadFact:
        their_id = model.get("id") if isinstance(model, dict) else None
        slug = answer.seller_of_broken(SOURCE.slug, their_provider)
        return slug, their_id if isinstance(their_id, str) else ""


def _provider_statement(their_id: str, provider: Mapping[str, Any]) -> ProviderStatement:
    facts = FactList("provider")
    # Where the id names who runs it behind a gateway, so does the name: it is not the gateway's.
    if not roster.upstream(SOURCE.slug, their_id):
        facts.add("name", provider.get("name"))
    addresses = listing(provider.get("pricing_urls") or [])
    if addresses:
        facts.add("pricing_url", addresses[0])
    return ProviderStatement(roster.canonical(SOURCE.slug, their_id), facts.freeze())


def _offer(
    their_provider: str, model: Mapping[str, Any], units: Mapping[str, Meter], g: Gathering
) -> Offer:
    native_id, aliases = _names(text(model.get("id")), mapping(model.get("match")))
    provider = _seller(their_provider, native_id)
    facts = FactList("endpoint")
    facts.add("name", model.get("name"))
    facts.add("aliases", aliases or None)
    facts.add("context_length", model.get("context_window"))
    if flag(model.get("deprecated", False)):
        facts.add("status", Status.DEPRECATED.value)
    metered = Metering(units, g)
    prices = [*metered.standard(model.get("prices")), *metered.variants(model)]
    if not prices:
        prices = _prices_unsaid(provider, native_id)
    g.no_room(model, known=_MODEL_KEYS)
    return Offer(
        provider=provider,
        native_id=native_id,
        operation=_operation(native_id, str(model.get("name") or ""), prices),
        upstream=roster.upstream(SOURCE.slug, their_provider),
        facts=facts.freeze(),
        prices=tuple(prices),
    )


def _seller(their_provider: str, native_id: str) -> str:
    """The canonical provider; raises `BadFact` for ids that belong to somebody else.

    Their `google` holds two price lists: Claude and the `-maas` models are sold by Vertex alone.
    Ids were also gathered from OpenRouter's list, whose own ids are all `author/model`.
    """
    slug = roster.canonical(SOURCE.slug, their_provider)
    if slug == "google" and (native_id.startswith("claude") or native_id.endswith("-maas")):
        return "google-vertex"
    if slug == "openrouter" and "/" not in native_id:
        raise BadFact("OpenRouter's ids are author/model; a request with this one fails")
    if slug != "openrouter" and native_id.endswith(":free"):
        raise BadFact(f"':free' is OpenRouter's suffix; {slug} has no such id")
    return slug


def _prices_unsaid(provider: str, native_id: str) -> list[Price]:
    """An empty price list says nothing, unless the id says free or the provider is a plan."""
    if native_id.endswith(":free"):
        state = State.FREE
    elif roster.company(provider).group == Group.PLAN:
        state = State.PLAN
    else:
        return []
    return [
        Price(component, None, state=state) for component in (Component.INPUT, Component.OUTPUT)
    ]


def _operation(native_id: str, name: str, prices: Iterable[Price]) -> Kind:
    if any(price.unit == Unit.PAGE for price in prices):
        return Kind.OCR
    return kind_of(native_id, name)


# -- ids ------------------------------------------------------------------------------------------


def _names(their_id: str, match: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The id one sends, and the others that mean the same model there.

    Their id is a label: Fireworks' `glm-5p3` answers only to `accounts/fireworks/models/glm-5p3`.
    """
    exact = list(dict.fromkeys(_exact_ids(match)))
    native_id = their_id if _fits(match, their_id) or not exact else exact[0]
    return native_id, [name for name in exact if name != native_id]


def _exact_ids(clause: Mapping[str, Any]) -> Iterator[str]:
    """The ids named in full. One inside an `and` is narrowed by its neighbours: not taken."""
    if "equals" in clause:
        yield text(clause["equals"])
    for branch in listing(clause.get("or", [])):
        yield from _exact_ids(mapping(branch))


def _fits(clause: Mapping[str, Any], name: str) -> bool:
    """Whether an id matches. A regex counts as fitting: patterns from outside are not run."""
    tests: Mapping[str, Callable[[Any], bool]] = {
        "equals": lambda value: name.lower() == text(value).lower(),
        "starts_with": lambda value: name.lower().startswith(text(value).lower()),
        "ends_with": lambda value: name.lower().endswith(text(value).lower()),
        "contains": lambda value: text(value).lower() in name.lower(),
        "regex": lambda value: True,
        "or": lambda value: any(_fits(mapping(branch), name) for branch in listing(value)),
        "and": lambda value: all(_fits(mapping(branch), name) for branch in listing(value)),
    }
    return all(tests[key](value) for key, value in clause.items() if key in tests)
