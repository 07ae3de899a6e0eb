"""Short ways into a snapshot of one offer, and to prices as numbers."""

from decimal import Decimal

from providers.facts import ANY, Condition, Offer, Snapshot


def only(snapshot: Snapshot) -> Offer:
    assert len(snapshot.offers) == 1
    return snapshot.offers[0]


def prices(offer: Offer, condition: Condition = ANY) -> dict[str, Decimal | None]:
    """Amounts by component, of the prices under exactly this condition."""
    return {
        str(price.component): price.amount for price in offer.prices if price.condition == condition
    }
