"""Carries out one job of providers.jobs: takes its lease, runs it, writes how it ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import sleep

import structlog
from django.conf import settings

from . import alerts, jobs, probing, prometheus_servers, queries, refresh, statuses
from .choices import RunState
from .models import Job, Run, Source
from .sources.http import Fetcher
from .sources.registry import PARTED, SOURCES
from .stats import rollup

log = structlog.get_logger(__name__)

# One line of progress a second is enough for people and spares the database.
TELL_EVERY = timedelta(seconds=1)
# Less than the minute between two ticks, or every other tick would find it not yet due.
ROLL_UP_EVERY = timedelta(seconds=45)
PRUNE_EVERY = timedelta(hours=1)
STATUS_PAGES_EVERY = timedelta(minutes=5)
# A worker sleeps no longer than so for its turn to call; else the job is due later.
PATIENCE = timedelta(seconds=5)
# The broker's queues. A worker hears all of these unless it is told which; a region's probes go
# to `probe.<region>`, which only those hear that are told to.
EVERYBODY, PULL, PROBE, ROLL_UP = "celery", "pull", "probe", "rollup"


class LeaseLost(Exception):
    """Another worker holds the job now; this one must let go of it."""


class NotRead(Exception):
    """The work could not be done now. Told in the job's row; no traceback is owed.

    `after`: who was asked wants to be left alone so long.
    """

    def __init__(self, reason: str, after: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.after = after


class NotYet(Exception):
    """It is not this job's turn."""

    def __init__(self, wait: timedelta, reason: str = "waits for its turn") -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(slots=True)
class Teller:
    """Writes a job's progress and with it renews the lease, at most once a second."""

    job: Job
    clock: Callable[[], datetime]
    told_at: datetime | None = None

    def __call__(self, done: int, total: int, message: str) -> None:
        now = self.clock()
        if self.told_at is not None and now - self.told_at < TELL_EVERY:
            return
        self.told_at = now
        percent = min(100, 100 * done // total) if total else 0
        if not jobs.progress(self.job, now, percent, message):
            raise LeaseLost(str(self.job))


def _utc_now() -> datetime:
    return datetime.now(UTC)


def ensure_standing(*, now: datetime) -> None:
    """Rows of the jobs that every site has, and of those that its operator planned."""
    probing.keep_jobs(now=now)
    prometheus_servers.keep_jobs(now=now)
    jobs.ensure("roll-up", now=now, within=ROLL_UP_EVERY)
    jobs.ensure("prune", now=now, within=PRUNE_EVERY)
    jobs.ensure("status-pages", now=now, within=STATUS_PAGES_EVERY)
    jobs.ensure(alerts.JOB, now=now, within=alerts.EVERY)


def carry_out(job_id: int, *, clock: Callable[[], datetime] = _utc_now) -> bool:
    """Run the job if it is due and free. False: there was nothing to do."""
    job = jobs.claim_lease(job_id, clock())
    if job is None:
        return False
    duty = DUTIES.get(job.name, UNKNOWN)
    try:
        message = duty.run(job, clock(), Teller(job, clock))
        jobs.finish(job, clock(), every=duty.every(job), message=message)
    except LeaseLost:
        log.warning("lease lost", job=str(job))
    except NotYet as error:
        jobs.postpone(job, clock(), delay=error.wait, message=str(error))
    except NotRead as error:
        log.warning("job put off", job=str(job), error=str(error))
        _put_off(job, clock(), error, error.after)
    except Exception as error:
        # Whatever it was: the row must say so and be due again, or the job would never run again.
        log.exception("job failed", job=str(job))
        _put_off(job, clock(), error)
    return True


def _put_off(job: Job, now: datetime, error: Exception, after: timedelta = timedelta(0)) -> None:
    message = DUTIES.get(job.name, UNKNOWN).fallback(job)
    jobs.fail(job, now, error=str(error) or repr(error), message=message, after=after)


# -- refreshing a source --------------------------------------------------------------------------


def _refresh(job: Job, now: datetime, tell: Teller) -> str:
    """Read the source over the network and publish; returns a summary for the job's row."""
    source = jobs.source_of(job)
    if source is not None and source.paused:
        return "the source is paused"
    run = refresh.run([job.argument], now=now, progress=tell)[job.argument]
    return _outcome(run)


def _outcome(run: Run) -> str:
    if run.state == RunState.REFUSED:
        raise NotRead(run.error, timedelta(seconds=run.stay_away))
    return _summary(run)


def _summary(run: Run) -> str:
    if run.state == RunState.HELD:
        return f"held for an editor: {run.error}"
    if run.state == RunState.UNCHANGED:
        return "unchanged"
    counts = ("added", "changed", "ended", "held")
    return ", ".join(f"{run.report.get(name, 0)} {name}" for name in counts)


def _refresh_every(job: Job) -> timedelta:
    source = jobs.source_of(job)
    return source.refresh_every if source else Source().refresh_every


def _recordings_in_use(job: Job) -> str:
    """What the pages stand on while the source cannot be read."""
    read = (row.as_of for row in queries.sources().values() if row.slug == job.argument)
    as_of = next(read, None)
    return f"using recordings of {as_of:%Y-%m-%d}" if as_of else "never read"


# -- reading one part of a source -----------------------------------------------------------------


def _read_part(job: Job, now: datetime, tell: Teller) -> str:
    """Read what is said of one model; returns a summary for the job's row."""
    slug, _, part = job.argument.partition(":")
    source = jobs.source_of(job)
    if source is None or source.paused or slug not in PARTED:
        return "the source is paused" if source else "the source is not read here"
    _wait_for_turn(slug, now)
    run = refresh.run_part(slug, part, now=now, progress=tell)
    if run.stay_away:
        jobs.stay_away(slug, now + timedelta(seconds=run.stay_away))
    return _outcome(run)


def _wait_for_turn(slug: str, now: datetime) -> None:
    pace = timedelta(0) if settings.SOURCES_AT else SOURCES[slug].SOURCE.pace
    wait = jobs.turn(slug, now, pace=pace, patience=PATIENCE)
    if wait > PATIENCE:
        raise NotYet(wait)
    sleep(wait.total_seconds())


def _parts_every(job: Job) -> timedelta:
    source = jobs.source_of(job)
    return source.parts_every if source else Source().parts_every


# -- probing an endpoint --------------------------------------------------------------------------


def _probe(job: Job, now: datetime, tell: Teller) -> str:
    try:
        return probing.run(int(job.argument), now=now, clock=tell.clock)
    except probing.Refused as error:
        raise NotRead(str(error)) from None
    except probing.NotNow as error:
        raise NotYet(error.wait, str(error)) from None


# -- counting what was measured --------------------------------------------------------------------


def _roll_up(job: Job, now: datetime, tell: Teller) -> str:
    """Observations into hours and days. Others may do the same meanwhile."""
    done = 0
    while folded := rollup.fold(now=tell.clock()):
        done += folded
        rollup.turn_edition(now=tell.clock())
        tell(0, 0, f"{done} observations so far")
    rollup.turn_edition(now=tell.clock())
    return f"{done} observations"


def _prune(job: Job, now: datetime, tell: Teller) -> str:
    def told(done: int) -> None:
        tell(0, 0, f"{done} rows so far")

    return str(rollup.prune(now=now, raw_kept=settings.OBSERVATIONS_KEPT, tell=told))


# -- what providers say of themselves -------------------------------------------------------------


def _read_status_pages(job: Job, now: datetime, tell: Teller) -> str:
    if settings.SOURCES_AT or settings.SIMULATED:
        return "the sources are simulated; nobody's page is read"
    fetcher = Fetcher(
        limits=statuses.LIMITS,
        proxy=settings.HTTPS_PROXY,
        allowed_private=settings.ALLOWED_PRIVATE_NETWORKS,
    )
    reading = statuses.read_all(fetcher, now=now, progress=tell)
    if reading.failed and not reading.read:
        raise NotRead(str(reading))
    return str(reading)


# -- telling operators ----------------------------------------------------------------------------


def _look_and_tell(job: Job, now: datetime, tell: Teller) -> str:
    opened, closed = alerts.check(now=now)
    return f"{opened} opened, {closed} closed, {alerts.tell(now=now)} told"


# -- sums of Prometheus servers --------------------------------------------------------------------


def _read_prometheus(job: Job, now: datetime, tell: Teller) -> str:
    try:
        return prometheus_servers.read(int(job.argument), now=now, progress=tell)
    except prometheus_servers.NotReadable as error:
        raise NotRead(str(error)) from None


# -- what can be a job ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Duty:
    """How a kind of job runs, how often, and what holds while it cannot be done."""

    run: Callable[[Job, datetime, Teller], str]
    every: Callable[[Job], timedelta]
    fallback: Callable[[Job], str]
    queue: str = EVERYBODY


def _refuse(job: Job, now: datetime, tell: Teller) -> str:
    raise NotRead(f"this version knows no job called {job.name}")


UNKNOWN = Duty(run=_refuse, every=_refresh_every, fallback=lambda job: "")
DUTIES: dict[str, Duty] = {
    "refresh": Duty(run=_refresh, every=_refresh_every, fallback=_recordings_in_use, queue=PULL),
    probing.JOB: Duty(
        run=_probe,
        every=lambda job: probing.every(job.argument),
        fallback=lambda job: "",
        queue=PROBE,
    ),
    prometheus_servers.JOB: Duty(
        run=_read_prometheus, every=lambda job: prometheus_servers.EVERY, fallback=lambda job: ""
    ),
    "roll-up": Duty(
        run=_roll_up, every=lambda job: ROLL_UP_EVERY, fallback=lambda job: "", queue=ROLL_UP
    ),
    "status-pages": Duty(
        run=_read_status_pages,
        every=lambda job: STATUS_PAGES_EVERY,
        fallback=lambda job: "",
        queue=PULL,
    ),
    "prune": Duty(
        run=_prune, every=lambda job: PRUNE_EVERY, fallback=lambda job: "", queue=ROLL_UP
    ),
    alerts.JOB: Duty(run=_look_and_tell, every=lambda job: alerts.EVERY, fallback=lambda job: ""),
    jobs.PARTS: Duty(run=_read_part, every=_parts_every, fallback=lambda job: "", queue=PULL),
}


def queue_of(job: Job) -> str:
    """The queue whose workers may take it."""
    return job.queue or DUTIES.get(job.name, UNKNOWN).queue
