"""What waits for the editors, for the first page of the admin."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from catalog.models import AIModel, Visibility
from providers.choices import Answer, Book
from providers.models import Alert, Claim, Endpoint, Held, Job, Suggestion
from providers.pricing_desk import upkeep
from providers.trust import EDITOR

_CORRECTIONS = 5


@dataclass(frozen=True, slots=True)
class Correction:
    """An editor's claim that holds today; `address`: the admin page of its subject."""

    what: str
    subject: str
    editor: str
    reason: str
    at: datetime
    address: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Numbers of things that wait, and the editors' newest corrections."""

    held: int
    suggestions: int
    unlisted: int
    unapproved: int
    failing: int
    alerts: int
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The editors' own prices to look at again: sources state them by now, they end, they ended."""

    matched: int
    soon: int
    lately: int


def upkeep_of(books: Collection[str], *, now: datetime) -> Upkeep:
    """Of the books given, those that match of the public list. Few queries; see `upkeep`."""
    ending = upkeep.ending(books, now=now)
    return Upkeep(len(upkeep.matched(now=now)), ending.soon, ending.lately)


def desk() -> Desk:
    """Seven queries, whatever the size of the market."""
    return Desk(
        held=Held.objects.filter(answer="").count(),
        suggestions=Suggestion.objects.filter(state=Answer.OPEN.value).count(),
        unlisted=Endpoint.objects.listed().filter(listing=None).count(),
        unapproved=AIModel.objects.filter(visibility=Visibility.WAITING.value).count(),
        failing=Job.objects.filter(attempt__gt=0).count(),
        alerts=Alert.objects.filter(closed_at=None).count(),
        corrections=tuple(map(_correction, _newest_corrections())),
    )


def _newest_corrections() -> list[Claim]:
    """Of the public list alone: everybody who works here sees this page."""
    public = Claim.objects.live().filter(source__slug=EDITOR, book=Book.PUBLIC.value)
    rows = public.order_by("-stated_from", "-pk")
    return list(
        rows.select_related("endpoint__provider", "endpoint__upstream", "provider", "editor")[
            :_CORRECTIONS
        ]
    )


def _correction(claim: Claim) -> Correction:
    return Correction(
        what=claim.key.replace("_", " ").replace(".", " "),
        subject=str(claim.endpoint or claim.provider or claim.model),
        editor=str(claim.editor or ""),
        reason=claim.reason,
        at=claim.stated_from,
        address=_address(claim),
    )


def _address(claim: Claim) -> str:
    if claim.endpoint_id:
        return reverse("admin:providers_endpoint_change", args=[claim.endpoint_id])
    if claim.provider_id:
        return reverse("admin:providers_provider_change", args=[claim.provider_id])
    return f"{reverse('admin:catalog_aimodel_changelist')}?q={claim.model.partition('/')[2]}"
