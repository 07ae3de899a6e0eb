"""Reads of an author's page; their number does not grow with models."""

from collections.abc import Collection

from catalog.models import AIModel, Author
from providers.models import Endpoint, Provider


def find_author(slug: str) -> Author | None:
    return Author.objects.filter(slug=slug).first()


def models_of(author: Author) -> list[AIModel]:
    """The author's models that have a page, by name, without their prose. One query."""
    return list(
        AIModel.objects.filter(author=author, hidden=False)
        .only(
            "slug", "name", "kind", "family", "status", "retires_on", "replacement", "released_on"
        )
        .order_by("name")
    )


def own_providers(author: Author) -> list[Provider]:
    """Where the author sells its own models. One query."""
    return list(author.providers.by_name())


def sellers_of(endpoint_ids: Collection[int]) -> dict[int, Provider]:
    """Endpoint → its provider. One query."""
    endpoints = Endpoint.objects.filter(pk__in=endpoint_ids).select_related("provider")
    return {endpoint.pk: endpoint.provider for endpoint in endpoints}
