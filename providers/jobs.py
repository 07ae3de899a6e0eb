"""What must run and when: due times and leases in the database.

A broker may lose or repeat a message, a worker may die. So a message only rings: whoever answers
it takes the lease here first, by an update that succeeds for one of any number of workers. A
holder renews its lease with its progress; one that died lets it run out and the job is due again.
"""

import os
import random
import secrets
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Min, Q, QuerySet, When

from .facts import MAX_TEXT
from .models import Job, Source

LEASE = timedelta(minutes=5)  # longest silence of a living job, with room to spare
FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(hours=24)
PARTS = "details"  # the name of jobs that read one part of a source, `slug:part`
STATES = ("running", "due", "put off", "paused", "waiting")
JITTER = 0.1  # share of an interval by which the next due time is moved, either way


def ensure(name: str, argument: str = "", *, now: datetime, within: timedelta) -> None:
    """Make the row if there is none; its first run falls at random between now and `within`."""
    due_at = now + within * random.random()  # noqa: S311  spreads load, keeps no secret
    Job.objects.get_or_create(name=name, argument=argument, defaults={"due_at": due_at})


def drop_parts(source: str, *, besides: Collection[str]) -> None:
    """Rows of all other parts go, also of those under way: their workers lose the lease."""
    prefix = f"{source}:"
    same = Job.objects.filter(name=PARTS, argument__startswith=prefix)
    for argument in set(same.values_list("argument", flat=True)) - {prefix + p for p in besides}:
        same.filter(argument=argument).delete()


def add_parts(source: str, parts: Collection[str], *, now: datetime, within: timedelta) -> None:
    """One row for each part of a source; new ones are due within that time."""
    Job.objects.bulk_create(
        [
            Job(name=PARTS, argument=f"{source}:{part}", due_at=now + within * random.random())  # noqa: S311
            for part in sorted(parts)
        ],
        ignore_conflicts=True,
    )


def has_part(source: str, part: str) -> bool:
    """Whether the source's list leads to that part."""
    return Job.objects.filter(name=PARTS, argument=f"{source}:{part}").exists()


def keep(name: str, queues: Mapping[str, str], *, now: datetime, within: timedelta) -> None:
    """One row of that name for each argument, in its queue; rows of other arguments go.

    New ones are due within that time.
    """
    same = Job.objects.filter(name=name)
    known = dict(same.values_list("argument", "queue"))
    Job.objects.bulk_create(
        [
            Job(name=name, argument=argument, queue=queue, due_at=now + within * random.random())  # noqa: S311
            for argument, queue in sorted(queues.items())
            if argument not in known
        ],
        ignore_conflicts=True,
    )
    for argument, queue in known.items():
        if argument not in queues:
            same.filter(argument=argument, lease="").delete()
        elif queue != queues[argument]:
            same.filter(argument=argument).update(queue=queues[argument])


def turn(source: str, now: datetime, *, pace: timedelta, patience: timedelta) -> timedelta:
    """How long to wait until this call to a source may be made; any number of workers ask.

    More than `patience`: no turn was taken, ask again then.
    """
    while True:
        row = Source.objects.get(slug=source)
        start = max(now, row.next_call_at or now)
        if start - now > patience:
            return start - now
        unchanged = Source.objects.filter(pk=row.pk, next_call_at=row.next_call_at)
        if unchanged.update(next_call_at=start + pace):
            return start - now


def stay_away(source: str, until: datetime) -> None:
    """Nobody calls for a part of the source before then."""
    early = Q(next_call_at=None) | Q(next_call_at__lt=until)
    Source.objects.filter(early, slug=source).update(next_call_at=until)


def due(now: datetime) -> list[Job]:
    """Jobs that anybody may take, longest overdue first."""
    return list(Job.objects.filter(_is_due(now)).order_by("due_at", "pk"))


def everything() -> list[Job]:
    return list(Job.objects.order_by("name", "argument"))


def named(name: str, argument: str = "") -> list[Job]:
    """All jobs of a name, or the one of it with that argument."""
    same = Job.objects.filter(name=name)
    return list((same.filter(argument=argument) if argument else same).order_by("argument"))


def in_state(state: str, now: datetime) -> Q:
    """What holds for the jobs of which `Job.state` says this word."""
    running, due = Q(leased_until__gt=now), Q(due_at__lte=now)
    ahead = ~running & Q(paused=False) & ~due
    return {
        "running": running,
        "paused": ~running & Q(paused=True),
        "due": ~running & Q(paused=False) & due,
        "put off": ahead & Q(attempt__gt=0),
        "waiting": ahead & Q(attempt=0),
    }[state]


@dataclass(frozen=True, slots=True)
class Standing:
    """Jobs of one name: how many in each state, how many failed last, the longest overdue."""

    name: str
    counts: Mapping[str, int]
    failing: int
    due_since: datetime | None


def standing(now: datetime) -> list[Standing]:
    """What there is to do, name by name. One query."""
    counts = {f"n{n}": Count("pk", filter=in_state(s, now)) for n, s in enumerate(STATES)}
    rows: QuerySet[Job, Any] = Job.objects.values("name").annotate(
        **counts,
        failing=Count("pk", filter=Q(attempt__gt=0)),
        due_since=Min("due_at", filter=in_state("due", now)),
    )
    return [
        Standing(
            name=row["name"],
            counts={state: row[f"n{n}"] for n, state in enumerate(STATES)},
            failing=row["failing"],
            due_since=row["due_since"],
        )
        for row in rows.order_by("name")
    ]


def pause(jobs: Collection[Job], *, paused: bool = True) -> int:
    """Nobody takes them until they go on; what runs is let finish. How many were changed."""
    return (
        Job.objects.filter(pk__in=[job.pk for job in jobs])
        .exclude(paused=paused)
        .update(paused=paused)
    )


def claim_lease(job_id: int, now: datetime, *, for_: timedelta = LEASE) -> Job | None:
    """The job, held by the caller; None when it is not due or another holds it."""
    lease = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(16)}"
    taken = Job.objects.filter(_is_due(now), pk=job_id).update(
        lease=lease, leased_at=now, leased_until=now + for_, progress=0, message="started"
    )
    return Job.objects.filter(pk=job_id, lease=lease).first() if taken else None


def progress(
    job: Job, now: datetime, percent: int, message: str, *, for_: timedelta = LEASE
) -> bool:
    """Tell how far it is and renew the lease. False: the lease was lost, the caller must stop."""
    return (
        _held(job).update(progress=percent, message=message[:MAX_TEXT], leased_until=now + for_)
        == 1
    )


def finish(job: Job, now: datetime, *, every: timedelta, message: str = "") -> bool:
    """Done: due again after `every`. False: the lease was lost, nothing is written."""
    return _end(job, now, every, attempt=0, last_error="", progress=100, message=message)


def postpone(job: Job, now: datetime, *, delay: timedelta, message: str) -> bool:
    """Not begun: due again after `delay`, which counts as no failure."""
    return _end(job, now, delay, progress=0, message=message)


def fail(
    job: Job, now: datetime, *, error: str, message: str = "", after: timedelta = timedelta(0)
) -> bool:
    """Not done: due again after 1 minute, doubled with each failure, at most a day.

    Not before `after`, though: who was asked may have said how long to stay away.
    """
    attempt = job.attempt + 1
    delay = max(retry_after(attempt), min(after, LAST_RETRY))
    return _end(job, now, delay, attempt=attempt, last_error=error, progress=0, message=message)


def _end(job: Job, now: datetime, delay: timedelta, *, message: str, **outcome: object) -> bool:
    """Give the lease back. The due time of an `ask` that came in meanwhile stands."""
    asked_meanwhile = ~Q(due_at=job.due_at)
    ended = _held(job).update(
        lease="",
        leased_at=None,
        leased_until=None,
        last_finished_at=now,
        message=message[:MAX_TEXT],
        due_at=Case(When(asked_meanwhile, then=F("due_at")), default=now + jittered(delay)),
        **outcome,
    )
    return ended == 1


def ask(name: str, argument: str = "", *, now: datetime) -> None:
    """Run it now, or once more right after the run that is going on."""
    Job.objects.update_or_create(
        name=name, argument=argument, defaults={"due_at": now, "attempt": 0}
    )


def source_of(job: Job) -> Source | None:
    """The source that a job reads, or a part of it; None before its first reading."""
    return Source.objects.filter(slug=job.argument.partition(":")[0]).first()


def retry_after(attempt: int) -> timedelta:
    doublings = min(attempt - 1, 20)  # 2^20 minutes are beyond the cap; more would overflow
    return min(FIRST_RETRY * (1 << doublings), LAST_RETRY)


def jittered(delay: timedelta) -> timedelta:
    return delay * (1 + JITTER * random.uniform(-1, 1))  # noqa: S311  spreads load


def _is_due(now: datetime) -> Q:
    is_free = Q(leased_until=None) | Q(leased_until__lte=now)
    return is_free & Q(due_at__lte=now, paused=False)


def _held(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, lease=job.lease)
