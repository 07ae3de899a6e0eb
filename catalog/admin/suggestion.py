"""Readers' suggestions as a queue: beside each, what every source says now; accept or decline.

It stands here and not in the market's admin because a suggestion may be about a model.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from catalog.models import AIModel
from providers import suggestions
from providers.admin.corrections import CorrectableAdmin
from providers.admin.readonly import ReadOnlyAdmin
from providers.admin.row_page import RowPage
from providers.admin.statements import FactRow
from providers.admin.words import condition_words, label
from providers.choices import Answer
from providers.facts import BadFact
from providers.models import Suggestion

MAX_PREFILLED = 500  # characters of an address


class AnswerForm(forms.Form):
    """An editor's word on a suggestion."""

    answer = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="Why",
        help_text="Needed to decline. Kept with the suggestion; readers do not see it.",
    )


@dataclass(frozen=True, slots=True)
class Case:
    """A suggestion beside what is stated now. Empty addresses: nowhere to look or to correct."""

    facts: Sequence[FactRow]
    subject_url: str
    correct_url: str
    page: str
    link: str


@admin.register(Suggestion)
class SuggestionAdmin(RowPage, ReadOnlyAdmin):
    """What readers report; those that wait come first."""

    list_display = ("made_at", "about", "what", "shown", "proposed", "begins", "state")
    list_select_related = (
        "endpoint__provider",
        "endpoint__upstream",
        "provider",
        "answered_by",
    )
    list_filter = ("state", ("contact", admin.EmptyFieldListFilter))
    search_fields = ("note", "proposed", "key", "model", "endpoint__native_id", "provider__slug")
    ordering = ("-state", "-made_at", "-pk")  # “open” is the last of the three words
    date_hierarchy = "made_at"
    change_form_template = "admin/suggestion.html"
    actions = ("decline",)
    fields = (
        "about", "what", "shown", "wrong", "proposed", "stated_at", "contact", "reported_on",
        "made_at", "state", "answered_by", "answered_at", "answer",
    )  # fmt: skip
    readonly_fields = fields

    @admin.display(description="About")
    def about(self, row: Suggestion) -> str:
        return str(row.endpoint or row.provider or row.model or "the page")

    @admin.display(description="Fact", ordering="key")
    def what(self, row: Suggestion) -> str:
        when = condition_words(row.condition)
        return f"{label(row.key)}, {when}" if when else label(row.key)

    @admin.display(description="What is wrong", ordering="note")
    def wrong(self, row: Suggestion) -> str:
        return row.note

    @admin.display(description="What is wrong", ordering="note")
    def begins(self, row: Suggestion) -> str:
        return row.note if len(row.note) <= 80 else f"{row.note[:79]}…"

    @admin.display(description="Stated at")
    def stated_at(self, row: Suggestion) -> SafeString | str:
        return _outside(row.link)

    @admin.display(description="Reported on")
    def reported_on(self, row: Suggestion) -> SafeString | str:
        return format_html('<a href="{0}">{0}</a>', row.path) if row.path else ""

    def get_fields(self, request: HttpRequest, obj: Suggestion | None = None) -> list[Any]:
        """What it says; of an answer nothing before there is one."""
        empty = {name for name in self.fields if not getattr(obj, name, True)}
        empty |= {name for name in ("stated_at",) if obj and not obj.link}
        return [name for name in self.fields if name not in empty]

    def has_answer_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.answer_suggestion"))

    # -- one suggestion ---------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        answer = self.admin_site.admin_view(require_POST(self.answer_view))
        return [
            path("<int:pk>/answer/", answer, name="providers_suggestion_answer"),
            *super().get_urls(),
        ]

    def page_context(self, request: HttpRequest, row: Suggestion) -> dict[str, Any]:
        return {
            "case": self._case(request, row),
            "may_answer": self.has_answer_permission(request),
            "is_open": row.state == Answer.OPEN.value,
            "answer_form": AnswerForm(),
        }

    def answer_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_answer_permission(request):
            raise PermissionDenied
        row = get_object_or_404(Suggestion, pk=pk)
        form = AnswerForm(request.POST)
        why = form.cleaned_data["answer"] if form.is_valid() else ""
        accept = Answer.ACCEPTED.value in request.POST  # the button that was pressed
        if self._answer(request, row, accept=accept, why=why):
            messages.success(request, f"{row.get_state_display()}: {row}.")
            return HttpResponseRedirect(reverse("admin:providers_suggestion_changelist"))
        return HttpResponseRedirect(reverse("admin:providers_suggestion_change", args=[row.pk]))

    @admin.action(description="Decline: nothing to correct", permissions=["answer"])
    def decline(self, request: HttpRequest, rows: QuerySet[Suggestion]) -> None:
        why = "nothing to correct"
        declined = [self._answer(request, row, accept=False, why=why) for row in rows]
        messages.success(request, f"Declined {sum(declined)}.")

    def _answer(self, request: HttpRequest, row: Suggestion, *, accept: bool, why: str) -> bool:
        now, by = datetime.now(UTC), request.user
        try:
            suggestions.answer(row, accept=accept, by=by, why=why, now=now)  # type: ignore[arg-type]  # staff
        except BadFact as error:
            messages.error(request, f"{row}: {error}.")
            return False
        return True

    # -- what is stated now -----------------------------------------------------------------------

    def _case(self, request: HttpRequest, row: Suggestion) -> Case:
        subject = _subject(row)
        if subject is None:
            return Case((), "", "", row.path, row.link)
        desk = self.admin_site._registry[type(subject)]
        if not isinstance(desk, CorrectableAdmin) or not desk.has_view_permission(request):
            return Case((), "", "", row.path, row.link)
        name = f"admin:{subject._meta.app_label}_{subject._meta.model_name}"
        facts = [
            fact
            for fact in desk.fact_rows(subject)
            if not row.key or (fact.key, fact.condition) == (row.key, row.condition)
        ]
        may = row.key and desk.may_correct(request, row.key)
        return Case(
            facts,
            reverse(f"{name}_change", args=[subject.pk]),
            f"{reverse(f'{name}_correct', args=[subject.pk])}?{_prefilled(row)}" if may else "",
            row.path,
            row.link,
        )


def _subject(row: Suggestion) -> Model | None:
    """The endpoint, provider or model; None of a page, or of a model that is gone since."""
    if row.model:
        author, _, slug = row.model.partition("/")
        return AIModel.objects.filter(author__slug=author, slug=slug).first()
    return row.endpoint or row.provider


def _prefilled(row: Suggestion) -> str:
    """Query of the correction: the value as the reader wrote it, and where it is stated."""
    stated = f", stated at {row.link}" if row.link else ""
    asked = {
        "key": row.key,
        "condition": row.condition,
        "value": row.proposed[:MAX_PREFILLED],
        "reason": f"reported by a reader (suggestion {row.pk}){stated}",
    }
    return urlencode(asked)


def _outside(link: str) -> SafeString | str:
    """A reader's link: their words, so no referrer and no trust go with it."""
    if not link:
        return ""
    return format_html('<a href="{0}" rel="noopener noreferrer nofollow">{0}</a>', link)
