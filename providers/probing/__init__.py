"""Probes as plans say: which endpoint, with which key, how often, for how much money.

Nothing runs unless an operator entered a key, a plan and an allowance.
"""

from .plans import JOB, every, keep_jobs, prepare, secret_of
from .refusals import NotNow, Refused
from .running import HighestCost, highest_cost, run

__all__ = [
    "JOB",
    "HighestCost",
    "NotNow",
    "Refused",
    "every",
    "highest_cost",
    "keep_jobs",
    "prepare",
    "run",
    "secret_of",
]
