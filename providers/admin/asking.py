"""An editor's wish to have work done now."""

from datetime import UTC, datetime

import structlog
from kombu.exceptions import OperationalError

from .. import jobs, tasks

log = structlog.get_logger(__name__)


def refresh_now(slug: str) -> None:
    """Makes the source's job due and rings a worker, which else would wait for the next tick."""
    run_now("refresh", slug)


def run_now(name: str, argument: str) -> None:
    jobs.ask(name, argument, now=datetime.now(UTC))
    try:
        tasks.tick.apply_async(expires=tasks.UNHEARD_AFTER, retry=False)
    except OperationalError as error:
        log.warning("nobody to ring", error=str(error))  # the tick finds the job by itself
