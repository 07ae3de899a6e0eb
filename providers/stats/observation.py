"""One measured request, as every inlet hands it in; what is refused, and why."""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from ..choices import Outcome
from ..facts import MAX_ID, MAX_SLUG

AHEAD = timedelta(minutes=5)  # clocks differ
BEHIND = timedelta(days=8)
DIGESTS_KEPT = BEHIND + timedelta(days=1)  # of event ids: one that comes again is known
MAX_MS = 24 * 3600 * 1000.0
MAX_TOKENS = 10**9
MAX_COST = Decimal(10_000)  # USD, of one request
MAX_EVENT_ID = 200
MAX_APP = 100
MAX_REGION = 60
LONGEST = (
    ("id", MAX_EVENT_ID),
    ("provider", MAX_SLUG),
    ("model", MAX_ID),
    ("operation", MAX_SLUG),
    ("upstream", MAX_SLUG),
    ("app", MAX_APP),
    ("region", MAX_REGION),
)
TOKENS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
# Shorter than so, everything after the first token came in one piece, and its rate means nothing.
MIN_STREAM_MS = 1.0


class Observation(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """A request that somebody made and timed. Unknown is None, never 0.

    The endpoint is named by its number, or by the provider's slug and the id that the provider
    gives the model; operation and upstream only where that says too little.
    """

    id: str  # unique for its sender; one that comes again is not counted again
    at: datetime  # when the request was sent
    outcome: Outcome
    endpoint: int | None = None
    provider: str = ""
    model: str = ""
    operation: str = ""
    upstream: str = ""
    ttft_ms: float | None = None  # from sending the request to the first content token
    latency_ms: float | None = None  # whole request
    input_tokens: int | None = None  # with those that were read from a cache
    output_tokens: int | None = None  # with those that were spent on reasoning
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: Decimal | None = None  # USD
    app: str = ""
    region: str = ""  # where it was measured from

    @property
    def throughput(self) -> float | None:
        """Output tokens after the first, per second after the first; None when not known.

        Reasoning comes before the first content token, so it is none of them.
        """
        if self.output_tokens is None:
            return None
        visible = self.output_tokens - (self.reasoning_tokens or 0)
        return throughput(self.ttft_ms, self.latency_ms, visible)

    @property
    def name(self) -> tuple[str, str, str, str]:
        return self.provider, self.model, self.operation, self.upstream


def throughput(
    ttft_ms: float | None, latency_ms: float | None, output_tokens: int | None
) -> float | None:
    """Tokens per second after the first token; None when one of the three is not known."""
    if ttft_ms is None or latency_ms is None or output_tokens is None or output_tokens < 2:
        return None
    stream_ms = latency_ms - ttft_ms
    return (output_tokens - 1) * 1000 / stream_ms if stream_ms >= MIN_STREAM_MS else None


def outcome_of(status: int | None) -> Outcome:
    """What an HTTP status amounts to; None: no answer came, or it broke off.

    408 is a time-out of the server's, whatever its number says.
    """
    if status is None or status >= 500 or status == 408:
        return Outcome.PROVIDER_ERROR
    if status == 429:
        return Outcome.RATE_LIMITED
    return Outcome.CALLER_ERROR if status >= 400 else Outcome.OK


def fault(one: Observation, now: datetime) -> str | None:
    """Why it is refused, with what to write instead; None when it is sound."""
    return (
        _text_fault(one)
        or _time_fault(one.at, now)
        or _duration_fault(one)
        or _token_fault(one)
        or _cost_fault(one.cost)
    )


def _text_fault(one: Observation) -> str | None:
    if not one.id:
        return "id is empty; give each event one of its own, so that a replay is not counted twice"
    if one.endpoint is None and not (one.provider and one.model):
        return "provider and model are missing; name the provider's slug and its id of the model"
    for name, longest in LONGEST:
        text = getattr(one, name)
        if text and (len(text) > longest or not text.isprintable()):
            if len(text) > longest:
                return f"{name} is longer than {longest} characters"
            return f"{name} holds characters that cannot be printed"
    return None


def _time_fault(at: datetime, now: datetime) -> str | None:
    if at.tzinfo is None:
        return f"at is {at.isoformat()} without an offset; write it like 2026-11-20T08:30:00Z"
    if -AHEAD <= now - at <= BEHIND:
        return None
    if at > now:
        return f"at is {at.isoformat()}, more than 5 minutes ahead; set the sender's clock"
    return f"at is {at.isoformat()}, more than 8 days ago; that is no longer taken"


def _duration_fault(one: Observation) -> str | None:
    ttft, latency = one.ttft_ms, one.latency_ms
    if ttft is not None and not 0 <= ttft <= MAX_MS:  # NaN neither
        return f"ttft_ms is {ttft}; write milliseconds from 0 to {MAX_MS:.0f} or nothing"
    if latency is not None and not 0 <= latency <= MAX_MS:
        return f"latency_ms is {latency}; write milliseconds from 0 to {MAX_MS:.0f} or nothing"
    if ttft is not None and latency is not None and ttft > latency:
        return "ttft_ms is more than latency_ms, which is the whole request"
    return None


def _token_fault(one: Observation) -> str | None:
    for name in TOKENS:
        tokens = getattr(one, name)
        if tokens is not None and not 0 <= tokens <= MAX_TOKENS:
            return f"{name} is {tokens}; write a count from 0 to {MAX_TOKENS}, or leave it out"
    if one.cached_tokens and one.input_tokens is not None and one.cached_tokens > one.input_tokens:
        return "cached_tokens is more than input_tokens, which counts the cached ones too"
    return None


def _cost_fault(cost: Decimal | None) -> str | None:
    if cost is None or (cost.is_finite() and 0 <= cost <= MAX_COST):
        return None
    return f"cost is {cost}; write USD from 0 to {MAX_COST}, or leave it out"
