"""Alerts: what an operator is told of without looking, and that it is over.

A minute's job looks at every rule (`watching`), opens and closes alerts, and hands on what nobody
was told of yet (`telling`). An alert is in the database before it is sent, so that none is lost
when the job is killed or the receiver is away; one may then come twice, under the same id.
"""

from datetime import timedelta

from .telling import NotTold, tell, test
from .watching import check, drop

JOB = "alerts"
# Less than the minute between two ticks, or every other tick would find it not yet due.
EVERY = timedelta(seconds=45)

__all__ = ["EVERY", "JOB", "NotTold", "check", "drop", "tell", "test"]
