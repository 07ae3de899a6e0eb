"""What a reader's report may be about: one query each."""

from catalog.models import AIModel
from catalog.queries.shown import SHOWN, unseen
from providers.models import Endpoint, Provider


def endpoint(pk: int) -> Endpoint | None:
    """An endpoint that pages show, with its provider and upstream."""
    return (
        Endpoint.objects.filter(pk=pk)
        .exclude(unseen())
        .select_related("provider", "upstream")
        .first()
    )


def provider(slug: str) -> Provider | None:
    return Provider.objects.filter(slug=slug).first()


def model(path: str) -> AIModel | None:
    """A model that has a page, with its author."""
    author, _, slug = path.partition("/")
    rows = AIModel.objects.filter(author__slug=author, slug=slug, visibility=SHOWN)
    return rows.select_related("author").first()
