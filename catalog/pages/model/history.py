"""What the model cost before: prices over time at its author and where they moved elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from catalog import words
from catalog.pages.links import Link
from catalog.pages.model.lines import route_name, sellers
from catalog.pages.model.reads import Reads
from catalog.pages.model.table import Choice
from catalog.pages.parts import Mark
from catalog.pages.step_chart import Line, Span, StepChart, step_chart
from providers.choices import Component, State
from providers.ledger import BEGINNING
from providers.models import Endpoint
from providers.queries import PriceRow

LINES = 4
COMPONENTS = 6  # offered to choose from
_ORDER = [component.value for component in Component]
Charged = tuple[str, str, str]  # component, unit, currency


@dataclass(frozen=True, slots=True)
class PastStep:
    """One price of the table: what is behind a step of the chart."""

    provider: str
    amount: Decimal
    currency: str
    since: date | None  # None: from the beginning, as far as the source tells
    at_least: bool
    until: date | None
    source_id: int
    source: Mark


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """One component over time. `same`: providers whose price ran like a drawn one.

    `steps` are told when the address asks for the component: always, they would be a good part of
    the page. `others`: the same of other components.
    """

    component: str
    unit: str
    currency: str
    chart: StepChart | None  # None: nothing moved
    spoken: str
    same: tuple[str, ...]
    steps: tuple[PastStep, ...]
    steps_href: str
    others: tuple[Link, ...]

    def sources(self) -> set[int]:
        """Every source behind a step that is told."""
        return {step.source_id for step in self.steps}


@dataclass(frozen=True, slots=True)
class _Run:
    """One endpoint's known prices of one component, oldest first, none equal its next."""

    endpoint: Endpoint
    prices: tuple[PriceRow, ...]

    @property
    def label(self) -> str:
        return route_name(self.endpoint)

    def at(self, moment: datetime) -> Decimal | None:
        return next((price.amount for price in self.prices if price.holds(moment)), None)

    def agrees_with(self, other: "_Run") -> bool:
        """Whether wherever both are known they are the same."""
        moments = [price.valid_from for price in (*self.prices, *other.prices)]
        both = [(self.at(moment), other.at(moment)) for moment in moments]
        known = [(ours, theirs) for ours, theirs in both if ours is not None and theirs is not None]
        return bool(known) and all(ours == theirs for ours, theirs in known)


def history(reads: Reads, choice: Choice) -> PriceHistory | None:
    """The component asked for, else the one that moved most; None: no past is known of any.

    Where nobody sells the model any more, what it cost at those who did.
    """
    sold_by = sellers(reads.on_sale() or reads.sold, reads.prices)
    firsts = [seller.first.sold for seller in sold_by]
    # A company's own site before its site for one country.
    firsts.sort(key=lambda sold: (not sold.by_author, bool(sold.endpoint.provider.company_id)))
    by_charge = _by_charge([sold.endpoint for sold in firsts], reads.ledger)
    known = [charged for charged, runs in by_charge.items() if _has_past(runs, reads.today)]
    if not known:
        return None
    asked = (charged for charged in known if charged[0] == choice.history)
    # Of those that moved equally often the first, which is the most usual one.
    shown = next(asked, None) or max(known, key=lambda charged: _moves(by_charge[charged]))
    drawn, same = _chosen(by_charge[shown])
    return _history(reads, shown, drawn, same, known, choice)


def _by_charge(
    endpoints: Iterable[Endpoint], ledger: Mapping[int, Sequence[PriceRow]]
) -> dict[Charged, list[_Run]]:
    """Known plain prices by what is charged, a run an endpoint; the usual components first."""
    found: dict[Charged, list[_Run]] = {}
    for endpoint in endpoints:
        charges: dict[Charged, list[PriceRow]] = {}
        for row in ledger.get(endpoint.pk, ()):
            if row.condition.is_plain() and row.state == State.KNOWN:
                charges.setdefault((row.component, row.unit, row.currency), []).append(row)
        for charged, rows in charges.items():
            found.setdefault(charged, []).append(_Run(endpoint, tuple(_joined(rows))))
    return dict(sorted(found.items(), key=lambda pair: _rank(pair[0][0])))


def _rank(component: str) -> int:
    return _ORDER.index(component) if component in _ORDER else len(_ORDER)


def _joined(prices: Sequence[PriceRow]) -> Iterable[PriceRow]:
    """Without the steps at which only the source changed: the earlier claim stands for both."""
    kept = [prices[0]]
    for price in prices[1:]:
        before = kept[-1]
        if price.amount == before.amount and price.valid_from == before.valid_to:
            kept[-1] = replace(before, valid_to=price.valid_to)
        else:
            kept.append(price)
    return kept


def _has_past(runs: Iterable[_Run], today: date) -> bool:
    return any(price.valid_from.date() < today for run in runs for price in run.prices)


def _moves(runs: Iterable[_Run]) -> int:
    return sum(len(run.prices) - 1 for run in runs)


def _chosen(runs: Sequence[_Run]) -> tuple[list[_Run], list[_Run]]:
    """The author's run and those that moved most, each unlike the others; and their equals."""
    first, *others = runs
    others.sort(key=lambda run: (-len(run.prices), run.label))
    drawn, same = [first], []
    for run in others:
        if any(run.agrees_with(one) for one in drawn):
            same.append(run)
        elif len(drawn) < LINES:
            drawn.append(run)
    return drawn, same


def _history(
    reads: Reads,
    charged: Charged,
    drawn: Sequence[_Run],
    same: Iterable[_Run],
    known: Iterable[Charged],
    choice: Choice,
) -> PriceHistory:
    component, unit, currency = charged
    told = drawn if choice.history == component else ()
    others = list(dict.fromkeys(name for name, _, _ in known if name != component))
    return PriceHistory(
        component=component,
        unit=unit,
        currency=currency,
        chart=step_chart(_lines(drawn), until=reads.now) if _moves(drawn) else None,
        spoken="; ".join(f"{run.label} {_spoken(run)}" for run in drawn),
        same=tuple(run.label for run in same),
        steps=tuple(step for run in told for step in _steps(reads, run)),
        steps_href=choice.history_href(component),
        others=tuple(
            Link(words.component_label(name), choice.history_href(name))
            for name in others[:COMPONENTS]
        ),
    )


def _lines(runs: Sequence[_Run]) -> list[Line]:
    """Prices without a known start begin where the chart does."""
    earliest = min(
        (p.valid_from for run in runs for p in run.prices if p.valid_from > BEGINNING),
        default=BEGINNING,
    )
    return [
        Line(
            run.label,
            tuple(
                Span(max(price.valid_from, earliest), price.valid_to, price.amount)
                for price in run.prices
                if price.amount and (price.valid_to is None or price.valid_to > earliest)
            ),
        )
        for run in runs
    ]


def _spoken(run: _Run) -> str:
    first, *rest = run.prices
    told = [words.price(first.amount)]
    told += [f"{words.price(p.amount)} from {words.day(p.valid_from)}" for p in rest]
    return ", ".join(told)


def _steps(reads: Reads, run: _Run) -> Iterable[PastStep]:
    for price in run.prices:
        begun = price.valid_from > BEGINNING
        yield PastStep(
            provider=run.label,
            amount=price.amount or Decimal(0),
            currency=price.currency,
            since=price.valid_from.date() if begun else None,
            at_least=price.at_least,
            until=price.valid_to.date() if price.valid_to else None,
            source_id=price.source_id,
            source=reads.signs.mark(price.source_id, run.endpoint.provider.slug),
        )
