"""Numbers as sources write them, with the slack their rounding leaves."""

import re
from dataclasses import dataclass
from decimal import Decimal

from .values import BadFact

_SUFFIX = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}
_SHORT_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*([KMB]?)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Precise:
    """A number as written, with the slack its rounding leaves: `16.38K` is 16380 ± 5."""

    value: Decimal
    slack: Decimal
    stated: str

    def covers(self, other: Decimal) -> bool:
        return abs(self.value - other) <= self.slack


def precise(stated: str) -> Precise:
    """Reads `16.38K`, `128.00K`, `0.275`; the last digit written bounds the rounding."""
    match = _SHORT_NUMBER.match(stated.strip())
    if not match:
        raise BadFact(f"{stated!r} is not a number; write it like 128000 or 16.38K")
    digits, suffix = match[1], _SUFFIX[match[2].upper()]
    places = len(digits.partition(".")[2])
    step = Decimal(suffix).scaleb(-places)
    return Precise(Decimal(digits) * suffix, step / 2 if suffix > 1 else Decimal(0), stated)
