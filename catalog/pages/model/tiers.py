"""The tier table: what each component of one endpoint costs by tier, region, length and hour.

Every figure is what `rule_for` charges, also where a row leaves a price to the standard tier.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from catalog import words
from catalog.pages.decimals import pads
from catalog.pages.links import asked_of
from catalog.pages.model.lines import Key, condition_order
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Dispute, Mark, Money
from catalog.pages.week_clock import Clock, Rate, clock
from providers.choices import Component
from providers.facts import ANY, Condition
from providers.models import Endpoint
from providers.pricing import Ask, rule_for
from providers.queries import PriceRow

STANDARD = "standard"
# The class of a cell whose column needs room for signs beside its figures.
SIGN_ROOM = "sg"
_CHARGED_ELSEWHERE = "not stated for this row; the more general price is charged"


@dataclass(frozen=True, slots=True)
class TierCell:
    """`own`: stated for this very row; else the price that is charged instead.

    `of`: the endpoint and condition as the address of a value names them; empty: as of its row.
    """

    text: str
    css: str
    title: str = ""
    amount: Decimal | None = None
    approx: str = ""  # in dollars, where it is not in dollars
    own: bool = True
    marks: tuple[Mark, ...] = ()
    dispute: Dispute | None = None
    of: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class TierRow:
    """`sub`: a step or a region of the row over it. `region`: the one it is the price of."""

    label: str
    cells: tuple[TierCell, ...]
    marks: tuple[Mark, ...]
    sub: bool = False
    region: str = ""
    of: str = field(default="", compare=False)  # as in its cells


@dataclass(frozen=True, slots=True)
class TierGroup:
    """The rows in some hours of the week; without a rate, in all of them."""

    rate: Rate | None
    rows: tuple[TierRow, ...]


@dataclass(frozen=True, slots=True)
class Head:
    label: str
    note: str = ""
    component: str = ""


@dataclass(frozen=True, slots=True)
class TierTable:
    """`currency`: of all its prices, or empty where each cell names its own."""

    heads: tuple[Head, ...]
    groups: tuple[TierGroup, ...]
    currency: str
    unit: str
    clock: Clock | None
    borrows: bool  # whether any row is charged a price that is not its own

    @property
    def width(self) -> int:
        return len(self.heads) + 2

    def holds(self, condition: Condition) -> bool:
        """Whether prices under the condition stand in the table."""
        return not condition.named and (condition.schedule is None or self.clock is not None)


def tier_table(reads: Reads, endpoint: Endpoint, *, is_past: bool = False) -> TierTable | None:
    """None where every price is plain or under conditions that the table cannot hold.

    Those are what a bill cannot tell, and hours on clocks that share no week; see week_of.
    """
    card = [row for row in reads.prices.get(endpoint.pk, ()) if not row.condition.named]
    drawn = clock(card, now=reads.now, is_past=is_past)
    if drawn is None:  # what is charged at this very moment would be wrong in the next
        card = [row for row in card if row.condition.schedule is None]
    if all(row.condition == ANY for row in card):
        return None
    table = _Drawing(reads, endpoint, card)
    groups = tuple(table.groups(drawn))
    return TierTable(
        heads=tuple(table.head(key) for key in table.keys),
        groups=_on_one_point(groups, len(table.keys)),
        currency=table.currency,
        unit=table.unit,
        clock=drawn,
        borrows=any(not cell.own for group in groups for row in group.rows for cell in row.cells),
    )


class _Drawing:
    """The prices of one endpoint, by column and by row."""

    def __init__(self, reads: Reads, endpoint: Endpoint, card: Sequence[PriceRow]) -> None:
        self.reads, self.endpoint, self.card = reads, endpoint, card
        order = {component.value: n for n, component in enumerate(Component)}
        self.keys: list[Key] = sorted(
            {(row.component, row.unit) for row in card},
            key=lambda key: (order.get(key[0], len(order)), key),
        )
        currencies = {row.currency for row in card if row.amount is not None}
        self.currency = currencies.pop() if len(currencies) == 1 else ""
        self.unit = Counter(row.unit for row in card).most_common(1)[0][0]
        # What the prices tell apart but for hours, the standard price first.
        stated = {replace(row.condition, schedule=None) for row in card}
        self.rows = sorted(stated | {ANY}, key=condition_order)

    def head(self, key: Key) -> Head:
        component, unit = key
        note = "" if unit == self.unit else words.unit_words(unit)
        return Head(words.component_label(component), note, component)

    def groups(self, drawn: Clock | None) -> Iterator[TierGroup]:
        """The whole table; of further hours only the rows that cost otherwise in them."""
        if drawn is None:
            rows = [self.row(when, self.reads.now) for when in self.rows]
            yield TierGroup(None, tuple(_regions_together(rows)))
            return
        before: list[TierRow] = []
        for rate in drawn.rates:
            rows = [self.row(when, rate.moment) for when in self.rows]
            fresh = [row for row in rows if row not in before]
            yield TierGroup(rate, tuple(_regions_together(fresh)))
            before += rows

    def row(self, when: Condition, moment: datetime) -> TierRow:
        rules = [self.rule(key, when, moment) for key in self.keys]
        marks = [self.marks(rule) for rule in rules if _is_own(rule, when)]
        common = Counter(marks).most_common(1)[0][0] if marks else ()
        own = next((rule.condition for rule in rules if rule and _is_own(rule, when)), when)
        under = _above(when)
        sub = under is not None and under in self.rows
        return TierRow(
            label=_apart(when) if sub else words.condition_words(when) or STANDARD,
            cells=tuple(
                replace(
                    self.cell(rule, when, common),
                    of=self.of(rule.condition) if rule and rule.condition != own else "",
                )
                for rule in rules
            ),
            marks=common,
            sub=sub,
            of=self.of(own),
            region=when.region if when.above_tokens is None else "",
        )

    def of(self, condition: Condition) -> str:
        return asked_of("endpoint", self.endpoint.pk, condition.key())

    def rule(self, key: Key, when: Condition, moment: datetime) -> PriceRow | None:
        """What a request of the row is charged."""
        component, unit = key
        tokens = 0 if when.above_tokens is None else when.above_tokens + 1
        request = Ask(tokens, when.tier, when.region).at(moment)
        return rule_for((row for row in self.card if row.unit == unit), component, request)

    def cell(self, rule: PriceRow | None, when: Condition, common: tuple[Mark, ...]) -> TierCell:
        if rule is None:
            return TierCell(words.NOT_STATED, "n unk", "no source states it")
        currency = "" if self.currency else rule.currency
        text = words.price(rule.amount, state=rule.state, currency=currency)
        drawn = self.reads.exchange.beside(Money(rule.state, rule.amount, rule.currency))
        if not _is_own(rule, when):
            return TierCell(
                text, "n off", _CHARGED_ELSEWHERE, rule.amount, approx=drawn.approx, own=False
            )
        marks = self.marks(rule)
        return TierCell(
            text,
            "n" if rule.amount is not None else "n unk",
            drawn.rate or words.state_title(rule.state),
            rule.amount,
            drawn.approx,
            marks=() if marks == common else marks,
            dispute=self.reads.dispute(
                self.endpoint.pk, f"price.{rule.component}", rule.condition.key()
            ),
        )

    def marks(self, rule: PriceRow | None) -> tuple[Mark, ...]:
        """Who states a price."""
        if rule is None:
            return ()
        claim = self.reads.voices.claim(rule.claim_id)
        sources = self.reads.voices.agreeing(claim) if claim else (rule.source_id,)
        return self.reads.signs.marks(sources, self.endpoint.provider.slug)


def _is_own(rule: PriceRow | None, when: Condition) -> bool:
    return rule is not None and replace(rule.condition, schedule=None) == when


def _above(when: Condition) -> Condition | None:
    """What a row stands under: a step under its price, a region's under that of all regions."""
    if when.above_tokens is not None:
        return replace(when, above_tokens=None)
    return replace(when, region="") if when.region else None


def _apart(when: Condition) -> str:
    """What sets it apart from the row it stands under."""
    if when.above_tokens is not None:
        return f"above {when.above_tokens:,} tokens in"
    return words.region_words(when.region)


def _regions_together(rows: Sequence[TierRow]) -> Iterator[TierRow]:
    """Regions of one tier that charge the same share a row, where the first of them stands."""
    alike: dict[object, list[TierRow]] = {}
    for n, row in enumerate(rows):
        tier = sum(not other.sub for other in rows[: n + 1])
        shares = row.sub and row.region
        alike.setdefault((tier, row.cells, row.marks) if shares else n, []).append(row)
    for first, *others in alike.values():
        names = words.listed([row.region for row in (first, *others)])
        yield replace(first, label=f"regions {names}") if others else first


def _on_one_point(groups: tuple[TierGroup, ...], columns: int) -> tuple[TierGroup, ...]:
    """The decimals of each column stand on one point."""
    rows = [row for group in groups for row in group.rows]
    missing = [pads(row.cells[n].amount for row in rows) for n in range(columns)]
    signed = [
        any(row.cells[n].marks or row.cells[n].dispute for row in rows) for n in range(columns)
    ]
    padded = iter(
        replace(
            row,
            cells=tuple(
                _padded(cell, missing[n][r], signed=signed[n]) for n, cell in enumerate(row.cells)
            ),
        )
        for r, row in enumerate(rows)
    )
    return tuple(replace(group, rows=tuple(next(padded) for _ in group.rows)) for group in groups)


def _padded(cell: TierCell, missing: int, *, signed: bool) -> TierCell:
    classes = (cell.css, f"k{missing}" if missing else "", SIGN_ROOM if signed else "")
    return replace(cell, css=" ".join(filter(None, classes)))
