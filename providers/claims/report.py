"""What a run tells of itself while it records and afterwards."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

Progress = Callable[[int, int, str], None]


def silent(done: int, total: int, what: str) -> None:
    """A progress that nobody watches."""


@dataclass(slots=True)
class Report:
    """What a run did, counted in claims."""

    added: int = 0
    changed: int = 0
    ended: int = 0
    unchanged: int = 0
    held: int = 0
    endpoints: int = 0
    refused: list[dict[str, str]] = field(default_factory=list)
    without_room: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Shrunk(Exception):
    """A complete snapshot lost so much that an editor must look at it first."""
