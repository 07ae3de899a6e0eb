"""One prompt to several endpoints at once: streamed, timed and billed, and nothing kept but that.

What can be asked is what an operator planned: an endpoint with a probe plan, whether it is switched
on or not, is one whose address, key, protocol and id somebody here entered.
"""

from .allowance import Refused, Standing, standing
from .choosing import Choice, choices
from .sitting import MOST_AT_ONCE, MOST_PROMPT, OUTPUT_TOKENS, Billed, Done, Piece, Sitting, begin

__all__ = [
    "MOST_AT_ONCE",
    "MOST_PROMPT",
    "OUTPUT_TOKENS",
    "Billed",
    "Choice",
    "Done",
    "Piece",
    "Refused",
    "Sitting",
    "Standing",
    "begin",
    "choices",
    "standing",
]
