"""What claims are about: rows of providers and endpoints, made when a source first names them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from .. import roster
from ..models import Endpoint, Provider

# Endpoints whose claims are written in one transaction; about 20 claims each.
CHUNK = 100
Identity = tuple[str, str, str, str]  # Offer.identity()


def chunked(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def ensure_providers(slugs: Iterable[str]) -> dict[str, int]:
    """Ids of providers by slug; creates those that are new, with their company."""
    wanted = set(slugs)
    wanted |= {parent for slug in wanted if (parent := roster.company(slug).company)}
    known = dict(Provider.objects.filter(slug__in=wanted).values_list("slug", "pk"))
    for slug in sorted(
        wanted - known.keys(), key=lambda slug: (bool(roster.company(slug).company), slug)
    ):
        company = roster.company(slug)
        provider, _ = Provider.objects.get_or_create(
            slug=slug,
            defaults={
                "name": company.name,
                "group": company.group.value,
                "company_id": known.get(company.company) if company.company else None,
            },
        )
        known[slug] = provider.pk
    return known


def ensure_endpoints(
    identities: Iterable[Identity], provider_ids: Mapping[str, int]
) -> dict[Identity, int]:
    """Ids of endpoints by identity (`Offer.identity()`); creates those that are new."""
    identities = list(identities)
    known = endpoint_ids(identities)
    missing = [
        Endpoint(
            provider_id=provider_ids[provider],
            native_id=native_id,
            operation=operation,
            upstream_id=provider_ids[upstream] if upstream else None,
        )
        for provider, native_id, operation, upstream in identities
        if (provider, native_id, operation, upstream) not in known
    ]
    for chunk in chunked(missing, 500):
        Endpoint.objects.bulk_create(chunk, ignore_conflicts=True)
    if missing:
        known = endpoint_ids(identities)
    return {identity: known[identity] for identity in identities}


def endpoint_ids(identities: Collection[Identity]) -> dict[Identity, int]:
    """Ids of all endpoints of the same providers; of the same native ids where those are few."""
    same = Endpoint.objects.filter(provider__slug__in={provider for provider, *_ in identities})
    if len(identities) <= CHUNK:
        same = same.filter(native_id__in={native_id for _, native_id, *_ in identities})
    rows = same.values_list("provider__slug", "native_id", "operation", "upstream__slug", "pk")
    return {(p, native, op, upstream or ""): pk for p, native, op, upstream, pk in rows}
