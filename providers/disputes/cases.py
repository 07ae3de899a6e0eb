"""What is disputed, and about what."""

from dataclasses import dataclass

from ..disagreement import Disagreement
from ..models import Subject


@dataclass(frozen=True, slots=True)
class Case:
    """One difference about one subject. `provider`: whose confirmations date its sources; empty
    of a model at large. `snoozed`: an editor will look when a source changes its word."""

    subject: Subject
    provider: str
    found: Disagreement
    snoozed: bool = False

    def waits(self) -> bool:
        """Whether it stands in the editors' queue."""
        return not self.found.explained and not self.snoozed
