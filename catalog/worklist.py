"""The editors' worklist: endpoints that no rule could list, and the verbs that settle them.

Each verb is one transaction that announces a new edition, is kept as a `ListingChange`, and can be
undone; what somebody changed since then is named, not reverted.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from catalog.matching import Suggestion, match, normalise, suggest
from catalog.models import AIModel, Listing, ListingChange
from catalog.reconcile import facts
from catalog.reconcile.listings import EDITOR, create, drop_deserted, known_models
from providers import publish
from providers.facts import MAX_ID, MAX_TEXT
from providers.models import Endpoint

_PATH = re.compile(r"[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9._-]*\Z")
SUGGESTIONS = 3
SAID_SO = "an editor said so"


class WorklistError(ValueError):
    """A verb that cannot be done; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Unlisted:
    """One endpoint that serves no known model yet."""

    endpoint: int
    provider: str
    provider_name: str
    native_id: str
    operation: str


@dataclass(frozen=True, slots=True)
class Spelt:
    """Unlisted endpoints whose ids say the same name. `reason`: why the rules refuse it."""

    name: str
    endpoints: tuple[Unlisted, ...]
    reason: str
    suggestions: tuple[Suggestion, ...] = ()

    def reach(self) -> int:
        """How many providers sell under this name."""
        return len({endpoint.provider for endpoint in self.endpoints})

    def ids(self) -> str:
        """Its endpoints' ids, as a form names them: `12,13`."""
        return ",".join(str(endpoint.endpoint) for endpoint in self.endpoints)


@dataclass(frozen=True, slots=True)
class Meant:
    """What an editor's words may mean: a model called exactly so, else those nearest to it.

    `new`: the path that a model made for these words would have; None when they are no path.
    """

    model: str | None
    nearest: tuple[Suggestion, ...]
    new: str | None


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing did: endpoints set back, and those that were changed since and stay."""

    reverted: tuple[int, ...]
    changed_since: tuple[int, ...]


# -- reading --------------------------------------------------------------------------------------


def length(search: str = "") -> int:
    """How many names wait."""
    return len(_grouped(search))


def waiting(*, search: str = "", first: int = 0, most: int = 25) -> list[Spelt]:
    """Names that wait, those of most providers first, with suggestions. Three queries.

    `search`: words that must all stand in the ids or the provider's name.
    """
    known = known_models()
    page = []
    for name, endpoints in _grouped(search)[first : first + most]:
        one = endpoints[0]
        page.append(
            Spelt(
                name,
                tuple(endpoints),
                match(one.native_id, one.provider, known).reason,
                tuple(suggest(one.native_id, one.provider, known, most=SUGGESTIONS)),
            )
        )
    return page


def meant(words: str, *, most: int = 8) -> Meant:
    """The model that an editor's words name. Two queries."""
    words = words.strip()
    known = known_models()
    model = known.find(words)
    if model:
        return Meant(model, (), None)
    path = words.lower()
    new = path if _PATH.match(path) and len(path) <= MAX_ID else None
    return Meant(None, tuple(suggest(words, "", known, most=most)), new)


def _grouped(search: str) -> list[tuple[str, list[Unlisted]]]:
    rows = (
        Endpoint.objects.listed()
        .filter(listing=None)
        .order_by("provider__slug", "native_id", "pk")
        .values_list("pk", "provider__slug", "provider__name", "native_id", "operation")
    )
    words = search.lower().split()
    groups: dict[str, list[Unlisted]] = defaultdict(list)
    for row in rows:
        unlisted = Unlisted(*row)
        said = f"{unlisted.provider} {unlisted.provider_name} {unlisted.native_id}".lower()
        if not all(word in said for word in words):
            continue
        groups[normalise(unlisted.native_id, unlisted.provider).name].append(unlisted)
    return sorted(
        groups.items(),
        key=lambda group: (-len({one.provider for one in group[1]}), -len(group[1]), group[0]),
    )


def model_paths() -> list[str]:
    """`author/slug` of every model. One query."""
    rows = AIModel.objects.order_by("author__slug", "slug").values_list("author__slug", "slug")
    return [f"{author}/{slug}" for author, slug in rows]


# -- verbs ----------------------------------------------------------------------------------------


def assign(
    endpoints: Collection[int],
    path: str,
    *,
    by: AbstractBaseUser,
    now: datetime,
    reason: str = SAID_SO,
) -> ListingChange:
    """Lists endpoints under `author/slug`; a model that is new is created."""
    if not _PATH.match(path) or len(path) > MAX_ID:
        raise WorklistError(f"{path!r} is no model; write author/slug in small letters")
    with transaction.atomic():
        publish.announce(now=now)
        create([path])
        return _settle(endpoints, path, by=by, now=now, reason=reason)


def not_a_model(
    endpoints: Collection[int], *, by: AbstractBaseUser, now: datetime, reason: str = SAID_SO
) -> ListingChange:
    """Marks endpoints as something else than a model: a router, a tool, a search."""
    with transaction.atomic():
        publish.announce(now=now)
        return _settle(endpoints, "", by=by, now=now, reason=reason)


def undo(change: ListingChange, *, by: AbstractBaseUser, now: datetime) -> Undone:
    """Sets back what the change did, as far as nobody touched it since."""
    with transaction.atomic():
        publish.announce(now=now)
        change = ListingChange.objects.select_for_update().get(pk=change.pk)
        if change.is_undone():
            raise WorklistError("this change was undone before")
        standing = _listings([entry["endpoint"] for entry in change.before])
        reverted: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        for entry in change.before:
            listing = standing.get(entry["endpoint"])
            as_left = listing and listing.said_by == EDITOR and _path(listing) == change.path
            (reverted if as_left else changed).append(entry)
        models = {listing.model_id for listing in standing.values()}
        models |= _restore(reverted)
        change.undone_at, change.undone_by_id = now, by.pk
        change.save(update_fields=["undone_at", "undone_by"])
        drop_deserted(pk for pk in models if pk)
        facts.refold({pk for pk in models if pk}, now=now)
    return Undone(
        tuple(entry["endpoint"] for entry in reverted),
        tuple(entry["endpoint"] for entry in changed),
    )


def _settle(
    endpoints: Collection[int], path: str, *, by: AbstractBaseUser, now: datetime, reason: str
) -> ListingChange:
    """Writes an editor's listing for every endpoint, and the change that undoes it."""
    ids = sorted(Endpoint.objects.filter(pk__in=endpoints).values_list("pk", flat=True))
    if not ids:
        raise WorklistError("no endpoint was chosen; choose at least one")
    model = _model(path) if path else None
    before = _listings(ids)
    _write(
        Listing(
            endpoint_id=pk,
            model=model,
            said_by=EDITOR,
            reason=reason[:MAX_TEXT] or SAID_SO,
            variant=before[pk].variant if pk in before else "",
            editor_id=by.pk,
        )
        for pk in ids
    )
    touched = {listing.model_id for listing in before.values()} | {model and model.pk}
    facts.refold({pk for pk in touched if pk}, now=now)
    return ListingChange.objects.create(
        made_at=now, editor_id=by.pk, path=path, before=[_entry(pk, before.get(pk)) for pk in ids]
    )


def _entry(endpoint: int, listing: Listing | None) -> dict[str, Any]:
    if listing is None:
        return {"endpoint": endpoint, "path": None, "said_by": None, "reason": "", "variant": ""}
    return {
        "endpoint": endpoint,
        "path": _path(listing) or None,
        "said_by": listing.said_by,
        "reason": listing.reason,
        "variant": listing.variant,
        "editor": listing.editor_id,
    }


def _restore(entries: Sequence[dict[str, Any]]) -> set[int | None]:
    """Writes listings as they were; a model that is gone meanwhile comes back."""
    create(sorted({entry["path"] for entry in entries if entry["path"]}))
    had_none = [entry["endpoint"] for entry in entries if entry["said_by"] is None]
    Listing.objects.filter(endpoint__in=had_none).delete()
    listings = [
        Listing(
            endpoint_id=entry["endpoint"],
            model=_model(entry["path"]) if entry["path"] else None,
            said_by=entry["said_by"],
            reason=entry["reason"],
            variant=entry["variant"],
            editor_id=entry.get("editor"),
        )
        for entry in entries
        if entry["said_by"] is not None
    ]
    _write(listings)
    return {listing.model_id for listing in listings}


def _write(listings: Iterable[Listing]) -> None:
    Listing.objects.bulk_create(
        listings,
        update_conflicts=True,
        unique_fields=["endpoint"],
        update_fields=["model", "said_by", "reason", "variant", "editor", "said_at"],
    )


def _listings(endpoints: Collection[int]) -> dict[int, Listing]:
    rows = Listing.objects.filter(endpoint__in=endpoints).select_related("model__author")
    return {listing.endpoint_id: listing for listing in rows}


def _path(listing: Listing) -> str:
    return f"{listing.model.author.slug}/{listing.model.slug}" if listing.model else ""


def _model(path: str) -> AIModel:
    author, _, slug = path.partition("/")
    return AIModel.objects.get(author__slug=author, slug=slug)
