"""PostgreSQL restarts under the whole site, again and again; the processes stay and go on."""

import os
import threading
import time
from pathlib import Path

import pytest

from .cluster import cluster, free_port, is_installed
from .crew import KILLS, chance, crew_of
from .doors import BATCH, EVENTS
from .test_jobs import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.once]


def test_nothing_is_lost_or_doubled_and_due_work_resumes(tmp_path: Path) -> None:
    if not is_installed():
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up("no PostgreSQL to start a cluster of its own with")
    rng, port, done = chance("postgres"), free_port(), 0
    with (
        cluster(free_port()) as server,
        crew_of(tmp_path, DATABASE_URL=server.url) as crew,
    ):
        token = crew.call("ledger.prepare")
        site = [
            crew.start("web", port=port),
            crew.start("worker"),
            crew.start("beat", every=0.1),
        ]
        wait_until(lambda: EVENTS.takes(port, token, 0))
        for _ in range(KILLS):
            restart = threading.Timer(rng.uniform(0.01, 0.3), server.restart)
            restart.start()
            while restart.is_alive():
                done += EVENTS.takes(port, token, done)
        # What got no answer is sent again; it may have been kept or not.
        wait_until(lambda: EVENTS.takes(port, token, done))
        last = time.time()
        wait_until(lambda: crew.call("ledger.last_finished") > last)
        wait_until(lambda: crew.call("ledger.totals")["uncounted"] == 0)
        expected = (done + 1) * BATCH
        counted = {"raw": expected, "hour": expected, "day": expected, "uncounted": 0}
        assert crew.call("ledger.totals") == counted
        assert all(map(crew.is_alive, site))
