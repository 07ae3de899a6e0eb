"""Probes under several workers at once: the day's money and the turns are given out once."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from providers import probing, vault
from providers.models import Credential, Job, Observation, ProbeAllowance, ProbePlan
from providers.probing import NotNow, allowance
from tests.factories import NOW, EndpointFactory, PriceFactory
from tests.standin_provider import Behaviour, Fault, beside

from .test_jobs import APP, ROOT, Site, now, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

WORKERS = 8


def plans(number: int, **money: object) -> list[ProbePlan]:
    """So many plans of one provider, with one allowance."""
    endpoint = EndpointFactory()
    ProbeAllowance.objects.create(provider=endpoint.provider, **money)
    made = []
    for place in range(number):
        credential = Credential.objects.create(
            provider=endpoint.provider,
            label=str(place),
            base="https://api.provider.example/v1",
            variable="PROBE_KEY_OURS",
        )
        made.append(
            ProbePlan.objects.create(
                endpoint=endpoint, credential=credential, protocol="openai-chat"
            )
        )
    return made


def at_once(*work: Callable[[], object]) -> list[str]:
    """Runs all in threads that begin together; the reasons of those that had to wait."""
    start, waited = threading.Barrier(len(work)), []

    def one(do: Callable[[], object]) -> None:
        start.wait()
        try:
            do()
        except NotNow as error:
            waited.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(do,)) for do in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waited


def take(plan: ProbePlan, amount: str) -> Callable[[], object]:
    lasts = timedelta(minutes=2)
    return lambda: allowance.take(plan, Decimal(amount), now=NOW, lasts=lasts)


def test_many_workers_do_not_overdraw_an_allowance() -> None:
    made = plans(WORKERS, per_day=Decimal("0.35"), at_once=100)
    waited = at_once(*[take(plan, "0.1") for plan in made])
    assert len(waited) == WORKERS - 3 and set(waited) == {"the day's allowance is spent"}
    assert ProbeAllowance.objects.get().spent == Decimal("0.3")


def test_many_workers_keep_to_the_turns_of_a_provider() -> None:
    made = plans(WORKERS, per_day=Decimal(100), at_once=2)
    waited = at_once(*[take(plan, "0.1") for plan in made])
    assert len(waited) == WORKERS - 2
    assert ProbePlan.objects.exclude(running_until=None).count() == 2


def test_settling_at_once_loses_no_money() -> None:
    made = plans(WORKERS, per_day=Decimal(100), at_once=100)
    taken = [
        allowance.take(plan, Decimal("0.1"), now=NOW, lasts=timedelta(minutes=2)) for plan in made
    ]
    none = timedelta(0)
    at_once(
        *[
            lambda one=one: allowance.settle(one, Decimal("0.01"), rest=none, now=NOW)
            for one in taken
        ]
    )
    assert ProbeAllowance.objects.get().spent == Decimal("0.08")
    assert not ProbePlan.objects.exclude(running_until=None).exists()


# -- from one place -------------------------------------------------------------------------------


class Places(Site):
    """A site whose workers may stand in different places."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment["ALLOWED_PRIVATE_NETWORKS"] = "127.0.0.1/32"

    def start_worker_of(self, queue: str) -> None:
        command = [*APP, "worker", "--pool", "solo", "--queues", queue]
        self.workers.append(subprocess.Popen(command, cwd=ROOT, env=self.environment))


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    places = Places(tmp_path)
    yield places
    for worker in places.workers:
        worker.kill()
        worker.wait()


def test_a_plans_region_alone_probes_it(places: Places) -> None:
    Job.objects.create(name="prune", due_at=now())  # what any worker may do
    with beside() as provider:
        plan = plan_from("fra", provider.base)
        probing.keep_jobs(now=now() - timedelta(hours=1))
        places.start_worker_of("celery,rollup,probe")
        places.tick()
        wait_until(lambda: Job.objects.get(name="prune").last_finished_at is not None)
        assert provider.served == []
        places.start_worker_of("probe.fra")
        wait_until(lambda: Observation.objects.exists())
        assert len(provider.served) == 1
    assert Observation.objects.get().endpoint_id == plan.endpoint_id
    assert Observation.objects.get().region == "fra"


def test_a_worker_that_is_killed_while_it_probes_is_followed_by_another(places: Places) -> None:
    """Its money counts as spent, its turn runs out, and its job is due again."""
    with beside(Behaviour(fault=Fault.HANGS)) as provider:
        plan = plan_from("", provider.base)
        probing.keep_jobs(now=now() - timedelta(hours=1))
        places.start_worker_of("celery,rollup,probe")
        places.tick()
        wait_until(lambda: len(provider.served) == 1)
        places.workers[0].kill()
        places.workers[0].wait()
        at_most = ProbeAllowance.objects.get().spent
        assert at_most > 0 and not Observation.objects.exists()

        provider.server.behaviours[""] = Behaviour()
        places.start_worker_of("celery,rollup,probe")
        # The lease stands for five minutes; here it runs out at once.
        Job.objects.update(leased_until=now() - timedelta(seconds=1))
        places.tick()
        wait_until(lambda: Observation.objects.exists())
    assert Observation.objects.get().endpoint_id == plan.endpoint_id
    assert at_most < ProbeAllowance.objects.get().spent < 2 * at_most
    wait_until(lambda: ProbePlan.objects.get().running_until is None)


def plan_from(region: str, base: str) -> ProbePlan:
    endpoint = EndpointFactory()
    for component in ("input", "output"):
        PriceFactory(endpoint=endpoint, component=component)
    ProbeAllowance.objects.create(provider=endpoint.provider, per_day=Decimal(1))
    credential = Credential.objects.create(
        provider=endpoint.provider,
        label="ours",
        base=base,
        sealed=vault.seal("sk-test"),
        hint="test",
    )
    return ProbePlan.objects.create(
        endpoint=endpoint, credential=credential, protocol="openai-chat", region=region
    )
