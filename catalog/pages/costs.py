"""What a workload costs at each seller, the least first, with one bill drawn in full."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from catalog import words
from catalog.pages.bill import BillView, bill_view
from catalog.pages.exchange import ABOUT, NONE_NEEDED, Dollars, Exchange
from catalog.pages.headline import CURRENCY
from catalog.pages.signs import Signs, Standing
from catalog.pages.workload_form import Pairs, WorkloadForm, address, form
from catalog.workload import CHARACTERS_PER_TOKEN, TOKENS_PER_PICTURE, Cost, Workload, cost
from providers.choices import State
from providers.queries import PriceRow

# So many digits are shown of the least amount of a column.
_REQUEST_DIGITS = 3
_MONTH_DIGITS = 2

# Every source that states a price as published.
Speakers = Callable[[PriceRow], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Offered:
    """Something sold, to be billed; `prices` of None: it has no bill, and `said` why."""

    label: str
    native_id: str = ""
    provider: str = ""  # slug
    kind: str = ""
    prices: Sequence[PriceRow] | None = None
    id: int = 0  # of the endpoint; names its bill in the address
    in_plan: bool = False  # its prices are part of a plan, and never the least
    sells: str = ""  # the tier or region that this id is for, and so is not asked for again
    said: str = ""


@dataclass(frozen=True, slots=True)
class CostRow:
    """One seller's costs as drawn. `said`: what stands in or is missing, in words."""

    label: str
    native_id: str
    per_request: str
    per_month: str
    against: str  # the cheapest: `+12 %`
    said: str
    href: str  # its bill
    standing: Standing
    confirmed: str  # a short date, in brackets when it is old
    known: bool
    best: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class CostTable:
    """The block of a page about a workload."""

    form: WorkloadForm
    rows: tuple[CostRow, ...]
    unknown: int  # rows at the end without a whole bill
    bill: BillView | None
    summary: str
    rates: tuple[str, ...] = ()  # by which other currencies are converted
    characters_per_token: int = CHARACTERS_PER_TOKEN
    tokens_per_picture: int = TOKENS_PER_PICTURE


def cost_table(
    workload: Workload,
    offered: Iterable[Offered],
    *,
    signs: Signs,
    speakers: Speakers,
    now: datetime,
    bill: str,
    kept: Pairs,
    exchange: Exchange = NONE_NEEDED,
) -> CostTable:
    """`bill`: the id whose bill to draw, else the first; `kept`: the rest of the address."""
    priced = [_price(workload, one, signs, speakers, now, exchange) for one in offered]
    priced.sort(key=_order)
    billed = [one for one in priced if one.cost]
    drawn = next((one for one in billed if str(one.offered.id) == bill), None)
    drawn = drawn or next(iter(billed), None)
    return CostTable(
        form=form(workload, [row for one in priced for row in one.offered.prices or ()], kept),
        rows=_rows(priced, drawn, workload, kept, exchange),
        unknown=sum(not one.is_whole for one in priced),
        bill=_view(drawn, workload, signs, exchange) if drawn else None,
        summary=summary(workload),
        rates=exchange.notes,
    )


def summary(workload: Workload) -> str:
    """The workload in words."""
    parts = [f"{workload.requests:,} requests a month", f"{workload.input:,} tokens in"]
    if workload.cached:
        parts.append(f"{workload.cached} % of them from a cache")
    if workload.written:
        parts.append(f"{workload.written} % written to it")
    if workload.images:
        parts.append(f"{workload.images} picture{'s' if workload.images > 1 else ''} in")
    parts.append(f"{workload.output:,} tokens out")
    if workload.tier:
        parts.append(f"{workload.tier} tier")
    if workload.region:
        parts.append(words.region_words(workload.region))
    if workload.hours:
        parts.append(f"from {workload.hours.replace('-', ' to ')} o’clock UTC")
    return ", ".join(parts)


# -- costs ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Priced:
    """A seller with its cost; None: it has no bill."""

    offered: Offered
    cost: Cost[PriceRow] | None
    standing: Standing
    month: Dollars | None = None  # None: some of it has no rate

    @property
    def is_whole(self) -> bool:
        return self.cost is not None and self.cost.is_complete

    @property
    def per_month(self) -> dict[str, Decimal]:
        return self.cost.per_month if self.cost else {}

    @property
    def dollars(self) -> Decimal | None:
        """A month in US dollars, other currencies converted; None unless all of it, above 0."""
        return (self.month.amount or None) if self.month and self.is_whole else None

    @property
    def is_sure(self) -> bool:
        """What may be called the cheapest."""
        return self.dollars is not None and not (self.standing.old or self.offered.in_plan)


def _price(
    workload: Workload,
    offered: Offered,
    signs: Signs,
    speakers: Speakers,
    now: datetime,
    exchange: Exchange,
) -> _Priced:
    if offered.prices is None:
        return _Priced(offered, None, Standing())
    asked = _asked_of(workload, offered)
    found = cost(asked, offered.prices, when=now, kind=offered.kind)
    rules = {line.rule for share in found.shares for line in share.bill.lines}
    sources = {source for rule in rules for source in speakers(rule)}
    standing = signs.standing(sources, offered.provider)
    return _Priced(offered, found, standing, exchange.dollars(found.per_month))


def _asked_of(workload: Workload, offered: Offered) -> Workload:
    """An id that is a tier or a region by itself is not asked for it once more."""
    if not offered.sells:
        return workload
    tier, region = (
        "" if asked == offered.sells else asked for asked in (workload.tier, workload.region)
    )
    return replace(workload, tier=tier, region=region)


def _order(one: _Priced) -> tuple[object, ...]:
    """Sure ones by what they cost, then old ones, those without a rate, free, in a plan, unknown.

    Other currencies by what they come to in dollars.
    """
    least = (one.dollars or Decimal(0), one.offered.label.casefold(), one.offered.native_id)
    if one.dollars is not None and not one.offered.in_plan:
        return (int(one.standing.old), *least)
    if one.is_whole and not one.offered.in_plan:
        return (2 if any(one.per_month.values()) else 3, *least)
    in_plan = one.offered.in_plan and one.is_whole
    return (4 if in_plan or _state(one) == State.PLAN else 5, *least)


def _state(one: _Priced) -> State:
    """What to write for a cost that is not known."""
    refused = one.cost.bill.refused if one.cost else ()
    states = {State(item.state) for item in refused}
    return states.pop() if len(states) == 1 else State.UNKNOWN


# -- rows -----------------------------------------------------------------------------------------


def _rows(
    priced: Sequence[_Priced],
    drawn: _Priced | None,
    workload: Workload,
    kept: Pairs,
    exchange: Exchange,
) -> tuple[CostRow, ...]:
    sure = [one.dollars for one in priced if one.is_sure and one.dollars]
    least = min(sure, default=None)
    whole = [one.cost for one in priced if one.cost and one.is_whole]
    request_places = _places((found.per_request for found in whole), digits=_REQUEST_DIGITS)
    month_places = _places((found.per_month for found in whole), digits=_MONTH_DIGITS)
    return tuple(
        CostRow(
            label=one.offered.label,
            native_id=one.offered.native_id,
            per_request=_amounts(
                one, one.cost.per_request if one.cost else {}, request_places, exchange
            ),
            per_month=_amounts(one, one.per_month, month_places, exchange),
            against=_against(one, least),
            said=_said(one),
            href=address(workload, kept, bill=one.offered.id) if one.cost else "",
            standing=one.standing,
            confirmed=_confirmed(one.standing),
            known=one.is_whole,
            best=one.is_sure and one.dollars == least,
            chosen=one is drawn,
        )
        for one in priced
    )


def _places(sums: Iterable[dict[str, Decimal]], *, digits: int) -> int:
    """The decimals of a column."""
    amounts = [amount for of_one in sums for amount in of_one.values()]
    return max((words.enough_places(amount, digits=digits) for amount in amounts), default=2)


def _amounts(one: _Priced, sums: dict[str, Decimal], places: int, exchange: Exchange) -> str:
    """`1.20`, `7.12 CNY ≈ 1.07`: native sums, and what they come to."""
    if not one.is_whole:
        return words.price(None, state=_state(one))
    if not any(sums.values()):
        return words.price(None, state=State.FREE)
    native = " + ".join(
        f"{amount:,.{places}f}" + ("" if currency == CURRENCY else f" {currency}")
        for currency, amount in sums.items()
    )
    whole = exchange.dollars(sums)
    if whole is None or whole.is_exact:
        return native
    return f"{native} {ABOUT} {whole.amount:,.{places}f}"


def _against(one: _Priced, least: Decimal | None) -> str:
    """How much more than the least; about, where it is converted."""
    if one.dollars is None or one.month is None or least is None or one.dollars == least:
        return ""
    more = words.change((one.dollars / least - 1) * 100)
    return more if one.month.is_exact else f"{ABOUT} {more}"


def _confirmed(standing: Standing) -> str:
    if standing.on is None:
        return ""
    return f"({words.short_day(standing.on)})" if standing.old else words.short_day(standing.on)


def _said(one: _Priced) -> str:
    """What is missing, else what stands in for prices that nobody states."""
    if one.cost is None:
        return one.offered.said
    if one.is_whole:
        its_own = f"its own id for {one.offered.sells}" if one.offered.sells else ""
        by_hours = "changes with the hour" if len(one.cost.shares) > 1 else ""
        unknown = "no exchange rate known: not compared" if one.month is None else ""
        return "; ".join(filter(None, (unknown, by_hours, *one.cost.assumptions, its_own)))
    refused = {item for share in one.cost.shares for item in share.bill.refused}
    reasons: dict[str, list[str]] = {}
    for item in sorted(refused, key=lambda item: item.component):
        reasons.setdefault(item.reason, []).append(words.component_label(item.component).lower())
    return "; ".join(f"{words.listed(names)}: {reason}" for reason, names in reasons.items())


def _view(one: _Priced, workload: Workload, signs: Signs, exchange: Exchange) -> BillView | None:
    if one.cost is None:
        return None
    return bill_view(
        one.cost, signs, label=one.offered.label, native_id=one.offered.native_id,
        provider=one.offered.provider, requests=workload.requests, exchange=exchange,
    )  # fmt: skip
