"""Observations into hours and days, and what is too old out of the database.

The only writer of roll-ups. Any number of workers may fold at once: a delivery is counted by the
transaction that holds its row, and rows of roll-ups are added to under their locks.
"""

from .adding import add, tally_of
from .folding import fold, fold_all
from .keys import Key, hour_of
from .pruning import Pruned, prune
from .replacing import replace
from .turning import mark_changed, turn_edition

__all__ = [
    "Key",
    "Pruned",
    "add",
    "fold",
    "fold_all",
    "hour_of",
    "mark_changed",
    "prune",
    "replace",
    "tally_of",
    "turn_edition",
]
