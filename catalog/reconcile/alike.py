"""Lists new endpoints whose id is listed already: who runs it behind a gateway changes no model.

Listing the whole market anew takes a second, and a gateway's upstreams come model by model.
"""

from collections.abc import Collection

from catalog.models import Listing
from providers.models import Endpoint

from .listings import EDITOR

# What the rules go by: provider, native id, what its source says it serves.
Slot = tuple[int, str, str | None]


def list_alike(endpoints: Collection[int]) -> int | None:
    """Lists those that are not listed as others of the same id are; rows written.

    None, and nothing is written, when one has no such example. What editors decided of one
    endpoint is said of that one alone, so it is none.
    """
    same_ids = Endpoint.objects.filter(
        native_id__in=Endpoint.objects.filter(pk__in=endpoints, listing=None).values("native_id")
    ).select_related("listing")
    new: list[tuple[int, Slot]] = []
    examples: dict[Slot, Listing | None] = {}
    for endpoint in same_ids:
        slot = (endpoint.provider_id, endpoint.native_id, endpoint.serves)
        listing: Listing | None = getattr(endpoint, "listing", None)
        if endpoint.pk in endpoints and listing is None:
            new.append((endpoint.pk, slot))
        elif listing is None or listing.said_by != EDITOR:
            examples[slot] = listing
    if not all(slot in examples for _, slot in new):
        return None
    listings = [_like(example, pk) for pk, slot in new if (example := examples[slot])]
    Listing.objects.bulk_create(listings)
    return len(listings)


def _like(example: Listing, endpoint: int) -> Listing:
    return Listing(
        endpoint_id=endpoint,
        model_id=example.model_id,
        said_by=example.said_by,
        reason=example.reason,
        variant=example.variant,
    )
