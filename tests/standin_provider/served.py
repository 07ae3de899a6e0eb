"""What the stand-in was asked, and when it answered."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Served:
    """One request. Times are seconds of `time.monotonic`."""

    method: str
    path: str
    headers: Mapping[str, str]  # names in small letters
    body: Any
    received_at: float  # when its last byte was there
    # One entry a token, the moment its chunk was handed to the system.
    tokens_at: list[float] = field(default_factory=list)
    # Of them, those that are no reasoning.
    content_at: list[float] = field(default_factory=list)
    ended_at: float | None = None

    @property
    def model(self) -> str:
        return str(self.body.get("model", "")) if isinstance(self.body, dict) else ""

    @property
    def ttft_ms(self) -> float:
        """What really passed before the first token of the answer left."""
        return (self.content_at[0] - self.received_at) * 1000

    @property
    def tokens_per_second(self) -> float:
        """After the first token of any kind."""
        return (len(self.tokens_at) - 1) / (self.tokens_at[-1] - self.tokens_at[0])

    def json(self) -> dict[str, Any]:
        return asdict(self)
