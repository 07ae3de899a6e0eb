"""Reads of the title page."""

from providers.models import Endpoint


def providers_of_endpoints() -> dict[int, tuple[str, str]]:
    """Endpoint → slug and name of its provider, for every endpoint listed today. One query."""
    rows = Endpoint.objects.listed().values_list("pk", "provider__slug", "provider__name")
    return {pk: (slug, name) for pk, slug, name in rows.iterator(chunk_size=5000)}
