"""How gateways route a request, and the id to send for each way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from catalog.pages.links import Link
from catalog.pages.model.lines import Seller
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Mark


@dataclass(frozen=True, slots=True)
class Way:
    """A routing mode or a suffix of the id. `native_id` empty: it is not chosen by the id."""

    name: str
    meaning: str
    native_id: str


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
        provider = endpoint.provider
        modes = [_way(record, endpoint.native_id) for record in provider.routing_modes or ()]
        variants = [_way(record, endpoint.native_id) for record in provider.suffix_variants or ()]
        if modes or variants:
            href = reverse("catalog:provider", args=[provider.slug])
            marks = (
                *reads.provider_marks(provider, "routing_modes"),
                *reads.provider_marks(provider, "suffix_variants"),
            )
            found.setdefault(
                provider.pk,
                Routing(
                    Link(provider.name, href), (*modes, *variants), tuple(dict.fromkeys(marks))
                ),
            )
    return tuple(found.values())


def _once(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    return tuple(dict.fromkeys(marks))


def _way(record: Mapping[str, str], native_id: str) -> Way:
    suffix = record.get("suffix", "")
    return Way(
        name=record.get("name") or suffix,
        meaning=record.get("meaning", ""),
        native_id=f"{native_id.partition(':')[0]}{suffix}" if suffix else "",
    )
