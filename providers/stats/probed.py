"""What a probe asks, within which bounds, and what it measured."""

from dataclasses import dataclass, field

from ..addresses import Network
from ..choices import Outcome
from .dialects import Told


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked. `base`: root of the API; `header`: see dialects.headers."""

    base: str
    protocol: str
    model: str
    output_tokens: int
    header: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one probe, connecting included."""

    seconds: float = 60.0
    max_bytes: int = 4 * 2**20
    max_line: int = 2**20


@dataclass(frozen=True, slots=True)
class Door:
    """By which way out: private networks that may be called, a proxy or none."""

    allowed: tuple[Network, ...] = ()
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Probed:
    """What one probe measured. Times are milliseconds from sending the request; None: not known.

    `outcome` None: it says nothing of the provider, the request never went out to it.
    """

    outcome: Outcome | None
    reason: str = ""  # what went wrong; never a word of the answer's, which may repeat the key
    status: int | None = None
    is_connected: bool = False  # the provider's machine was there
    is_sent: bool = False  # it may have been billed
    retry_after: float = 0.0  # seconds
    sent_at: float | None = None  # on the clock of time.monotonic
    connect_ms: float | None = None  # name, TCP and TLS; in no other figure
    ttft_ms: float | None = None  # first token of the answer; those of reasoning come before it
    latency_ms: float | None = None  # last token of the answer, or when it failed
    stream_ms: float | None = None  # from the first token of any kind to the last
    streamed: int = 0  # events that brought tokens
    told: Told = field(default_factory=Told)

    @property
    def is_counted(self) -> bool:
        """Whether the provider told no usage, so that each event counts as a token."""
        return self.told.output_tokens is None

    @property
    def output_tokens(self) -> int | None:
        """By the provider's word, else counted; None: there were none."""
        return self.streamed or None if self.is_counted else self.told.output_tokens
