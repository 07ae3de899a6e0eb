"""Reads of a model's page of measurements besides the statistics themselves."""

from catalog.models import AIModel
from catalog.queries.shown import SHOWN
from providers.models import Endpoint


def find_model(author: str, slug: str) -> AIModel | None:
    """The shown model with its author. One query."""
    if "\x00" in author + slug:  # PostgreSQL would refuse to look
        return None
    shown = AIModel.objects.filter(author__slug=author, slug=slug, visibility=SHOWN)
    return shown.select_related("author").first()


def endpoints_of(model: AIModel) -> list[Endpoint]:
    """Every endpoint of the model, also those no longer sold, by provider name. One query."""
    endpoints = Endpoint.objects.filter(listing__model=model)
    return list(endpoints.select_related("provider", "upstream").by_provider_name())
