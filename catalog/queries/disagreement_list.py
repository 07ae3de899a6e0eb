"""Names behind the disagreements: a fixed number of queries, however many there are."""

from dataclasses import dataclass

from catalog.models import AIModel
from catalog.queries.shown import SHOWN
from providers.models import Endpoint, Provider


@dataclass(frozen=True, slots=True)
class Place:
    """Where a disputed value stands. Empty: there is none, or nobody has said which model it is.

    `model` is `author/slug`, of a model that has a page.
    """

    provider: str = ""
    native_id: str = ""
    upstream: str = ""
    model: str = ""
    name: str = ""
    author: str = ""
    author_name: str = ""


def places_of_endpoints() -> dict[int, Place]:
    """Every endpoint that a source lists today, by id. One query."""
    rows = Endpoint.objects.listed().values_list(
        "pk", "provider__slug", "native_id", "upstream__name", "name",
        "listing__model__name", "listing__model__slug", "listing__model__author__slug",
        "listing__model__author__name",
    )  # fmt: skip
    return {row[0]: _place(*row[1:]) for row in rows.iterator(chunk_size=5000)}


def _place(
    provider: str,
    native_id: str,
    upstream: str | None,
    own_name: str | None,
    name: str,
    slug: str | None,
    author: str,
    author_name: str,
) -> Place:
    if slug is None:
        return Place(provider, native_id, upstream or "", name=own_name or native_id)
    model = f"{author}/{slug}"
    return Place(provider, native_id, upstream or "", model, name, author, author_name)


def places_of_models() -> dict[str, Place]:
    """Every model with a page, by `author/slug`. One query."""
    rows = AIModel.objects.filter(visibility=SHOWN).values_list(
        "author__slug", "author__name", "slug", "name"
    )
    return {
        f"{author}/{slug}": Place(
            model=f"{author}/{slug}", name=name, author=author, author_name=author_name
        )
        for author, author_name, slug, name in rows
    }


def providers() -> dict[int, tuple[str, str]]:
    """Slug and name of every provider, by id. One query."""
    return {
        pk: (slug, name) for pk, slug, name in Provider.objects.values_list("pk", "slug", "name")
    }
