"""Money and turns: a probe takes its highest cost out of the day's allowance before it begins.

Whoever dies on the way has spent it; so an allowance can be left unused, but not overdrawn by
more workers, more plans or more crashes.
"""

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from ..models import ProbeAllowance, ProbePlan
from .refusals import NotNow, Refused

TURN = timedelta(seconds=20)  # after which one looks again for a free turn
LONGEST_REST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a probe took, until it is known what it cost."""

    plan_id: int
    provider_id: int
    amount: Decimal
    day: date


def currency_of(plan: ProbePlan) -> str:
    """Of the allowance that pays for the plan; `Refused` where there is none."""
    allowance = ProbeAllowance.objects.filter(provider=plan.credential.provider_id).first()
    if allowance is None:
        raise Refused(
            f"{plan.credential.provider} has no allowance; say what its probes may cost in a day"
        )
    return allowance.currency


def take(plan: ProbePlan, amount: Decimal, *, now: datetime, lasts: timedelta) -> Taken:
    """A turn and the money for it; `NotNow` when there is none left of either."""
    provider_id = plan.credential.provider_id
    with transaction.atomic():
        allowance = ProbeAllowance.objects.select_for_update().get(provider=provider_id)
        if allowance.resume_at is not None and allowance.resume_at > now:
            raise NotNow("the provider asked to be left alone", allowance.resume_at - now)
        _check_turn(plan, allowance, now)
        if allowance.spent_on != now.date():
            allowance.spent, allowance.spent_on = Decimal(0), now.date()
        if allowance.spent + amount > allowance.per_day:
            _check_that_a_day_suffices(allowance, amount)
            raise NotNow("the day's allowance is spent", _until_tomorrow(now))
        allowance.spent += amount
        allowance.save(update_fields=["spent", "spent_on"])
        ProbePlan.objects.filter(pk=plan.pk).update(running_until=now + lasts)
    return Taken(plan.pk, provider_id, amount, now.date())


def settle(taken: Taken, cost: Decimal, *, rest: timedelta, now: datetime) -> None:
    """Puts the true cost in the place of the highest, gives the turn back, and lets rest."""
    with transaction.atomic():
        allowance = (
            ProbeAllowance.objects.select_for_update().filter(provider=taken.provider_id).first()
        )
        ProbePlan.objects.filter(pk=taken.plan_id).update(running_until=None)
        if allowance is None:
            return
        if allowance.spent_on == taken.day:
            allowance.spent = max(Decimal(0), allowance.spent - taken.amount + cost)
        if rest:
            allowance.resume_at = now + min(rest, LONGEST_REST)
        allowance.save(update_fields=["spent", "resume_at"])


def _check_turn(plan: ProbePlan, allowance: ProbeAllowance, now: datetime) -> None:
    running = (
        ProbePlan.objects.filter(credential__provider=allowance.provider_id, running_until__gt=now)
        .exclude(pk=plan.pk)
        .count()
    )
    if running >= allowance.at_once:
        wait = TURN * random.uniform(0.5, 1)  # noqa: S311  spreads load
        raise NotNow(f"{running} probes of this provider are under way", wait)


def _check_that_a_day_suffices(allowance: ProbeAllowance, amount: Decimal) -> None:
    if amount > allowance.per_day:
        raise Refused(
            f"one probe can cost {amount.normalize():f} {allowance.currency}, more than the day's "
            f"allowance of {allowance.per_day.normalize():f}"
        )


def _until_tomorrow(now: datetime) -> timedelta:
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=now.tzinfo)
    return tomorrow - now
