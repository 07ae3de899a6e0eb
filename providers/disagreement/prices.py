"""Prices compared by what they would charge at probe points, not by how conditions are written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

from ..choices import Book, State
from ..facts import Condition, Schedule
from ..ledger import PRICE
from ..pricing import Request, rule_for
from .causes import CONDITIONS, ROUNDED, UNIT
from .statements import Disagreement, Side, Statement

# "Unknown" and "varies" are no statement of a price.
_STATED = (State.KNOWN, State.FREE, State.PLAN)
_SLIP = (Decimal(1000), Decimal(1_000_000))
_SLIP_SLACK = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Card:
    """One price of one source, as pricing reads it."""

    component: str
    condition: Condition
    amount: Decimal | None
    unit: str
    currency: str
    state: str
    statement: Statement
    book: str = Book.PUBLIC.value  # sources speak of the public list

    def charge(self) -> tuple[str, Decimal | None]:
        return (self.state, self.amount)


Cards = Mapping[str, Sequence[Card]]  # by source


def differences(key: str, statements: Sequence[Statement], now: datetime) -> list[Disagreement]:
    """Every difference about one component.

    The first probe point at which sources charge differently, and each further one at which at
    least two sides speak by prices that no earlier difference was about.
    """
    found: list[Disagreement] = []
    for cards in _comparable(statements):
        told: set[int] = set()
        for request in _probes(statements, now):
            rules = _charged(cards, key.removeprefix(PRICE), request)
            sides = _sides(rules)
            if len(sides) < 2 or (told and not _is_new(sides, told)):
                continue
            told.update(id(statement) for side in sides for statement in side.statements)
            found.append(Disagreement(key, _label(request, rules), sides, _cause(rules, cards)))
    return found


def _comparable(statements: Sequence[Statement]) -> Iterator[Cards]:
    """Cards in one unit and currency, where two sources have any: no others can be compared.

    What is free or within a plan costs nothing in every unit.
    """
    cards = [_card(statement) for statement in statements]
    measures = dict.fromkeys((card.unit, card.currency) for card in cards if card.amount)
    for measure in measures or {("", ""): None}:
        by_source: dict[str, list[Card]] = {}
        for card in cards:
            if card.amount is None or (card.unit, card.currency) == measure:
                by_source.setdefault(card.statement.source, []).append(card)
        if len(by_source) > 1:
            yield by_source


def _card(statement: Statement) -> Card:
    value = statement.value
    amount = value.get("amount")
    return Card(
        statement.key.removeprefix(PRICE),
        statement.condition,
        None if amount is None else Decimal(amount),
        value["unit"],
        value["currency"],
        value["state"],
        statement,
    )


# -- probe points ---------------------------------------------------------------------------------


def _probes(statements: Sequence[Statement], now: datetime) -> list[Request]:
    """Requests at which prices could differ: per tier, region and hour, small and above each
    threshold; the plainest first."""
    conditions = [statement.condition for statement in statements]
    tiers = sorted({condition.tier for condition in conditions} | {""})
    regions = sorted({condition.region for condition in conditions} | {""})
    thresholds = {c.above_tokens for c in conditions if c.above_tokens is not None}
    sizes = [0, *sorted(above + 1 for above in thresholds)]
    moments = _moments({c.schedule for c in conditions if c.schedule}, now)
    return [
        Request(when, size, tier, region)
        for tier, region, when, size in product(tiers, regions, moments, sizes)
    ]


def _moments(schedules: Iterable[Schedule], now: datetime) -> list[datetime]:
    """When a weekly schedule begins or ends, in the week of `now`; that week's start if none does.

    Never `now` itself: what differs must not depend on the hour at which somebody looks.
    """
    monday = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(now.weekday())
    edges = {
        monday.replace(tzinfo=ZoneInfo(schedule.zone)) + timedelta(minutes=minute)
        for schedule in schedules
        for span in schedule.ranges
        for minute in span
    }
    return sorted(edges) or [monday]


def _charged(cards: Cards, component: str, request: Request) -> dict[str, Card]:
    """Source → the price it would charge; one that knows no such tier or region is not asked."""
    asked = {}
    for source, own in cards.items():
        knows_tier = not request.tier or any(c.condition.tier == request.tier for c in own)
        knows_region = not request.region or any(c.condition.region == request.region for c in own)
        rule = rule_for(own, component, request) if knows_tier and knows_region else None
        if rule and rule.state in _STATED:
            asked[source] = rule
    return asked


def _sides(rules: Mapping[str, Card]) -> tuple[Side, ...]:
    groups: dict[object, list[Statement]] = {}
    for rule in rules.values():
        groups.setdefault(rule.charge(), []).append(rule.statement)
    return tuple(Side(group[0].value, tuple(group)) for group in groups.values())


def _is_new(sides: Sequence[Side], told: set[int]) -> bool:
    fresh = [
        side for side in sides if not any(id(statement) in told for statement in side.statements)
    ]
    return len(fresh) > 1


def _label(request: Request, rules: Mapping[str, Card]) -> Condition:
    """The condition that the compared prices share, as far as any of them states one."""
    stated = [rule.condition for rule in rules.values()]
    thresholds = [c.above_tokens for c in stated if c.above_tokens is not None]
    schedules = [c.schedule for c in stated if c.schedule]
    return Condition(
        above_tokens=max(thresholds, default=None),
        tier=request.tier,
        region=request.region,
        # Of several any would do, if it is always the same.
        schedule=min(schedules, key=lambda one: (one.zone, one.ranges), default=None),
    )


# -- causes ---------------------------------------------------------------------------------------


def _cause(rules: Mapping[str, Card], cards: Cards) -> str:
    amounts = {rule.amount for rule in rules.values()}
    known = [amount for amount in amounts if amount]
    if len(known) < len(amounts):
        return ""
    if _all_round_to_one(known):
        return ROUNDED
    if _both_right(rules, cards):
        return CONDITIONS
    return UNIT if is_slip(known) else ""


def _all_round_to_one(amounts: Sequence[Decimal]) -> bool:
    """0.08 is 0.075 written shorter; 0.1 is not 0.15 written shorter to any use: one digit only."""
    finest = max(amounts, key=places)
    return all(abs(finest - amount) <= slack(amount) for amount in amounts)


def places(amount: Decimal) -> int:
    """Decimals stated; prices are given to the cent at least, whose zeros are not kept."""
    return max(-int(amount.as_tuple().exponent), 2)


def slack(amount: Decimal) -> Decimal:
    """Half of the last decimal stated: how far the exact price may be."""
    return Decimal(1).scaleb(-places(amount)) / 2


def _both_right(rules: Mapping[str, Card], cards: Cards) -> bool:
    """What one source charges always is what another charges at peak, on a tier, in a region."""
    return any(
        card.amount == mine.amount and _is_other_condition(theirs.condition, card.condition)
        for mine, theirs in product(rules.values(), rules.values())
        if mine.amount != theirs.amount and mine.condition.is_plain()
        for card in cards[theirs.statement.source]
    )


def _is_other_condition(here: Condition, there: Condition) -> bool:
    """A price for longer requests explains one of shorter ones, never the other way about: who
    leaves a threshold out may simply not know it."""
    same = (here.tier, here.region, here.schedule) == (there.tier, there.region, there.schedule)
    if there.above_tokens is not None:
        return same and here.above_tokens is None
    return not same


def is_slip(values: Sequence[Decimal]) -> bool:
    ratio = max(values) / min(values)
    return any(abs(ratio / slip - 1) <= _SLIP_SLACK for slip in _SLIP)
