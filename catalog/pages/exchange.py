"""Amounts in other currencies beside what they come to in dollars, with the rate and its day.

What is stated stays as it is: a converted figure stands beside it, sorts tables and is labelled.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from catalog import words
from catalog.pages.headline import CURRENCY
from catalog.pages.keep import Kept
from catalog.pages.parts import Money
from catalog.queries.chrome import EditionLine
from providers.pricing import EXACT
from providers.queries import PriceRow
from providers.rate_queries import rates_on
from providers.rates import EURO, Converted, Rate, convert

ABOUT = "≈"
# Digits of a converted amount and of a rate: more would be truer than the rate.
_AMOUNT_DIGITS = 3
_RATE_DIGITS = 5
_kept: Kept[dict[tuple[str, ...], "Exchange"]] = Kept()  # by the foreign currencies


@dataclass(frozen=True, slots=True)
class Dollars:
    """What sums in several currencies come to. `is_exact`: nothing of it was converted."""

    amount: Decimal
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Exchange:
    """The rates of one page, as known on its day; `foreign`: the currencies it has to convert."""

    day: date
    foreign: tuple[str, ...] = ()
    rates: Mapping[str, Rate] = field(default_factory=dict)

    def convert(self, amount: Decimal, currency: str) -> Converted | None:
        """In dollars; None for what is in dollars, or has no known rate."""
        return convert(amount, currency, CURRENCY, self.rates)

    def dollars(self, sums: Mapping[str, Decimal]) -> Dollars | None:
        """All of it in dollars; None where a rate is missing."""
        whole = Decimal(0)
        for currency, amount in sums.items():
            if currency != CURRENCY and amount:
                found = self.convert(amount, currency)
                if found is None:
                    return None
                amount = found.amount
            whole = EXACT.add(whole, amount)
        return Dollars(whole, not any(amount for c, amount in sums.items() if c != CURRENCY))

    def beside(self, money: Money) -> Money:
        """The price with what it comes to; as it was where that is nothing to add."""
        if money.amount is None or money.currency == CURRENCY:
            return money
        found = self.convert(money.amount, money.currency)
        if found is None:
            return replace(money, rate=_unknown(money.currency, self.day))
        return replace(money, approx=about(found.amount), rate=rate_words(found, money.currency))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the foot of the page says of each currency."""
        return self.notes_of(self.foreign)

    def notes_of(self, currencies: Iterable[str]) -> tuple[str, ...]:
        return tuple(self._note(currency) for currency in currencies if currency != CURRENCY)

    def _note(self, currency: str) -> str:
        found = self.convert(Decimal(1), currency)
        if found is None:
            unknown = _unknown(currency, self.day)
            return (
                f"{unknown[0].upper()}{unknown[1:]}: such prices are not converted and come last."
            )
        return f"{ABOUT} stands for {currency} in US dollars {rate_words(found, currency)}."


NONE_NEEDED = Exchange(date.max)


def exchange(currencies: Iterable[str], *, on: date) -> Exchange:
    """The rates that prices in these currencies need. One query; none where all are in dollars."""
    foreign = tuple(sorted(set(currencies) - {CURRENCY}))
    if not foreign:
        return Exchange(on)
    needed = {*foreign, CURRENCY} - {EURO}
    return Exchange(on, foreign, rates_on(on, currencies=needed))


def kept_exchange(currencies: Iterable[str], *, edition: EditionLine, now: datetime) -> Exchange:
    """As `exchange`, on this day. One query the first time an edition needs these currencies."""
    foreign = tuple(sorted(set(currencies) - {CURRENCY}))
    known = _kept.get(dict, edition=edition, now=now)
    if foreign not in known:
        known[foreign] = exchange(foreign, on=now.date())
    return known[foreign]


def about(amount: Decimal) -> str:
    """`≈ $0.150`."""
    places = words.enough_places(amount, digits=_AMOUNT_DIGITS)
    return f"{ABOUT} {words.cost(amount, places, currency=CURRENCY)}"


def rate_words(found: Converted, currency: str) -> str:
    """`at 6.6529 CNY per USD, ECB, 30 Oct 2026`."""
    places = max(_RATE_DIGITS - 1 - found.rate.adjusted(), 0)
    rate = words.figure(round(found.rate, places))
    return f"at {rate} {currency} per {CURRENCY}, {found.by}, {words.short_day(found.day)}"


def _unknown(currency: str, day: date) -> str:
    return f"no exchange rate of {currency} is known for {words.short_day(day)} or before"


def currencies_of(cards: Iterable[Iterable[PriceRow]]) -> Iterator[str]:
    """The currencies in which anything has a price."""
    return (row.currency for card in cards for row in card if row.amount is not None)
