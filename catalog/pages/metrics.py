"""What the measured figures mean: the definitions that the counting code goes by."""

from dataclasses import dataclass

from providers.stats import definitions
from providers.stats.definitions import Definition, Elsewhere, Way


@dataclass(frozen=True, slots=True)
class MetricsPage:
    outcomes: tuple[Definition, ...]
    metrics: tuple[Definition, ...]
    rules: tuple[Definition, ...]
    ways: tuple[Way, ...]
    others: tuple[Elsewhere, ...]


def build() -> MetricsPage:
    """No query: all of it stands in the code."""
    return MetricsPage(
        outcomes=tuple(definitions.OUTCOMES.values()),
        metrics=definitions.METRICS,
        rules=definitions.RULES,
        ways=tuple(definitions.WAYS.values()),
        others=definitions.OTHERS,
    )
