"""An editor's own drafts of price changes, and where the grid shows what they are about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from ..claims import Edit
from ..models import Draft, Endpoint, Provider

_NO_FILTER: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One of an editor's drafts as the desk lists it."""

    pk: int
    made_at: datetime
    kind: str
    what: str
    edits: int


def drafts_of(request: HttpRequest) -> list[DraftRow]:
    """The editor's own drafts, the latest first. One query."""
    rows = Draft.objects.filter(by=request.user.pk).order_by("-made_at", "-pk")
    return [
        DraftRow(row.pk, row.made_at, row.get_kind_display(), row.what, len(row.edits))
        for row in rows
    ]


def own_draft(request: HttpRequest, pk: int) -> Draft:
    """The editor's own draft; another's is not found."""
    draft = Draft.objects.filter(pk=pk, by=request.user.pk).select_related("by").first()
    if draft is None:
        raise Http404("This draft was saved, thrown away, or is somebody else’s.")
    return draft


def grid_address(draft: Draft | None = None, query: Mapping[str, str] = _NO_FILTER) -> str:
    """The grid, with a draft's entries in their boxes."""
    kept = {name: value for name, value in query.items() if value}
    if draft is not None:
        kept |= {"draft": str(draft.pk)}
    address = reverse("admin:providers_pricing")
    return f"{address}?{urlencode(kept)}" if kept else address


def scope_of(edits: Sequence[Edit]) -> dict[str, str]:
    """Where the grid shows what some edits are about: one endpoint, one provider, or nowhere."""
    endpoints = {int(edit.subject.id) for edit in edits if edit.subject.kind == "endpoint"}
    if len(endpoints) == 1:
        return {"endpoint": str(endpoints.pop())}
    providers = {int(edit.subject.id) for edit in edits if edit.subject.kind == "provider"}
    for start in range(0, len(endpoints), 500):
        chunk = sorted(endpoints)[start : start + 500]
        found = Endpoint.objects.filter(pk__in=chunk).values_list("provider_id", flat=True)
        providers.update(found.distinct())
    if len(providers) != 1:
        return {}
    return {"provider": Provider.objects.get(pk=providers.pop()).slug}
