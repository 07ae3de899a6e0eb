"""Which public pages print the facts of some endpoints."""

from collections.abc import Collection

from catalog.models import Listing
from providers.models import Endpoint

CHUNK = 500


def pages_showing(endpoints: Collection[int]) -> int:
    """Pages of models and providers that print the endpoints' prices. Two queries for each 500."""
    models: set[int] = set()
    providers: set[int] = set()
    ids = sorted(set(endpoints))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        listed = Listing.objects.filter(endpoint__in=chunk, model__isnull=False)
        models.update(pk for pk in listed.values_list("model_id", flat=True) if pk)
        sold = Endpoint.objects.filter(pk__in=chunk).values_list("provider_id", flat=True)
        providers.update(sold)
    return len(models) + len(providers)
