"""From claims to what is published: pure, no database.

`columns` chooses the value of every fact; `fold` turns an endpoint's price claims, ended ones too,
into ledger rows. Both are functions of the claims alone, so they can be run again at any time.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from .facts import BadFact, precise
from .trust import EDITOR, trust

PRICE = "price."
# Prices that a dated list gives for "before then" have no known start.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stated:
    """A claim as the fold sees it. `value` is canonical JSON text."""

    id: int
    source: str
    key: str
    condition: str
    book: str
    value: str
    stated: str
    stated_from: datetime
    ended_at: datetime | None
    effective_from: datetime | None
    effective_to: datetime | None

    def is_price(self) -> bool:
        return self.key.startswith(PRICE)

    def slot(self) -> tuple[str, str]:
        return (self.key, self.condition)

    def span(self) -> tuple[datetime, datetime]:
        """When it holds, half-open: by its own dates, else while its source stated it."""
        start = self.effective_from
        if start is None:
            start = BEGINNING if self.effective_to else self.stated_from
        end = min(self.ended_at or _END, self.effective_to or _END)
        return start, end


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One price over one stretch of time, and the claim behind it."""

    claim: int
    book: str
    component: str
    condition: str
    amount: Decimal | None
    unit: str
    currency: str
    state: str
    valid_from: datetime
    valid_to: datetime | None


# -- facts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value published for one fact."""

    value: Any
    claim: int


def columns(claims: Iterable[Stated], provider: str) -> dict[str, Chosen]:
    """The published value of each fact that some source states today, fact by fact."""
    by_key: dict[str, list[Stated]] = {}
    for claim in claims:
        if not claim.is_price() and claim.ended_at is None:
            by_key.setdefault(claim.key, []).append(claim)
    return {key: _choose(rivals, provider) for key, rivals in by_key.items()}


def _choose(rivals: Sequence[Stated], provider: str) -> Chosen:
    """Best rank wins, unless a rival agrees with it and says the same more precisely."""
    best = min(rivals, key=lambda claim: _preference(claim, provider))
    winner = best
    if best.source != EDITOR:
        for rival in sorted(rivals, key=lambda claim: _preference(claim, provider)):
            if _refines(rival, best):
                winner = rival
                break
    return Chosen(json.loads(winner.value), winner.id)


def _preference(claim: Stated, provider: str) -> tuple[int, str]:
    return (trust(claim.source, provider, claim.key).rank, claim.source)


def _refines(rival: Stated, best: Stated) -> bool:
    """`16384` refines `16.38K`; `2024-07-18` refines `2024-07`."""
    if rival.value == best.value or rival.source == best.source:
        return False
    theirs, ours = json.loads(rival.value), json.loads(best.value)
    if isinstance(ours, str) and isinstance(theirs, str) and ours[:4].isdigit():
        return theirs.startswith(ours + "-")
    if best.stated and not rival.stated and isinstance(theirs, int) and isinstance(ours, int):
        try:
            return precise(best.stated).covers(Decimal(theirs))
        except BadFact:
            return False
    return False


# -- prices ---------------------------------------------------------------------------------------


def fold(claims: Iterable[Stated], provider: str) -> list[LedgerRow]:
    """Ledger rows of one endpoint, every book, ordered; a pure function of its price claims."""
    prices = [claim for claim in claims if claim.is_price() and _lasts(claim)]
    rows: list[LedgerRow] = []
    for book in sorted({claim.book for claim in prices}):
        rows += _fold_book([claim for claim in prices if claim.book == book], book, provider)
    return sorted(rows, key=lambda row: (row.book, row.component, row.condition, row.valid_from))


def _lasts(claim: Stated) -> bool:
    start, end = claim.span()
    return start < end


def _fold_book(claims: list[Stated], book: str, provider: str) -> list[LedgerRow]:
    spans = {claim.id: claim.span() for claim in claims}
    moments = sorted({moment for span in spans.values() for moment in span if moment < _END})
    rows: list[LedgerRow] = []
    open_rows: dict[tuple[str, str], tuple[Stated, datetime]] = {}
    for moment in moments:
        active = [c for c in claims if spans[c.id][0] <= moment < spans[c.id][1]]
        card = _card(active, provider)
        for slot, (claim, since) in list(open_rows.items()):
            if slot not in card or card[slot].id != claim.id:
                rows.append(_row(claim, since, moment))
                del open_rows[slot]
        for slot, claim in card.items():
            open_rows.setdefault(slot, (claim, moment))
    rows += [_row(claim, since, None) for claim, since in open_rows.values()]
    return rows


def _card(active: Sequence[Stated], provider: str) -> Mapping[tuple[str, str], Stated]:
    """The whole price card of one moment.

    From the best-ranked source, plus what it leaves out from sources that agree on every price
    both state; mixing fact by fact would put prices beside each other that nobody ever asked
    together. An editor's claims lie on top, price by price: they correct, they don't replace.
    """
    cards: dict[str, dict[tuple[str, str], Stated]] = {}
    for claim in sorted(active, key=lambda claim: (claim.span()[0], claim.id)):
        # Of two prices of one source in force, the one that began later holds.
        cards.setdefault(claim.source, {})[claim.slot()] = claim
    by_editor = cards.pop(EDITOR, {})
    published: dict[tuple[str, str], Stated] = {}
    for source in sorted(cards, key=lambda source: (trust(source, provider).rank, source)):
        if not published or _agrees(cards[source], published):
            published = {**cards[source], **published}
    return {**published, **by_editor}


def _agrees(
    card: Mapping[tuple[str, str], Stated], published: Mapping[tuple[str, str], Stated]
) -> bool:
    """Whether a card states some price that is published, and none differently."""
    shared = card.keys() & published.keys()
    return bool(shared) and all(card[slot].value == published[slot].value for slot in shared)


def _row(claim: Stated, since: datetime, until: datetime | None) -> LedgerRow:
    value = json.loads(claim.value)
    amount = value.get("amount")
    return LedgerRow(
        claim=claim.id,
        book=claim.book,
        component=claim.key.removeprefix(PRICE),
        condition=claim.condition,
        amount=None if amount is None else Decimal(amount),
        unit=value["unit"],
        currency=value["currency"],
        state=value["state"],
        valid_from=since,
        valid_to=until,
    )
