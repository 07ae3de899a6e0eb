"""Probe plans for tests: a provider with a key and money, an endpoint with a price."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from providers import probing, vault
from providers.models import Credential, Endpoint, ProbeAllowance, ProbePlan
from tests.factories import NOW, EndpointFactory, PriceFactory
from tests.standin_provider import Behaviour

SECRET = "sk-only-for-the-provider"
BEHAVIOUR = Behaviour(ttft_ms=1, tokens_per_second=2000, tokens=10, prompt_tokens=400)


def plan_at(base: str, *, endpoint: Endpoint | None = None, **fields: Any) -> ProbePlan:
    """A plan whose provider has a key and money enough, and whose endpoint has a price."""
    endpoint = endpoint or priced_endpoint()
    credential = Credential.objects.create(
        provider=endpoint.provider,
        label=f"key {Credential.objects.count()}",
        base=base,
        sealed=vault.seal(SECRET),
        hint=SECRET[-4:],
    )
    ProbeAllowance.objects.get_or_create(
        provider=endpoint.provider, defaults={"per_day": Decimal(1), "at_once": 5}
    )
    stated = {"protocol": "openai-chat", "prompt_tokens": 50, "output_tokens": 16, **fields}
    return ProbePlan.objects.create(endpoint=endpoint, credential=credential, **stated)


def priced_endpoint(**fields: Any) -> Endpoint:
    endpoint = EndpointFactory(**fields)
    PriceFactory(endpoint=endpoint, component="input", amount=Decimal("2"))
    PriceFactory(endpoint=endpoint, component="output", amount=Decimal("10"))
    return endpoint


def allow(plan: ProbePlan, **fields: Any) -> None:
    ProbeAllowance.objects.filter(provider=plan.credential.provider).update(**fields)


def spent(plan: ProbePlan) -> Decimal:
    return ProbeAllowance.objects.get(provider=plan.credential.provider).spent


def run(plan: ProbePlan, now: datetime = NOW) -> str:
    return probing.run(plan.pk, now=now, clock=lambda: now)
