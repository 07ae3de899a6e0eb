"""What a probe costs, by the bill of `price_at` and nothing else. Pure.

The contract book is asked first: it is what we pay.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_UP, Decimal

from ..choices import Book
from ..pricing import EXACT, Bill, P, Usage, price_at
from ..stats.dialects import Told

_SMALLEST = Decimal("1e-9")  # of the currency; budgets count no less


class Unpriced(Exception):
    """No bill can be made out; the message says why."""


def at_most(
    prices: Iterable[P],
    *,
    when: datetime,
    input_tokens: int,
    output_tokens: int,
    currency: str,
    book: str = Book.CONTRACT.value,
) -> Decimal:
    """The dearest that so many tokens can be: all of the answer may be reasoning."""
    card = tuple(prices)
    answers = (
        Usage(input_tokens=input_tokens, output_tokens=output_tokens),
        Usage(input_tokens=input_tokens, reasoning_tokens=output_tokens),
    )
    return max(total(bill(card, when, usage, book), currency) for usage in answers)


def actual(prices: Iterable[P], *, when: datetime, told: Told, currency: str) -> Decimal | None:
    """What the provider's own count of tokens comes to; None when it told too little."""
    usage = usage_of(told)
    if usage is None:
        return None
    try:
        return total(bill(tuple(prices), when, usage), currency)
    except Unpriced:
        return None


def usage_of(told: Told) -> Usage | None:
    """Totals as providers count them, taken apart; None when it told too little."""
    if told.input_tokens is None or told.output_tokens is None:
        return None
    cached, written = told.cached_tokens or 0, told.cache_written_tokens or 0
    thought = told.reasoning_tokens or 0
    return Usage(
        input_tokens=max(0, told.input_tokens - cached - written),
        cache_read_tokens=cached,
        cache_write_tokens=written,
        output_tokens=max(0, told.output_tokens - thought),
        reasoning_tokens=thought,
    )


def bill(
    card: tuple[P, ...], when: datetime, usage: Usage, book: str = Book.CONTRACT.value
) -> Bill[P]:
    return price_at(card, when=when, usage=usage, book=book)


def total(made_out: Bill[P], currency: str) -> Decimal:
    """The sum of a bill that is complete and in that currency; else `Unpriced`."""
    if made_out.refused:
        said = "; ".join(f"{one.component}: {one.reason}" for one in made_out.refused)
        raise Unpriced(f"its price is not known ({said})")
    foreign = {name for name, sum_ in made_out.totals.items() if sum_ and name != currency}
    if foreign:
        raise Unpriced(
            f"it is priced in {', '.join(sorted(foreign))}, the allowance is in {currency}"
        )
    return made_out.totals.get(currency, Decimal(0)).quantize(
        _SMALLEST, rounding=ROUND_UP, context=EXACT
    )
