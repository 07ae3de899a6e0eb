"""Edits that wait to be looked at and saved, and what their author saw when making them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q

from ..choices import EditKind
from ..claims import Edit, live, published
from ..facts import MAX_TEXT
from ..models import Change, ChangeSet, Draft, Subject

# For each edit, what stood in its place: the price published, and the editors' own claim.
Seen = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that changed under an editor's hands."""

    edit: Edit
    was: str  # canonical text of the claim behind what was published; empty: nothing
    now: str
    # Who else changed it; empty: a source did.
    editor: str


class ChangedMeanwhile(Exception):
    """Others changed what is about to be overwritten. Nothing was written."""

    def __init__(self, moved: Sequence[Moved]) -> None:
        super().__init__(f"{len(moved)} of these prices changed since you looked")
        self.moved = tuple(moved)


def make(
    edits: Sequence[Edit],
    *,
    kind: EditKind,
    by: User,
    now: datetime,
    why: str = "",
    what: str = "",
    undoes: ChangeSet | None = None,
) -> Draft:
    """Keeps edits to be looked at, with what stands in their place now."""
    return Draft.objects.create(
        kind=kind.value,
        by=by,
        made_at=now,
        why=why,
        what=what,
        edits=[_as_json(edit) for edit in edits],
        seen=seen(edits, now=now),
        undoes=undoes,
    )


def edits_of(draft: Draft) -> list[Edit]:
    return [_from_json(stored) for stored in draft.edits]


def look_again(draft: Draft, *, now: datetime) -> None:
    """Takes what stands there now for seen, after its author was told what changed."""
    draft.seen, draft.made_at = seen(edits_of(draft), now=now), now
    draft.save(update_fields=["seen", "made_at"])


def seen(edits: Sequence[Edit], *, now: datetime) -> Seen:
    """What stands in the place of each edit: the value behind the price, and the editors' claim."""
    shown = published(edits, now=now)
    standing = live(edits)
    found: Seen = []
    for edit in edits:
        claim = standing.get(edit.slot())
        value = shown.get((edit.subject, edit.key, edit.condition, edit.book), "")
        found.append((value, claim.pk if claim else 0))
    return found


def moved(edits: Sequence[Edit], before: Sequence[Sequence[Any]], *, now: datetime) -> list[Moved]:
    """Edits whose place looks different from what was seen."""
    found = []
    for edit, was, current in zip(edits, before, seen(edits, now=now), strict=True):
        if tuple(was) != current:
            found.append(Moved(edit, was[0], current[0], _who(current[1], was[1])))
    return found


def _who(claim: int, was: int) -> str:
    """The editor who began the claim that stands there now, or ended the one that did."""
    if claim == was:
        return ""
    about = Q(begun_id=claim) if claim else Q(ended_id=was)
    change = Change.objects.filter(about).select_related("change_set__by").first()
    return str(change.change_set.by) if change else ""


def _as_json(edit: Edit) -> dict[str, Any]:
    dates = {"effective_from": edit.effective_from, "effective_to": edit.effective_to}
    return {
        "subject": list(edit.subject),
        "key": edit.key,
        "condition": edit.condition,
        "book": edit.book,
        "value": edit.value,
        "stated": edit.stated,
        **{name: date.isoformat() for name, date in dates.items() if date},
    }


def _from_json(stored: dict[str, Any]) -> Edit:
    dates: dict[str, Any] = {
        name: datetime.fromisoformat(stored[name])
        for name in ("effective_from", "effective_to")
        if name in stored
    }
    return Edit(**{**stored, "subject": Subject(*stored["subject"]), **dates})


def revise(draft: Draft, edits: Sequence[Edit], *, now: datetime, what: str = "") -> None:
    """Puts other edits into a draft. What was seen of those that stay is kept as it was seen."""
    known = dict(zip((edit.slot() for edit in edits_of(draft)), draft.seen, strict=True))
    fresh = [edit for edit in edits if edit.slot() not in known]
    known |= dict(zip((edit.slot() for edit in fresh), seen(fresh, now=now), strict=True))
    draft.edits = [_as_json(edit) for edit in edits]
    draft.seen = [known[edit.slot()] for edit in edits]
    draft.what = what[:MAX_TEXT]
    draft.save(update_fields=["edits", "seen", "what"])
