"""From claims to what is published: pure, no database.

`columns` chooses the value of every fact; `fold` turns an endpoint's price claims, ended ones too,
into ledger rows. Both are functions of the claims alone, so they can be run again at any time.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from .choices import Book, State
from .facts import WHOLE_CARD, BadFact, Condition, PriceRule, precise
from .trust import EDITOR, trust

PRICE = "price."
# Prices that a dated list gives for "before then" have no known start.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)
_RULE = '{"rule"'  # how the canonical text of a rule begins


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
    # Said of the provider, for all its endpoints: a rule.
    of_provider: bool = False

    def is_price(self) -> bool:
        return self.key.startswith(PRICE)

    def is_rule(self) -> bool:
        return self.book != Book.PUBLIC and self.value.startswith(_RULE)

    def rule(self) -> PriceRule:
        rule = PriceRule.from_value(json.loads(self.value))
        if rule is None:
            raise BadFact(f"claim {self.id} is a price, not a rule")
        return rule

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

# A book may follow those before it.
_BOOKS = (Book.PUBLIC.value, Book.CONTRACT.value, Book.HOUSE.value)
Slot = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Quote:
    """What one book says in one slot at one moment: a claim, and what it amounts to."""

    claim: Stated
    value: str

    def state(self) -> str:
        return str(json.loads(self.value)["state"])


def fold(claims: Iterable[Stated], provider: str) -> list[LedgerRow]:
    """Ledger rows of one endpoint, every book, ordered; a pure function of its price claims."""
    prices = [claim for claim in claims if claim.is_price() and _lasts(claim)]
    books: dict[str, _Book] = {}
    rows: list[LedgerRow] = []
    for name in _BOOKS:
        own = [claim for claim in prices if claim.book == name]
        if own:
            books[name] = _Book(own, provider, dict(books))
            rows += books[name].rows(name)
    return sorted(rows, key=lambda row: (row.book, row.component, row.condition, row.valid_from))


def _lasts(claim: Stated) -> bool:
    start, end = claim.span()
    return start < end


class _Book:
    """One endpoint's prices in one book, at any moment."""

    def __init__(self, claims: list[Stated], provider: str, below: Mapping[str, "_Book"]) -> None:
        self._prices = [claim for claim in claims if not claim.is_rule()]
        self._rules = [claim for claim in claims if claim.is_rule()]
        self._provider = provider
        self._below = below if self._rules else {}
        self._spans = {claim.id: claim.span() for claim in claims}

    def moments(self) -> set[datetime]:
        """When something may change: also in the books that this one follows."""
        own = {moment for span in self._spans.values() for moment in span if moment < _END}
        return own.union(*(book.moments() for book in self._below.values()))

    def rows(self, name: str) -> list[LedgerRow]:
        rows: list[LedgerRow] = []
        open_rows: dict[Slot, tuple[_Quote, datetime]] = {}
        for moment in sorted(self.moments()):
            card = self.card(moment)
            for slot, (quote, since) in list(open_rows.items()):
                if card.get(slot) != quote:
                    rows.append(_row(name, slot, quote, since, moment))
                    del open_rows[slot]
            for slot, quote in card.items():
                open_rows.setdefault(slot, (quote, moment))
        rows += [_row(name, slot, *held, None) for slot, held in open_rows.items()]
        return rows

    def card(self, moment: datetime) -> dict[Slot, _Quote]:
        """What holds at a moment. A price of this very book goes before one that a rule makes."""
        stated = _card(self._in_force(self._prices, moment), self._provider)
        return {
            **self._followed(moment),
            **{slot: _Quote(claim, claim.value) for slot, claim in stated.items()},
        }

    def _in_force(self, claims: Iterable[Stated], moment: datetime) -> list[Stated]:
        spans = self._spans
        return [one for one in claims if spans[one.id][0] <= moment < spans[one.id][1]]

    def _followed(self, moment: datetime) -> dict[Slot, _Quote]:
        """Prices that this book's rules make of other books'."""
        rules: dict[Slot, Stated] = {}
        # The provider's first, so that the endpoint's own lie on top; of two, the later holds.
        for claim in sorted(
            self._in_force(self._rules, moment),
            key=lambda one: (not one.of_provider, one.span()[0], one.id),
        ):
            rules[claim.slot()] = claim
        found: dict[Slot, _Quote] = {}
        cards: dict[str, dict[Slot, _Quote]] = {}
        for claim in sorted(rules.values(), key=_width):
            rule = claim.rule()
            if rule.over not in cards:
                cards[rule.over] = self._standing(rule.over, moment)
            for slot, quote in cards[rule.over].items():
                if _speaks_of(claim, slot) and (value := rule.applied(quote.value)):
                    found[slot] = _Quote(claim, value)
        return found

    def _standing(self, over: str, moment: datetime) -> dict[Slot, _Quote]:
        """A book as it is paid: what a contract does not name costs what everybody pays."""
        public, own = (
            self._below[name].card(moment) if name in self._below else {}
            for name in (_BOOKS[0], over)
        )
        return public if over == _BOOKS[0] else _overlaid(own, public)


def _overlaid(own: Mapping[Slot, _Quote], public: Mapping[Slot, _Quote]) -> dict[Slot, _Quote]:
    """The public list with a book over it, by the law that bills follow (pricing/books.py)."""
    said = {slot: quote for slot, quote in own.items() if quote.state() != State.UNKNOWN}
    left = {
        slot: quote
        for slot, quote in public.items()
        if not any(_is_narrower(slot, than) for than in said)
    }
    return {**left, **said}


def _is_narrower(slot: Slot, than: Slot) -> bool:
    return slot[0] == than[0] and _condition(slot[1]).is_within(_condition(than[1]))


_condition = lru_cache(maxsize=4096)(Condition.from_key)


def _width(claim: Stated) -> tuple[bool, bool, bool]:
    """Sorts rules from the widest to the most particular, which goes before the others."""
    return (claim.key != PRICE + WHOLE_CARD, not claim.of_provider, bool(claim.condition))


def _speaks_of(rule: Stated, slot: Slot) -> bool:
    """Whether a rule is for a slot: of its component, under its condition or under any."""
    return rule.key in (PRICE + WHOLE_CARD, slot[0]) and rule.condition in ("", slot[1])


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


def _row(
    book: str, slot: Slot, quote: _Quote, since: datetime, until: datetime | None
) -> LedgerRow:
    amount, unit, currency, state = _told(quote.value)
    return LedgerRow(
        claim=quote.claim.id,
        book=book,
        component=slot[0].removeprefix(PRICE),
        condition=slot[1],
        amount=amount,
        unit=unit,
        currency=currency,
        state=state,
        valid_from=since,
        valid_to=until,
    )


@lru_cache(maxsize=16_384)
def _told(text: str) -> tuple[Decimal | None, str, str, str]:
    """Amount, unit, currency and state of a price. A market has far fewer than it has rows."""
    value = json.loads(text)
    amount = value.get("amount")
    known = None if amount is None else Decimal(amount)
    return known, value["unit"], value["currency"], value["state"]
