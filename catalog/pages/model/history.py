"""What the model cost before: prices over time at its author and where they moved elsewhere."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from catalog import words
from catalog.pages.model.lines import route_name, sellers
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Mark
from catalog.pages.step_chart import Line, Span, StepChart, step_chart
from providers.choices import Component, State
from providers.ledger import BEGINNING
from providers.models import Endpoint
from providers.queries import PriceRow

LINES = 4
CHARTS = 2
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
    """One component over time. `same`: providers whose price ran like a drawn one."""

    component: str
    unit: str
    currency: str
    chart: StepChart | None  # None: nothing moved
    spoken: str
    steps: tuple[PastStep, ...]
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """One provider's known prices of one component over time, oldest first, none equal its next."""

    endpoint: Endpoint
    prices: tuple[PriceRow, ...]

    @property
    def label(self) -> str:
        return route_name(self.endpoint)

    def at(self, moment: datetime) -> Decimal | None:
        return next(
            (price.amount for price in self.prices if price.holds(moment)),
            None,
        )

    def agrees_with(self, other: "_Run") -> bool:
        """Whether wherever both are known they are the same."""
        moments = [price.valid_from for price in (*self.prices, *other.prices)]
        both = [(self.at(moment), other.at(moment)) for moment in moments]
        known = [(ours, theirs) for ours, theirs in both if ours is not None and theirs is not None]
        return bool(known) and all(ours == theirs for ours, theirs in known)


def histories(reads: Reads) -> tuple[PriceHistory, ...]:
    """The main components over time, each with at most four lines, the author's first.

    Where nobody sells the model any more, what it cost at those who did.
    """
    past = reads.ledger
    sold_by = sellers(reads.on_sale() or reads.sold, reads.prices)
    firsts = [seller.first.sold for seller in sold_by]
    # A company's own site before its site for one country.
    firsts.sort(key=lambda sold: (not sold.by_author, bool(sold.endpoint.provider.company_id)))
    counted: Counter[Charged] = Counter()
    for sold in firsts:
        prices = past.get(sold.endpoint.pk, ())
        counted.update({_charged(price) for price in prices if price.condition.is_plain()})
    main = sorted(counted, key=lambda charged: (-counted[charged], _rank(charged[0])))[:CHARTS]
    found = (
        _history(reads, charged, _runs(charged, [sold.endpoint for sold in firsts], past))
        for charged in sorted(main, key=lambda charged: _rank(charged[0]))
    )
    return tuple(one for one in found if one)


def sources_of(histories: Iterable[PriceHistory]) -> set[int]:
    """Every source behind a step."""
    return {step.source_id for history in histories for step in history.steps}


def _charged(price: PriceRow) -> Charged:
    return (price.component, price.unit, price.currency)


def _rank(component: str) -> int:
    return _ORDER.index(component) if component in _ORDER else len(_ORDER)


def _runs(
    charged: Charged, endpoints: Iterable[Endpoint], past: Mapping[int, Sequence[PriceRow]]
) -> list[_Run]:
    runs = []
    for endpoint in endpoints:
        prices = [
            price
            for price in past.get(endpoint.pk, ())
            if price.condition.is_plain()
            and _charged(price) == charged
            and price.state == State.KNOWN
        ]
        if prices:
            runs.append(_Run(endpoint, tuple(_joined(prices))))
    return runs


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


def _history(reads: Reads, charged: Charged, runs: Sequence[_Run]) -> PriceHistory | None:
    """None where nothing is known from before this day."""
    if not any(price.valid_from.date() < reads.today for run in runs for price in run.prices):
        return None
    drawn, same = _chosen(runs)
    component, unit, currency = charged
    moved = any(len(run.prices) > 1 for run in drawn)
    return PriceHistory(
        component=component,
        unit=unit,
        currency=currency,
        chart=step_chart(_lines(drawn), until=reads.now) if moved else None,
        spoken=f"{words.component_label(component)} over time: "
        + "; ".join(f"{run.label} {_spoken(run)}" for run in drawn),
        steps=tuple(step for run in drawn for step in _steps(reads, run)),
        same=tuple(run.label for run in same),
    )


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
