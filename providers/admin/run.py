from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join

from .. import jobs
from ..models import Run, Source
from .readonly import ReadOnlyAdmin


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = (
        "source",
        "started_at",
        "state",
        "as_of",
        "version",
        "recorded",
        "counts",
        "error",
    )
    list_select_related = ("source",)
    list_filter = ("source", "state")
    ordering = ("-started_at", "-pk")
    exclude = ("report",)
    readonly_fields = ("counts", "refused_items", "keys_without_a_room")

    @admin.display(description="Added, changed, ended, held, refused")
    def counts(self, row: Run) -> str:
        report = row.report or {}
        numbers = [report.get(name, 0) for name in ("added", "changed", "ended", "held")]
        return ", ".join(f"{number:,}" for number in [*numbers, len(report.get("refused", []))])

    @admin.display(description="Refused items")
    def refused_items(self, row: Run) -> str:
        refused = (row.report or {}).get("refused", [])
        return (
            format_html_join("", "<p>{}: {}</p>", ((one["item"], one["reason"]) for one in refused))
            or "none"
        )  # type: ignore[return-value]

    @admin.display(description="Keys without a room")
    def keys_without_a_room(self, row: Run) -> str:
        homeless = (row.report or {}).get("without_room", {})
        lines = sorted(homeless.items(), key=lambda pair: (-pair[1], pair[0]))
        return format_html_join("", "<p>{} × {}</p>", lines) or "none"  # type: ignore[return-value]


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Any]):
    """Sources: pause them, set how often they are read, read them now."""

    list_display = (
        "siglum",
        "name",
        "slug",
        "licence",
        "paused",
        "refresh_every",
        "claims_n",
        "waiting",
    )
    ordering = ("siglum",)
    fields = ("name", "slug", "siglum", "licence", "homepage", "paused", "refresh_every")
    readonly_fields = ("name", "slug", "siglum", "licence", "homepage")
    actions = ("refresh_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        return (
            super()
            .get_queryset(request)
            .annotate(held_n=Count("held", filter=Q(held__answer=""), distinct=True))
        )

    @admin.display(description="Live claims")
    def claims_n(self, row: Source) -> int:
        return row.claims.live().count()

    @admin.display(description="Held items", ordering="held_n")
    def waiting(self, row: Any) -> int:
        number: int = row.held_n
        return number

    def has_refresh_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.change_source"))

    @admin.action(description="Read again now", permissions=["refresh"])
    def refresh_now(self, request: HttpRequest, sources: QuerySet[Source]) -> None:
        for source in sources:
            jobs.ask("refresh", source.slug, now=datetime.now(UTC))
        messages.success(request, "Asked for; the jobs page shows the progress.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
