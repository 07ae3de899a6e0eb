from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from providers import jobs
from providers.models import Job
from providers.work import carry_out

LINE = "{name:<28} {state:<10} {due:<17} {done:<17} {message}"


class Command(BaseCommand):
    help = "Lists the jobs: when due, when last done, how far, what went wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--run-due", action="store_true", help="run what is due here and now, without a worker"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        if options["run_due"]:
            for job in jobs.due(now):
                carry_out(job.pk)
        self.stdout.write(
            LINE.format(
                name="JOB", state="STATE", due="DUE (UTC)", done="LAST DONE", message="MESSAGE"
            )
        )
        for job in jobs.everything():
            self.stdout.write(_line(job, now).rstrip())


def _line(job: Job, now: datetime) -> str:
    return LINE.format(
        name=str(job),
        state=job.state(now),
        due=_minute(job.due_at),
        done=_minute(job.last_finished_at),
        message="; ".join(filter(None, [job.message, job.last_error])),
    )


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"
