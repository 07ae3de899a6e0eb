"""Plans carried out over real sockets: what is kept, whose line is down, keys, jobs."""

import logging
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpcore2
import pytest
from django.test import override_settings

from providers import jobs, probing, vault, work
from providers.choices import Outcome
from providers.models import (
    Credential,
    Job,
    Observation,
    ProbeAllowance,
    ProbePlan,
    Provider,
)
from providers.network import GuardedBackend
from tests.factories import NOW, ProviderFactory
from tests.standin_provider import Fault, StandinProvider, beside

from .plans import (
    BEHAVIOUR,
    SECRET,
    allow,
    plan_at,
    priced_endpoint,
    run,
    spent,
)

pytestmark = pytest.mark.django_db


# -- what is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["openai-chat", "openai-responses", "anthropic-messages"])
def test_a_probe_becomes_an_observation(standin: StandinProvider, protocol: str) -> None:
    plan = plan_at(standin.base, protocol=protocol, region="fra", model_id="their-name")
    said = run(plan)
    kept = Observation.objects.get()
    assert kept.endpoint_id == plan.endpoint_id
    assert kept.outcome == Outcome.OK and kept.region == "fra"
    assert (kept.input_tokens, kept.output_tokens) == (400, 10)
    assert standin.served[0].model == "their-name"
    plan.refresh_from_db()
    assert (plan.last_outcome, plan.last_at) == ("ok", NOW)
    assert said == f"{plan}: {plan.last_said}"
    assert "10 tokens" in said and "TTFT" in said


def test_the_endpoints_own_id_is_sent_unless_another_is_named(standin: StandinProvider) -> None:
    plan = plan_at(standin.base, endpoint=priced_endpoint(native_id="own/id-1"))
    run(plan)
    assert standin.served[0].model == "own/id-1"


def test_the_providers_failure_is_kept_as_its_failure() -> None:
    with beside(replace(BEHAVIOUR, fault=Fault.STATUS_503)) as provider:
        plan = plan_at(provider.base)
        assert run(plan) == f"{plan}: answered 503 (server_error)"
    assert Observation.objects.get().outcome == Outcome.PROVIDER_ERROR


def test_tokens_that_nobody_told_are_not_made_up() -> None:
    with beside(replace(BEHAVIOUR, usage=False)) as provider:
        plan = plan_at(provider.base)
        assert "10 events, no usage told" in run(plan)
    assert Observation.objects.get().output_tokens is None


def test_each_prompt_is_new_and_of_the_size_asked_for(standin: StandinProvider) -> None:
    plan = plan_at(standin.base, prompt_tokens=120)
    for _ in range(3):
        run(plan)
    sent = [served.body["messages"][0]["content"] for served in standin.served]
    assert len({text[:20] for text in sent}) == 3
    assert all(100 <= len(text.split()) <= 130 for text in sent)


# -- our own line ---------------------------------------------------------------------------------


def unreachable(monkeypatch: pytest.MonkeyPatch, address: str = "") -> None:
    """No connection comes about any more; with an address, none to that one."""
    real = GuardedBackend.connect_tcp

    def connect(self: GuardedBackend, host: str, port: int, *rest: Any, **how: Any) -> Any:
        if address in f"{host}:{port}":
            raise httpcore2.ConnectError("no route")
        return real(self, host, port, *rest, **how)

    monkeypatch.setattr(GuardedBackend, "connect_tcp", connect)


def test_our_own_outage_is_not_the_providers(
    standin: StandinProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_at(standin.base)
    plan_at("http://127.0.0.1:9/v1")  # a witness
    unreachable(monkeypatch)
    assert ": not counted: " in run(plan)
    assert Observation.objects.count() == 0
    plan.refresh_from_db()
    assert plan.last_outcome == "" and spent(plan) == 0


def test_without_a_witness_who_cannot_be_reached_is_unknown_not_down(
    standin: StandinProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_at(standin.base)
    unreachable(monkeypatch)
    run(plan)
    assert Observation.objects.count() == 0


def test_who_cannot_be_reached_while_others_can_is_down(
    standin: StandinProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with beside(BEHAVIOUR) as witness:
        plan = plan_at(standin.base)
        plan_at(witness.base)
        unreachable(monkeypatch, f":{standin.port}")
        run(plan)
    assert Observation.objects.get().outcome == Outcome.PROVIDER_ERROR


# -- keys -----------------------------------------------------------------------------------------


def test_the_key_is_unreadable_in_the_database(standin: StandinProvider) -> None:
    credential = plan_at(standin.base).credential
    assert SECRET not in credential.sealed
    assert vault.unseal(credential.sealed) == SECRET
    assert vault.seal(SECRET) != vault.seal(SECRET)


def test_the_key_is_in_no_text_of_ours(
    standin: StandinProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plan = plan_at(standin.base)
    prepared = probing.prepare(plan.pk, now=NOW)
    run(plan)
    told = [caplog.text, repr(prepared), repr(plan.credential), str(plan.credential), str(plan)]
    assert not any(SECRET in text for text in told)
    assert str(plan.credential).endswith("(…ider)")


def test_a_changed_secret_key_is_told_with_what_to_do(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    with (
        override_settings(SECRET_KEY="another key of this site"),
        pytest.raises(probing.Refused, match="enter it again") as refusal,
    ):
        run(plan)
    assert SECRET not in str(refusal.value)


def test_a_former_secret_key_still_opens(standin: StandinProvider, settings: Any) -> None:
    sealed = vault.seal(SECRET)
    former = settings.SECRET_KEY
    with override_settings(SECRET_KEY="the new key", SECRET_KEY_FALLBACKS=[former]):
        assert vault.unseal(sealed) == SECRET


def test_a_key_may_stand_in_the_environment(
    standin: StandinProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_at(standin.base)
    Credential.objects.update(sealed="", hint="", variable="PROBE_KEY_STANDIN")
    with pytest.raises(probing.Refused, match="PROBE_KEY_STANDIN is not set"):
        run(plan)
    monkeypatch.setenv("PROBE_KEY_STANDIN", SECRET)
    run(plan)
    assert standin.served[0].headers["authorization"] == f"Bearer {SECRET}"


# -- jobs -----------------------------------------------------------------------------------------


def test_a_plan_has_a_job_while_it_is_switched_on(standin: StandinProvider) -> None:
    plan = plan_at(standin.base, region="fra")
    for _ in range(2):
        probing.keep_jobs(now=NOW)
    job = Job.objects.get()
    assert (job.name, job.argument, job.queue) == ("probe", str(plan.pk), "probe.fra")
    ProbePlan.objects.update(region="")
    probing.keep_jobs(now=NOW)
    assert Job.objects.get().queue == ""
    ProbePlan.objects.update(enabled=False)
    probing.keep_jobs(now=NOW)
    assert not Job.objects.exists()


def test_a_job_probes_and_is_due_again_after_the_plans_time(standin: StandinProvider) -> None:
    plan = plan_at(standin.base, every=timedelta(hours=4))
    probing.keep_jobs(now=NOW - timedelta(minutes=2))
    job = Job.objects.get()
    assert work.carry_out(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert "TTFT" in job.message and job.attempt == 0
    least, most = (timedelta(hours=4) * factor for factor in (1 - jobs.JITTER, 1 + jobs.JITTER))
    assert NOW + least <= job.due_at <= NOW + most
    assert Observation.objects.filter(endpoint=plan.endpoint).count() == 1


def test_what_has_to_be_mended_stands_in_the_jobs_row(standin: StandinProvider) -> None:
    plan_at(standin.base)
    ProbeAllowance.objects.all().delete()
    probing.keep_jobs(now=NOW - timedelta(minutes=2))
    job = Job.objects.get()
    work.carry_out(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert "has no allowance" in job.last_error and job.attempt == 1


def test_a_spent_allowance_is_no_failure(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    allow(plan, per_day=Decimal("0.003"), spent=Decimal("0.003"), spent_on=NOW.date())
    probing.keep_jobs(now=NOW - timedelta(minutes=2))
    job = Job.objects.get()
    work.carry_out(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert (job.attempt, job.last_error) == (0, "") and "spent" in job.message
    assert job.due_at > NOW + timedelta(hours=10)


def test_a_fresh_site_probes_nobody() -> None:
    ProviderFactory()
    probing.keep_jobs(now=NOW)
    assert Provider.objects.exists() and not Job.objects.exists()
