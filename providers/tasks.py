"""Doorbells. What is due stands in the database, so a message may be lost or come twice."""

from datetime import UTC, datetime

from celery import shared_task

from . import jobs, work

# A ring that nobody heard within a minute is repeated by the next tick.
UNHEARD_AFTER = 55


@shared_task
def tick() -> None:
    for job in jobs.due(datetime.now(UTC)):
        carry_out.apply_async((job.pk,), expires=UNHEARD_AFTER, queue=work.queue_of(job))


@shared_task
def carry_out(job_id: int) -> None:
    work.carry_out(job_id)
