"""Which endpoints changed: their names and what they serve."""

from collections.abc import Collection
from dataclasses import dataclass

from catalog.queries.shown import unseen
from providers.models import Endpoint


@dataclass(frozen=True, slots=True)
class Place:
    """An endpoint with its provider, its model and the model's author.

    Without a model, `model` and `author` are empty and `name` is the endpoint's own.
    """

    provider: str
    provider_name: str
    native_id: str
    upstream: str
    name: str
    author: str
    author_name: str
    model: str

    @property
    def has_page(self) -> bool:
        return bool(self.model)


def places(endpoint_ids: Collection[int]) -> dict[int, Place]:
    """Those of the endpoints that readers may see, by id, listed or not. One query."""
    rows = Endpoint.objects.filter(pk__in=endpoint_ids).exclude(unseen()).values_list(
        "pk", "provider__slug", "provider__name", "native_id", "upstream__name", "name",
        "listing__model__author__slug", "listing__model__author__name", "listing__model__slug",
        "listing__model__name",
    )  # fmt: skip
    return {
        pk: Place(
            provider=provider,
            provider_name=provider_name,
            native_id=native_id,
            upstream=upstream or "",
            name=model_name or own_name or native_id,
            author=author or "",
            author_name=author_name or "",
            model=model or "",
        )
        for (
            pk, provider, provider_name, native_id, upstream, own_name,
            author, author_name, model, model_name,
        ) in rows.iterator(chunk_size=5000)
    }  # fmt: skip
