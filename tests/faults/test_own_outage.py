"""When the monitor itself was away, nobody was down: those hours are unknown."""

from datetime import timedelta

import pytest

from providers import jobs, probing, stat_queries, work
from providers.choices import Period
from providers.models import Job, Observation, ProbePlan
from providers.stats import rollup
from tests.factories import NOW
from tests.standin_provider import Behaviour, Fault, beside

from .test_probing import plan_from

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)
AWAY = range(1, 6)  # hours in which no worker ran


@pytest.fixture(autouse=True)
def _loopback(settings) -> None:
    settings.ALLOWED_PRIVATE_NETWORKS = ["127.0.0.1/32"]


def tick(hour: int) -> None:
    """What a worker does that is alive in that hour."""
    now = NOW + hour * HOUR
    for job in jobs.due(now):
        work.carry_out(job.pk, clock=lambda: now)
    rollup.fold_all(now=now)


def hours(plan: ProbePlan) -> dict[int, tuple[int, int]]:
    """Answers and failures by the hour, of the hours that are there at all."""
    found = stat_queries.outcomes(
        [plan.endpoint_id], period=Period.HOUR, since=NOW - HOUR, until=NOW + 24 * HOUR
    )
    return {
        (one.start - NOW) // HOUR: (one.ok, one.provider_error) for one in found[plan.endpoint_id]
    }


def test_hours_without_a_worker_are_not_there_and_are_not_made_up_for() -> None:
    with beside() as provider:
        plan = plan_from("", provider.base)
        probing.keep_jobs(now=NOW - HOUR)
        tick(0)
        tick(AWAY[-1] + 1)
        assert len(provider.served) == 2
    assert hours(plan) == {0: (1, 0), 6: (1, 0)}


def test_a_worker_that_died_while_it_asked_says_nothing_of_the_provider() -> None:
    """Its lease stands in the row, its probe in no figure."""
    with beside() as provider:
        plan = plan_from("", provider.base)
        probing.keep_jobs(now=NOW - HOUR)
        jobs.claim_lease(Job.objects.get().pk, NOW)
        for hour in AWAY:
            assert hours_of_nobody(hour)
        tick(6)
    assert hours(plan) == {6: (1, 0)}


def hours_of_nobody(hour: int) -> bool:
    rollup.fold_all(now=NOW + hour * HOUR)
    return not Observation.objects.exists()


def test_a_provider_that_is_down_is_told_from_a_monitor_that_is() -> None:
    """The same gap with a failure before and after it: the failures count, the gap does not."""
    with beside(Behaviour(fault=Fault.STATUS_500)) as provider:
        plan = plan_from("", provider.base)
        probing.keep_jobs(now=NOW - HOUR)
        tick(0)
        tick(6)
    assert hours(plan) == {0: (0, 1), 6: (0, 1)}
    assert set(AWAY).isdisjoint(hours(plan))
