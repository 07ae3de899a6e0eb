"""Which row of the roll-ups: of what, by what way, over which hour or day."""

from datetime import UTC, datetime
from typing import NamedTuple

from ...choices import Inlet, Period


class Key(NamedTuple):
    """Which row, in the order in which rows are made and locked."""

    period: Period
    start: datetime
    endpoint_id: int
    inlet: Inlet
    region: str = ""
    app: str = ""

    @property
    def day(self) -> "Key":
        return self._replace(period=Period.DAY, start=self.start.replace(hour=0))


def hour_of(at_ms: int) -> datetime:
    """The full hour, UTC, that a Unix time in milliseconds lies in."""
    return datetime.fromtimestamp(at_ms // 3_600_000 * 3600, UTC)
