"""Disagreements as a queue: accept one side, find both right, or put it off; and the log of that.

A judgement holds for what the sources say now. It lapses by itself when one changes its word, and
the disagreement is back in the queue.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from .. import disputes, judging
from ..choices import Verdict
from ..disagreement import Disagreement
from ..disputes import Case, Subject
from ..facts import BadFact
from ..ledger import PRICE
from ..models import Endpoint, Judgement, Provider, Source
from .readonly import ReadOnlyAdmin
from .words import condition_words, label, value_words

PER_PAGE = 25
_ACCEPT = "accept:"  # prefix of a choice; the side's number follows


@dataclass(frozen=True, slots=True)
class Says:
    """One source's word, and when it was last confirmed."""

    source: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class SideRow:
    choice: str
    value: str
    says: tuple[Says, ...]


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One disagreement as the queue draws it."""

    subject: str
    fact: str
    when: str
    sides: tuple[SideRow, ...]
    times: str  # the largest value over the smallest; empty without a number
    address: str


class VerdictForm(forms.Form):
    """What an editor says of one disagreement; `digest` names the sides that were on the page."""

    verdict = forms.ChoiceField(widget=forms.RadioSelect, label="Judgement")
    why = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label="Why")
    digest = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, case: CaseRow, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["verdict"]
        field.choices = [  # type: ignore[attr-defined]
            *((side.choice, f"Accept {side.value}") for side in case.sides),
            (Verdict.BOTH_RIGHT.value, "Both right: each side is true in its own way"),
            (Verdict.SNOOZED.value, "Put off until a source changes its word"),
        ]


@admin.register(Judgement)
class JudgementAdmin(ReadOnlyAdmin):
    """The log of judgements, and the queue of disagreements that nobody can explain."""

    change_list_template = "admin/judgements.html"
    list_display = ("at", "subject", "what", "when", "verdict", "by", "why")
    list_select_related = ("endpoint__provider", "endpoint__upstream", "provider", "by")
    list_filter = ("verdict",)
    search_fields = ("key", "endpoint__native_id", "endpoint__provider__slug", "why")
    ordering = ("-pk",)
    fields = ("subject", "what", "when", "verdict", "claim", "by", "at", "why")
    readonly_fields = fields

    @admin.display(description="About")
    def subject(self, row: Judgement) -> str:
        return str(row.endpoint or row.provider or row.model)

    @admin.display(description="Fact", ordering="key")
    def what(self, row: Judgement) -> str:
        return label(row.key)

    @admin.display(description="Condition")
    def when(self, row: Judgement) -> str:
        return condition_words(row.condition)

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("queue/", guarded(self.queue_view), name="providers_judgement_queue"),
            path(
                "judge/<str:kind>/<path:pk>/",
                guarded(self.judge_view),
                name="providers_judgement_judge",
            ),
            *super().get_urls(),
        ]

    # -- the queue --------------------------------------------------------------------------------

    def queue_view(self, request: HttpRequest) -> HttpResponse:
        if not (may_judge(request, PRICE) or may_judge(request, "")):
            raise PermissionDenied
        search = request.GET.get("q", "").strip().lower()[:100]
        prices_only = request.GET.get("what") != "all"
        waiting = _waiting(search, prices_only=prices_only)
        page: Page[Any] = Paginator(waiting, PER_PAGE).get_page(request.GET.get("p"))
        return self._page(
            request,
            "admin/disagreements.html",
            title="Disagreements that nobody explains",
            rows=_rows([case for _, case in page]),
            page=page,
            search=search,
            prices_only=prices_only,
        )

    # -- one judgement ----------------------------------------------------------------------------

    def judge_view(self, request: HttpRequest, kind: str, pk: str) -> HttpResponse:
        key, condition = request.GET.get("key", ""), request.GET.get("condition", "")
        if not may_judge(request, key):
            raise PermissionDenied
        case = _find(kind, pk, key, condition)
        if case is None:
            messages.info(request, "The sources no longer differ there.")
            return HttpResponseRedirect(_queue_address())
        [row] = _rows([case])
        form = VerdictForm(row, initial={"digest": case.found.digest()})
        if request.method == "POST":
            form = VerdictForm(row, request.POST)
            if form.is_valid() and self._judge(request, case, form):
                return HttpResponseRedirect(_queue_address())
        return self._page(
            request,
            "admin/judge.html",
            title=f"Judge {row.fact} of {row.subject}",
            case=row,
            cause=case.found.cause,
            form=form,
        )

    def _judge(self, request: HttpRequest, case: Case, form: VerdictForm) -> bool:
        """Whether it was written; else the form says why not."""
        if form.cleaned_data["digest"] != case.found.digest():
            form.data = {**form.data, "digest": case.found.digest()}
            form.add_error(None, "A source or an editor changed its word since; look again.")
            return False
        try:
            messages.success(request, _carry_out(request, case, form))
        except BadFact as error:
            form.add_error(None, str(error))
            return False
        return True

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**frame, **context})


def may_judge(request: HttpRequest, key: str) -> bool:
    permission = "correct_price" if key.startswith(PRICE) else "correct_fact"
    return bool(request.user.has_perm(f"providers.{permission}"))


def _carry_out(request: HttpRequest, case: Case, form: VerdictForm) -> str:
    """Writes the judgement; what to tell the editor."""
    verdict, now = form.cleaned_data["verdict"], datetime.now(UTC)
    said: dict[str, Any] = {"by": request.user, "why": form.cleaned_data["why"], "now": now}
    if verdict == Verdict.BOTH_RIGHT:
        judging.both_right(case, **said)
        return "Both right. The page says so now."
    if verdict == Verdict.SNOOZED:
        judging.snooze(case, **said)
        return "Put off until a source changes its word."
    side = case.found.sides[int(verdict.removeprefix(_ACCEPT))]
    judging.accept(case, side, **said)
    return f"Accepted {value_words(case.found.key, side.value)}. The page shows it now."


# -- reading --------------------------------------------------------------------------------------


def _waiting(search: str, *, prices_only: bool) -> list[tuple[str, Case]]:
    """Name and case of what waits, the widest apart first."""
    cases = [
        case
        for case in disputes.waiting(now=datetime.now(UTC))
        if case.found.is_price or not prices_only
    ]
    names = _names(cases)
    found = [(names[case.subject], case) for case in cases]
    kept = [(name, case) for name, case in found if search in name.lower()]
    return sorted(kept, key=lambda one: (-(one[1].found.ratio() or Decimal(0)), one[0]))


def _find(kind: str, pk: str, key: str, condition: str) -> Case | None:
    if kind not in ("endpoint", "provider", "model"):
        raise Http404(f"There is no such kind of subject: {kind}.")
    if kind != "model" and not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Http404("An id is a number.")
    subject = Subject(kind, pk if kind == "model" else int(pk))
    return next(
        (
            case
            for case in disputes.of_subject(subject, now=datetime.now(UTC))
            if (case.found.key, case.found.condition.key()) == (key, condition)
        ),
        None,
    )


def _names(cases: Iterable[Case]) -> dict[Subject, str]:
    """How people call the subjects. Two queries."""
    subjects = {case.subject for case in cases}
    endpoints = Endpoint.objects.select_related("provider", "upstream").in_bulk(
        [subject.id for subject in subjects if subject.kind == "endpoint"]
    )
    providers = Provider.objects.in_bulk(
        [subject.id for subject in subjects if subject.kind == "provider"]
    )
    rows: dict[str, Any] = {"endpoint": endpoints, "provider": providers, "model": {}}
    return {subject: str(rows[subject.kind].get(subject.id, subject.id)) for subject in subjects}


def _rows(cases: Sequence[Case]) -> tuple[CaseRow, ...]:
    names = _names(cases)
    sources = dict(Source.objects.values_list("slug", "name"))
    return tuple(_row(case, names[case.subject], sources) for case in cases)


def _row(case: Case, name: str, sources: dict[str, str]) -> CaseRow:
    found = case.found
    ratio = found.ratio()
    return CaseRow(
        subject=name,
        fact=label(found.key),
        when=condition_words(found.condition.key()),
        sides=tuple(
            SideRow(
                f"{_ACCEPT}{number}",
                value_words(found.key, side.value).replace("\n", ", "),
                tuple(Says(sources[one.source], one.as_of) for one in side.statements),
            )
            for number, side in enumerate(found.sides)
        ),
        times=f"{ratio:,.2f}" if ratio else "",
        address=_address(case.subject, found),
    )


def _address(subject: Subject, found: Disagreement) -> str:
    address = reverse("admin:providers_judgement_judge", args=[subject.kind, subject.id])
    return f"{address}?{urlencode({'key': found.key, 'condition': found.condition.key()})}"


def _queue_address() -> str:
    return reverse("admin:providers_judgement_queue")
