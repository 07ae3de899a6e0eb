"""The demo's market: three providers that do not exist, and how each of their models behaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tests.standin_provider import Behaviour, Fault

AUTHOR = "simulated"
KEY = "simulated-key"  # what the providers want to see


@dataclass(frozen=True, slots=True)
class Model:
    slug: str
    name: str
    context: int

    @property
    def path(self) -> str:
        return f"{AUTHOR}/{self.slug}"


@dataclass(frozen=True, slots=True)
class Sold:
    """One endpoint; prices are USD per million tokens. `falters`: what one probe in five meets."""

    provider: str
    model: Model
    protocol: str
    input: Decimal
    output: Decimal
    behaviour: Behaviour
    falters: Fault = Fault.NONE


PROVIDERS = {
    "simulated-north": "Simulated North",
    "simulated-south": "Simulated South",
    "simulated-west": "Simulated West",
}
SWIFT = Model("swift-1", "Simulated Swift 1", 131_072)
THINKER = Model("thinker-1", "Simulated Thinker 1", 262_144)

SOLD = (
    Sold(
        *("simulated-north", SWIFT, "openai-chat", Decimal("0.2"), Decimal("0.8")),
        Behaviour(ttft_ms=120, tokens_per_second=160, tokens=400),
    ),
    Sold(
        *("simulated-south", SWIFT, "openai-responses", Decimal("0.15"), Decimal("0.6")),
        Behaviour(ttft_ms=340, tokens_per_second=70, tokens=400),
        Fault.STATUS_503,
    ),
    Sold(
        *("simulated-west", SWIFT, "anthropic-messages", Decimal("0.25"), Decimal(1)),
        Behaviour(ttft_ms=210, tokens_per_second=110, tokens=400),
        Fault.STATUS_429,
    ),
    Sold(
        *("simulated-north", THINKER, "openai-chat", Decimal("1.1"), Decimal("4.4")),
        Behaviour(ttft_ms=150, tokens_per_second=120, tokens=400, reasoning_tokens=24),
    ),
    Sold(
        *("simulated-south", THINKER, "openai-responses", Decimal(1), Decimal(4)),
        Behaviour(ttft_ms=420, tokens_per_second=55, tokens=400, reasoning_tokens=16),
        Fault.BROKEN_STREAM,
    ),
)
# Ids that the server answers and no list names: the endpoint on a bad day.
FALTERING = "-faltering"


def behaviours(provider: str) -> Iterator[tuple[str, Behaviour]]:
    """By model id, as the provider's server wants them."""
    for one in SOLD:
        if one.provider == provider:
            yield one.model.path, one.behaviour
            yield one.model.path + FALTERING, Behaviour(fault=one.falters)
