"""The grid of the pricing desk: prices beside every source's word, typed in place or in bulk.

Nothing is written here: what is entered becomes a draft, and the draft a preview.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from ..choices import EditKind
from ..claims import Edit
from ..facts import BadFact
from ..ledger import PRICE
from ..models import Claim, Draft, Endpoint, Provider, Subject
from ..pricing_desk import drafts
from ..pricing_desk import grid as desk
from ..pricing_desk.entries import Typed, by_slot, laid_over, merged, text_of
from ..pricing_desk.rows import Row, Scope, Sheet, Slot
from ..trust import EDITOR
from . import pricing_bulk
from .books import BOOK_WORDS, editable_books, may_save, require_desk, visible_books
from .own_drafts import drafts_of, grid_address, own_draft, scope_of
from .pricing_forms import DatesForm, NewPriceForm, only_endpoints, scope_from
from .pricing_request import Asked, Entered, bulk_form, dates_of
from .pricing_rows import BOX, Boxes, groups, own_lines, slot_of

PER_PAGE = 25  # endpoints
TOLD = 30  # faults and prices left alone that a page names


def grid(request: HttpRequest) -> HttpResponse:
    """The grid; a POST keeps what was entered as a draft and leads to its preview."""
    require_desk(request)
    asked = _asked(request)
    if request.method == "POST":
        return _act(asked)
    return _page(asked, Entered({}, {}, frozenset(), [], []))


def _asked(request: HttpRequest) -> Asked:
    may = editable_books(request.user)
    book = request.POST.get("book") or request.GET.get("book") or may[0]
    if book not in may:
        raise PermissionDenied
    draft = _draft(request)
    edits = drafts.edits_of(draft) if draft else []
    scope = scope_from(request.GET, book)
    about = [int(edit.subject.id) for edit in edits if edit.subject.kind == "endpoint"]
    if edits and not about and not scope.names_endpoints():
        scope = replace(scope, provider=scope_of(edits).get("provider", ""))  # rules for all of it
    return Asked(
        request,
        datetime.now(UTC),
        only_endpoints(scope, about),
        visible_books(request.user),
        draft,
        edits,
    )


def _draft(request: HttpRequest) -> Draft | None:
    """The draft that is gone on with. One that is gone must not take what was entered with it."""
    named = request.POST.get("draft") or request.GET.get("draft") or ""
    if not (named.isdecimal() and len(named) < 19):
        return None
    try:
        return own_draft(request, int(named))
    except Http404 as gone:
        messages.warning(request, str(gone))
        return None


# -- what was entered -----------------------------------------------------------------------------


def _act(asked: Asked) -> HttpResponse:
    posted, entered = asked.request.POST, Entered({}, {}, frozenset(), [], [])
    entered.ticked = frozenset(posted.getlist("row"))
    forms: dict[str, Form] = {"dates": DatesForm(posted)}
    what, verb = asked.draft.what if asked.draft else "", posted.get("verb", "")
    edits: list[Edit] = []
    try:
        edits = _typed_edits(asked, entered, forms["dates"])
        if verb == "bulk":
            edits, what = pricing_bulk.operation(asked, edits, entered, forms, what)
        elif verb == "add":
            edits = _add(asked, edits, entered, forms)
    except BadFact as error:
        entered.errors.append(f"{error}.")
    if not entered.is_good():
        return _page(asked, entered, forms)
    if not may_save(asked.request.user, edits):
        raise PermissionDenied
    return _keep(asked, edits, what, verb)


def _keep(asked: Asked, edits: Sequence[Edit], what: str, verb: str) -> HttpResponse:
    """Keeps the edits as a draft, and goes on to its preview or to another page of the grid."""
    request, draft = asked.request, asked.draft
    if edits and draft is None:
        draft = drafts.make(
            edits, kind=EditKind.BULK, by=request.user, now=asked.now, what=what  # type: ignore[arg-type]  # staff
        )  # fmt: skip
    elif draft is not None and edits != asked.edits:
        if edits:
            drafts.revise(draft, edits, now=asked.now, what=what)
        else:
            draft.delete()
            draft = None
    here = {name: str(value) for name, value in request.GET.items() if name not in ("draft", "p")}
    if verb.startswith("page:") or verb == "add":
        number = verb.removeprefix("page:") if verb != "add" else request.GET.get("p", "")
        return HttpResponseRedirect(grid_address(draft, {**here, "p": number}))
    if draft is None:
        messages.warning(request, "Nothing to preview: no box is filled and no row is changed.")
        return HttpResponseRedirect(grid_address(None, {**here, "p": request.GET.get("p", "")}))
    return HttpResponseRedirect(reverse("admin:providers_draft_preview", args=[draft.pk]))


def _typed_edits(asked: Asked, entered: Entered, dates: Form) -> list[Edit]:
    """The draft's edits with what was typed laid over them."""
    for name, text in asked.request.POST.items():
        if name.startswith(BOX):
            entered.texts[slot_of(name.removeprefix(BOX))] = str(text)[:200]
    if not dates.is_valid():
        entered.errors += [str(one) for errors in dates.errors.values() for one in errors]
        return []
    rows = {row.slot: row for row in _rows_of({slot[0] for slot in entered.texts}, asked)}
    boxes = [Typed(slot, text, rows.get(slot)) for slot, text in entered.texts.items()]
    edits, misread = merged(asked.edits, boxes, asked.scope.book, dates_of(dates))
    entered.faults = {one.slot: one.message for one in misread}
    known = {edit.slot() for edit in edits}
    return edits + [edit for edit in _dropped_rules(asked) if edit.slot() not in known]


def _rows_of(ids: Iterable[int], asked: Asked) -> tuple[Row, ...]:
    wanted = sorted(set(ids))
    found = list(Endpoint.objects.filter(pk__in=wanted).select_related("provider", "upstream"))
    if len(found) < len(wanted):
        raise BadFact("an endpoint of this page is gone; load the grid again")
    return desk.sheet(found, asked.books, now=asked.now).rows


def _dropped_rules(asked: Asked) -> list[Edit]:
    """Silence for the rules that were ticked."""
    ids = [int(one) for one in asked.request.POST.getlist("rule") if one.isdecimal()]
    rules = Claim.objects.live().filter(
        pk__in=ids, source__slug=EDITOR, key__startswith=PRICE, book=asked.scope.book
    )
    return [Edit.silence(claim) for claim in rules]


def _add(asked: Asked, edits: list[Edit], entered: Entered, forms: dict[str, Form]) -> list[Edit]:
    """A price that nobody states yet, from the form below the grid."""
    endpoints = _choices_of(_endpoints(asked.scope, asked)[1])
    form = forms["new"] = NewPriceForm(asked.request.POST, endpoints=endpoints, prefix="new")
    if not form.is_valid():
        entered.errors.append("The price to add is not complete; see below.")
        return edits
    price = form.statement()
    dates = dates_of(forms["dates"])
    subject = Subject("endpoint", form.cleaned_data["endpoint"])
    edit = Edit.of_price(subject, price, asked.scope.book)
    slot = (int(edit.subject.id), price.component, edit.condition)
    dated = Edit(
        edit.subject, edit.key, edit.condition, edit.book, edit.value,
        effective_from=dates.starts, effective_to=dates.ends,
    )  # fmt: skip
    return laid_over(edits, {slot: [dated]}, asked.scope.book)


# -- the page -------------------------------------------------------------------------------------


def _page(asked: Asked, entered: Entered, forms: dict[str, Form] | None = None) -> HttpResponse:
    forms = forms or {}
    page, endpoints = _endpoints(asked.scope, asked)
    sheet = desk.sheet(endpoints, asked.books, now=asked.now)
    rows = _with_drafted(desk.shown(sheet.rows, asked.scope, now=asked.now), endpoints, asked)
    texts = _texts(rows, asked) | entered.texts
    boxes = Boxes(texts, entered.faults, entered.ticked)
    book, request = asked.scope.book, asked.request
    context = {
        **admin.site.each_context(request),
        "opts": Draft._meta,
        "title": "Pricing desk",
        "scope": asked.scope,
        "query": request.GET.urlencode(),
        "page": page,
        "groups": groups(endpoints, rows, sheet, boxes, book=book, books=asked.books),
        "provider_rules": _provider_rules(sheet, endpoints, book),
        "column": BOOK_WORDS[book].partition(":")[0],
        "columns": [BOOK_WORDS[one].partition(":")[0] for one in asked.books if one != book],
        "span": len(asked.books) + 5,
        "books": [(one, BOOK_WORDS[one]) for one in editable_books(request.user)],
        "providers": _providers(),
        "components": desk.components(asked.books),
        "draft": asked.draft,
        "drafts": drafts_of(request),
        "in_draft": len(asked.edits),
        "entered": entered,
        "more_named": max(len(entered.named) - TOLD, 0),
        "named": entered.named[:TOLD],
        "dates": forms.get("dates") or DatesForm(),
        "bulk": forms.get("bulk") or bulk_form(asked, None, sheet.sources),
        "new": forms.get("new") or NewPriceForm(endpoints=_choices_of(endpoints), prefix="new"),
        "on_all": request.POST.get("on") == "all",
    }
    return TemplateResponse(request, "admin/pricing.html", context)


def _endpoints(scope: Scope, asked: Asked) -> tuple[Page[Endpoint], list[Endpoint]]:
    found = desk.endpoints_in(scope, now=asked.now)
    page = Paginator(found, PER_PAGE).get_page(asked.request.GET.get("p"))
    return page, list(page)


def _with_drafted(rows: list[Row], endpoints: Sequence[Endpoint], asked: Asked) -> list[Row]:
    """With the rows of prices that stand only in the draft so far."""
    shown = {row.slot for row in rows}
    here = {one.pk: place for place, one in enumerate(endpoints)}
    added = [
        Row(*slot, {}, (), ())
        for slot in by_slot(asked.edits, asked.scope.book)
        if slot not in shown and slot[0] in here and slot[1] != "*"
    ]
    known = {row.slot: row for row in _all_rows(added, endpoints, asked)} if added else {}
    rows = rows + [known.get(row.slot, row) for row in added]
    return sorted(rows, key=lambda row: here[row.endpoint])


def _all_rows(added: Sequence[Row], endpoints: Sequence[Endpoint], asked: Asked) -> Sequence[Row]:
    """What is said of drafted prices that a filter keeps from the page."""
    wanted = {row.endpoint for row in added}
    chosen = [one for one in endpoints if one.pk in wanted]
    return desk.sheet(chosen, asked.books, now=asked.now).rows


def _texts(rows: Iterable[Row], asked: Asked) -> dict[Slot, str]:
    held = by_slot(asked.edits, asked.scope.book)
    return {
        row.slot: text_of(held[row.slot], row.like(asked.scope.book))
        for row in rows
        if row.slot in held
    }


def _provider_rules(sheet: Sheet, endpoints: Sequence[Endpoint], book: str) -> list[Any]:
    names = {one.provider_id: one.provider.name for one in endpoints}
    return [
        (names[provider], line)
        for provider, rules in sheet.provider_rules.items()
        for line in own_lines(rules, book)
    ]


def _providers() -> list[tuple[str, str]]:
    return list(Provider.objects.order_by("name").values_list("slug", "name"))


def _choices_of(endpoints: Iterable[Endpoint]) -> list[tuple[int, str]]:
    return [(one.pk, str(one)) for one in endpoints]
