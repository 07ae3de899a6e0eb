"""Reads of what stands behind one value."""

from catalog.queries.shown import named_unseen, unseen, without_unseen
from providers.models import Endpoint


def find_endpoint(pk: int) -> Endpoint | None:
    """An endpoint that pages show, with provider, upstream and the model it serves. One query."""
    found = without_unseen(
        Endpoint.objects.filter(pk=pk)
        .exclude(unseen())
        .select_related("provider", "upstream", "listing__model__author")
        .annotate(named_unseen=named_unseen())
    )
    return found[0] if found else None
