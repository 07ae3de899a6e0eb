"""Which model an endpoint serves: said by whom, moved by editors, undone change by change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join

from catalog.models import Listing, ListingChange
from providers.admin.readonly import ReadOnlyAdmin
from providers.models import Endpoint

from . import worklist


@admin.register(Listing)
class ListingAdmin(admin.ModelAdmin[Listing]):
    """Every endpoint with its model. Moving one is a change of the worklist: it can be undone."""

    list_display = ("endpoint", "model_path", "said_by", "reason", "editor", "said_at")
    list_select_related = ("endpoint__provider", "endpoint__upstream", "model__author", "editor")
    list_filter = ("said_by", ("model", admin.EmptyFieldListFilter))
    search_fields = (
        "endpoint__native_id",
        "endpoint__provider__name",
        "model__slug",
        "model__name",
    )
    ordering = ("endpoint__provider__name", "endpoint__native_id", "pk")
    show_full_result_count = False
    fields = ("endpoint", "model", "reason", "said_by", "editor", "said_at", "variant")
    readonly_fields = ("endpoint", "said_by", "editor", "said_at", "variant")
    autocomplete_fields = ("model",)
    change_list_template = "admin/listings.html"
    actions = ("move", "not_a_model")

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("worklist/", guarded(worklist.show), name="catalog_listing_worklist"),
            path("worklist/undo/<int:pk>/", guarded(worklist.undo), name="catalog_listing_undo"),
            *super().get_urls(),
        ]

    @admin.display(description="Model", ordering="model__slug")
    def model_path(self, row: Listing) -> str:
        return _path(row) or "not a model"

    @admin.action(description="Move to another model …", permissions=["change"])
    def move(self, request: HttpRequest, rows: QuerySet[Listing]) -> HttpResponse:
        return worklist.ask_for_model(request, rows.values_list("pk", flat=True))

    @admin.action(description="Mark as no model", permissions=["change"])
    def not_a_model(self, request: HttpRequest, rows: QuerySet[Listing]) -> None:
        worklist.settle(request, rows.values_list("pk", flat=True), "")

    def save_model(
        self, request: HttpRequest, obj: Listing, form: ModelForm[Listing], change: bool
    ) -> None:
        worklist.settle(request, [obj.pk], _path(obj), reason=obj.reason)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # the worklist lists what is not listed yet

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ListingChange)
class ListingChangeAdmin(ReadOnlyAdmin):
    """What editors did to listings, newest first; each change can be undone once."""

    list_display = ("made_at", "editor", "what", "undone_at", "undone_by")
    list_select_related = ("editor", "undone_by")
    list_filter = ("editor", ("undone_at", admin.EmptyFieldListFilter))
    fields = ("made_at", "editor", "what", "was", "undone_at", "undone_by")
    readonly_fields = fields
    actions = ("undo",)

    @admin.display(description="Change")
    def what(self, row: ListingChange) -> str:
        return str(row)

    @admin.display(description="Was before")
    def was(self, row: ListingChange) -> str:
        names = Endpoint.objects.select_related("provider", "upstream").in_bulk(
            [entry["endpoint"] for entry in row.before]
        )
        return format_html_join(
            "",
            '<div><a href="{}">{}</a>: {}</div>',
            (_line(entry, names.get(entry["endpoint"])) for entry in row.before),
        )

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("catalog.change_listing"))

    @admin.action(description="Undo", permissions=["undo"])
    def undo(self, request: HttpRequest, rows: QuerySet[ListingChange]) -> None:
        for change in rows.order_by("-made_at", "-pk"):  # the newest first: each finds its own
            worklist.undo_change(request, change)


def _path(listing: Listing) -> str:
    return f"{listing.model.author.slug}/{listing.model.slug}" if listing.model else ""


def _line(entry: dict[str, Any], endpoint: Endpoint | None) -> tuple[str, str, str]:
    pk = entry["endpoint"]
    address = reverse("admin:providers_endpoint_change", args=[pk])
    return address, str(endpoint or f"endpoint {pk}"), _was(entry)


def _was(entry: dict[str, Any]) -> str:
    if entry["said_by"] is None:
        return "not listed"
    return f"{entry['path'] or 'not a model'} ({entry['said_by']}: {entry['reason']})"
