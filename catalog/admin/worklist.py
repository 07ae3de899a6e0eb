"""The editors' worklist as pages of the admin: endpoints that no rule could list, name by name.

An editor ticks names and says once what they are, or chooses a suggestion in each row and applies
all choices together. Every verb is kept as a change that can be undone.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from catalog import worklist
from catalog.models import Listing, ListingChange
from catalog.worklist import Undone, WorklistError
from providers.models import Endpoint

PER_PAGE = 25
LAST_CHANGES = 5
NAMED = 10  # endpoints that one message names
NOT_A_MODEL = "not-a-model"  # no path: it has no slash
_CHOICE = "choice:"  # prefix of a row's radio buttons; its endpoints' ids follow


def show(request: HttpRequest) -> HttpResponse:
    """The worklist; a POST carries out what was chosen on it."""
    require_permission(request)
    if request.method == "POST":
        return _act(request)
    search = request.GET.get("q", "").strip()
    page = _page(search, request.GET.get("p", "1"))
    first = max(page.start_index() - 1, 0)
    return _render(
        request,
        "admin/worklist.html",
        title="Unlisted endpoints",
        names=worklist.waiting(search=search, first=first, most=PER_PAGE),
        page=page,
        search=search,
        not_a_model=NOT_A_MODEL,
        models=worklist.model_paths(),
        changes=ListingChange.objects.select_related("editor")[:LAST_CHANGES],
    )


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    require_permission(request)
    undo_change(request, get_object_or_404(ListingChange, pk=pk))
    return HttpResponseRedirect(address())


def undo_change(request: HttpRequest, change: ListingChange) -> None:
    """Undoes one change and tells what came of it."""
    try:
        undone = worklist.undo(change, by=_editor(request), now=datetime.now(UTC))
    except WorklistError as error:
        messages.error(request, f"{change}: {error}.")
        return
    messages.success(request, f"Undone: {change}. Set back: {len(undone.reverted)}.")
    if undone.changed_since:
        messages.warning(request, _changed_since(undone))


def ask_for_model(
    request: HttpRequest, endpoints: Iterable[int], words: str = ""
) -> TemplateResponse:
    """Which model do you mean? The nearest to the words, and a new one where they are a path."""
    ids = sorted(endpoints)
    return _render(
        request,
        "admin/worklist_model.html",
        title="Which model do they serve?",
        endpoints=_named(ids),
        ids=_joined(ids),
        words=words,
        meant=worklist.meant(words) if words else None,
        models=worklist.model_paths(),
    )


def settle(
    request: HttpRequest, endpoints: Iterable[int], path: str, *, reason: str = worklist.SAID_SO
) -> bool:
    """Lists endpoints under a model, or as no model (`path` empty), and tells so."""
    ids = list(endpoints)
    by, now = _editor(request), datetime.now(UTC)
    try:
        if path:
            change = worklist.assign(ids, path, by=by, now=now, reason=reason)
        else:
            change = worklist.not_a_model(ids, by=by, now=now, reason=reason)
    except WorklistError as error:
        messages.error(request, f"{str(error).capitalize()}.")
        return False
    messages.success(request, _done(change))
    return True


def address(query: str = "") -> str:
    page = reverse("admin:catalog_listing_worklist")
    return f"{page}?{query}" if query else page


def require_permission(request: HttpRequest) -> None:
    if not request.user.has_perm("catalog.change_listing"):
        raise PermissionDenied


# -- what was posted ------------------------------------------------------------------------------


def _act(request: HttpRequest) -> HttpResponse:
    verb = request.POST.get("verb")
    ticked = _ids(request.POST.getlist("ticked"))
    if verb == "choices":
        _apply_choices(request)
    elif verb == NOT_A_MODEL:
        settle(request, ticked, "")
    elif verb == "assign":
        return _assign(request, ticked)
    return _back(request)


def _assign(request: HttpRequest, ticked: set[int]) -> HttpResponse:
    """Under a model that exists; a name that is none is asked about before one is made of it."""
    if new := request.POST.get("new"):
        settle(request, ticked, new)
        return _back(request)
    words = request.POST.get("model", "").strip()
    if not ticked or not words:
        messages.error(request, "Tick at least one name, and say which model it is.")
        return _back(request)
    model = worklist.meant(words).model
    if model is None:
        return ask_for_model(request, ticked, words)
    settle(request, ticked, model)
    return _back(request)


def _apply_choices(request: HttpRequest) -> None:
    chosen = _choices(request.POST.items())
    if not chosen:
        messages.error(request, "Nothing was chosen; choose what at least one name means.")
    for path, endpoints in chosen.items():
        settle(request, endpoints, "" if path == NOT_A_MODEL else path)


def _choices(posted: Iterable[tuple[str, Any]]) -> dict[str, set[int]]:
    """Path → endpoints, from radio buttons named by the endpoints they speak of."""
    chosen: dict[str, set[int]] = defaultdict(set)
    for name, path in posted:
        if name.startswith(_CHOICE) and path:
            chosen[path] |= _ids([name.removeprefix(_CHOICE)])
    return dict(chosen)


def _ids(posted: Iterable[str]) -> set[int]:
    """`["12,13", "14"]` → {12, 13, 14}; what is no id is left out."""
    parts = (part for value in posted for part in value.split(","))
    return {int(part) for part in parts if part.isdecimal()}


def _back(request: HttpRequest) -> HttpResponseRedirect:
    kept = {key: request.GET[key] for key in ("q", "p") if key in request.GET}
    return HttpResponseRedirect(address(urlencode(kept)))


# -- parts ----------------------------------------------------------------------------------------


def _render(request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    frame = {**admin.site.each_context(request), "opts": Listing._meta}
    return TemplateResponse(request, template, {**frame, **context})


def _page(search: str, number: str) -> Page[int]:
    """The page of that number, or the nearest there is."""
    return Paginator(range(worklist.length(search)), PER_PAGE).get_page(number)


def _done(change: ListingChange) -> str:
    number = len(change.before)
    what = f"{number} endpoint{'' if number == 1 else 's'}"
    if not change.path:
        return f"Marked as no model: {what}."
    model = reverse("catalog:model", args=change.path.split("/", 1))
    return format_html('Listed {} under <a href="{}">{}</a>.', what, model, change.path)


def _changed_since(undone: Undone) -> str:
    names = [str(endpoint) for endpoint in _named(undone.changed_since)[:NAMED]]
    rest = len(undone.changed_since) - len(names)
    more = f" and {rest} more" if rest > 0 else ""
    return f"Changed since and left as they are: {', '.join(names)}{more}."


def _named(ids: Iterable[int]) -> list[Endpoint]:
    rows = Endpoint.objects.filter(pk__in=list(ids)).select_related("provider", "upstream")
    return list(rows.order_by("provider__name", "native_id"))


def _joined(ids: Iterable[int]) -> str:
    return ",".join(map(str, ids))


def _editor(request: HttpRequest) -> Any:
    """The staff member behind a request; admin_view let nobody else in."""
    return request.user
