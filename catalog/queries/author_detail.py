"""Reads of an author's page; their number does not grow with models."""

from collections.abc import Collection

from django.db.models import Q

from catalog.models import AIModel, Author
from catalog.queries.shown import SHOWN, named_unseen, without_unseen
from providers.models import Endpoint, Provider


def find_author(slug: str) -> Author | None:
    """An author with a model to show, or without any; one whose models all wait has no page."""
    seen = Q(models__visibility=SHOWN) | Q(models=None)
    return Author.objects.filter(seen, slug=slug).first()


def models_of(author: Author) -> list[AIModel]:
    """The author's models that have a page, by name, without their prose. One query."""
    return without_unseen(
        AIModel.objects.filter(author=author, visibility=SHOWN)
        .only(
            "slug", "name", "kind", "family", "status", "retires_on", "replacement", "released_on"
        )
        .annotate(named_unseen=named_unseen())
        .order_by("name")
    )


def own_providers(author: Author) -> list[Provider]:
    """Where the author sells its own models. One query."""
    return list(author.providers.by_name())


def sellers_of(endpoint_ids: Collection[int]) -> dict[int, Provider]:
    """Endpoint → its provider. One query."""
    endpoints = Endpoint.objects.filter(pk__in=endpoint_ids).select_related("provider")
    return {endpoint.pk: endpoint.provider for endpoint in endpoints}
