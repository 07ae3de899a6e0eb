"""Which price applies, and what a request costs: pure, exact, the only place that does either."""

from .bill import EXACT, Bill, Line, Unbilled, price_at
from .books import in_book
from .rules import P, Priced, Request, holds, list_price, rule_for
from .usage import Measure, Usage
from .week import Ask, Week, fixed_offset, minute_of_week, week_of

__all__ = [
    "EXACT",
    "Ask",
    "Bill",
    "Line",
    "Measure",
    "P",
    "Priced",
    "Request",
    "Unbilled",
    "Usage",
    "Week",
    "fixed_offset",
    "holds",
    "in_book",
    "list_price",
    "minute_of_week",
    "price_at",
    "rule_for",
    "week_of",
]
