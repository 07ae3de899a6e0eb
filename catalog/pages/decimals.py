"""Decimals of a column stand on one point: how many figures each amount lacks at its right."""

from collections.abc import Iterable
from decimal import Decimal

LEAST_PLACES = 2
MOST_PADDING = 5  # the style sheet has k1 to k5; longer amounts stand out to the right


def places(amount: Decimal) -> int:
    """Decimals as drawn: the stated ones, at least two."""
    exponent = amount.normalize().as_tuple().exponent
    return max(LEAST_PLACES, -exponent if isinstance(exponent, int) else 0)


def pads(amounts: Iterable[Decimal | None]) -> list[int]:
    """For each amount of one column, how many places it lacks against the longest.

    None is a word or a sign in place of an amount; it ends where a two-place amount does.
    """
    drawn = [LEAST_PLACES if amount is None else places(amount) for amount in amounts]
    width = min(max(drawn, default=LEAST_PLACES), LEAST_PLACES + MOST_PADDING)
    return [max(width - own, 0) for own in drawn]
