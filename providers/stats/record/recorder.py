import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ...choices import Inlet
from ...models import Delivery
from .. import counters
from ..observation import Observation, fault
from . import names, quarantine, rows

DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of each observation of a batch. Indexes count from 0."""

    accepted: int
    duplicates: int
    refused: tuple[tuple[int, str], ...] = ()  # index and reason
    quarantined: tuple[tuple[int, str], ...] = ()  # index and what is wrong with the name


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch, sorted out before anything is written."""

    taken: list[tuple[Observation, int]]  # with the endpoint's id
    refused: list[tuple[int, str]]
    strange: list[tuple[int, Observation, str]]  # with what is wrong with the name


def record(batch: Sequence[Observation], *, sender: str, inlet: Inlet, now: datetime) -> Receipt:
    """Take what is sound and new. When it returns, that is committed; when it raises, none is.

    An event is known by its sender's name and its id, for nine days. Four queries and two more for
    each 900 names; safe to call with the same batch at the same time.
    """
    found = sorted_out(batch, now)
    with transaction.atomic():
        fresh = not_seen_before(found.taken, sender, now)
        if fresh:
            delivery = Delivery.objects.create(
                sender=sender, inlet=inlet.value, received_at=now, count=len(fresh)
            )
            rows.write(delivery.pk, fresh)
        quarantine.keep([(one, reason) for _, one, reason in found.strange], sender=sender, now=now)
    receipt = Receipt(
        accepted=len(fresh),
        duplicates=len(found.taken) - len(fresh),
        refused=tuple(found.refused),
        quarantined=tuple((index, reason) for index, _, reason in found.strange),
    )
    counters.came_in(
        inlet,
        accepted=receipt.accepted,
        duplicate=receipt.duplicates,
        refused=len(receipt.refused),
        quarantined=len(receipt.quarantined),
    )
    return receipt


def sorted_out(batch: Sequence[Observation], now: datetime) -> Sorted:
    """What is sound, what is not, and what names no endpoint. One query for each 900 names."""
    found = Sorted([], [], [])
    sound: list[tuple[int, Observation]] = []
    for index, one in enumerate(batch):
        reason = fault(one, now)
        if reason is None:
            sound.append((index, one))
        else:
            found.refused.append((index, reason))
    book = names.look_up([one for _, one in sound])
    for index, one in sound:
        answer = book.answer(one)
        if answer.endpoint_id is None:
            found.strange.append((index, one, answer.reason))
        else:
            found.taken.append((one, answer.endpoint_id))
    return found


def not_seen_before(
    taken: list[tuple[Observation, int]], sender: str, now: datetime
) -> list[tuple[Observation, int]]:
    """Those that this sender did not bring before, from now on taken; in a transaction."""
    by_digest: dict[bytes, tuple[Observation, int]] = {}
    for pair in taken:
        by_digest.setdefault(_digest(sender, pair[0].id), pair)
    if not by_digest:
        return []
    # In one order for everybody, or two senders of the same events could wait for each other.
    new = rows.first_seen(sorted(by_digest), now.date())
    if len(new) == len(by_digest):
        return list(by_digest.values())
    return [pair for digest, pair in by_digest.items() if digest in new]


def _digest(sender: str, event_id: str) -> bytes:
    name = f"{sender}\0{event_id}".encode()
    return hashlib.blake2b(name, digest_size=DIGEST_BYTES).digest()
