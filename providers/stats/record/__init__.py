"""Observations into the database: each once, whichever way and however often it comes.

The only writer of observations. What a batch amounts to is counted later, by rollup.py.
"""

from .choosing import first_known, hosts
from .points import record_points
from .recorder import Receipt, record

__all__ = ["Receipt", "first_known", "hosts", "record", "record_points"]
