"""One probe of a plan, from its turn to what is kept of it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from django.conf import settings

from ..addresses import networks
from ..choices import Inlet, Outcome
from ..facts import MAX_TEXT
from ..models import ProbePlan
from ..queries import PriceRow
from ..stats import prompts
from ..stats.observation import Observation
from ..stats.probe import can_be_reached, probe
from ..stats.probed import Door, Limits, Probed
from ..stats.record import record
from . import allowance, cost, plans
from .refusals import NotNow, Refused

LIMITS = Limits()
# A turn outlasts its probe, with room for a slow look-up of a name.
LASTS = timedelta(seconds=2 * LIMITS.seconds)
REST = timedelta(minutes=1)  # after a 429 that does not say how long
SENDER = "probe"
WITNESSES = 3


@dataclass(frozen=True, slots=True)
class HighestCost:
    """What a plan can cost at most, at today's prices."""

    once: Decimal
    day: Decimal
    currency: str


def highest_cost(plan: ProbePlan, *, now: datetime) -> HighestCost:
    """Raises `Refused` where the plan could not run: without an allowance or a price."""
    currency = allowance.currency_of(plan)
    prompt = prompts.prompt(plan.prompt_tokens)
    once = _at_most(plan, plans.prices_of(plan, now=now), prompt, currency, now)
    return HighestCost(once, once * ceil(timedelta(days=1) / plan.every), currency)


def run(plan_id: int, *, now: datetime, clock: Callable[[], datetime]) -> str:
    """Probes and records; says how it went. Raises `Refused` or `NotNow` before anything is sent,
    and `NotNow` after a 429 that asks for a longer rest than the plan has, when all is recorded.
    """
    prepared = plans.prepare(plan_id, now=now)
    if prepared is None:
        return "the plan is switched off"
    plan, prompt = prepared.plan, prompts.prompt(prepared.plan.prompt_tokens)
    currency = allowance.currency_of(plan)
    taken = allowance.take(
        plan, _at_most(plan, prepared.prices, prompt, currency, now), now=now, lasts=LASTS
    )
    door = Door(networks(settings.ALLOWED_PRIVATE_NETWORKS), settings.HTTPS_PROXY)
    probed = probe(prepared.target, prepared.key, prompt, LIMITS, door)
    exact = cost.actual(prepared.prices, when=now, told=probed.told, currency=currency)
    rest = _rest(probed)
    spent = paid(probed, exact, taken.amount)
    allowance.settle(taken, spent, rest=rest, now=clock())
    if probed.outcome is None:
        _note(plan, None, probed.reason, now)
        raise Refused(probed.reason)
    if _is_our_line(plan, probed, door):
        said = f"not counted: {probed.reason}, and no other provider can be reached"
        _note(plan, None, said, now)
        return f"{plan}: {said}"
    observation = observation_of(
        plan.endpoint_id, probed, exact if currency == "USD" else None, now, plan.region
    )
    receipt = record([observation], sender=SENDER, inlet=Inlet.PROBE, now=clock())
    if receipt.accepted != 1:
        raise Refused(f"not recorded: {receipt}")
    said = _words(probed)
    _note(plan, probed.outcome, said, now)
    if rest > plan.every:
        raise NotNow(f"{plan}: {said}", rest)
    return f"{plan}: {said}"


def _at_most(
    plan: ProbePlan, prices: Sequence[PriceRow], prompt: str, currency: str, now: datetime
) -> Decimal:
    try:
        return cost.at_most(
            prices,
            when=now,
            input_tokens=prompts.most_tokens(prompt),
            output_tokens=plan.output_tokens,
            currency=currency,
        )
    except cost.Unpriced as error:
        raise Refused(f"{error}; nothing is sent that no allowance can hold") from None


def paid(probed: Probed, exact: Decimal | None, at_most: Decimal) -> Decimal:
    """What counts as spent: nothing for a refusal, else the usage told, else the highest."""
    was_refused = probed.status is not None and probed.status != 200
    if not probed.is_sent or was_refused:
        return Decimal(0)
    return at_most if exact is None else exact


def _rest(probed: Probed) -> timedelta:
    """How long the provider is to be left alone."""
    if probed.outcome != Outcome.RATE_LIMITED:
        return timedelta(0)
    return timedelta(seconds=probed.retry_after) or REST


def _is_our_line(plan: ProbePlan, probed: Probed, door: Door) -> bool:
    """Whether a failure may be our own: no answer came, and no other provider can be reached.

    A connection that stood for a while is word enough from a provider without witnesses.
    """
    if probed.outcome == Outcome.OK or probed.status is not None:
        return False
    others = plans.witnesses(plan)[:WITNESSES]
    if not others:
        return not probed.is_connected
    return not any(can_be_reached(base, door) for base in others)


def observation_of(
    endpoint_id: int, probed: Probed, cost_usd: Decimal | None, now: datetime, region: str = ""
) -> Observation:
    """Tokens only by the provider's word: what we count ourselves are events."""
    told = probed.told
    return Observation(
        id=secrets.token_hex(16),
        at=now,
        outcome=probed.outcome or Outcome.PROVIDER_ERROR,
        endpoint=endpoint_id,
        ttft_ms=probed.ttft_ms,
        latency_ms=probed.latency_ms,
        input_tokens=told.input_tokens,
        output_tokens=told.output_tokens,
        cached_tokens=told.cached_tokens,
        reasoning_tokens=told.reasoning_tokens,
        cost=cost_usd,
        region=region,
    )


def _words(probed: Probed) -> str:
    if probed.outcome != Outcome.OK:
        return probed.reason
    ttft = "no token of an answer" if probed.ttft_ms is None else f"TTFT {probed.ttft_ms:.0f} ms"
    counted = " events, no usage told" if probed.is_counted else " tokens"
    return f"{ttft}, {probed.output_tokens}{counted} in {probed.latency_ms or 0:.0f} ms"


def _note(plan: ProbePlan, outcome: Outcome | None, said: str, now: datetime) -> None:
    """The latest in the plan's own row; empty outcome: nothing that counts."""
    ProbePlan.objects.filter(pk=plan.pk).update(
        last_at=now, last_outcome=outcome or "", last_said=said[:MAX_TEXT]
    )
