"""How often a provider is the cheapest for what it sells: pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

RULE = (
    "Share of the models that a provider and at least one other sell at a confirmed standard "
    "input price, in US dollars per 1M tokens, at which its price is the lowest; ties count for "
    "each. Free, plan and unconfirmed prices take no part."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A provider's price for a model."""

    provider: int
    model: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """Cheapest for `lowest` of the `n` models that it and another provider sell."""

    lowest: int = 0
    n: int = 0

    @property
    def percent(self) -> Decimal | None:
        return Decimal(100 * self.lowest) / self.n if self.n else None

    @property
    def rounded(self) -> int | None:
        return None if self.percent is None else round(self.percent)


def shares(asked: Iterable[Asked]) -> dict[int, Share]:
    """Provider → how often it is the cheapest; providers without a rival anywhere are left out."""
    by_model: defaultdict[int, dict[int, Decimal]] = defaultdict(dict)
    for price in asked:
        own = by_model[price.model].get(price.provider)
        by_model[price.model][price.provider] = min(own or price.amount, price.amount)
    lowest: defaultdict[int, int] = defaultdict(int)
    n: defaultdict[int, int] = defaultdict(int)
    for rivals in by_model.values():
        if len(rivals) < 2:
            continue
        least = min(rivals.values())
        for provider, amount in rivals.items():
            n[provider] += 1
            lowest[provider] += amount == least
    return {provider: Share(lowest[provider], n[provider]) for provider in n}
