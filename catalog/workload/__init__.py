"""What a reader asks of a model each month, and what that costs: pure."""

from .ask import CHARACTERS_PER_TOKEN, KINDS, PRESETS, TOKENS_PER_PICTURE, Preset, Workload
from .cost import Cost, Share, cost

__all__ = [
    "CHARACTERS_PER_TOKEN",
    "KINDS",
    "PRESETS",
    "TOKENS_PER_PICTURE",
    "Cost",
    "Preset",
    "Share",
    "Workload",
    "cost",
]
