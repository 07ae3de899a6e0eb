"""Reads of a provider's page; their number does not grow with endpoints."""

from datetime import datetime
from typing import Any, cast

from django.db.models import Exists, OuterRef, Q

from catalog.queries.shown import unseen
from providers.models import Endpoint, OfficialStatus, Provider, Rollup


def find_provider(slug: str) -> Provider | None:
    if "\x00" in slug:  # PostgreSQL would refuse to look
        return None
    return Provider.objects.select_related("company").filter(slug=slug).first()


def is_measured(endpoint: Endpoint) -> bool:
    """Whether anything was ever measured of it; of endpoints that `endpoints_of` gave."""
    return bool(cast(Any, endpoint).is_measured)


def same_company(provider: Provider) -> list[Provider]:
    """Its company, branches and plans, and those of its company, without itself. One query."""
    company = provider.company_id or provider.pk
    related = Provider.objects.filter(Q(pk=company) | Q(company_id=company))
    return list(related.exclude(pk=provider.pk).by_name())


def endpoints_of(provider: Provider) -> list[Endpoint]:
    """Every endpoint it sells or sold, with what each serves, by the model's name. One query.

    Those that an editor called "not a model" are left out, and those of models not shown.
    """
    return list(
        Endpoint.objects.filter(provider=provider)
        .exclude(listing__isnull=False, listing__model=None)
        .exclude(unseen())
        .select_related("upstream", "listing__model__author")
        .only(
            "native_id",
            "operation",
            "name",
            "context_length",
            "max_output",
            "retires_on",
            "status",
            "gone_since",
            "provenance",
            "upstream__slug",
            "upstream__name",
            "listing__model__slug",
            "listing__model__name",
            "listing__model__visibility",
            "listing__model__author__slug",
        )
        .annotate(is_measured=Exists(Rollup.objects.filter(endpoint=OuterRef("pk"))))
        .order_by("listing__model__name", "native_id", "upstream__name", "operation", "pk")
    )


def not_models(provider: Provider) -> int:
    """How many of its endpoints an editor called "not a model"."""
    return Endpoint.objects.filter(
        provider=provider, listing__isnull=False, listing__model=None
    ).count()


def official_statuses(provider: Provider, since: datetime, until: datetime) -> list[OfficialStatus]:
    """What its own status page said in that time, oldest first. One query."""
    rows = OfficialStatus.objects.filter(
        provider=provider, first_read_at__lte=until, confirmed_at__gte=since
    )
    return list(rows.order_by("first_read_at"))
