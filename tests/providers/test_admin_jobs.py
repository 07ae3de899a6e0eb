"""The job page: what stands where, who has it, and what an operator may do about it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from providers import jobs, tasks
from providers.models import Credential, Job, ProbePlan
from tests.factories import EndpointFactory
from tests.staff import member

pytestmark = pytest.mark.django_db
LIST = "/admin/providers/job/"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rung: list[str] = []
    monkeypatch.setattr(tasks.tick, "apply_async", lambda **options: rung.append("tick"))
    return rung


@pytest.fixture(autouse=True)
def _rows() -> None:
    now = datetime.now(UTC)
    Job.objects.create(name="refresh", argument="litellm", due_at=now + HOUR)
    Job.objects.create(name="refresh", argument="zenmux", due_at=now + HOUR, attempt=3)
    Job.objects.create(name="roll-up", due_at=now)
    endpoint = EndpointFactory(provider__slug="acme", native_id="acme-1")
    credential = Credential.objects.create(
        provider=endpoint.provider,
        label="ours",
        base="https://api.acme.example/v1",
        variable="PROBE_KEY_OURS",
    )
    for region in ("", "fra"):
        plan = ProbePlan.objects.create(
            endpoint=endpoint, credential=credential, protocol="openai-chat", region=region
        )
        Job.objects.create(name="probe", argument=str(plan.pk), queue=plan.queue, due_at=now + HOUR)


def listed(client: Client, **wanted: str) -> list[str]:
    answer = client.get(LIST, wanted)
    assert answer.status_code == 200
    return [str(job) for job in answer.context["cl"].result_list]


def test_jobs_are_found_by_state_queue_and_failure(client: Client) -> None:
    member(client, "administrator")
    assert listed(client, state="due") == ["roll-up"]
    assert listed(client, state="put off") == listed(client, failing="1") == ["refresh zenmux"]
    assert len(listed(client, queue="pull")) == 2
    plans = {plan.region: f"probe {plan.pk}" for plan in ProbePlan.objects.all()}
    assert listed(client, queue="probe.fra") == [plans["fra"]]
    assert listed(client, queue="probe") == [plans[""]]
    assert len(listed(client, queue="nobody")) == 5


def test_a_probe_says_what_it_measures_and_a_running_job_who_has_it(client: Client) -> None:
    member(client, "administrator")
    row = Job.objects.get(name="roll-up")
    held = jobs.claim_lease(row.pk, datetime.now(UTC))
    page = client.get(LIST).content.decode()
    assert "acme acme-1" in page and "probe.fra" in page
    assert f"{held.holder} since {held.leased_at:%H:%M:%S}" in page
    assert f"Held by {held.holder} since" in client.get(f"{LIST}{row.pk}/change/").content.decode()
    probe = Job.objects.get(queue="probe.fra")
    assert "acme acme-1" in client.get(f"{LIST}{probe.pk}/change/").content.decode()


def test_queries_of_the_list_do_not_grow(client: Client, django_assert_max_num_queries) -> None:
    member(client, "administrator")
    for number in range(50):
        Job.objects.create(name="details", argument=f"x:{number}", due_at=datetime.now(UTC))
    with django_assert_max_num_queries(10):
        client.get(LIST)


def test_many_are_paused_go_on_and_run_at_once(client: Client, rings: list[str]) -> None:
    member(client, "administrator")
    chosen = [str(job.pk) for job in Job.objects.filter(name="refresh")]

    def act(action: str) -> None:
        answer = client.post(LIST, {"action": action, "_selected_action": chosen})
        assert answer.status_code == 302

    act("pause")
    assert {job.name for job in Job.objects.filter(paused=True)} == {"refresh"}
    act("go_on")
    assert not Job.objects.filter(paused=True).exists()
    act("run_now")
    assert rings == ["tick", "tick"]
    assert len([job for job in jobs.due(datetime.now(UTC)) if job.name == "refresh"]) == 2


def test_who_may_only_look_cannot_steer(client: Client) -> None:
    member(client, "content editor")
    chosen = [str(Job.objects.get(name="roll-up").pk)]
    answer = client.post(LIST, {"action": "pause", "_selected_action": chosen})
    assert answer.status_code == 403
    assert not Job.objects.filter(paused=True).exists()
