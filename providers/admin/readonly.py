"""What only sources and jobs write: to be read here, never typed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ..models import Claim, Price, Reading
from .books import hidden_books, telling_of, visible_books
from .price_sheet import PriceSheets
from .words import condition_words, label, stored_words


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Price)
class PriceAdmin(PriceSheets, ReadOnlyAdmin):
    """Prices of the books that the reader may see; others are not there."""

    list_display = (
        "endpoint", "component", "when", "amount", "currency", "unit", "state", "valid_from",
        "valid_to", "source",
    )  # fmt: skip
    list_select_related = ("endpoint__provider", "endpoint__upstream", "claim__source")
    list_filter = ("book", "component", "state", "currency")
    search_fields = ("endpoint__native_id", "endpoint__provider__slug")
    ordering = ("-valid_from", "endpoint_id")
    # No claim: a rule may tell of a book that is closed to the reader. Claims have their own list.
    fields = (
        "endpoint", "book", "component", "when", "amount", "currency", "unit", "state",
        "valid_from", "valid_to", "source",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.filter(book__in=visible_books(request.user))

    @admin.display(description="Condition", ordering="condition")
    def when(self, row: Price) -> str:
        return condition_words(row.condition)

    @admin.display(description="Says who")
    def source(self, row: Price) -> str:
        return row.claim.source.name


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """Claims, less those that tell of a book which the reader may not see."""

    list_display = (
        "what", "subject", "says", "when", "source", "stated_from", "ended_at", "editor",
    )  # fmt: skip
    list_select_related = (
        "endpoint__provider",
        "endpoint__upstream",
        "provider",
        "source",
        "editor",
    )
    list_filter = ("source", "book", ("ended_at", admin.EmptyFieldListFilter))
    search_fields = ("key", "endpoint__native_id", "model")
    ordering = ("-pk",)
    fields = (
        "subject", "what", "when", "says", "stated", "book", "source", "stated_from",
        "at_least", "ended_at", "effective_from", "effective_to", "begun_by", "ended_by", "editor",
        "reason",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        hidden = hidden_books(request.user)
        return rows.exclude(telling_of(hidden)) if hidden else rows

    @admin.display(description="Fact", ordering="key")
    def what(self, row: Claim) -> str:
        return label(row.key)

    @admin.display(description="Condition", ordering="condition")
    def when(self, row: Claim) -> str:
        return condition_words(row.condition)

    @admin.display(description="Says")
    def says(self, row: Claim) -> str:
        return stored_words(row.key, row.value)

    @admin.display(description="About")
    def subject(self, row: Claim) -> str:
        return str(row.endpoint or row.provider or row.model)


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin):
    list_display = (
        "metric",
        "statistic",
        "value",
        "unit",
        "endpoint",
        "model",
        "source",
        "at",
        "n",
    )
    list_select_related = ("endpoint__provider", "endpoint__upstream", "source")
    list_filter = ("source", "metric")
    ordering = ("-at",)
