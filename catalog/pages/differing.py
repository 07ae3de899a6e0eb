"""How often sources state different input prices for the same endpoint, provider by provider."""

from collections import Counter
from dataclasses import dataclass

from django.urls import reverse

from catalog.pages.disagreement.asked import Asked
from catalog.pages.disagreement.index import DisputeIndex
from catalog.pages.links import Link, to_provider_named

PRICE_KEY = "price.input"
# Fewer prices than this say nothing about a provider.
LEAST = 4


@dataclass(frozen=True, slots=True)
class Differing:
    """One provider: endpoints whose input price two sources state, and of those without a reason
    for differing, which stand at `href`."""

    provider: Link
    both: int
    differ: int
    href: str

    @property
    def share(self) -> int:
        """Percent."""
        return round(100 * self.differ / self.both)


def by_provider(index: DisputeIndex) -> tuple[Differing, ...]:
    """Providers of which two sources state enough prices, most differing first."""
    unexplained = {
        (entry.place.provider, entry.case.subject)
        for entry in index.entries
        if entry.case.found.key == PRICE_KEY and not entry.case.found.explained
    }
    differ = Counter(provider for provider, _ in unexplained)
    found = [
        Differing(
            to_provider_named(provider, index.providers), both, differ[provider], _href(provider)
        )
        for (provider, key), both in index.disputes.shared.items()
        if key == PRICE_KEY and both >= LEAST
    ]
    return tuple(sorted(found, key=lambda d: (-d.differ / d.both, -d.both, d.provider.text)))


def _href(provider: str) -> str:
    asked = Asked(provider=(provider,), fact=(PRICE_KEY,))
    return f"{reverse('catalog:disagreements')}?{asked.query()}"
