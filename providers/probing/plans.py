"""Plans as the database has them: their jobs, and all that a probe needs to know."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from .. import jobs, queries, vault
from ..choices import Book
from ..models import Credential, ProbePlan
from ..network import Key
from ..queries import PriceRow
from ..stats.probed import Target
from .refusals import Refused

JOB = "probe"  # the name of a plan's job; its argument is the plan's number


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan that can run: what to ask, with which key, and at which prices."""

    plan: ProbePlan
    target: Target
    key: Key
    prices: tuple[PriceRow, ...]


def prepare(plan_id: int, *, now: datetime) -> Prepared | None:
    """None when the plan is gone or switched off; `Refused` when it lacks a key. Two queries."""
    plan = (
        ProbePlan.objects.select_related(
            "endpoint__provider", "endpoint__upstream", "credential__provider"
        )
        .filter(pk=plan_id, enabled=True)
        .first()
    )
    if plan is None:
        return None
    credential = plan.credential
    target = Target(
        base=credential.base,
        protocol=plan.protocol,
        model=plan.sent_model_id,
        output_tokens=plan.output_tokens,
        header=credential.header,
    )
    key = Key(credential.origin, secret_of(credential))
    return Prepared(plan, target, key, prices_of(plan, now=now))


def prices_of(plan: ProbePlan, *, now: datetime) -> tuple[PriceRow, ...]:
    """The contract's prices with the public list beneath. One query."""
    found = queries.book_prices_at([plan.endpoint_id], when=now, books=[Book.CONTRACT.value])
    return tuple(found.get(plan.endpoint_id, ()))


def secret_of(credential: Credential) -> str:
    if not credential.variable:
        try:
            return vault.unseal(credential.sealed)
        except vault.Sealed as error:
            raise Refused(f"{credential}: {error}") from None
    secret = os.environ.get(credential.variable, "").strip()
    if not secret:
        raise Refused(f"{credential.variable} is not set where this worker runs")
    return secret


def witnesses(plan: ProbePlan) -> list[str]:
    """Roots of other providers' APIs: if none of them can be reached, our own line is down."""
    others = Credential.objects.exclude(provider=plan.credential.provider_id).order_by("pk")
    bases = {one.origin: one.base for one in others}
    bases.pop(plan.credential.origin, None)
    return list(bases.values())


def every(job_argument: str) -> timedelta:
    plan = ProbePlan.objects.filter(pk=int(job_argument)).first()
    return plan.every if plan else timedelta(days=1)


def keep_jobs(*, now: datetime) -> None:
    """A job for each plan that is switched on, in its queue; no others. Three queries."""
    plans = ProbePlan.objects.filter(enabled=True)
    jobs.keep(
        JOB, {str(plan.pk): plan.queue for plan in plans}, now=now, within=timedelta(minutes=1)
    )
