"""The pricing desk: edits of prices, looked at before they are saved, and taken back after.

Edits become a draft, the draft a preview of exactly what would change, and saving it a change set.
"""

from .drafts import ChangedMeanwhile, Moved
from .preview import Amount, PriceChange, preview
from .saving import TakingBack, save, save_draft, taking_back, undo

__all__ = [
    "Amount",
    "ChangedMeanwhile",
    "Moved",
    "PriceChange",
    "TakingBack",
    "preview",
    "save",
    "save_draft",
    "taking_back",
    "undo",
]
