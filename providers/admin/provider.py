from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from .. import publish, queries
from ..facts import PROVIDER_FACTS
from ..models import Provider
from ..queries import ClaimRow
from .corrections import CorrectableAdmin


@admin.register(Provider)
class ProviderAdmin(CorrectableAdmin):
    """Providers: the group is set here, every fact is corrected by a claim."""

    list_display = ("name", "slug", "group", "company", "endpoint_count", "headquarters")
    list_select_related = ("company",)
    list_filter = ("group",)
    search_fields = ("slug", "name")
    ordering = ("name",)
    autocomplete_fields = ("company",)
    facts = PROVIDER_FACTS
    fields = ("slug", "group", "company")
    readonly_fields = ("slug",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = (
            super().get_queryset(request).annotate(endpoints_n=Count("endpoints"))
        )
        return counted

    @admin.display(description="Endpoints", ordering="endpoints_n")
    def endpoint_count(self, row: Any) -> int:
        number: int = row.endpoints_n
        return number

    def subject(self, row: Provider) -> Provider:
        return row

    def provider_slug(self, row: Provider) -> str:
        return row.slug

    def live_claims(self, row: Provider) -> Sequence[ClaimRow]:
        return queries.claims_of_providers([row.pk]).get(row.pk, [])

    def publish(self, row: Provider, *, now: datetime) -> None:
        publish.publish(now=now, providers=[row.pk])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
