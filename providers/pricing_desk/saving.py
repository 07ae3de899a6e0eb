"""Saves what was previewed, whole or not at all, and takes change sets back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from .. import claims, publish
from ..choices import EditKind
from ..claims import Edit
from ..facts import BadFact
from ..models import Change, ChangeSet, Claim, Draft, Subject
from . import drafts
from .drafts import ChangedMeanwhile, Seen
from .preview import touched


@transaction.atomic
def save(
    edits: Sequence[Edit],
    *,
    kind: EditKind,
    by: User,
    why: str,
    now: datetime,
    seen: Seen | None = None,
    what: str = "",
    undoes: ChangeSet | None = None,
) -> ChangeSet:
    """Writes and publishes edits in one transaction.

    `seen`: what stood in their place when the editor looked; where it moved since, nothing is
    written (`ChangedMeanwhile`). Nobody publishes beside: the edition's row is locked first.
    """
    publish.lock()
    if seen is not None and (moved := drafts.moved(edits, seen, now=now)):
        raise ChangedMeanwhile(moved)
    change_set = claims.write(edits, kind=kind, by=by, why=why, now=now, what=what, undoes=undoes)
    publish_subjects({edit.subject for edit in edits}, now=now)
    return change_set


@transaction.atomic
def save_draft(draft: Draft, *, by: User, why: str, now: datetime) -> ChangeSet:
    """Saves a draft and takes it off the desk; a second click finds it gone."""
    held = Draft.objects.select_for_update().filter(pk=draft.pk).first()
    if held is None:
        raise BadFact("this draft was saved or thrown away already")
    change_set = save(
        drafts.edits_of(held),
        kind=EditKind(held.kind),
        by=by,
        why=why,
        now=now,
        seen=held.seen,
        what=held.what,
        undoes=held.undoes,
    )
    held.delete()
    return change_set


def publish_subjects(subjects: set[Subject], *, now: datetime) -> None:
    """Publishes whatever depends on what is said of the subjects."""
    publish.publish(
        now=now,
        endpoints=touched(subjects),
        providers=[int(subject.id) for subject in subjects if subject.kind == "provider"],
        models=[str(subject.id) for subject in subjects if subject.kind == "model"],
    )


@dataclass(frozen=True, slots=True)
class TakingBack:
    """How to undo a change set: what to say, and what changed since and is left alone."""

    edits: tuple[Edit, ...]
    left: tuple[tuple[Change, str], ...]  # with the reason


def taking_back(change_set: ChangeSet, *, now: datetime) -> TakingBack:
    """The edits that would undo a change set, without touching what others said since."""
    edits: list[Edit] = []
    left: list[tuple[Change, str]] = []
    changes = list(change_set.changes.select_related("begun", "ended").order_by("pk"))
    standing = claims.live([Edit.silence(_claim(change)) for change in changes])
    for change in changes:
        slot = Edit.silence(_claim(change))
        current = standing.get(slot.slot())
        if change.begun_id is not None and (current is None or current.pk != change.begun_id):
            left.append((change, "changed since" if current else "taken back since"))
        elif change.begun_id is None and current is not None:
            left.append((change, "corrected anew since"))
        elif change.ended is None:
            edits.append(slot)
        elif change.ended.effective_to is None or change.ended.effective_to > now:
            edits.append(Edit.again(change.ended))
        else:
            left.append((change, f"what stood there ended on {change.ended.effective_to:%Y-%m-%d}"))
            edits += [slot] if change.begun_id is not None else []
    return TakingBack(tuple(edits), tuple(left))


def _claim(change: Change) -> Claim:
    claim = change.begun or change.ended
    if claim is None:
        raise BadFact(f"change {change.pk} names no claim")
    return claim


def undo(change_set: ChangeSet, *, by: User, why: str, now: datetime) -> ChangeSet:
    """A change set that takes another back; what changed since stays as it is."""
    if ChangeSet.objects.filter(undoes=change_set).exists():
        raise BadFact("this was undone already; undo the undoing to have it again")
    back = taking_back(change_set, now=now)
    if not back.edits:
        raise BadFact("nothing is left to undo: all of it changed since")
    return save(back.edits, kind=EditKind.UNDO, by=by, why=why, now=now, undoes=change_set)
