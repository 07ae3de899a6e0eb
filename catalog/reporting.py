"""“Report this”: a form for everybody, which leaves a suggestion to the editors.

Its answers belong to one reader (they carry a token against forged posts), so they are kept by
nobody, and search engines are asked to pass by.
"""

import re
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from providers import suggestions
from providers.facts import MAX_TEXT, BadFact, url
from providers.models.suggestion import MAX_NOTE
from providers.suggestions import TooMany, Words

from .pages import report as report_page

TRAP = "homepage"
# What people type of an address: `provider.example/pricing`.
_BARE_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.[^\W\d_]{2,}(:\d+)?([/?#]|\Z)")


class ReportForm(forms.Form):
    """What is wrong, in the reader's words."""

    note = forms.CharField(
        label="What is wrong?",
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    proposed = forms.CharField(
        label="What should it say?", max_length=MAX_TEXT, required=False, help_text="If you know."
    )
    link = forms.CharField(
        label="Where is that stated?",
        max_length=MAX_TEXT,
        required=False,
        help_text="A link to the provider’s own page helps most.",
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    contact = forms.CharField(
        label="How can we ask you back?",
        max_length=MAX_TEXT,
        required=False,
        help_text="Only if you want to. Editors alone see it; it is never published.",
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
    )

    def clean_link(self) -> str:
        typed = str(self.cleaned_data["link"])
        if not typed:
            return ""
        try:
            return url(f"https://{typed}" if _BARE_HOST.match(typed) else typed)
        except BadFact as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.data.get(TRAP):  # not on the screen: only programs fill it in
            raise forms.ValidationError("Leave the field “Homepage” empty, then send it again.")
        return cleaned

    def words(self) -> Words:
        return Words(**self.cleaned_data)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    try:
        page = report_page.build(request.GET)
    except report_page.Unknown as error:
        raise Http404(str(error)) from error
    form = ReportForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form(request, page, form)
    try:
        suggestions.suggest(
            page.about, form.words(), address=_address(request), now=datetime.now(UTC)
        )
    except TooMany as error:
        return _refused(request, page, form, error)
    sent = reverse("catalog:report_sent")
    return redirect(f"{sent}?{urlencode({'path': page.back})}" if page.back else sent)


@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    try:
        page = report_page.build({"path": request.GET.get("path", "")})
    except report_page.Unknown as error:
        raise Http404(str(error)) from error
    return _answer(request, "catalog/report_sent.html", page=page)


def _refused(
    request: HttpRequest, page: report_page.ReportPage, form: ReportForm, error: TooMany
) -> HttpResponse:
    seconds = max(1, round(error.wait.total_seconds()))
    minutes = -(-seconds // 60)
    wait = f"{minutes} minutes" if minutes < 120 else f"{-(-minutes // 60)} hours"
    form.add_error(
        None, f"{error} This one was not sent: keep the text, and send it again in {wait}."
    )
    response = _form(request, page, form, status=429)
    response["Retry-After"] = str(seconds)
    return response


def _form(
    request: HttpRequest, page: report_page.ReportPage, form: ReportForm, status: int = 200
) -> HttpResponse:
    return _answer(request, "catalog/report.html", status, page=page, form=form, trap=TRAP)


def _answer(
    request: HttpRequest, template: str, status: int = 200, **context: object
) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def _address(request: HttpRequest) -> str:
    """Whose report it is. Behind our proxy its own last entry; what senders claim is left of it."""
    forwarded = request.headers.get("X-Forwarded-For", "")
    if settings.BEHIND_TLS_PROXY and forwarded:
        return forwarded.rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
