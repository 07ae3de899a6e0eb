"""How often sources state different input prices for the same endpoint, provider by provider."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.pages.links import Link, to_provider_named
from catalog.pages.signs import Signs
from catalog.queries import home as queries
from providers.disagreement import Statement, disagreements
from providers.facts import Condition
from providers.queries import ClaimRow

PRICE_KEY = "price.input"
# Fewer prices than this say nothing about a provider.
LEAST = 4


@dataclass(frozen=True, slots=True)
class Differing:
    """One provider: endpoints whose input price two sources state, and of those without a reason
    for differing."""

    provider: Link
    both: int
    differ: int

    @property
    def share(self) -> int:
        """Percent."""
        return round(100 * self.differ / self.both)


def by_provider(claims: Mapping[int, Iterable[ClaimRow]], signs: Signs) -> tuple[Differing, ...]:
    """Providers of which two sources state enough prices, most differing first. One query."""
    providers = queries.providers_of_endpoints()
    names = {slug: name for slug, name in providers.values()}
    both: Counter[str] = Counter()
    differ: Counter[str] = Counter()
    for endpoint, rows in claims.items():
        slug, _ = providers.get(endpoint, ("", ""))
        stated = [_statement(row, slug, signs) for row in rows if row.key == PRICE_KEY]
        if not slug or len({statement.source for statement in stated}) < 2:
            continue
        both[slug] += 1
        differ[slug] += any(not d.explained for d in disagreements(stated, now=signs.now))
    found = [
        Differing(to_provider_named(slug, names), count, differ[slug])
        for slug, count in both.items()
        if count >= LEAST
    ]
    return tuple(sorted(found, key=lambda d: (-d.differ / d.both, -d.both, d.provider.text)))


def _statement(row: ClaimRow, provider: str, signs: Signs) -> Statement:
    source = signs.sources[row.source_id]
    confirmed: datetime = signs.confirmed(row.source_id, provider) or source.as_of or signs.now
    return Statement(
        claim=row.id,
        source=source.slug,
        key=row.key,
        condition=Condition.from_key(row.condition),
        value=row.value,
        stated=row.stated,
        as_of=confirmed,
    )
