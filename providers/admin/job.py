from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin, messages
from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest
from django.utils.html import format_html

from .. import jobs, probing, work
from ..models import Job, ProbePlan, Run
from .asking import run_now
from .readonly import ReadOnlyAdmin
from .row_page import RowPage

_RUNS = 5


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [(state, state) for state in jobs.STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        state = self.value()
        if state not in jobs.STATES:
            return queryset
        return queryset.filter(jobs.in_state(state, datetime.now(UTC)))


class QueueFilter(admin.SimpleListFilter):
    title = "queue"
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [(queue, queue) for queue in sorted(self._queues())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        kinds = self._queues().get(self.value() or "")
        return queryset.filter(reduce(or_, kinds)) if kinds else queryset

    def _queues(self) -> dict[str, list[Q]]:
        """What holds for the jobs of each queue. A queue that a row does not name goes by name."""
        found: dict[str, list[Q]] = {}
        for kind in Job.objects.order_by().values("name", "queue").distinct():
            found.setdefault(work.queue_of(Job(**kind)), []).append(Q(**kind))
        return found


class FailingFilter(admin.SimpleListFilter):
    title = "how it went"
    parameter_name = "failing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [("1", "failed last time")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(attempt__gt=0) if self.value() == "1" else queryset


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is and who has it. `is_live`: worth looking again in a moment."""

    state: str
    is_live: bool
    percent: int
    message: str
    holder: str
    since: datetime | None
    runs: tuple[Run, ...]


@admin.register(Job)
class JobAdmin(RowPage, ReadOnlyAdmin):
    """Running, due, failing: run now, pause, go on. A job's page follows it to its report."""

    list_display = ("what", "queue_name", "state", "said", "due_at", "last_finished_at")
    list_filter = (StateFilter, FailingFilter, QueueFilter, "name")
    search_fields = ("argument",)
    ordering = ("name", "argument")
    actions = ("run_now", "pause", "go_on")
    change_form_template = "admin/job.html"
    fields = (
        "about", "queue_name", "due_at", "last_finished_at", "attempt", "last_error", "paused",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """With the endpoint that a probe's job measures: its own argument is a number."""
        rows: QuerySet[Job] = super().get_queryset(request)
        plan = (
            ProbePlan.objects.annotate(number=Cast("pk", CharField()))
            .filter(number=OuterRef("argument"))
            .values(
                said=Concat(
                    F("endpoint__provider__slug"), Value(" "), F("endpoint__native_id"),
                    output_field=CharField(),
                )
            )
        )  # fmt: skip
        return rows.annotate(plan=Subquery(plan))

    def page_context(self, request: HttpRequest, row: Job) -> dict[str, Any]:
        return {"progress": _progress(row, datetime.now(UTC))}

    @admin.display(description="Measures")
    def about(self, job: Job) -> str:
        return getattr(job, "plan", "") or "" if job.name == probing.JOB else ""

    @admin.display(description="Queue")
    def queue_name(self, job: Job) -> str:
        return work.queue_of(job)

    @admin.display(description="Job", ordering="name")
    def what(self, job: Job) -> str:
        return f"{job} ({self.about(job)})" if self.about(job) else str(job)

    @admin.display(description="State", ordering="leased_at")
    def state(self, job: Job) -> str:
        state = job.state(datetime.now(UTC))
        if state != "running":
            return state
        held = f": {job.holder} since {job.leased_at:%H:%M:%S}" if job.leased_at else ""
        return format_html(
            '{state}{held}<br><progress max="100" value="{done}" aria-label="Progress of {job}">'
            "{done} %</progress> {done} %",
            state=state,
            held=held,
            done=job.progress,
            job=job,
        )

    @admin.display(description="What it said")
    def said(self, job: Job) -> str:
        """The last line of a job that goes well; how often it failed, and of what, of another."""
        if not job.attempt:
            return job.message
        times = "once" if job.attempt == 1 else f"{job.attempt} times"
        return f"Failed {times}: {job.last_error[:120]}"

    def has_steer_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.change_job"))

    @admin.action(description="Run now", permissions=["steer"])
    def run_now(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        for job in rows:
            run_now(job.name, job.argument)
        messages.success(request, "Due now; a worker takes it in a moment.")

    @admin.action(description="Pause", permissions=["steer"])
    def pause(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        messages.success(request, f"Paused {jobs.pause(rows)}.")

    @admin.action(description="Go on", permissions=["steer"])
    def go_on(self, request: HttpRequest, rows: QuerySet[Job]) -> None:
        messages.success(request, f"Going on with {jobs.pause(rows, paused=False)}.")


def _progress(job: Job, now: datetime) -> Progress:
    state = job.state(now)
    slug, _, part = job.argument.partition(":")
    runs = Run.objects.filter(source__slug=slug, part=part).select_related("source")
    return Progress(
        state=state,
        is_live=state in ("running", "due"),
        percent=job.progress if state == "running" else 0,
        message=job.message,
        holder=job.holder,
        since=job.leased_at,
        runs=tuple(runs.order_by("-started_at", "-pk")[:_RUNS]) if slug else (),
    )
