"""Refreshes in processes of their own that are killed where they are told.

`python -m tests.faults.mortal` reads orders from standard input, one a line, as JSON:
`{"slugs": [...], "now": "...", "kill_at": 17}`. For each it forks a process that refreshes and, at
that statement to the database, sends itself what `kill -9` sends; 0 lets it end. It answers with a
line: {"signal": 9, "statements": 17}. Forking spares twenty starts of Python and Django.
"""

import json
import os
import signal
import sys
from datetime import datetime
from typing import Any

import django

django.setup()  # before what follows: it imports models

from django.db import connection  # noqa: E402

from providers import publish, refresh  # noqa: E402
from providers.claims import recorder  # noqa: E402

# A small market in many transactions, as the real one is.
recorder.CHUNK = publish.CHUNK = 10


class Countdown:
    """Counts statements and kills its process at one of them: before it is sent, or after."""

    def __init__(self, kill_at: int) -> None:
        self.kill_at = kill_at
        self.statements = 0

    def __call__(self, execute: Any, *query: Any) -> Any:
        self.statements += 1
        is_last = self.statements == self.kill_at
        if is_last and self.kill_at % 2:
            self.die()
        answer = execute(*query)
        if is_last:
            self.die()
        return answer

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


def carry_out(order: dict[str, Any]) -> int:
    """Statements of a refresh that was let live."""
    countdown = Countdown(order["kill_at"])
    with connection.execute_wrapper(countdown):
        runs = refresh.run(order["slugs"], now=datetime.fromisoformat(order["now"]))
    if errors := [run.error for run in runs.values() if run.error]:
        raise RuntimeError("; ".join(errors))
    return countdown.statements


def in_a_process(order: dict[str, Any]) -> dict[str, int]:
    """What became of it. This process has no connection to hand down."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writing, str(carry_out(order)).encode())
            connection.close()
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    said = os.read(reading, 100)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status), "statements": order["kill_at"]}
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError("the refresh failed by itself")
    return {"signal": 0, "statements": int(said)}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(in_a_process(json.loads(line))), flush=True)
