"""Models: prose is written here, facts are corrected by claims."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.urls import reverse

from catalog import markdown
from catalog.models import AIModel, ModelAlias, Tagging, Visibility
from providers import publish, queries
from providers.admin.corrections import CorrectableAdmin
from providers.facts import MODEL_FACTS
from providers.models import Endpoint
from providers.queries import ClaimRow

from .pages import PageAdmin

PROSE = ("description", "best_for", "alternatives", "strengths", "limitations", "choosing")


class TaggingInline(admin.StackedInline[Tagging, AIModel]):
    """Editors' own tags; derived ones come and go with the facts."""

    model = Tagging
    extra = 0
    autocomplete_fields = ("tag",)
    fields = ("tag",)
    verbose_name_plural = "tags by editors"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tagging]:
        return super().get_queryset(request).filter(derived=False)


class AliasInline(admin.StackedInline[ModelAlias, AIModel]):
    model = ModelAlias
    extra = 0


@admin.register(AIModel)
class AIModelAdmin(CorrectableAdmin, PageAdmin):
    list_display = ("name", "path", "kind", "endpoint_count", "released_on", "visibility")
    list_select_related = ("author",)
    list_filter = ("visibility", "kind", "open_weights", "status")
    search_fields = ("name", "slug", "author__slug", "author__name")
    ordering = ("author__slug", "slug")
    inlines = (TaggingInline, AliasInline)
    actions = ("approve", "hide")
    facts = MODEL_FACTS
    fieldsets = (
        (None, {"fields": ("author", "slug", "name", "kind", "visibility")}),
        (
            "Prose in our own words (Markdown; empty: written from the facts)",
            {"fields": ("summary", *PROSE, "notes_on")},
        ),
    )
    # Name and kind are folded from what is stated; the name is corrected below as any fact is.
    readonly_fields = ("author", "slug", "name", "kind")

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

    def save_formset(
        self,
        request: HttpRequest,
        form: Any,
        formset: BaseInlineFormSet[Any, Any, Any],
        change: bool,
    ) -> None:
        for row in formset.save(commit=False):
            if isinstance(row, Tagging):
                row.derived = False
            row.save()
        for row in formset.deleted_objects:
            row.delete()

    # -- who sees them ----------------------------------------------------------------------------

    @admin.action(
        description="Show: approve what waits, show what is hidden", permissions=["change"]
    )
    def approve(self, request: HttpRequest, rows: QuerySet[AIModel]) -> None:
        self._set(request, rows, Visibility.SHOWN, "Readers see")

    @admin.action(description="Hide: no public trace", permissions=["change"])
    def hide(self, request: HttpRequest, rows: QuerySet[AIModel]) -> None:
        self._set(request, rows, Visibility.HIDDEN, "Readers no longer see")

    def _set(
        self, request: HttpRequest, rows: QuerySet[AIModel], wanted: Visibility, words: str
    ) -> None:
        """Changes those that differ, keeps who did it in the log, and turns every cached page."""
        ids = list(rows.exclude(visibility=wanted.value).values_list("pk", flat=True))
        with transaction.atomic():
            changed = AIModel.objects.filter(pk__in=ids)
            changed.update(visibility=wanted.value)
            if ids:
                LogEntry.objects.log_actions(
                    request.user.pk or 0, changed, CHANGE, f"Set to {wanted.value}."
                )
                publish.announce(now=datetime.now(UTC))
        messages.success(request, f"{words} {len(ids)} model{'' if len(ids) == 1 else 's'}.")

    def view_on_site(self, obj: AIModel) -> str | None:
        if not obj.is_shown():
            return None
        return reverse("catalog:model", args=[obj.author.slug, obj.slug])

    def get_inline_instances(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return super().get_inline_instances(request, obj) if obj else []

    # -- corrections ------------------------------------------------------------------------------

    def subject(self, row: AIModel) -> str:
        return self.path(row)

    def live_claims(self, row: AIModel) -> Sequence[ClaimRow]:
        path = self.path(row)
        return queries.claims_of_models([path]).get(path, [])

    def borrowed_claims(self, row: AIModel) -> Sequence[tuple[ClaimRow, str]]:
        """Claims about endpoints that the model's facts were folded from. Two queries."""
        behind = set(row.provenance.values())
        endpoints = Endpoint.objects.filter(claims__in=behind).distinct()
        names = {one.pk: str(one) for one in endpoints.select_related("provider", "upstream")}
        stated = queries.claims_of(names.keys())
        return [
            (claim, names[pk])
            for pk, claims in stated.items()
            for claim in claims
            if claim.id in behind
        ]

    def publish(self, row: AIModel, *, now: datetime) -> None:
        publish.publish(now=now, models=[self.path(row)])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # models come from listings: assign an endpoint to a new one instead

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the next refresh would list it again: hide it instead
