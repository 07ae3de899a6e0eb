"""One bill as a page draws it: its lines, the rule behind each, what it leaves out."""

from dataclasses import dataclass
from decimal import Decimal

from catalog import words
from catalog.pages import decimals
from catalog.pages.exchange import ABOUT, NONE_NEEDED, Exchange
from catalog.pages.headline import CURRENCY
from catalog.pages.parts import Mark, Money
from catalog.pages.signs import Signs
from catalog.workload import Cost, Share
from providers.choices import State
from providers.facts import WEEK_MINUTES
from providers.pricing import Bill, Line
from providers.queries import PriceRow

# Amounts are exact; of a price per hour, which may not divide evenly, so many places are shown.
MOST_PLACES = 12
_MONTH_DIGITS = 2


@dataclass(frozen=True, slots=True)
class BillLine:
    """`rule`: the condition of the price and why it applies; `said`: what it stands in for."""

    label: str
    quantity: str
    price: Money
    unit: str
    rule: str
    said: str
    mark: Mark
    amount: str


@dataclass(frozen=True, slots=True)
class Missing:
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class BillPart:
    """The bill of one request in some hours of the week; `hours` is empty for all of them."""

    hours: str
    lines: tuple[BillLine, ...]
    missing: tuple[Missing, ...]
    total: str


@dataclass(frozen=True, slots=True)
class BillView:
    """`month`: the sum that all requests come to; at least that, where something is missing."""

    label: str
    native_id: str
    parts: tuple[BillPart, ...]
    requests: int
    month: str
    is_whole: bool
    rates: tuple[str, ...] = ()  # by which other currencies are converted


def bill_view(
    cost: Cost[PriceRow],
    signs: Signs,
    *,
    label: str,
    native_id: str,
    provider: str,
    requests: int,
    exchange: Exchange = NONE_NEEDED,
) -> BillView:
    """Every line of a cost, for the hours that most is asked in first."""
    return BillView(
        label=label,
        native_id=native_id,
        parts=tuple(_part(share, cost, signs, provider, exchange) for share in cost.shares),
        requests=requests,
        month=_total(cost.per_month, _month_places(cost), exchange),
        is_whole=cost.is_complete,
        rates=exchange.notes_of(cost.per_month),
    )


def _part(
    share: Share[PriceRow],
    cost: Cost[PriceRow],
    signs: Signs,
    provider: str,
    exchange: Exchange,
) -> BillPart:
    bill = share.bill
    places = max((_places(line.amount) for line in bill.lines), default=0)
    return BillPart(
        hours="" if len(cost.shares) == 1 else _hours(share.minutes, cost.minutes),
        lines=tuple(_line(line, signs, provider, places) for line in bill.lines),
        missing=_missing(bill),
        total=_total(bill.totals, places, exchange),
    )


def _month_places(cost: Cost[PriceRow]) -> int:
    amounts = cost.per_month.values()
    return max((words.enough_places(sum_, digits=_MONTH_DIGITS) for sum_ in amounts), default=2)


def _places(amount: Decimal) -> int:
    """Decimals of an amount: all of them, up to a point."""
    return decimals.places(Decimal(f"{amount:.{MOST_PLACES}f}"))


def _hours(minutes: int, whole: int) -> str:
    """`49.5 of 168 hours a week`."""
    days = "hours a week" if whole == WEEK_MINUTES else "hours that it is asked in a week"
    counted = (words.figure(Decimal(part) / 60) for part in (minutes, whole))
    return "{} of {} ".format(*counted) + days


def _line(line: Line[PriceRow], signs: Signs, provider: str, places: int) -> BillLine:
    rule = line.rule
    return BillLine(
        label=words.component_label(line.component),
        quantity=f"{words.figure(line.quantity)} {line.measure}",
        price=Money(rule.state, rule.amount, rule.currency, rule.unit),
        unit=words.unit_words(rule.unit) if rule.amount else "",
        rule=words.condition_words(rule.condition) if rule.condition.schedule else line.why,
        said=line.in_stead,
        mark=signs.mark(rule.source_id, provider),
        amount=_sums({rule.currency: line.amount}, places),
    )


def _missing(bill: Bill[PriceRow]) -> tuple[Missing, ...]:
    return tuple(
        Missing(words.component_label(item.component), item.reason) for item in bill.refused
    )


def _sums(sums: dict[str, Decimal], places: int) -> str:
    """`$0.000615`, all of a bill with the same decimals; `free`, or `..` where nothing is known."""
    if not sums:
        return words.price(None, state=State.UNKNOWN)
    return " + ".join(
        words.cost(amount, places, currency=currency) for currency, amount in sums.items()
    )


def _total(sums: dict[str, Decimal], places: int, exchange: Exchange) -> str:
    """`CN¥7.12 ≈ $1.07`: never added over currencies but in dollars, by a rate that is named."""
    native = _sums(sums, places)
    whole = exchange.dollars(sums)
    if whole is None or whole.is_exact:
        return native
    return f"{native} {ABOUT} {words.cost(whole.amount, places, currency=CURRENCY)}"
