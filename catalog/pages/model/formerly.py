"""Endpoints that nobody sells any more."""

from dataclasses import dataclass
from datetime import date

from catalog.pages.model.lines import route_name
from catalog.pages.model.reads import Reads


@dataclass(frozen=True, slots=True)
class FormerOffer:
    """`retired`: the day its provider withdrew it; `gone`: when the last source dropped it."""

    name: str
    native_id: str
    retired: date | None
    gone: date | None


def former_offers(reads: Reads) -> tuple[FormerOffer, ...]:
    """The latest to go first."""
    offers = [
        FormerOffer(
            route_name(sold.endpoint),
            sold.endpoint.native_id,
            sold.endpoint.retires_on if sold.endpoint.is_retired(on=reads.today) else None,
            sold.endpoint.gone_since.date() if sold.endpoint.gone_since else None,
        )
        for sold in reads.former()
    ]
    return tuple(sorted(offers, key=_went, reverse=True))


def _went(offer: FormerOffer) -> tuple[date, str]:
    return (offer.retired or offer.gone or date.min, offer.name)
