from datetime import UTC, datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from .. import jobs
from ..models import Job
from .readonly import ReadOnlyAdmin


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Running, due, failing: run now, pause, go on. Reload to follow a run."""

    list_display = (
        "name", "argument", "state", "bar", "message", "due_at", "last_finished_at", "attempt",
        "last_error",
    )  # fmt: skip
    list_filter = ("paused", "name")
    ordering = ("name", "argument")
    actions = ("run_now", "pause", "go_on")

    @admin.display(description="State")
    def state(self, job: Job) -> str:
        now = datetime.now(UTC)
        if job.leased_until and job.leased_until > now:
            return "running"
        if job.paused:
            return "paused"
        if job.attempt:
            return f"failing, {job.attempt} in a row"
        return "due" if job.due_at <= now else "waiting"

    @admin.display(description="Progress")
    def bar(self, job: Job) -> str:
        return format_html('<progress max="100" value="{0}">{0} %</progress> {0} %', job.progress)

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.change_job"))

    @admin.action(description="Run now", permissions=["steer"])
    def run_now(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        for job in rows:
            jobs.ask(job.name, job.argument, now=datetime.now(UTC))
        messages.success(request, "Due now; a worker takes it at the next tick.")

    @admin.action(description="Pause", permissions=["steer"])
    def pause(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        messages.success(request, f"Paused {rows.update(paused=True)}.")

    @admin.action(description="Go on", permissions=["steer"])
    def go_on(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        messages.success(request, f"Going on with {rows.update(paused=False)}.")
