"""Claims: the only room that writes them.

A changed value ends one claim and begins the next; nothing is updated in place or deleted.
`recorder` writes what sources state, `editing` and `change_sets` what editors say.
"""

from .change_sets import Edit, editors, live, published, write
from .editing import answer, correct, drop
from .recorder import Recorder, forget_readings
from .report import Progress, Report, Shrunk, silent
from .subjects import ensure_endpoints, ensure_providers

__all__ = [
    "Edit",
    "Progress",
    "Recorder",
    "Report",
    "Shrunk",
    "answer",
    "correct",
    "drop",
    "editors",
    "ensure_endpoints",
    "ensure_providers",
    "forget_readings",
    "live",
    "published",
    "silent",
    "write",
]
