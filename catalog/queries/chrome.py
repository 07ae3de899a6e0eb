"""What the frame of every page reads."""

from dataclasses import dataclass
from datetime import datetime

from providers.models import Edition


@dataclass(frozen=True, slots=True)
class EditionLine:
    """Which edition of the almanac a page was printed from; `number` 0: nothing published yet."""

    number: int
    changed_at: datetime | None


def edition_line() -> EditionLine:
    """The edition now. One query of one row."""
    row = Edition.objects.filter(pk=1).values_list("number", "changed_at").first()
    return EditionLine(*row) if row else EditionLine(0, None)
