"""What claims amount to at a moment: slow, and by the words of the design, not by the fold."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from providers.trust import trust

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Said:
    """A claim about a price, column by column."""

    id: int
    source: str
    key: str
    condition: str
    value: str
    stated_from: datetime
    ended_at: datetime | None
    effective_from: datetime | None
    effective_to: datetime | None

    def begins(self) -> datetime:
        """By its own date; by none before a date on which it ends; else when it was first said."""
        return self.effective_from or (LONG_AGO if self.effective_to else self.stated_from)

    def holds(self, moment: datetime) -> bool:
        ends = [end for end in (self.ended_at, self.effective_to) if end is not None]
        return self.begins() <= moment and all(moment < end for end in ends)


def in_order(claims: Iterable[Said]) -> list[Said]:
    """As `replay` wants them: who began later speaks last, and so is heard."""
    return sorted(claims, key=lambda claim: (claim.begins(), claim.id))


def replay(claims: Iterable[Said], provider: str, moment: datetime) -> set[int]:
    """Ids of the claims in force on the public list, of claims in order.

    The best source's whole card; what it leaves out from the next that agrees with all of it that
    both state, and so on; an editor's prices on top, one by one.
    """
    cards: dict[str, dict[Any, Said]] = {}
    for claim in claims:
        if claim.holds(moment):
            cards.setdefault(claim.source, {})[claim.key, claim.condition] = claim
    on_top = cards.pop("editor", {})
    published: dict[Any, Said] = {}
    for source in sorted(cards, key=lambda name: (trust(name, provider).rank, name)):
        card = cards[source]
        both = [slot for slot in card if slot in published]
        same = all(_money(card[slot]) == _money(published[slot]) for slot in both)
        if not published or (both and same):
            published = {**card, **published}
    return {claim.id for claim in {**published, **on_top}.values()}


def _money(claim: Said) -> Any:
    return json.loads(claim.value)
