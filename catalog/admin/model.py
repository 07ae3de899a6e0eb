"""Models: prose is written here, facts are corrected by claims."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from catalog import markdown
from catalog.models import AIModel, ModelAlias, Tagging
from providers import publish, queries
from providers.admin.corrections import CorrectableAdmin
from providers.facts import MODEL_FACTS
from providers.queries import ClaimRow

from .pages import PageAdmin

PROSE = ("description", "best_for", "alternatives", "strengths", "limitations", "choosing")


class TaggingInline(admin.TabularInline[Tagging, AIModel]):
    model = Tagging
    extra = 0
    autocomplete_fields = ("tag",)
    readonly_fields = ("derived",)


class AliasInline(admin.TabularInline[ModelAlias, AIModel]):
    model = ModelAlias
    extra = 0


@admin.register(AIModel)
class AIModelAdmin(CorrectableAdmin, PageAdmin):
    list_display = ("name", "path", "kind", "endpoint_count", "released_on", "hidden")
    list_select_related = ("author",)
    list_filter = ("kind", "hidden", "open_weights", "status")
    search_fields = ("name", "slug", "author__slug", "author__name")
    ordering = ("author__slug", "slug")
    inlines = (TaggingInline, AliasInline)
    facts = MODEL_FACTS
    fieldsets = (
        (None, {"fields": ("author", "slug", "name", "kind", "hidden")}),
        (
            "Prose in our own words (Markdown; empty: written from the facts)",
            {"fields": ("summary", *PROSE, "notes_on")},
        ),
    )
    readonly_fields = ("author", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = (
            super().get_queryset(request).annotate(listings_n=Count("listings"))
        )
        return counted

    @admin.display(description="Model", ordering="slug")
    def path(self, row: AIModel) -> str:
        return f"{row.author.slug}/{row.slug}"

    @admin.display(description="Endpoints", ordering="listings_n")
    def endpoint_count(self, row: Any) -> int:
        number: int = row.listings_n
        return number

    def save_model(
        self, request: HttpRequest, obj: AIModel, form: ModelForm[AIModel], change: bool
    ) -> None:
        obj.html = {name: markdown.render(text) for name in PROSE if (text := getattr(obj, name))}
        super().save_model(request, obj, form, change)

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return super().get_inline_instances(request, obj) if obj else []

    # -- corrections ------------------------------------------------------------------------------

    def subject(self, row: AIModel) -> str:
        return self.path(row)

    def live_claims(self, row: AIModel) -> Sequence[ClaimRow]:
        path = self.path(row)
        return queries.claims_of_models([path]).get(path, [])

    def publish(self, row: AIModel, *, now: datetime) -> None:
        publish.publish(now=now, models=[self.path(row)])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # models come from listings: assign an endpoint to a new one instead
