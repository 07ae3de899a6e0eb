"""What is disputed, and about what."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from ..disagreement import Disagreement


class Subject(NamedTuple):
    """What a statement is about: `endpoint` or `provider` by id, `model` by `author/slug`."""

    kind: str
    id: int | str

    def column(self) -> dict[str, Any]:
        """The column that names it, in claims and judgements."""
        return {"model" if self.kind == "model" else f"{self.kind}_id": self.id}


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
