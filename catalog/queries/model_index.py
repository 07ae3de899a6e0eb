"""Reads of the index of all models: a fixed number of queries, whatever the market's size."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from catalog.models import AIModel, Author, ModelAlias, Tagging
from catalog.queries.shown import SHOWN
from providers.choices import Book
from providers.models import Claim, Endpoint, Price

PAGE_OF_ROWS = 5000


class Offer(NamedTuple):
    """An endpoint that serves a model and is listed today."""

    endpoint: int
    model: int
    provider: str
    provider_name: str
    group: str
    own: bool  # sold by the model's author
    native_id: str
    variant: str
    parameters: dict[str, bool]
    protocols: dict[str, bool]


class PlainPrice(NamedTuple):
    """A public price without a condition, in force now or later."""

    endpoint: int
    component: str
    amount: Decimal | None
    unit: str
    currency: str
    state: str
    claim: int
    source: int
    valid_from: datetime
    valid_to: datetime | None


def models() -> list[AIModel]:
    """Models with a page, each with its author, by name. One query."""
    prose = ("description", "best_for", "alternatives", "strengths", "limitations", "choosing")
    return list(
        AIModel.objects.filter(visibility=SHOWN)
        .select_related("author")
        .defer(*prose, "html", "provenance")
        .order_by("name", "pk")
    )


def offers(*, now: datetime, past: bool = False) -> Iterator[Offer]:
    """Endpoints on sale of every model; in the past, of those that were known then. One query."""
    sold_by_author = Author.providers.through.objects.filter(
        author=OuterRef("listing__model__author"), provider=OuterRef("provider")
    )
    retired = Q(status="retired") | Q(retires_on__lte=now.date())
    on_sale = Endpoint.objects.filter(Q(gone_since=None) | Q(gone_since__gt=now))
    if past:
        known = Claim.objects.filter(
            endpoint=OuterRef("pk"), stated_from__lte=now, book=Book.PUBLIC.value
        )
        on_sale = on_sale.filter(Exists(known))
    rows = (
        on_sale.filter(listing__model__visibility=SHOWN)
        .exclude(retired)
        .annotate(own=Exists(sold_by_author))
        .order_by("pk")
        .values_list(
            "pk", "listing__model", "provider__slug", "provider__name", "provider__group", "own",
            "native_id", "listing__variant", "parameters", "protocols",
        )
    )  # fmt: skip
    return map(Offer._make, rows.iterator(chunk_size=PAGE_OF_ROWS))


def plain_prices(*, now: datetime) -> Iterator[PlainPrice]:
    """Unconditional public prices that have not ended. One query."""
    rows = (
        Price.objects.public()
        .filter(
            Q(valid_to=None) | Q(valid_to__gt=now),
            Q(endpoint__gone_since=None) | Q(endpoint__gone_since__gt=now),
            condition="",
        )
        .order_by("endpoint_id", "component", "valid_from")
        .values_list(
            "endpoint_id", "component", "amount", "unit", "currency", "state",
            "claim_id", "claim__source_id", "valid_from", "valid_to",
        )
    )  # fmt: skip
    return map(PlainPrice._make, rows.iterator(chunk_size=PAGE_OF_ROWS))


def tags() -> list[tuple[int, str, str]]:
    """(model, slug, name) of every tag given to a model with a page. One query."""
    given = Tagging.objects.filter(model__visibility=SHOWN)
    return list(given.values_list("model_id", "tag__slug", "tag__name"))


def aliases() -> list[tuple[int, str]]:
    """(model, other `author/slug`). One query."""
    return list(ModelAlias.objects.values_list("model_id", "path"))
