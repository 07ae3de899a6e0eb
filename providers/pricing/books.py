"""Price books: a contract or house book lies over the public list. Pure.

A price of the book takes the place of the public price in its slot, and of every public price of
that component under a narrower condition: who pays 2.00 by contract pays that above 200,000 tokens
too, whatever the list charges there, until the contract says otherwise. All else stays as the list
has it, so one contract price for batches leaves the standard tier its public price. Never another
book: what the house book leaves out is public, not contract.
"""

from collections.abc import Iterable

from ..choices import Book, State
from .rules import P


def in_book(prices: Iterable[P], book: str) -> tuple[P, ...]:
    """The prices that hold for a book, of prices of any; those of a third are left out."""
    card = tuple(prices)
    public = tuple(price for price in card if price.book == Book.PUBLIC)
    if book == Book.PUBLIC:
        return public
    own = tuple(price for price in card if price.book == book and price.state != State.UNKNOWN)
    return own + tuple(price for price in public if not _is_replaced(price, own))


def _is_replaced(price: P, by: Iterable[P]) -> bool:
    return any(
        one.component == price.component and price.condition.is_within(one.condition) for one in by
    )
