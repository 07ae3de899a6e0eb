"""One more duty, for tests that kill a worker in the middle of it.

`celery --app config.celery worker --include tests.faults.slow`. The duty `nap` writes a line into
the file NAPS each time it begins. The first one sleeps until it is killed, later ones return at
once.
"""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

from providers import work
from providers.models import Job


def nap(job: Job, now: datetime, tell: work.Teller) -> str:
    naps = Path(os.environ["NAPS"])
    is_first = not naps.exists()
    with naps.open("a") as lines:
        lines.write(f"{os.getpid()}\n")
    tell(1, 2, "napping")
    if is_first:
        time.sleep(300)
    return "rested"


work.DUTIES["nap"] = work.Duty(
    run=nap, every=lambda job: timedelta(hours=1), fallback=lambda job: "tired"
)
