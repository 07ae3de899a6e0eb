from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .. import publish, queries
from ..facts import ENDPOINT_FACTS
from ..models import Endpoint
from ..queries import ClaimRow
from .corrections import CorrectableAdmin


@admin.register(Endpoint)
class EndpointAdmin(CorrectableAdmin):
    """Endpoints: identity is fixed, every fact and price is corrected by a claim."""

    list_display = (
        "native_id",
        "provider",
        "upstream",
        "operation",
        "context",
        "retires_on",
    )
    list_select_related = ("provider", "upstream")
    list_filter = (
        *("operation", "provider__group", "status"),
        ("made_by", admin.EmptyFieldListFilter),
    )
    search_fields = ("native_id", "name", "provider__slug", "provider__name")
    ordering = ("provider__name", "native_id")
    show_full_result_count = False
    facts = ENDPOINT_FACTS
    has_prices = True
    fields = ("provider", "native_id", "upstream", "operation", "gone_since", "made_by")
    readonly_fields = fields

    @admin.display(description="Context, tokens", ordering="context_length")
    def context(self, row: Endpoint) -> str:
        return "" if row.context_length is None else f"{row.context_length:,}"

    def subject(self, row: Endpoint) -> Endpoint:
        return row

    def provider_slug(self, row: Endpoint) -> str:
        return row.provider.slug

    def live_claims(self, row: Endpoint) -> Sequence[ClaimRow]:
        return queries.claims_of([row.pk]).get(row.pk, [])

    def publish(self, row: Endpoint, *, now: datetime) -> None:
        publish.publish(now=now, endpoints=[row.pk])

    def _published_claims(self, row: Endpoint) -> set[int]:
        prices = queries.prices_at([row.pk], when=datetime.now(UTC)).get(row.pk, [])
        return super()._published_claims(row) | {price.claim_id for price in prices}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
