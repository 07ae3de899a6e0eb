"""Drafts of the pricing desk: exactly what would change, and then save, throw away or go back.

Nobody sees another's drafts. What others changed since a draft was made is told before anything is
overwritten.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Protocol, cast

from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from ..choices import EditKind
from ..claims import Edit
from ..facts import BadFact
from ..models import Draft, Provider
from ..pricing_desk import ChangedMeanwhile, Moved, drafts, preview, save_draft
from . import pricing, pricing_worklist
from .books import may_save, require_desk, seen_changes
from .own_drafts import grid_address, own_draft, scope_of
from .previewing import doubts_digest, drawn, named
from .readonly import ReadOnlyAdmin
from .words import condition_words, edit_words, label, stored_words

_SALT = "providers.admin.draft"
NAMED = 100  # changes under an editor's hands that one page lists


class ShopWindow(Protocol):
    """What the desk asks of the site that shows the prices."""

    def pages_showing(self, endpoints: Sequence[int]) -> int: ...


@dataclass(frozen=True, slots=True)
class MovedRow:
    """What changed under an editor's hands, in words."""

    name: str
    what: str
    when: str
    was: str
    now: str
    yours: str
    who: str


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """No list of its own: one's open drafts stand on the pricing desk, another's are not shown."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def pages(self) -> list[URLPattern]:
        """Addresses below `/admin/`, beside those of the model."""
        guarded = self.admin_site.admin_view
        return [
            path("providers/pricing/", guarded(pricing.grid), name="providers_pricing"),
            path(
                "providers/pricing/worklist/",
                guarded(pricing_worklist.show),
                name="providers_pricing_worklist",
            ),
            path(
                "providers/pricing/drafts/<int:pk>/",
                guarded(self.preview_view),
                name="providers_draft_preview",
            ),
        ]

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        require_desk(request)
        draft, now = own_draft(request, pk), datetime.now(UTC)
        edits = drafts.edits_of(draft)
        if not may_save(request.user, edits):
            raise PermissionDenied
        if request.method == "POST":
            return self._act(request, draft, edits, now)
        if moved := drafts.moved(edits, draft.seen, now=now):
            return self._tell_moved(request, draft, moved)
        return self._show(request, draft, edits, now)

    # -- what was pressed -------------------------------------------------------------------------

    def _act(
        self, request: HttpRequest, draft: Draft, edits: Sequence[Edit], now: datetime
    ) -> HttpResponse:
        verb = request.POST.get("verb")
        if verb == "throw":
            draft.delete()
            messages.success(request, "Thrown away. Nothing was changed.")
            return HttpResponseRedirect(grid_address(None, scope_of(edits)))
        if verb == "look":
            drafts.look_again(draft, now=now)
            return HttpResponseRedirect(reverse("admin:providers_draft_preview", args=[draft.pk]))
        return self._save(request, draft, edits, now)

    def _save(
        self, request: HttpRequest, draft: Draft, edits: Sequence[Edit], now: datetime
    ) -> HttpResponse:
        why = request.POST.get("why", "").strip()
        if why != draft.why:
            draft.why = why
            draft.save(update_fields=["why"])
        if not why:
            return self._show(request, draft, edits, now, error="Say why: it is kept in the log.")
        doubts = _doubts_shown(draft, request.POST.get("shown", ""))
        if doubts is None:
            doubts = doubts_digest(seen_changes(request.user, preview(edits, now=now)))
        if doubts and request.POST.get("sure") != doubts:
            error = "Some of these prices are doubtful: tick “I am sure”, or go back."
            return self._show(request, draft, edits, now, error=error)
        try:
            saved = save_draft(draft, by=request.user, why=why, now=now)  # type: ignore[arg-type]  # staff
        except ChangedMeanwhile as changed:
            return self._tell_moved(request, draft, changed.moved)
        except BadFact as error:
            told = f"Nothing was saved: {error}."
            return self._show(request, draft, edits, now, error=told)
        undo = reverse("admin:providers_changeset_undo", args=[saved.pk])
        number = saved.changes.count()
        told = f"Saved {number} change{'' if number == 1 else 's'}; the pages show them now."
        messages.success(request, format_html('{} <a href="{}">Undo</a>', told, undo))
        return HttpResponseRedirect(grid_address(None, scope_of(edits)))

    # -- pages ------------------------------------------------------------------------------------

    def _show(
        self,
        request: HttpRequest,
        draft: Draft,
        edits: Sequence[Edit],
        now: datetime,
        *,
        error: str = "",
    ) -> HttpResponse:
        found = seen_changes(request.user, preview(edits, now=now))
        drawing = drawn(found, edits, now=now, page=request.GET.get("p"))
        site = cast(ShopWindow, self.admin_site)
        return self._page(
            request,
            "admin/draft.html",
            title=f"Preview: {draft.what or _edits(len(edits))}",
            draft=draft,
            preview=drawing,
            edits=len(edits),
            shown=signing.dumps([*_names_of(draft), drawing.digest], salt=_SALT),
            pages=site.pages_showing([one.endpoint for one in found if one.book == "public"]),
            error=error,
            back=grid_address(draft, scope_of(edits))
            if draft.kind in (EditKind.BULK, EditKind.CORRECTION)
            else "",
        )

    def _tell_moved(
        self, request: HttpRequest, draft: Draft, moved: Sequence[Moved]
    ) -> HttpResponse:
        return self._page(
            request,
            "admin/draft_moved.html",
            title="Changed under your hands",
            draft=draft,
            rows=moved_rows(moved[:NAMED]),
            more=max(len(moved) - NAMED, 0),
        )

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**frame, **context})


def _names_of(draft: Draft) -> tuple[int, str]:
    """Which draft, and what it says and saw: changes with every revision."""
    said = json.dumps([draft.edits, draft.seen], sort_keys=True)
    return draft.pk, sha256(said.encode()).hexdigest()


def _doubts_shown(draft: Draft, shown: str) -> str | None:
    """The doubts that the page showed of this very draft; None: it did not, look again.

    Saving refuses what moved since, so that a preview that was shown need not be made twice.
    """
    try:
        pk, said, doubts = signing.loads(shown, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return str(doubts) if (pk, said) == _names_of(draft) else None


def _edits(number: int) -> str:
    return f"{number} edit{'' if number == 1 else 's'}"


def moved_rows(moved: Sequence[Moved]) -> list[MovedRow]:
    """Two queries at most."""
    subjects = {one.edit.subject for one in moved}
    endpoints = named(int(one.id) for one in subjects if one.kind == "endpoint")
    providers = Provider.objects.in_bulk([one.id for one in subjects if one.kind == "provider"])
    rows = []
    for one in moved:
        edit = one.edit
        rooms: dict[str, Any] = {"endpoint": endpoints, "provider": providers}
        about = rooms.get(edit.subject.kind, {}).get(edit.subject.id, edit.subject.id)
        rows.append(
            MovedRow(
                name=str(about),
                what=label(edit.key),
                when=condition_words(edit.condition),
                was=stored_words(edit.key, one.was) or "nothing",
                now=stored_words(edit.key, one.now) or "nothing",
                yours=edit_words(edit),
                who=one.editor or "a source, or the clock",
            )
        )
    return rows
