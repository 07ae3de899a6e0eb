"""Where sources differ, and whether we know why: pure.

Prices are compared by what they would charge at probe points, not by how conditions are written:
a peak price and an off-peak price are both right. Other facts are compared within the precision
their source stated. A difference with a known cause is explained; the rest is what to worry about.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from .choices import OLD_AFTER_DAYS, State
from .facts import BadFact, Condition, canonical, precise
from .ledger import PRICE
from .pricing import Request, rule_for

OLDER = "older copy"
ROUNDED = "rounded"
CONDITIONS = "other conditions"
MOVED = "name moved"
UNIT = "unit slip"

# Lists are stated as far as a source knows them, and prose-like facts in its own words: that two
# differ there says nothing.
_NOT_COMPARED = {
    "name", "aliases", "serves", "family", "evidence_url", "api_base", "sdk", "docs_url",
    "pricing_url", "updated_on", "key_variable", "regions", "tokenizer", "reasoning_efforts",
    "reasoning_field", "requests_per_minute", "tokens_per_minute", "moderation", "replacement",
}  # fmt: skip
_SLIP = (Decimal(1000), Decimal(1_000_000))
_SLIP_SLACK = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim to be compared. `as_of`: when its source last confirmed it."""

    claim: int
    source: str
    key: str
    condition: Condition
    value: Any
    stated: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Side:
    """One value and everybody who states it, best-ranked first as they came in."""

    value: Any
    statements: tuple[Statement, ...]

    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(statement.source for statement in self.statements))


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One fact on which sources differ. `cause` is empty when nobody knows why."""

    key: str
    condition: str
    sides: tuple[Side, ...]
    cause: str

    @property
    def explained(self) -> bool:
        return bool(self.cause)


@dataclass(frozen=True, slots=True)
class _Card:
    """One source's prices of an endpoint, as pricing reads them."""

    component: str
    condition: Condition
    amount: Decimal | None
    unit: str
    currency: str
    state: str
    statement: Statement


def disagreements(
    statements: Iterable[Statement], *, now: datetime, rolling_name: bool = False
) -> tuple[Disagreement, ...]:
    """Every fact of one endpoint on which its live sources differ, prices first.

    `rolling_name`: the id is an alias such as `-latest`, which may point at something new.
    """
    prices: dict[str, list[Statement]] = {}
    facts: dict[str, list[Statement]] = {}
    for statement in statements:
        group = prices if statement.key.startswith(PRICE) else facts
        group.setdefault(statement.key, []).append(statement)
    found = [_price_difference(key, prices, now, rolling_name) for key in sorted(prices)]
    found += [
        _fact_difference(key, rivals)
        for key, rivals in sorted(facts.items())
        if key not in _NOT_COMPARED
    ]
    return tuple(one for one in found if one is not None)


# -- prices ---------------------------------------------------------------------------------------


def _price_difference(
    key: str, prices: dict[str, list[Statement]], now: datetime, rolling_name: bool
) -> Disagreement | None:
    """The first probe point of one component at which sources charge differently."""
    cards: dict[str, list[_Card]] = {}
    for statement in prices[key]:
        cards.setdefault(statement.source, []).append(_card(statement))
    if len(cards) < 2:
        return None
    for request in _probes(prices[key], now):
        charged = _charged(cards, key.removeprefix(PRICE), request)
        sides = _sides(charged, lambda card: _charge(card))
        if len(sides) > 1:
            cause = _price_cause(sides, cards, rolling_name)
            return Disagreement(key, "" if not request.tier else request.tier, sides, cause)
    return None


def _card(statement: Statement) -> _Card:
    value = statement.value
    amount = value.get("amount")
    return _Card(
        statement.key.removeprefix(PRICE),
        statement.condition,
        None if amount is None else Decimal(amount),
        value["unit"],
        value["currency"],
        value["state"],
        statement,
    )


def _probes(statements: Sequence[Statement], now: datetime) -> list[Request]:
    """Requests at which prices could differ: small ones, and above each threshold, per tier."""
    thresholds = {s.condition.above_tokens for s in statements if s.condition.above_tokens}
    tiers = sorted({s.condition.tier for s in statements})
    sizes = [0, *sorted(above + 1 for above in thresholds)]
    return [Request(now, size, tier) for tier in ("", *(t for t in tiers if t)) for size in sizes]


def _charged(
    cards: dict[str, list[_Card]], component: str, request: Request
) -> list[tuple[Statement, _Card]]:
    """What each source would charge; a source that knows no such tier is not asked."""
    asked = []
    for card in cards.values():
        if request.tier and not any(price.condition.tier == request.tier for price in card):
            continue
        rule = rule_for(card, component, request)
        # "Unknown" and "varies" are no statement of a price.
        if rule and rule.state in (State.KNOWN, State.FREE, State.PLAN):
            asked.append((rule.statement, rule))
    return asked


def _charge(card: _Card) -> Any:
    return (card.state, card.amount, card.unit, card.currency)


def _sides(charged: Sequence[tuple[Statement, Any]], says: Any) -> tuple[Side, ...]:
    groups: dict[Any, list[Statement]] = {}
    for statement, value in charged:
        groups.setdefault(says(value), []).append(statement)
    return tuple(Side(group[0].value, tuple(group)) for group in groups.values())


def _price_cause(sides: Sequence[Side], cards: dict[str, list[_Card]], rolling_name: bool) -> str:
    amounts = [_amount(side) for side in sides]
    known = [amount for amount in amounts if amount is not None]
    if len(known) == len(amounts):
        if _all_round_to_one(known):
            return ROUNDED
        if _both_right(sides, cards):
            return CONDITIONS
        if _unit_slip(known):
            return UNIT
    if rolling_name:
        return MOVED
    return OLDER if _one_is_older(sides) else ""


def _amount(side: Side) -> Decimal | None:
    amount = side.value.get("amount")
    return None if amount is None else Decimal(amount)


def _all_round_to_one(amounts: Sequence[Decimal]) -> bool:
    """0.08 is 0.075 written shorter; 0.1 is not 0.15 written shorter to any use: one digit only."""
    finest = min(amounts, key=lambda amount: int(amount.as_tuple().exponent))
    return all(_rounds_to(finest, amount) for amount in amounts)


def _rounds_to(finest: Decimal, amount: Decimal) -> bool:
    exponent = min(int(amount.as_tuple().exponent), -2)
    half = Decimal(1).scaleb(exponent) / 2
    return abs(finest - amount) <= half


def _both_right(sides: Sequence[Side], cards: dict[str, list[_Card]]) -> bool:
    """One source's plain price is what another charges under a condition (peak, tier, region)."""
    for side in sides:
        amount = _amount(side)
        others = {source for other in sides if other is not side for source in other.sources()}
        if not any(
            card.amount == amount and not card.condition.is_plain()
            for source in others
            for card in cards[source]
        ):
            continue
        return True
    return False


def _unit_slip(amounts: Sequence[Decimal]) -> bool:
    ratio = max(amounts) / min(amounts)
    return any(abs(ratio / slip - 1) <= _SLIP_SLACK for slip in _SLIP)


def _one_is_older(sides: Sequence[Side]) -> bool:
    """All sides but the newest were last confirmed over 30 days before it."""
    newest = sorted((max(s.as_of for s in side.statements) for side in sides), reverse=True)
    return all(newest[0] - other > timedelta(days=OLD_AFTER_DAYS) for other in newest[1:])


# -- other facts ----------------------------------------------------------------------------------


def _fact_difference(key: str, rivals: Sequence[Statement]) -> Disagreement | None:
    if len({rival.source for rival in rivals}) < 2:
        return None
    sides: list[list[Statement]] = []
    for rival in rivals:
        for side in sides:
            if _agree(side[0], rival):
                side.append(rival)
                break
        else:
            sides.append([rival])
    if len(sides) < 2:
        return None
    drawn = tuple(Side(side[0].value, tuple(side)) for side in sides)
    return Disagreement(key, "", drawn, OLDER if _one_is_older(drawn) else "")


def _agree(one: Statement, other: Statement) -> bool:
    """Equal within the precision both stated."""
    if one.value == other.value:
        return True
    if isinstance(one.value, str) and isinstance(other.value, str):
        return one.value.startswith(other.value + "-") or other.value.startswith(one.value + "-")
    if isinstance(one.value, list) and isinstance(other.value, list):
        return set(map(canonical, one.value)) == set(map(canonical, other.value))
    return _covers(one, other) or _covers(other, one)


def _covers(rounded: Statement, exact: Statement) -> bool:
    if not rounded.stated or not isinstance(exact.value, int) or isinstance(exact.value, bool):
        return False
    try:
        return precise(rounded.stated).covers(Decimal(exact.value))
    except BadFact:
        return False
