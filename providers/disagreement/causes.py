"""Why sources differ, as far as it can be told from what they say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """`name` as notes print it; `meaning`: the rule behind it, for people."""

    name: str
    meaning: str


OLDER = "older copy"
ROUNDED = "rounded"
CONDITIONS = "other conditions"
MOVED = "name moved"
UNIT = "unit slip"
KILO = "1,000 or 1,024"
ONE_APART = "one apart"
CONTEXT = "context given as output"
THRESHOLD = "price threshold given as context"
CURRENCY = "another currency?"
SURCHARGE = "one factor on all prices"
SETTLED = "settled by an editor"
BOTH_RIGHT = "both right, says an editor"

# In the order in which they are looked for.
CAUSES = (
    Cause(SETTLED, "an editor of this site looked it up and states the value with a reason"),
    Cause(BOTH_RIGHT, "an editor of this site judged that each side is right in its own way"),
    Cause(ROUNDED, "one value is the other, written with fewer digits"),
    Cause(CONDITIONS, "one price is what the other source charges at peak, on a tier, in a region"),
    Cause(UNIT, "the values lie 10³ or 10⁶ apart, within 1 %: a slip of the unit"),
    Cause(KILO, "the same figure, counted in thousands by one and in 1,024s by the other"),
    Cause(ONE_APART, "limits that differ by one: the last one allowed, or the first one refused"),
    Cause(CONTEXT, "one source gives its whole context as the longest answer"),
    Cause(THRESHOLD, "one source gives as context the input from which prices rise"),
    Cause(MOVED, "the id is a rolling name, or the sources say that it serves different models"),
    Cause(OLDER, "all but the newest side were last confirmed over 30 days before it"),
    Cause(CURRENCY, "the two sources lie one inexact factor apart on most prices of the provider"),
    Cause(SURCHARGE, "the two sources lie one exact factor apart on most prices of the provider"),
)
