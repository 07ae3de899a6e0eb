"""Which prices wait for an editor: outside sane bounds per unit, or a hundredfold jump."""

import json
from decimal import Decimal

from .choices import HeldKind, Unit
from .ledger import PRICE

# Least and most that a unit has credibly cost, in US dollars; other currencies are cheaper a unit
# by up to three orders of magnitude (yen, won), hence the slack above.
BOUNDS: dict[str, tuple[Decimal, Decimal]] = {
    Unit.MILLION_TOKENS: (Decimal("0.0001"), Decimal(3000)),
    Unit.MILLION_CHARACTERS: (Decimal("0.001"), Decimal(3000)),
    Unit.THOUSAND_REQUESTS: (Decimal("0.0001"), Decimal(5000)),
    Unit.REQUEST: (Decimal("0.0000001"), Decimal(100)),
    Unit.IMAGE: (Decimal("0.000001"), Decimal(50)),
    Unit.MEGAPIXEL: (Decimal("0.00001"), Decimal(100)),
    Unit.HOUR: (Decimal("0.0001"), Decimal(10_000)),
    Unit.PAGE: (Decimal("0.000001"), Decimal(50)),
}
JUMP = 100

Doubt = tuple[HeldKind, str]


def doubt(key: str, value: str, before: str | None) -> Doubt | None:
    """Why a price should wait, or None. Values are the canonical texts of claims."""
    if not key.startswith(PRICE):
        return None
    price = json.loads(value)
    if "amount" not in price:
        return None
    amount = Decimal(price["amount"])
    bounds = BOUNDS.get(price["unit"])
    if bounds and price["currency"] == "USD" and not bounds[0] <= amount <= bounds[1]:
        return HeldKind.BOUNDS, (
            f"{amount} USD per {price['unit']} lies outside {bounds[0]} to {bounds[1]}"
        )
    return _jump(price, json.loads(before)) if before and before != value else None


def _jump(price: dict[str, str], old: dict[str, str]) -> Doubt | None:
    if "amount" not in old or (old["unit"], old["currency"]) != (price["unit"], price["currency"]):
        return None
    was, now = Decimal(old["amount"]), Decimal(price["amount"])
    if max(was, now) < JUMP * min(was, now):
        return None
    return HeldKind.JUMP, f"from {was} to {now} {price['currency']} per {price['unit']}"
