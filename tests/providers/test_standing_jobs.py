from datetime import timedelta

import pytest

from providers import jobs, work
from providers.choices import Inlet, Outcome
from providers.models import Job, Observation, Rollup, StatisticsEdition
from providers.stats.observation import Observation as Seen
from providers.stats.record import record
from tests.factories import NOW, EndpointFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def take(name: str) -> None:
    one = Seen(id=name, at=NOW, outcome=Outcome.OK, provider="openai", model="gpt-4o")
    assert record([one], sender="gateway", inlet=Inlet.PUSH, now=NOW).accepted == 1


def run(name: str, *, hours: int = 0) -> Job:
    now = NOW + hours * HOUR
    jobs.ask(name, now=now)
    assert work.carry_out(Job.objects.get(name=name).pk, clock=lambda: now)
    return Job.objects.get(name=name)


def test_every_site_has_them_and_the_roll_up_is_due_within_a_minute() -> None:
    work.ensure_standing(now=NOW)
    work.ensure_standing(now=NOW + HOUR)
    due = dict(Job.objects.values_list("name", "due_at"))
    assert set(due) >= {"roll-up", "prune"}
    assert due["roll-up"] <= NOW + timedelta(minutes=1)


def test_the_roll_up_counts_all_and_turns_the_edition() -> None:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    take("a")
    take("b")
    job = run("roll-up")
    assert (job.message, job.last_error) == ("2 observations", "")
    assert job.due_at - NOW < timedelta(minutes=1)
    assert Rollup.objects.get(period="hour").ok == 2
    assert StatisticsEdition.objects.get().number == 1


def test_pruning_keeps_what_was_not_counted() -> None:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    take("a")
    assert run("prune", hours=49).message.startswith("0 observations")
    run("roll-up", hours=49)
    job = run("prune", hours=49)
    assert job.message == "1 observations, 0 digests, 0 hours, 0 quarantined"
    assert not Observation.objects.exists()


def test_how_long_observations_are_kept_is_a_setting(settings: object) -> None:
    settings.OBSERVATIONS_KEPT = timedelta(hours=1)
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    take("a")
    run("roll-up")
    assert run("prune", hours=2).message.startswith("1 observations")
