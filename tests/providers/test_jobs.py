from datetime import datetime, timedelta

import pytest

from providers import jobs
from providers.models import Job
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def job(*, due_at: datetime = NOW, **fields: object) -> Job:
    return Job.objects.create(name="refresh", argument="litellm", due_at=due_at, **fields)


def test_due_jobs_come_longest_overdue_first() -> None:
    for argument, minutes in (("a", 5), ("b", 60), ("c", -5)):
        Job.objects.create(name="refresh", argument=argument, due_at=NOW - minutes * MINUTE)
    assert [row.argument for row in jobs.due(NOW)] == ["b", "a"]


def test_a_paused_job_is_not_due() -> None:
    paused = job(paused=True)
    assert jobs.due(NOW) == []
    assert jobs.claim_lease(paused.pk, NOW) is None


def test_a_lease_is_given_to_one() -> None:
    row = job()
    assert jobs.claim_lease(row.pk, NOW) is not None
    assert jobs.claim_lease(row.pk, NOW) is None
    assert jobs.due(NOW) == []


def test_a_job_not_yet_due_is_not_given() -> None:
    assert jobs.claim_lease(job(due_at=NOW + MINUTE).pk, NOW) is None


def test_a_dead_holders_job_is_due_again_when_its_lease_has_run_out() -> None:
    row = job()
    jobs.claim_lease(row.pk, NOW, for_=5 * MINUTE)
    assert jobs.due(NOW + 4 * MINUTE) == []
    assert jobs.due(NOW + 5 * MINUTE) == [row]


def test_progress_renews_the_lease() -> None:
    held = jobs.claim_lease(job().pk, NOW, for_=5 * MINUTE)
    assert jobs.progress(held, NOW + 4 * MINUTE, 40, "publishing", for_=5 * MINUTE)
    assert jobs.due(NOW + 8 * MINUTE) == []
    row = Job.objects.get()
    assert (row.progress, row.message) == (40, "publishing")


def test_who_lost_the_lease_can_neither_tell_nor_finish() -> None:
    late = jobs.claim_lease(job().pk, NOW, for_=MINUTE)
    holder = jobs.claim_lease(late.pk, NOW + MINUTE)
    assert not jobs.progress(late, NOW + MINUTE, 90, "nearly")
    assert not jobs.finish(late, NOW + MINUTE, every=HOUR)
    assert not jobs.fail(late, NOW + MINUTE, error="slow")
    assert Job.objects.get().lease == holder.lease


def test_a_finished_job_is_due_after_its_interval_give_or_take_a_tenth() -> None:
    held = jobs.claim_lease(job(attempt=3, last_error="x").pk, NOW)
    assert jobs.finish(held, NOW, every=10 * HOUR, message="unchanged")
    row = Job.objects.get()
    assert NOW + 9 * HOUR <= row.due_at <= NOW + 11 * HOUR
    assert (row.attempt, row.last_error, row.message, row.progress) == (0, "", "unchanged", 100)
    assert (row.lease, row.leased_until, row.last_finished_at) == ("", None, NOW)


def test_failures_back_off_by_doubling_up_to_a_day() -> None:
    waits = [jobs.retry_after(attempt) for attempt in (1, 2, 3, 11, 12, 40, 10_000)]
    day = timedelta(hours=24)
    assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE, 1024 * MINUTE, day, day, day]


def test_a_failed_job_keeps_its_error_and_counts_its_attempts() -> None:
    held = jobs.claim_lease(job(attempt=1).pk, NOW)
    jobs.fail(held, NOW, error="no network", message="using recordings of 2026-11-12")
    row = Job.objects.get()
    assert (row.attempt, row.last_error) == (2, "no network")
    assert row.message == "using recordings of 2026-11-12"
    assert NOW + 1.8 * MINUTE <= row.due_at <= NOW + 2.2 * MINUTE


def test_asking_makes_it_due_now_and_forgets_the_failures() -> None:
    job(due_at=NOW + HOUR, attempt=7)
    jobs.ask("refresh", "litellm", now=NOW)
    (row,) = jobs.due(NOW)
    assert row.attempt == 0


def test_asking_for_a_job_without_a_row_makes_one() -> None:
    jobs.ask("refresh", "zenmux", now=NOW)
    assert [str(row) for row in jobs.due(NOW)] == ["refresh zenmux"]


def test_asking_during_a_run_gives_one_more_run() -> None:
    held = jobs.claim_lease(job().pk, NOW)
    jobs.ask("refresh", "litellm", now=NOW + MINUTE)
    assert jobs.due(NOW + MINUTE) == []
    jobs.finish(held, NOW + 2 * MINUTE, every=HOUR)
    assert len(jobs.due(NOW + 2 * MINUTE)) == 1


def test_ensuring_twice_keeps_the_first_due_time() -> None:
    jobs.ensure("refresh", "litellm", now=NOW, within=HOUR)
    first = Job.objects.get().due_at
    jobs.ensure("refresh", "litellm", now=NOW + 5 * HOUR, within=HOUR)
    assert Job.objects.get().due_at == first
    assert NOW <= first <= NOW + HOUR


def test_a_message_longer_than_its_column_is_cut() -> None:
    held = jobs.claim_lease(job().pk, NOW)
    assert jobs.progress(held, NOW, 1, "x" * 10_000)
    assert len(Job.objects.get().message) == 500


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"leased_until": NOW + MINUTE, "paused": True}, "running"),
        ({"leased_until": NOW - MINUTE}, "due"),
        ({"paused": True}, "paused"),
        ({"due_at": NOW + MINUTE}, "waiting"),
        ({"due_at": NOW + MINUTE, "attempt": 1}, "put off"),
    ],
)
def test_a_job_says_its_state_in_a_word(fields: dict[str, object], state: str) -> None:
    assert Job(**{"due_at": NOW} | fields).state(NOW) == state
