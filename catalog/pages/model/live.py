"""What was measured of a model in the last day, in short, for its page: in one way of measuring."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.pages.performance import figures
from catalog.pages.performance.asked import first_of
from catalog.queries import statistics
from catalog.queries.model import Sold
from providers.stats.definitions import WAYS
from providers.stats.tally import Tally


@dataclass(frozen=True, slots=True)
class Live:
    """The figures of one inlet over 24 hours, by endpoint. `ever`: anything, at any time."""

    ever: bool = False
    way: str = ""  # "our probes"; empty: nothing in that time
    tallies: Mapping[int, Tally] | None = None

    @property
    def n(self) -> int:
        return sum(tally.requests for tally in (self.tallies or {}).values())

    @property
    def endpoints(self) -> int:
        return len(self.tallies or {})

    def of(self, endpoint_id: int) -> Tally | None:
        return (self.tallies or {}).get(endpoint_id)

    def figure(self, endpoint_id: int, metric: str) -> Decimal | None:
        """Uptime in percent, or the median of a metric; None: not measured, or too little."""
        tally = self.of(endpoint_id)
        if tally is None:
            return None
        if metric == "uptime":
            return figures.uptime(tally)
        return figures.middle(getattr(tally, metric))


NEVER = Live()


def live(sold: Iterable[Sold], *, now: datetime) -> Live:
    """One query where any of them was ever measured, else none."""
    ids = [one.endpoint.pk for one in sold if one.is_measured]
    if not ids:
        return NEVER
    found = statistics.of_last_day(ids, now=now)
    counted = Counter(inlet for by in found.values() for inlet in by)
    inlet = first_of(counted)
    if not inlet:
        return Live(ever=True)
    way = next(way.label for by, way in WAYS.items() if by == inlet)
    return Live(True, way, {pk: by[inlet] for pk, by in found.items() if inlet in by})
