"""What probes cost and whose turn it is: nothing is sent that no allowance holds."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from providers import probing
from providers.choices import Outcome
from providers.models import (
    Observation,
    ProbeAllowance,
    ProbePlan,
)
from providers.probing import running
from providers.stats import prompts
from tests.factories import NOW, EndpointFactory, PriceFactory
from tests.standin_provider import Fault, StandinProvider, beside

from .plans import (
    BEHAVIOUR,
    allow,
    plan_at,
    run,
    spent,
)

pytestmark = pytest.mark.django_db


DAY = timedelta(days=1)


# -- money ----------------------------------------------------------------------------------------


def test_what_was_used_is_what_is_spent(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    run(plan)
    exact = Decimal("0.0009")  # 400 tokens at 2 and 10 at 10 USD per million
    assert spent(plan) == exact
    assert Decimal(Observation.objects.get().cost_pico) == exact * 10**12


def test_the_contract_price_is_what_we_pay(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    PriceFactory(endpoint=plan.endpoint, component="input", amount=Decimal("1"), book="contract")
    run(plan)
    assert spent(plan) == Decimal("0.0005")


def test_when_the_allowance_is_spent_nothing_is_sent(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    allow(plan, per_day=Decimal("0.003"), spent=Decimal("0.0025"), spent_on=NOW.date())
    with pytest.raises(probing.NotNow, match="allowance is spent") as waits:
        run(plan)
    assert waits.value.wait == timedelta(hours=12)  # NOW is noon
    assert standin.served == []


def test_a_new_day_has_a_new_allowance(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    allow(plan, per_day=Decimal("0.01"), spent=Decimal("0.01"), spent_on=NOW.date())
    run(plan, NOW + DAY)
    assert spent(plan) == Decimal("0.0009")


def test_a_budget_is_never_overdrawn(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    allow(plan, per_day=Decimal("0.005"))
    with pytest.raises(probing.NotNow):
        for _ in range(100):
            run(plan)
    assert 0 < len(standin.served) < 10 and spent(plan) <= Decimal("0.005")


def test_one_probe_dearer_than_a_day_is_refused_for_good(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    allow(plan, per_day=Decimal("0.000001"))
    with pytest.raises(probing.Refused, match="more than the day's allowance"):
        run(plan)
    assert standin.served == []


def test_without_an_allowance_nothing_is_sent(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    ProbeAllowance.objects.all().delete()
    with pytest.raises(probing.Refused, match="has no allowance"):
        run(plan)
    assert standin.served == []


@pytest.mark.parametrize("state", ["unknown", "varies", "plan"])
def test_without_a_known_price_nothing_is_sent(standin: StandinProvider, state: str) -> None:
    endpoint = EndpointFactory()
    PriceFactory(endpoint=endpoint, component="input", amount=Decimal("2"))
    PriceFactory(endpoint=endpoint, component="output", amount=None, state=state)
    plan = plan_at(standin.base, endpoint=endpoint)
    with pytest.raises(probing.Refused, match="its price is not known"):
        run(plan)
    assert standin.served == []


def test_a_free_endpoint_needs_no_money(standin: StandinProvider) -> None:
    endpoint = EndpointFactory()
    for component in ("input", "output"):
        PriceFactory(endpoint=endpoint, component=component, amount=None, state="free")
    plan = plan_at(standin.base, endpoint=endpoint)
    allow(plan, per_day=Decimal(0))
    run(plan)
    assert spent(plan) == 0 and len(standin.served) == 1


def test_money_of_another_currency_is_not_converted(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    allow(plan, currency="CNY")
    with pytest.raises(probing.Refused, match="priced in USD, the allowance is in CNY"):
        run(plan)


@pytest.mark.parametrize(
    ("fault", "is_paid"),
    [(Fault.STATUS_500, False), (Fault.STATUS_429, False), (Fault.BROKEN_STREAM, True)],
)
def test_a_refusal_costs_nothing_and_a_broken_answer_the_most_it_can(
    fault: Fault, is_paid: bool
) -> None:
    with beside(replace(BEHAVIOUR, fault=fault)) as provider:
        plan = plan_at(provider.base)
        run(plan)
    most = (prompts.most_tokens("x" * 200) * 2 + 16 * 10) / Decimal(10**6)
    assert (spent(plan) > most / 2) if is_paid else (spent(plan) == 0)


def test_who_dies_on_the_way_has_spent_the_most(
    standin: StandinProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: object) -> None:
        raise KeyboardInterrupt

    plan = plan_at(standin.base)
    monkeypatch.setattr(running, "probe", die)
    with pytest.raises(KeyboardInterrupt):
        run(plan)
    assert spent(plan) > Decimal("0.0005")


# -- turns ----------------------------------------------------------------------------------------


def test_no_more_run_at_once_than_the_provider_is_allowed(standin: StandinProvider) -> None:
    plan = plan_at(standin.base)
    other = plan_at(standin.base, endpoint=plan.endpoint)
    allow(plan, at_once=1)
    ProbePlan.objects.filter(pk=other.pk).update(running_until=NOW + timedelta(seconds=30))
    with pytest.raises(probing.NotNow, match="1 probes of this provider are under way"):
        run(plan)
    ProbePlan.objects.filter(pk=other.pk).update(running_until=NOW)  # it died
    run(plan)
    plan.refresh_from_db()
    assert plan.running_until is None and len(standin.served) == 1


def test_another_providers_probes_are_no_hindrance(standin: StandinProvider) -> None:
    plan, other = plan_at(standin.base), plan_at(standin.base)
    allow(plan, at_once=1)
    ProbePlan.objects.filter(pk=other.pk).update(running_until=NOW + timedelta(seconds=30))
    run(plan)
    assert len(standin.served) == 1


def test_who_asks_to_be_left_alone_is() -> None:
    with beside(replace(BEHAVIOUR, fault=Fault.STATUS_429, retry_after=7200)) as provider:
        plan = plan_at(provider.base)
        other = plan_at(provider.base, endpoint=plan.endpoint)
        with pytest.raises(probing.NotNow) as waits:
            run(plan)
        assert waits.value.wait == timedelta(hours=2)
        with pytest.raises(probing.NotNow, match="left alone"):
            run(other, NOW + timedelta(hours=1))
        assert len(provider.served) == 1
    assert Observation.objects.get().outcome == Outcome.RATE_LIMITED
