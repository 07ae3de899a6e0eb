from datetime import datetime, timedelta

import pytest

from providers import jobs, work
from providers.choices import RunState
from providers.models import Job, Run
from tests.factories import CONFIRMED, NOW, RunFactory, SourceFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def job() -> Job:
    return Job.objects.create(name="refresh", argument="litellm", due_at=NOW)


def clock() -> datetime:
    return NOW


def reads(monkeypatch: pytest.MonkeyPatch, state: RunState, **fields: object) -> list[str]:
    """Stand in for refresh.run; answers the list of sources that it was asked for."""
    asked: list[str] = []

    def run(slugs: list[str], **how: object) -> dict[str, Run]:
        asked.extend(slugs)
        return {slug: Run(state=state.value, **fields) for slug in slugs}

    monkeypatch.setattr(work.refresh, "run", run)
    return asked


def test_a_refresh_tells_what_it_found(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = reads(monkeypatch, RunState.PUBLISHED, report={"added": 3, "changed": 1})
    assert work.carry_out(job.pk, clock=clock)
    job.refresh_from_db()
    assert asked == ["litellm"]
    assert job.message == "3 added, 1 changed, 0 ended, 0 held"
    assert job.due_at > NOW + timedelta(hours=5)


def test_a_job_that_is_not_due_is_left_alone(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = reads(monkeypatch, RunState.PUBLISHED)
    assert work.carry_out(job.pk, clock=clock)
    assert not work.carry_out(job.pk, clock=clock)
    assert asked == ["litellm"]


def test_offline_the_job_names_the_recordings_in_use_and_backs_off(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = SourceFactory(slug="litellm")
    RunFactory(source=source, as_of=CONFIRMED, state=RunState.PUBLISHED.value)
    reads(monkeypatch, RunState.REFUSED, error="the host cannot be reached")
    work.carry_out(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.message == "using recordings of 2026-11-12"
    assert job.last_error == "the host cannot be reached"
    assert NOW < job.due_at < NOW + 2 * MINUTE


def test_a_source_never_read_says_so(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    reads(monkeypatch, RunState.REFUSED, error="the host cannot be reached")
    work.carry_out(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.message == "never read"


def test_a_paused_source_is_not_read(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    SourceFactory(slug="litellm", paused=True)
    asked = reads(monkeypatch, RunState.PUBLISHED)
    work.carry_out(job.pk, clock=clock)
    job.refresh_from_db()
    assert asked == [] and job.message == "the source is paused"


def test_the_editors_interval_counts(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    SourceFactory(slug="litellm", refresh_every=timedelta(days=10))
    reads(monkeypatch, RunState.UNCHANGED)
    work.carry_out(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.due_at >= NOW + timedelta(days=9)


def test_a_crash_is_written_into_the_row_and_tried_again(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: object, **how: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(work.refresh, "run", crash)
    work.carry_out(job.pk, clock=clock)
    job.refresh_from_db()
    assert job.last_error == "by zero" and job.attempt == 1 and job.lease == ""


def test_a_job_of_another_version_is_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Job.objects.create(name="juggle", due_at=NOW)
    work.carry_out(odd.pk, clock=clock)
    odd.refresh_from_db()
    assert "juggle" in odd.last_error and odd.due_at > NOW


def test_progress_is_written_once_a_second(job: Job) -> None:
    held = jobs.claim_lease(job.pk, NOW)
    now = NOW
    tell = work.Teller(held, lambda: now)
    tell(1, 10, "first")
    tell(2, 10, "second")
    job.refresh_from_db()
    assert (job.progress, job.message) == (10, "first")
    now = NOW + timedelta(seconds=1)
    tell(5, 10, "third")
    job.refresh_from_db()
    assert (job.progress, job.message) == (50, "third")


def test_who_lost_the_lease_stops_at_the_next_progress(job: Job) -> None:
    held = jobs.claim_lease(job.pk, NOW)
    jobs.claim_lease(job.pk, NOW + jobs.LEASE)
    with pytest.raises(work.LeaseLost):
        work.Teller(held, lambda: NOW + jobs.LEASE)(1, 2, "half")
