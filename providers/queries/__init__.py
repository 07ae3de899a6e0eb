"""Every read that others make of the market's claims and prices."""

from .claims import (
    ClaimRow,
    ClaimsAbout,
    claims_about,
    claims_of,
    claims_of_models,
    claims_of_providers,
    editor_source_id,
    first_stated,
    live_claims,
)
from .editions import Imprint, edition, edition_date, imprint, one_moment
from .prices import (
    PriceRow,
    book_prices_at,
    price_boundaries,
    price_changes_ahead,
    prices_at,
    prices_until,
)
from .source_rows import SourceRow, is_old, sources

__all__ = [
    "ClaimRow",
    "ClaimsAbout",
    "Imprint",
    "PriceRow",
    "SourceRow",
    "book_prices_at",
    "claims_about",
    "claims_of",
    "claims_of_models",
    "claims_of_providers",
    "edition",
    "edition_date",
    "editor_source_id",
    "first_stated",
    "imprint",
    "is_old",
    "live_claims",
    "one_moment",
    "price_boundaries",
    "price_changes_ahead",
    "prices_at",
    "prices_until",
    "sources",
]
