"""Overrides to look at: those that sources state by now, and those that end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from ..choices import Book
from ..facts import BadFact
from ..models import Claim, Draft
from ..pricing_desk import ChangedMeanwhile, upkeep
from .books import may_edit, require_desk, visible_books
from .own_drafts import grid_address
from .words import condition_words, label, stored_words

PER_PAGE = 100
MOST = 200  # that end, each way


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """One of the editors' prices or rules; `grid`: where it is edited."""

    claim: int
    name: str
    what: str
    when: str
    book: str
    value: str
    editor: str
    reason: str
    since: datetime
    ends: datetime | None
    grid: str


def show(request: HttpRequest) -> HttpResponse:
    """The worklist; a POST drops what was ticked, as one change set."""
    require_desk(request)
    now, books = datetime.now(UTC), visible_books(request.user)
    matched = upkeep.matched(now=now)
    if request.method == "POST":
        _drop(request, matched, now)
        return HttpResponseRedirect(reverse("admin:providers_pricing_worklist"))
    page = Paginator(matched, PER_PAGE).get_page(request.GET.get("p"))
    context = {
        **admin.site.each_context(request),
        "opts": Draft._meta,
        "title": "Overrides to look at",
        "matched": rows(page),
        "page": page,
        "may_drop": may_edit(request.user, Book.PUBLIC.value),
        "soon": rows(upkeep.ends_soon(books, now=now)[:MOST]),
        "lately": rows(upkeep.ended_lately(books, now=now)[:MOST]),
    }
    return TemplateResponse(request, "admin/pricing_worklist.html", context)


def _drop(request: HttpRequest, matched: Sequence[Claim], now: datetime) -> None:
    if not may_edit(request.user, Book.PUBLIC.value):
        raise PermissionDenied
    ticked = {int(one) for one in request.POST.getlist("claim") if one.isdecimal()}
    chosen = matched if request.POST.get("all") else [one for one in matched if one.pk in ticked]
    gone = len(ticked) - len(chosen) if not request.POST.get("all") else 0
    if gone > 0:
        messages.warning(
            request, f"{gone} changed since you looked, or sources no longer agree: left alone."
        )
    if not chosen:
        messages.warning(request, "Nothing was dropped: tick at least one row.")
        return
    why = request.POST.get("why", "").strip() or "sources state the same by now"
    try:
        saved = upkeep.drop_matched(chosen, by=request.user, why=why, now=now)  # type: ignore[arg-type]  # staff
    except (BadFact, ChangedMeanwhile) as error:
        messages.error(request, f"Nothing was dropped: {error}.")
        return
    undo = reverse("admin:providers_changeset_undo", args=[saved.pk])
    told = f"Dropped {len(chosen)}. The sources speak again."
    messages.success(request, format_html('{} <a href="{}">Undo</a>', told, undo))


def rows(claims: Iterable[Claim]) -> list[OverrideRow]:
    return [_row(claim) for claim in claims]


def _row(claim: Claim) -> OverrideRow:
    where = (
        {"endpoint": str(claim.endpoint_id)}
        if claim.endpoint_id
        else {"provider": claim.provider.slug if claim.provider else ""}
    )
    return OverrideRow(
        claim=claim.pk,
        name=str(claim.endpoint or claim.provider),
        what=label(claim.key),
        when=condition_words(claim.condition),
        book="" if claim.book == Book.PUBLIC else claim.book,
        value=stored_words(claim.key, claim.value),
        editor=str(claim.editor or ""),
        reason=claim.reason,
        since=claim.stated_from,
        ends=claim.effective_to,
        grid=grid_address(None, {**where, "book": claim.book}),
    )
