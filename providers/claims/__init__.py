"""Claims: the only room that writes them.

A changed value ends one claim and begins the next; nothing is updated in place or deleted.
`recorder` writes what sources state, `editing` what editors say.
"""

from .editing import answer, correct, drop, editors
from .recorder import forget_readings, record
from .report import Progress, Report, Shrunk, silent
from .subjects import ensure_endpoints, ensure_providers

__all__ = [
    "Progress",
    "Report",
    "Shrunk",
    "answer",
    "correct",
    "drop",
    "editors",
    "ensure_endpoints",
    "ensure_providers",
    "forget_readings",
    "record",
    "silent",
]
