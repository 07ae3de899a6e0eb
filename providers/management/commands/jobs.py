import argparse
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers import jobs, work
from providers.admin.asking import run_now
from providers.models import Job

LINE = "{name:<28} {queue:<12} {state:<10} {due:<17} {done:<17} {message}"
LIST, RUN, PAUSE, RESUME = "list", "run", "pause", "resume"
MOST_TOLD = 200  # characters of an error in the list; as data it is whole
EXAMPLES = """examples:
  manage.py jobs                        all of them
  manage.py jobs list refresh --json    those of one name, as data
  manage.py jobs run refresh litellm    one job, by a worker, now
  manage.py jobs run roll-up --here     in this process, without a worker
  manage.py jobs pause probe            every job of that name
"""


class Command(BaseCommand):
    help = "Lists the jobs: when due, when last done, how far, what went wrong. Or steers them."

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        kwargs |= {"epilog": EXAMPLES, "formatter_class": argparse.RawDescriptionHelpFormatter}
        return super().create_parser(*args, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("do", nargs="?", default=LIST, choices=[LIST, RUN, PAUSE, RESUME])
        parser.add_argument("name", nargs="?", default="", help="as the list has it: refresh")
        parser.add_argument("argument", nargs="?", default="", help="the job's second word")
        parser.add_argument("--json", action="store_true", help="the list as data")
        parser.add_argument("--here", action="store_true", help="run it here, without a worker")
        parser.add_argument(
            "--run-due", action="store_true", help="run what is due here and now, without a worker"
        )
        parser.add_argument(
            "--queue", default="", help="of --run-due: this queue alone, such as probe.fra"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = _chosen(options["name"], options["argument"], options["do"])
        if options["do"] == RUN:
            self._run(chosen, here=options["here"])
        elif options["do"] in (PAUSE, RESUME):
            jobs.pause(chosen, paused=options["do"] == PAUSE)
        if options["run_due"]:
            _run_due(options["queue"])
        self._print(_again(chosen), as_json=options["json"])

    def _run(self, chosen: Sequence[Job], *, here: bool) -> None:
        for job in chosen:
            if not here:
                run_now(job.name, job.argument)
                continue
            jobs.ask(job.name, job.argument, now=datetime.now(UTC))
            if not work.carry_out(job.pk):
                reason = "it is paused" if job.paused else f"{job.holder or 'a worker'} has it"
                self.stderr.write(f"{job} was not run: {reason}")

    def _print(self, listed: Sequence[Job], *, as_json: bool) -> None:
        now = datetime.now(UTC)
        if as_json:
            self.stdout.write(json.dumps([_fields(job, now) for job in listed], indent=1))
            return
        head = {"name": "JOB", "queue": "QUEUE", "state": "STATE", "due": "DUE (UTC)"}
        self.stdout.write(LINE.format(**head, done="LAST DONE", message="MESSAGE"))
        for job in listed:
            self.stdout.write(_line(job, now).rstrip())


def _chosen(name: str, argument: str, do: str) -> list[Job]:
    if not name:
        if do != LIST:
            raise CommandError(f"Say which: manage.py jobs {do} NAME [ARGUMENT]")
        return jobs.everything()
    if found := jobs.named(name, argument):
        return found
    known = ", ".join(sorted({job.name for job in jobs.everything()})) or "none"
    asked = f"{name} {argument}".strip()
    raise CommandError(f"There is no job “{asked}”. The names are: {known}.")


def _again(listed: Sequence[Job]) -> list[Job]:
    """As they stand now, in the same order."""
    wanted = {job.pk for job in listed}
    return [job for job in jobs.everything() if job.pk in wanted]


def _run_due(queue: str) -> None:
    """Without a queue: all but what only a region's workers may do."""
    for job in jobs.due(datetime.now(UTC)):
        if work.queue_of(job) == queue or not (queue or job.queue):
            work.carry_out(job.pk)


def _line(job: Job, now: datetime) -> str:
    return LINE.format(
        name=str(job),
        queue=work.queue_of(job),
        state=job.state(now),
        due=_minute(job.due_at),
        done=_minute(job.last_finished_at),
        message="; ".join(filter(None, [job.message, job.last_error]))[:MOST_TOLD],
    )


def _fields(job: Job, now: datetime) -> dict[str, Any]:
    return {
        "name": job.name,
        "argument": job.argument,
        "queue": work.queue_of(job),
        "state": job.state(now),
        "paused": job.paused,
        "due_at": _iso(job.due_at),
        "last_finished_at": _iso(job.last_finished_at),
        "attempt": job.attempt,
        "last_error": job.last_error,
        "holder": job.holder,
        "held_since": _iso(job.leased_at),
        "progress": job.progress,
        "message": job.message,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"
