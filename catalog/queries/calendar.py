"""Reads of the calendar: dates ahead and dates past, each a fixed number of queries."""

from datetime import date, datetime

from django.db.models import Q, QuerySet

from catalog.models import Author
from catalog.queries.shown import SHOWN, named_unseen, unseen, without_unseen
from providers.models import Claim, Endpoint, Price, Provider

DATED = ("retires_on", "deprecated_on")
_SOLD = ("provider", "upstream", "listing__model__author")


def endpoints_with_dates_ahead(today: date) -> list[Endpoint]:
    """Endpoints on sale that retire or are deprecated from today on."""
    ahead = Q(retires_on__gte=today) | Q(deprecated_on__gte=today)
    return _dated(Endpoint.objects.listed().filter(ahead))


def endpoints_with_dates_past(today: date) -> list[Endpoint]:
    """Endpoints, also those no longer sold, that retired or were deprecated before today."""
    return _dated(Endpoint.objects.filter(Q(retires_on__lt=today) | Q(deprecated_on__lt=today)))


def _dated(endpoints: QuerySet[Endpoint]) -> list[Endpoint]:
    return without_unseen(
        endpoints.exclude(unseen())
        .select_related(*_SOLD)
        .only(
            "native_id",
            "operation",
            "name",
            "replacement",
            "provenance",
            *DATED,
            "provider__slug",
            "provider__name",
            "upstream__slug",
            "upstream__name",
            "listing__model__slug",
            "listing__model__name",
            "listing__model__visibility",
            "listing__model__author__slug",
        )
        .annotate(named_unseen=named_unseen())
        .order_by("provider__name", "native_id", "operation", "id")
    )


def prices_about_to_change(now: datetime) -> list[Price]:
    """Public prices that begin or end after now; both sides of each change, oldest first."""
    return list(
        Price.objects.public()
        .filter(Q(valid_from__gt=now) | Q(valid_to__gt=now), endpoint__gone_since=None)
        .exclude(unseen("endpoint__"))
        .select_related("claim", *(f"endpoint__{path}" for path in _SOLD))
        .order_by("endpoint_id", "component", "condition", "valid_from")
    )


def sources_of_dates(*, gone: bool) -> dict[int, int]:
    """Claim → source, for every claim of a retirement or deprecation."""
    claims = Claim.objects.filter(key__in=DATED, endpoint__isnull=False)
    if not gone:
        claims = claims.live()
    return dict(claims.values_list("id", "source_id"))


def authors_by_name() -> list[Author]:
    """Authors with at least one model."""
    return list(Author.objects.filter(models__visibility=SHOWN).distinct().order_by("name"))


def providers_by_name() -> list[Provider]:
    return list(Provider.objects.by_name().only("slug", "name"))
