"""What a source stated in the past: its prices, limits and dates over earlier releases, as changes.

A history is made from the snapshots of dated releases and kept beside the recordings, in a form
small enough to ship: for each endpoint and fact the releases at which its value changed. `replayed`
gives the snapshots back, cut down to what is kept.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from providers import bounds
from providers.choices import Kind, State
from providers.facts import (
    ANY,
    EVERYTHING,
    PAST_FACTS,
    Condition,
    Fact,
    Offer,
    Price,
    Snapshot,
    canonical,
)

from . import recordings

FOLDER = recordings.FOLDER.parent / "history"
_PRICE = "price."

Identity = tuple[str, str, str, str]  # Offer.identity()
Slot = tuple[str, str]  # a claim's key and condition


@dataclass(frozen=True, slots=True)
class Release:
    """One dated answer of a source. `covers`: providers whose listing was complete in it."""

    version: str
    as_of: datetime
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """From this release on, by its number, the value was stated so; None: not any more."""

    release: int
    value: str | None


@dataclass(frozen=True, slots=True)
class Past:
    """One endpoint: every fact of it that was ever stated, with its turns, oldest first."""

    identity: Identity
    facts: dict[Slot, tuple[Turn, ...]]


@dataclass(frozen=True, slots=True)
class History:
    """Releases of one source, oldest first, and what they stated."""

    source: str
    releases: tuple[Release, ...]
    endpoints: tuple[Past, ...]


# -- from snapshots -------------------------------------------------------------------------------


@dataclass(slots=True)
class Weaver:
    """Takes snapshots one by one, oldest first, and keeps only what changed between them."""

    source: str
    releases: list[Release] = field(default_factory=list)
    _turns: dict[Identity, dict[Slot, list[Turn]]] = field(default_factory=dict)

    def add(self, snapshot: Snapshot) -> None:
        number = len(self.releases)
        if self.releases and snapshot.as_of <= self.releases[-1].as_of:
            raise ValueError(f"{snapshot.version}: {snapshot.as_of} is not after the one before")
        covers = tuple(sorted(snapshot.covers))
        self.releases.append(Release(snapshot.version, snapshot.as_of, covers))
        stated = {offer.identity(): _stated(offer) for offer in snapshot.offers}
        for identity in self._turns.keys() | stated.keys():
            if identity in stated or _is_dropped(identity, snapshot):
                self._turn(identity, stated.get(identity, {}), number)

    def _turn(self, identity: Identity, stated: dict[Slot, str], number: int) -> None:
        facts = self._turns.setdefault(identity, {})
        for slot in facts.keys() | stated.keys():
            turns = facts.setdefault(slot, [])
            value = stated.get(slot)
            if (turns[-1].value if turns else None) != value:
                turns.append(Turn(number, value))

    def history_before(self, today: Snapshot) -> History:
        """What was stated before `today`, which itself only tells what of it is credible."""
        until = len(self.releases)
        self.add(today)
        endpoints = []
        for identity, facts in sorted(self._turns.items()):
            kept = {
                slot: turns
                for slot, all_turns in sorted(facts.items())
                if (turns := _before(until, _credible(slot[0], all_turns)))
            }
            if kept:
                endpoints.append(Past(identity, kept))
        return History(self.source, tuple(self.releases[:until]), tuple(endpoints))


def _stated(offer: Offer) -> dict[Slot, str]:
    """Values of the kept facts, as claims write them. Prices with dates of their own are left
    out: they tell their history themselves."""
    facts = {(f.key, ""): canonical(f.value) for f in offer.facts if f.key in PAST_FACTS}
    prices = {
        (_PRICE + price.component, price.condition.key()): price.value()
        for price in offer.prices
        if price.effective_from is None and price.effective_to is None
    }
    return facts | prices


def _is_dropped(identity: Identity, snapshot: Snapshot) -> bool:
    """Whether a snapshot that does not have an endpoint says that its source dropped it."""
    provider, native_id, _, _ = identity
    is_covered = not snapshot.covers.isdisjoint({EVERYTHING, provider})
    return is_covered and snapshot.unreadable.isdisjoint({(provider, native_id), (provider, "")})


def _credible(key: str, turns: Sequence[Turn]) -> list[Turn]:
    """Without prices that would wait for an editor, judged from today backwards.

    The value before stays in force instead, as it does when a refresh holds a price back.
    """
    kept: list[Turn] = []
    later: str | None = None
    for turn in reversed(turns):
        if turn.value is not None:
            if bounds.doubt(key, turn.value, later):
                continue
            later = turn.value
        kept.append(turn)
    return _without_repeats(reversed(kept))


def _without_repeats(turns: Iterable[Turn]) -> list[Turn]:
    found: list[Turn] = []
    for turn in turns:
        if (found[-1].value if found else None) != turn.value:
            found.append(turn)
    return found


def _before(until: int, turns: Iterable[Turn]) -> tuple[Turn, ...]:
    return tuple(turn for turn in turns if turn.release < until)


# -- on disk --------------------------------------------------------------------------------------


def to_json(history: History) -> bytes:
    """Values are numbered, since few of them fill a whole market."""
    values: dict[str | None, int] = {None: 0}
    endpoints = [
        [
            *past.identity,
            [
                [*slot, [[t.release, values.setdefault(t.value, len(values))] for t in turns]]
                for slot, turns in past.facts.items()
            ],
        ]
        for past in history.endpoints
    ]
    tree = {
        "source": history.source,
        "releases": [[r.version, r.as_of.isoformat(), list(r.covers)] for r in history.releases],
        "values": [None if value is None else json.loads(value) for value in values],
        "endpoints": endpoints,
    }
    return json.dumps(tree, ensure_ascii=False).encode()


def from_json(data: bytes) -> History:
    tree = json.loads(data)
    values = [None if value is None else canonical(value) for value in tree["values"]]
    return History(
        source=tree["source"],
        releases=tuple(
            Release(version, datetime.fromisoformat(as_of), tuple(covers))
            for version, as_of, covers in tree["releases"]
        ),
        endpoints=tuple(
            Past(
                (provider, native_id, operation, upstream),
                {
                    (key, condition): tuple(Turn(number, values[v]) for number, v in turns)
                    for key, condition, turns in facts
                },
            )
            for provider, native_id, operation, upstream, facts in tree["endpoints"]
        ),
    )


def kept(slug: str) -> History | None:
    """The shipped history of a source, checked against the manifest; None when it has none."""
    if slug not in recordings.manifest(folder=FOLDER):
        return None
    return from_json(recordings.recorded(slug, folder=FOLDER).data)


# -- back into snapshots --------------------------------------------------------------------------


def replayed(history: History) -> Iterator[Snapshot]:
    """A snapshot a release, oldest first, holding what is kept of it."""
    in_force: dict[Identity, dict[Slot, str]] = {}
    turns = sorted(
        (turn.release, past.identity, slot, turn.value)
        for past in history.endpoints
        for slot, turns in past.facts.items()
        for turn in turns
    )
    place = 0
    for number, release in enumerate(history.releases):
        while place < len(turns) and turns[place][0] == number:
            _, identity, slot, value = turns[place]
            facts = in_force.setdefault(identity, {})
            if value is None:
                facts.pop(slot, None)
            else:
                facts[slot] = value
            place += 1
        yield Snapshot(
            source=history.source,
            as_of=release.as_of,
            version=release.version,
            covers=frozenset(release.covers),
            offers=tuple(_offer(identity, facts) for identity, facts in in_force.items() if facts),
        )


def _offer(identity: Identity, facts: dict[Slot, str]) -> Offer:
    provider, native_id, operation, upstream = identity
    return Offer(
        provider=provider,
        native_id=native_id,
        operation=Kind(operation),
        upstream=upstream,
        facts=tuple(
            Fact(key, json.loads(value))
            for (key, _), value in facts.items()
            if not key.startswith(_PRICE)
        ),
        prices=tuple(
            _price(key, condition, json.loads(value))
            for (key, condition), value in facts.items()
            if key.startswith(_PRICE)
        ),
    )


def _price(key: str, condition: str, value: dict[str, str]) -> Price:
    amount = value.get("amount")
    return Price(
        component=key.removeprefix(_PRICE),
        amount=None if amount is None else Decimal(amount),
        unit=value["unit"],
        currency=value["currency"],
        condition=Condition.from_key(condition) if condition else ANY,
        state=State(value["state"]),
    )
