"""Reads of the page that compares providers; their number does not grow with providers."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from catalog.queries.shown import SHOWN, unseen
from providers.choices import Book, Component, Group, State, Unit
from providers.models import Claim, Endpoint, Price, Provider


def providers_by_name() -> list[Provider]:
    return list(Provider.objects.select_related("company").by_name())


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One endpoint on sale: what it serves and which protocols it states."""

    provider: int
    model: int | None
    protocols: dict[str, bool]


def offers() -> list[OfferRow]:
    """Every endpoint on sale; those an editor called "not a model" are left out. One query."""
    rows = (
        Endpoint.objects.listed()
        .exclude(listing__isnull=False, listing__model=None)
        .exclude(unseen())
        .values_list("provider_id", "listing__model_id", "protocols")
    )
    return [OfferRow(*row) for row in rows.iterator(chunk_size=5000)]


@dataclass(frozen=True, slots=True)
class InputPrice:
    """What one endpoint of a model asks for input: US dollars per 1M tokens, standard tier."""

    provider: int
    provider_slug: str
    model: int
    amount: Decimal
    source: int
    variant: str


def input_prices(now: datetime) -> list[InputPrice]:
    """Public plain input prices in force, of matched endpoints on sale; no plans. One query."""
    rows = (
        Price.objects.public()
        .filter(
            Q(valid_to=None) | Q(valid_to__gt=now),
            Q(endpoint__retires_on=None) | Q(endpoint__retires_on__gt=now.date()),
            valid_from__lte=now,
            component=Component.INPUT.value,
            condition="",
            unit=Unit.MILLION_TOKENS.value,
            currency="USD",
            state=State.KNOWN.value,
            endpoint__gone_since=None,
            endpoint__listing__model__visibility=SHOWN,
        )
        .exclude(endpoint__provider__group=Group.PLAN.value)
        .values_list(
            "endpoint__provider_id",
            "endpoint__provider__slug",
            "endpoint__listing__model_id",
            "amount",
            "claim__source_id",
            "endpoint__listing__variant",
        )
    )
    return [
        InputPrice(provider, slug, model, amount, source, variant)
        for provider, slug, model, amount, source, variant in rows.iterator(chunk_size=5000)
        if amount is not None  # known by the state asked for
    ]


def sources_of_policies() -> dict[int, int]:
    """Public claim about a provider → its source. One query."""
    public = Claim.objects.live().filter(provider__isnull=False, book=Book.PUBLIC.value)
    return dict(public.values_list("pk", "source_id"))
