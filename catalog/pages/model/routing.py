"""How gateways route a request, and the id to send for each way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from catalog.pages.links import Link
from catalog.pages.model.lines import Seller
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Mark
from providers.models import Endpoint

_ANY_MODEL = "any model"


@dataclass(frozen=True, slots=True)
class Way:
    """A routing mode or a suffix of the id. `listed`: the gateway offers it for this model."""

    name: str
    effect: str
    native_id: str
    listed: bool


@dataclass(frozen=True, slots=True)
class Routing:
    provider: Link
    ways: tuple[Way, ...]
    sources: tuple[Mark, ...]


def routings(reads: Reads, sold_by: Sequence[Seller]) -> tuple[Routing, ...]:
    """Each provider once that states routing modes or suffix variants."""
    found: dict[int, Routing] = {}
    for seller in sold_by:
        endpoint = seller.first.sold.endpoint
        if endpoint.provider.routing_modes or endpoint.provider.suffix_variants:
            ids = {line.sold.endpoint.native_id for line in seller.lines}
            found.setdefault(endpoint.provider_id, _routing(reads, endpoint, ids))
    return tuple(found.values())


def _routing(reads: Reads, endpoint: Endpoint, ids: set[str]) -> Routing:
    """Modes first; a suffix that only says a mode again is left out."""
    provider = endpoint.provider
    records = (*(provider.routing_modes or ()), *(provider.suffix_variants or ()))
    ways: dict[str, Way] = {}
    for record in records:
        way = _way(record, endpoint.native_id, ids)
        ways.setdefault(way.native_id, way)
    marks = (
        *reads.provider_marks(provider, "routing_modes"),
        *reads.provider_marks(provider, "suffix_variants"),
    )
    href = reverse("catalog:provider", args=[provider.slug])
    return Routing(Link(provider.name, href), tuple(ways.values()), _once(marks))


def _way(record: Mapping[str, str], native_id: str, ids: Iterable[str]) -> Way:
    """`send` is the id with `{id}` in place of the model's own."""
    send = record.get("send", "").replace("{id}", native_id)
    everybody = record.get("accepted", _ANY_MODEL) == _ANY_MODEL
    return Way(record["name"], record.get("effect", ""), send, listed=everybody or send in ids)


def _once(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    return tuple(dict.fromkeys(marks))
