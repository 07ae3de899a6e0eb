from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from ..models import Job, Run
from .asking import run_now
from .readonly import ReadOnlyAdmin

_RUNS = 5


class FailingFilter(admin.SimpleListFilter):
    title = "how it went"
    parameter_name = "failing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [("1", "failed last time")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(attempt__gt=0) if self.value() == "1" else queryset


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `is_live`: worth looking again in a moment."""

    state: str
    is_live: bool
    percent: int
    message: str
    runs: tuple[Run, ...]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Running, due, failing: run now, pause, go on. A job's page follows it to its report."""

    list_display = (
        "__str__", "state", "bar", "message", "due_at", "last_finished_at", "attempt", "error",
    )  # fmt: skip
    list_filter = (FailingFilter, "paused", "name")
    search_fields = ("argument",)
    ordering = ("name", "argument")
    actions = ("run_now", "pause", "go_on")
    change_form_template = "admin/job.html"
    fields = ("due_at", "last_finished_at", "attempt", "last_error", "paused")
    readonly_fields = fields

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        job = self.get_object(request, object_id) if object_id else None
        extra = {"progress": job and _progress(job, datetime.now(UTC)), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, extra)

    @admin.display(description="State")
    def state(self, job: Job) -> str:
        return job.state(datetime.now(UTC))

    @admin.display(description="Progress")
    def bar(self, job: Job) -> str:
        return format_html(
            '<progress max="100" value="{0}" aria-label="Progress of {1}">{0} %</progress> {0} %',
            job.progress,
            job,
        )

    @admin.display(description="Last error")
    def error(self, job: Job) -> str:
        return job.last_error[:120]

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.change_job"))

    @admin.action(description="Run now", permissions=["steer"])
    def run_now(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        for job in rows:
            run_now(job.name, job.argument)
        messages.success(request, "Due now; a worker takes it in a moment.")

    @admin.action(description="Pause", permissions=["steer"])
    def pause(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        messages.success(request, f"Paused {rows.update(paused=True)}.")

    @admin.action(description="Go on", permissions=["steer"])
    def go_on(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        messages.success(request, f"Going on with {rows.update(paused=False)}.")


def _progress(job: Job, now: datetime) -> Progress:
    state = job.state(now)
    slug, _, part = job.argument.partition(":")
    runs = Run.objects.filter(source__slug=slug, part=part).select_related("source")
    return Progress(
        state=state,
        is_live=state in ("running", "due"),
        percent=job.progress if state == "running" else 0,
        message=job.message,
        runs=tuple(runs.order_by("-started_at", "-pk")[:_RUNS]) if slug else (),
    )
