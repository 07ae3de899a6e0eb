"""Which price applies, and what a request costs: pure, exact, the only place that does either."""

from .bill import EXACT, Bill, Line, Unbilled, price_at
from .rules import P, Priced, Request, holds, list_price, rule_for
from .usage import Measure, Usage

__all__ = [
    "EXACT",
    "Bill",
    "Line",
    "Measure",
    "P",
    "Priced",
    "Request",
    "Unbilled",
    "Usage",
    "holds",
    "list_price",
    "price_at",
    "rule_for",
]
