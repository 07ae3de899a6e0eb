"""`manage.py jobs`: the list, as text and as data, and what it steers."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from providers import jobs, tasks, work
from providers.models import Job

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Jobs that were run; none of them does a thing. No ring goes to a broker."""
    done: list[str] = []
    every = work.Duty(
        run=lambda job, now, tell: done.append(str(job)) or "rested",
        every=lambda job: HOUR,
        fallback=lambda job: "",
        queue="pull",
    )
    monkeypatch.setattr(work, "DUTIES", {"refresh": every, "nap": every})
    monkeypatch.setattr(tasks.tick, "apply_async", lambda **options: done.append("ring"))
    return done


@pytest.fixture(autouse=True)
def _rows() -> None:
    ahead = datetime.now(UTC) + HOUR
    for argument in ("litellm", "zenmux"):
        Job.objects.create(name="refresh", argument=argument, due_at=ahead)
    Job.objects.create(name="nap", due_at=ahead, attempt=2, last_error="no bed")


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("jobs", *arguments, stdout=out)
    return out.getvalue()


def test_the_list_has_a_line_for_each_with_its_queue_and_error() -> None:
    lines = said().splitlines()
    assert len(lines) == 4
    nap = lines[1].split()
    assert nap[:4] == ["nap", "pull", "put", "off"] and nap[-2:] == ["no", "bed"]


def test_as_data_it_says_who_holds_a_job_and_since_when() -> None:
    now = datetime.now(UTC)
    Job.objects.filter(argument="litellm").update(due_at=now)
    held = jobs.claim_lease(Job.objects.get(argument="litellm").pk, now)
    rows = {row["argument"]: row for row in json.loads(said("--json"))}
    assert rows["litellm"]["state"] == "running"
    assert rows["litellm"]["holder"] == held.holder != ""
    assert datetime.fromisoformat(rows["litellm"]["held_since"]) == now
    assert rows["zenmux"]["holder"] == "" and rows["zenmux"]["held_since"] is None


def test_one_job_is_made_due_and_a_worker_is_rung(ran: list[str]) -> None:
    assert "due" in said("run", "refresh", "litellm")
    assert ran == ["ring"]
    assert [job.argument for job in jobs.due(datetime.now(UTC))] == ["litellm"]


def test_here_it_is_run_without_a_worker(ran: list[str]) -> None:
    said("run", "refresh", "--here")
    assert ran == ["refresh litellm", "refresh zenmux"]


def test_jobs_are_paused_and_go_on_by_name() -> None:
    said("pause", "refresh")
    assert set(Job.objects.filter(paused=True).values_list("name", flat=True)) == {"refresh"}
    said("resume", "refresh", "zenmux")
    assert Job.objects.get(paused=True).argument == "litellm"


def test_a_paused_job_is_not_run_here_and_it_says_so(ran: list[str]) -> None:
    said("pause", "nap")
    complaints = StringIO()
    call_command("jobs", "run", "nap", "--here", stdout=StringIO(), stderr=complaints)
    assert "paused" in complaints.getvalue() and ran == []


@pytest.mark.parametrize(
    ("arguments", "mend"),
    [
        (["pause", "refesh"], "nap, refresh"),
        (["pause"], "Say which"),
        (["run", "nap", "x"], "nap x"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_those_that_are(
    arguments: list[str], mend: str
) -> None:
    with pytest.raises(CommandError, match=mend):
        said(*arguments)


def test_what_is_due_runs_here_but_for_the_regions_probes(ran: list[str]) -> None:
    Job.objects.update(due_at=datetime.now(UTC))
    Job.objects.filter(argument="zenmux").update(queue="probe.fra")
    said("--run-due")
    assert sorted(ran) == ["nap", "refresh litellm"]
    said("--run-due", "--queue", "probe.fra")
    assert ran[-1] == "refresh zenmux"


def test_each_state_finds_the_jobs_that_say_so() -> None:
    now = datetime.now(UTC)
    Job.objects.create(name="a", due_at=now)
    Job.objects.create(name="b", due_at=now, paused=True)
    jobs.claim_lease(Job.objects.create(name="c", due_at=now).pk, now)
    for state in jobs.STATES:
        found = set(Job.objects.filter(jobs.in_state(state, now)))
        assert found == {job for job in jobs.everything() if job.state(now) == state} != set()
    standing = {row.name: row for row in jobs.standing(now)}
    assert standing["a"].counts["due"] == 1 and standing["a"].due_since == now
    assert standing["refresh"].counts["waiting"] == 2
    assert standing["nap"].failing == 1


def test_jobs_ring_in_the_queue_of_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(
        tasks.carry_out, "apply_async", lambda args, **options: rung.append(options["queue"])
    )
    now = datetime.now(UTC)
    Job.objects.update(due_at=now)
    Job.objects.create(name="nap", argument="here", due_at=now + HOUR * -1, queue="probe.fra")
    Job.objects.create(name="whatever", due_at=now - 2 * HOUR)
    tasks.tick()
    assert rung == ["celery", "probe.fra", "pull", "pull", "pull"]
