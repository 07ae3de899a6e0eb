"""The log of what editors changed: who, what, why, when, from what to what; and undoing it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from ..choices import Book
from ..claims import Edit
from ..facts import BadFact
from ..ledger import PRICE
from ..models import Change, ChangeSet, Claim, Provider, Subject
from ..pricing_desk import TakingBack, preview, taking_back, undo
from .books import hidden_books, may_save, seen_changes, touching, visible_books
from .previewing import drawn, named
from .readonly import ReadOnlyAdmin
from .row_page import RowPage
from .words import condition_words, edit_words, label, stored_words

PER_PAGE = 100
# What a change is about, the first that is there.
_NAMES = tuple(
    f"{claim}__{room}"
    for room in ("endpoint__native_id", "provider__name", "model")
    for claim in ("begun", "ended")
)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One statement of a change set, from what to what."""

    name: str
    address: str  # of the subject's page in the admin; empty: it has none
    what: str
    when: str
    book: str  # empty: the public list
    before: str  # what was published
    ended: str  # what editors had said
    begun: str  # what they said then; empty: they fell silent
    effective_from: datetime | None
    effective_to: datetime | None


@dataclass(frozen=True, slots=True)
class BackRow:
    """One statement that undoing makes, or leaves alone for a reason."""

    name: str
    what: str
    when: str
    says: str


class ByEditor(admin.RelatedOnlyFieldListFilter):
    """Those who changed something."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "editor"


class OfProvider(admin.SimpleListFilter):
    """Change sets that touched a provider or its endpoints. Lists those that any seen one did."""

    title = "provider"
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        seen = visible_books(request.user)
        said = Claim.objects.filter(editor__isnull=False, book__in=seen)
        touched = Q(pk__in=said.values("endpoint__provider")) | Q(pk__in=said.values("provider"))
        rows = Provider.objects.filter(touched).order_by("name")
        return [(row.slug, row.name) for row in rows]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        slug = self.value()
        if not slug:
            return rows
        claims = Claim.objects.filter(
            Q(endpoint__provider__slug=slug) | Q(provider__slug=slug), editor__isnull=False
        ).values("pk")
        changed = Change.objects.filter(Q(begun__in=claims) | Q(ended__in=claims))
        return rows.filter(pk__in=changed.values("change_set"))


@admin.register(ChangeSet)
class ChangeSetAdmin(RowPage, ReadOnlyAdmin):
    """Never edited. Sets that touch a book which the reader may not see are not shown at all."""

    change_form_template = "admin/change_set.html"
    list_display = ("at", "by", "kind", "about", "number", "why", "became")
    list_display_links = ("at", "about")
    list_select_related = ("by", "undoes", "undone_by__by")
    list_filter = ("kind", OfProvider, ("by", ByEditor))
    search_fields = ("why", "what", "by__username", "changes__begun__endpoint__native_id",
                     "changes__ended__endpoint__native_id")  # fmt: skip
    ordering = ("-pk",)
    fields = ("at", "by", "kind", "what", "why", "became")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        if hidden := hidden_books(request.user):
            secret = ChangeSet.objects.filter(touching(hidden)).values("pk")
            rows = rows.exclude(pk__in=secret)
        first = Change.objects.filter(change_set=OuterRef("pk")).order_by("pk")
        counted: QuerySet[Any] = rows.annotate(
            n=Count("changes", distinct=True),
            first_key=Subquery(first.values(said=Coalesce("begun__key", "ended__key"))[:1]),
            first_name=Subquery(first.values(said=Coalesce(*_NAMES))[:1]),
        )
        return counted

    @admin.display(description="What")
    def about(self, row: Any) -> str:
        """What was done; of a set without words of its own, its first change."""
        return row.what or f"{label(row.first_key)} of {row.first_name}"

    @admin.display(description="Changes", ordering="n")
    def number(self, row: Any) -> int:
        count: int = row.n
        return count

    @admin.display(description="Undone")
    def became(self, row: ChangeSet) -> SafeString | str:
        if row.undoes is not None:
            return _link("undoes the {} of {:%Y-%m-%d %H:%M}", row.undoes)
        undone = getattr(row, "undone_by", None)
        if undone is None:
            return ""
        return format_html(
            '<a href="{}">by {}, {}</a>', _address(undone), undone.by, f"{undone.at:%Y-%m-%d %H:%M}"
        )

    def get_urls(self) -> list[URLPattern]:
        undo_page = self.admin_site.admin_view(self.undo_view)
        return [
            path("<int:pk>/undo/", undo_page, name="providers_changeset_undo"),
            *super().get_urls(),
        ]

    # -- one change set ---------------------------------------------------------------------------

    def page_context(self, request: HttpRequest, row: ChangeSet) -> dict[str, Any]:
        page = _changes(row, request.GET.get("p"))
        open_to_undo = getattr(row, "undone_by", None) is None and self._may_undo(request, row)
        address = reverse("admin:providers_changeset_undo", args=[row.pk])
        return {
            "changes": change_rows(list(page)),
            "page": page,
            "undo_address": address if open_to_undo else "",
        }

    def _may_undo(self, request: HttpRequest, row: ChangeSet) -> bool:
        said = row.changes.values_list("begun__key", "ended__key", "begun__book", "ended__book")
        slots = {(begun or ended, book or old) for begun, ended, book, old in said.distinct()}
        return may_save(
            request.user, [Edit(Subject("endpoint", 0), key, book=book) for key, book in slots]
        )

    # -- undo -------------------------------------------------------------------------------------

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_queryset(request).filter(pk=pk).first()
        if row is None or not self._may_undo(request, row):
            raise PermissionDenied
        now = datetime.now(UTC)
        back = taking_back(row, now=now)
        if getattr(row, "undone_by", None) is not None:
            messages.info(request, "This was undone already; undo the undoing to have it again.")
            return HttpResponseRedirect(_address(row))
        error = ""
        if request.method == "POST":
            error = self._undo(request, row, back, now)
            if not error:
                return HttpResponseRedirect(reverse("admin:providers_changeset_changelist"))
        return self._show_undo(request, row, back, now, error)

    def _undo(self, request: HttpRequest, row: ChangeSet, back: TakingBack, now: datetime) -> str:
        """Undoes it; else why not."""
        if request.POST.get("seen") != _digest(back):
            return "Something changed since you looked. This is what undoing would do now."
        try:
            undone = undo(row, by=request.user, why=request.POST.get("why", ""), now=now)  # type: ignore[arg-type]  # staff
        except BadFact as error:
            return f"Nothing was undone: {error}."
        told = f"Undone: {len(back.edits)} set back, {len(back.left)} left as changed since."
        again = reverse("admin:providers_changeset_undo", args=[undone.pk])
        messages.success(request, format_html('{} <a href="{}">Undo the undoing</a>', told, again))
        return ""

    def _show_undo(
        self, request: HttpRequest, row: ChangeSet, back: TakingBack, now: datetime, error: str
    ) -> HttpResponse:
        found = seen_changes(request.user, preview(back.edits, now=now))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"Undo: {row}",
            "preview": drawn(found, back.edits, now=now, page=request.GET.get("p")),
            "facts": _back_rows([one for one in back.edits if not one.key.startswith(PRICE)]),
            "left": _left_rows(back),
            "number": len(back.edits),
            "seen": _digest(back),
            "why": request.POST.get("why", ""),
            "error": error,
            "back": _address(row),
        }
        return TemplateResponse(request, "admin/undo.html", context)


# -- in words -------------------------------------------------------------------------------------


def change_rows(changes: Sequence[Change]) -> list[ChangeRow]:
    return [_change_row(one) for one in changes]


def _changes(row: ChangeSet, page: str | None) -> Page[Change]:
    said = row.changes.select_related(
        *(
            f"{claim}__{room}"
            for claim in ("begun", "ended")
            for room in ("endpoint__provider", "endpoint__upstream", "provider")
        )
    )
    return Paginator(said.order_by("pk"), PER_PAGE).get_page(page)


def _change_row(change: Change) -> ChangeRow:
    claim = change.begun or change.ended
    if claim is None:  # the table's own constraint forbids it
        raise BadFact(f"change {change.pk} names no claim")
    return ChangeRow(
        name=str(claim.endpoint or claim.provider or claim.model),
        address=_page_of(claim),
        what=label(claim.key),
        when=condition_words(claim.condition),
        book="" if claim.book == Book.PUBLIC else claim.book,
        before=stored_words(claim.key, change.before),
        ended=stored_words(claim.key, change.ended.value) if change.ended else "",
        begun=stored_words(claim.key, change.begun.value) if change.begun else "",
        effective_from=claim.effective_from,
        effective_to=claim.effective_to,
    )


def _page_of(claim: Claim) -> str:
    if claim.endpoint_id:
        return reverse("admin:providers_endpoint_change", args=[claim.endpoint_id])
    if claim.provider_id:
        return reverse("admin:providers_provider_change", args=[claim.provider_id])
    return ""


def _back_rows(edits: Sequence[Edit]) -> list[BackRow]:
    endpoints = named(int(one.subject.id) for one in edits if one.subject.kind == "endpoint")
    providers = Provider.objects.in_bulk(
        [one.subject.id for one in edits if one.subject.kind == "provider"]
    )
    rooms: dict[str, Any] = {"endpoint": endpoints, "provider": providers}
    return [
        BackRow(
            str(rooms.get(one.subject.kind, {}).get(one.subject.id, one.subject.id)),
            label(one.key),
            condition_words(one.condition),
            edit_words(one),
        )
        for one in edits
    ]


def _left_rows(back: TakingBack) -> list[BackRow]:
    left = []
    pks = [change.pk for change, _ in back.left[:PER_PAGE]]
    told = {
        change.pk: _change_row(change)
        for change in Change.objects.filter(pk__in=pks).select_related(
            "begun__endpoint__provider", "begun__endpoint__upstream", "begun__provider",
            "ended__endpoint__provider", "ended__endpoint__upstream", "ended__provider",
        )
    }  # fmt: skip
    for change, reason in back.left[:PER_PAGE]:
        row = told[change.pk]
        left.append(BackRow(row.name, row.what, row.when, reason))
    return left


def _digest(back: TakingBack) -> str:
    """Names what undoing would do, so that only what was shown is done."""
    said = [[*edit.subject, *edit.slot()[1:4], edit.value] for edit in back.edits]
    left = [[change.pk, reason] for change, reason in back.left]
    return sha256(json.dumps([said, left]).encode()).hexdigest()[:24]


def _address(row: ChangeSet) -> str:
    return reverse("admin:providers_changeset_change", args=[row.pk])


def _link(words: str, row: ChangeSet) -> SafeString:
    said = words.format(row.get_kind_display().lower(), row.at)
    return format_html('<a href="{}">{}</a>', _address(row), said)
