"""Sources and their runs: what each reading did, what it refused, what it found no room for."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from ..choices import Book
from ..models import Job, Run, Source
from ..sources.registry import SOURCES
from .asking import refresh_now
from .readonly import ReadOnlyAdmin
from .row_page import RowPage

_COUNTS = ("added", "changed", "ended", "unchanged", "held")


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run's report as its page draws it; empty parts are empty tuples."""

    counts: tuple[tuple[str, int], ...]
    seconds: float | None
    refused: tuple[tuple[str, str], ...]
    # Keys without a room, the most frequent first, and how often they came in all.
    homeless: tuple[tuple[str, int], ...]
    homeless_total: int
    covers: tuple[str, ...]


@admin.register(Run)
class RunAdmin(RowPage, ReadOnlyAdmin):
    list_display = (
        "started_at", "source", "part", "state", "as_of", "version", "recorded", "counts", "error",
    )  # fmt: skip
    search_fields = ("part",)
    list_select_related = ("source",)
    list_filter = ("source", "state")
    ordering = ("-started_at", "-pk")
    change_form_template = "admin/run.html"
    fields = (
        "source", "part", "started_at", "finished_at", "state", "as_of", "version", "sha256",
        "parser_version", "recorded", "error",
    )  # fmt: skip
    readonly_fields = fields

    def page_context(self, request: HttpRequest, row: Run) -> dict[str, Any]:
        return {"report": run_report(row)}

    @admin.display(description="What it did")
    def counts(self, row: Run) -> str:
        said = [f"{number:,} {name}" for name, number in run_report(row).counts if number]
        return ", ".join(said) or "nothing"


def run_report(run: Run) -> RunReport:
    stated = run.report or {}
    refused = tuple((one["item"], one["reason"]) for one in stated.get("refused", ()))
    homeless = stated.get("without_room", {})
    counts = [(name, stated.get(name, 0)) for name in _COUNTS]
    return RunReport(
        counts=(*counts, ("refused", len(refused)), ("without a room", sum(homeless.values()))),
        seconds=stated.get("seconds"),
        refused=refused,
        homeless=tuple(sorted(homeless.items(), key=lambda pair: (-pair[1], pair[0]))),
        homeless_total=sum(homeless.values()),
        covers=tuple(run.covers or ()),
    )


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Any]):
    """Sources: pause them, set how often they are read, read them now."""

    list_display = (
        "siglum",
        "name",
        "licence",
        "paused",
        "refresh_every",
        "claims_n",
        "waiting",
    )
    list_display_links = ("siglum", "name")
    ordering = ("siglum",)
    change_form_template = "admin/source.html"
    fields = (
        "name", "slug", "siglum", "licence", "homepage", "paused", "refresh_every", "parts_every",
    )  # fmt: skip
    readonly_fields = ("name", "slug", "siglum", "licence", "homepage")
    actions = ("refresh_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        public = Q(claims__ended_at=None, claims__book=Book.PUBLIC.value)
        live = Count("claims", filter=public, distinct=True)
        held = Count("held", filter=Q(held__answer=""), distinct=True)
        counted: QuerySet[Any] = super().get_queryset(request).annotate(live_n=live, held_n=held)
        return counted

    def get_urls(self) -> list[URLPattern]:
        read = self.admin_site.admin_view(require_POST(self.refresh_view))
        return [
            path("<int:pk>/refresh/", read, name="providers_source_refresh"),
            *super().get_urls(),
        ]

    def refresh_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for a reading now and leads to the job's page, which follows it."""
        if not self.has_refresh_permission(request):
            raise PermissionDenied
        source = get_object_or_404(Source, pk=pk, slug__in=SOURCES)
        refresh_now(source.slug)
        job = Job.objects.get(name="refresh", argument=source.slug)
        return HttpResponseRedirect(reverse("admin:providers_job_change", args=[job.pk]))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        source = context["original"]
        readable = source is not None and source.slug in SOURCES
        context["may_refresh"] = readable and self.has_refresh_permission(request)
        context["job"] = Job.objects.filter(name="refresh", argument=source.slug).first()
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="Live claims", ordering="live_n")
    def claims_n(self, row: Any) -> str:
        return f"{row.live_n:,}"

    @admin.display(description="Held items", ordering="held_n")
    def waiting(self, row: Any) -> int:
        number: int = row.held_n
        return number

    def has_refresh_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.change_source"))

    @admin.action(description="Read again now", permissions=["refresh"])
    def refresh_now(self, request: HttpRequest, sources: QuerySet[Source]) -> None:
        for source in sources.filter(slug__in=SOURCES):  # editors are nobody's to read
            refresh_now(source.slug)
        messages.success(request, "Asked for; the jobs page shows the progress.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
