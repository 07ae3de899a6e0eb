"""What editors once said and may be looked at again: sources agree by now, or it ends soon."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ..choices import Book, EditKind
from ..claims import Edit
from ..ledger import PRICE, Stated, fold
from ..models import ChangeSet, Claim, Endpoint, Run
from ..publish import HIDDEN, stated_claims
from ..trust import EDITOR
from . import drafts
from .grid import price_text
from .saving import save

SOON = timedelta(days=7)
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Ending:
    """How many of the editors' prices end within a week, and how many did in the last."""

    soon: int
    lately: int


def _overrides() -> QuerySet[Claim]:
    """The editors' live prices."""
    return Claim.objects.live().filter(
        source__slug=EDITOR, endpoint__isnull=False, key__startswith=PRICE
    )


# -- upstream matches -----------------------------------------------------------------------------


def matched(*, now: datetime) -> list[Claim]:
    """Public prices of the editors that would stand without them, the oldest first.

    A few queries, and a fold of the endpoints where some source says the same.
    """
    agreeing = Claim.objects.live().filter(
        endpoint=OuterRef("endpoint"), key=OuterRef("key"), condition=OuterRef("condition"),
        value=OuterRef("value"), book=Book.PUBLIC.value,
    ).exclude(source__slug=EDITOR)  # fmt: skip
    in_force = Q(effective_from=None) | Q(effective_from__lte=now)
    lasting = Q(effective_to=None) | Q(effective_to__gt=now)
    candidates = list(
        _overrides()
        .filter(in_force & lasting, Exists(agreeing), book=Book.PUBLIC.value)
        .select_related("endpoint__provider", "endpoint__upstream", "editor")
        .order_by("stated_from", "pk")
    )
    without = _without_editors({one.endpoint_id for one in candidates if one.endpoint_id}, now)
    return [
        one
        for one in candidates
        if without.get((one.endpoint_id or 0, one.key, one.condition)) == one.value
    ]


def _without_editors(ids: Collection[int], now: datetime) -> dict[tuple[int, str, str], str]:
    """What would be published now, had the editors said nothing."""
    if not ids:
        return {}
    hidden = set(Run.objects.filter(state__in=HIDDEN).values_list("pk", flat=True))
    found: dict[tuple[int, str, str], str] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        stated = stated_claims(hidden, endpoint_id__in=chunk)
        slugs = Endpoint.objects.filter(pk__in=chunk).values_list("pk", "provider__slug")
        for endpoint, provider in slugs:
            theirs: list[Stated] = [
                one
                for one in stated.get(endpoint, [])
                if one.source != EDITOR and one.book == Book.PUBLIC
            ]
            for row in fold(theirs, provider):
                if row.valid_from <= now and (row.valid_to is None or now < row.valid_to):
                    value = price_text(row.amount, row.unit, row.currency, row.state)
                    found[(endpoint, PRICE + row.component, row.condition)] = value
    return found


def drop_matched(claims: Sequence[Claim], *, by: User, why: str, now: datetime) -> ChangeSet:
    """Lets the sources speak again where they agree, in one change set."""
    edits = [Edit.silence(claim) for claim in claims]
    number = len(edits)
    return save(
        edits,
        kind=EditKind.DROP,
        by=by,
        why=why,
        now=now,
        seen=drafts.seen(edits, now=now),
        what=f"dropped {number} override{'' if number == 1 else 's'} that sources state by now",
    )


# -- what ends ------------------------------------------------------------------------------------


def ending(books: Collection[str], *, now: datetime) -> Ending:
    """One query."""
    found = _overrides_and_rules(books).aggregate(
        soon=Count("pk", filter=_soon(now)), lately=Count("pk", filter=_lately(now))
    )
    return Ending(found["soon"], found["lately"])


def ends_soon(books: Collection[str], *, now: datetime) -> list[Claim]:
    """The editors' prices and rules that end within a week, the soonest first. One query."""
    return _told(_overrides_and_rules(books).filter(_soon(now)))


def ended_lately(books: Collection[str], *, now: datetime) -> list[Claim]:
    """Those that fell silent within the last week, the latest first. One query."""
    return _told(_overrides_and_rules(books).filter(_lately(now)))[::-1]


def _soon(now: datetime) -> Q:
    return Q(effective_to__gt=now, effective_to__lte=now + SOON)


def _lately(now: datetime) -> Q:
    return Q(effective_to__lte=now, effective_to__gt=now - SOON)


def _overrides_and_rules(books: Collection[str]) -> QuerySet[Claim]:
    """Also of providers, whose only prices are rules."""
    return Claim.objects.live().filter(source__slug=EDITOR, key__startswith=PRICE, book__in=books)


def _told(rows: Iterable[Claim]) -> list[Claim]:
    found = rows.select_related(  # type: ignore[attr-defined]  # a queryset
        "endpoint__provider", "endpoint__upstream", "provider", "editor"
    )
    return list(found.order_by("effective_to", "pk"))
