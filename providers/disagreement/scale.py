"""Two sources one factor apart on a whole provider: another currency, or a surcharge.

Seen only over many prices at once. OVHcloud bills in euros; where one source writes the euro
figures down as dollars, all its prices stand in the day's rate to those of another.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from .causes import CURRENCY, SURCHARGE
from .prices import slack
from .statements import Disagreement

LEAST_PRICES = 5  # that tell the factor sharply
LEAST_SUBJECTS = 3  # a card of three components multiplied once is one coincidence, not three
LEAST_SHARE = Decimal("0.75")  # of the prices on which the two differ
_PLACES = 6  # of a measured factor; far finer than any price tells it
# A price of few digits fits nearly every factor: `0.1` against `0.11` says 1.00 to 1.21.
SHARP = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Factor:
    """`dear` states `factor` times what `cheap` states, over most prices of one provider."""

    cheap: str
    dear: str
    factor: Decimal
    exact: bool  # to the last digit, as no exchange rate would be after rounding

    @property
    def cause(self) -> str:
        return SURCHARGE if self.exact else CURRENCY

    def as_json(self) -> dict[str, Any]:
        return {
            "cheap": self.cheap,
            "dear": self.dear,
            "factor": f"{self.factor:f}",
            "exact": self.exact,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Factor":
        return cls(stored["cheap"], stored["dear"], Decimal(stored["factor"]), stored["exact"])


@dataclass(frozen=True, slots=True)
class _Pair:
    """One price of two sources: the factors between them that rounding leaves possible."""

    subject: Hashable
    ratio: Decimal
    least: Decimal
    most: Decimal

    def fits(self, factor: Decimal) -> bool:
        return self.least <= factor <= self.most

    def is_sharp(self) -> bool:
        return self.most - self.least <= SHARP * self.ratio


def factors(found: Iterable[tuple[Hashable, Disagreement]]) -> tuple[Factor, ...]:
    """The factors that hold at one provider, from all disagreements about it."""
    pairs: dict[tuple[str, str], list[_Pair]] = {}
    for subject, one in found:
        # Beyond a threshold or at peak a factor is that condition's, which one of them leaves out.
        for cheap, dear, pair in _pairs(subject, one) if one.condition.is_plain() else ():
            pairs.setdefault((cheap, dear), []).append(pair)
    # Two sources that differ both ways have the differences both ways to account for.
    against = {between: len(pairs.get((between[1], between[0]), ())) for between in pairs}
    return tuple(
        factor
        for between, some in sorted(pairs.items())
        if (factor := _factor(*between, some, len(some) + against[between]))
    )


def _pairs(subject: Hashable, one: Disagreement) -> Iterator[tuple[str, str, _Pair]]:
    if not one.is_price:
        return
    for side, other in combinations(one.sides, 2):
        low, high = sorted((side, other), key=lambda s: s.number() or Decimal(0))
        a, b = low.number(), high.number()
        if not a or not b:
            continue
        pair = _pair(subject, a, b)
        for cheap in low.sources():
            for dear in high.sources():
                yield cheap, dear, pair


def _pair(subject: Hashable, a: Decimal, b: Decimal) -> _Pair:
    return _Pair(subject, b / a, (b - slack(b)) / (a + slack(a)), (b + slack(b)) / (a - slack(a)))


def _factor(cheap: str, dear: str, pairs: Sequence[_Pair], differing: int) -> Factor | None:
    sharp = [pair for pair in pairs if pair.is_sharp()]
    if len(sharp) < LEAST_PRICES:
        return None
    best = max((pair.least for pair in sharp), key=lambda at: sum(p.fits(at) for p in sharp))
    fitting = [pair for pair in sharp if pair.fits(best)]
    factor = _middle(fitting)
    enough = (
        len(fitting) >= LEAST_PRICES
        and len({pair.subject for pair in fitting}) >= LEAST_SUBJECTS
        and sum(pair.fits(factor) for pair in pairs) >= LEAST_SHARE * differing
    )
    if not enough:
        return None
    exact = {pair.ratio for pair in fitting}
    if len(exact) == 1:
        return Factor(cheap, dear, exact.pop(), exact=True)
    return Factor(cheap, dear, round(factor, _PLACES), exact=False)


def _middle(pairs: Sequence[_Pair]) -> Decimal:
    """The middle of the factors that all of them leave possible."""
    return (max(pair.least for pair in pairs) + min(pair.most for pair in pairs)) / 2


def cause(one: Disagreement, known: Iterable[Factor]) -> str:
    """The factor's cause where it accounts for a difference between two prices."""
    if len(one.sides) != 2:
        return ""
    here = {(cheap, dear): pair for cheap, dear, pair in _pairs(None, one)}
    for factor in known:
        pair = here.get((factor.cheap, factor.dear))
        if pair and pair.fits(factor.factor):
            return factor.cause
    return ""
