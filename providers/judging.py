"""An editor's word on a disagreement, and what shows over a whole provider: the writer of both.

Whoever judges has seen certain sides. When a source changed its word meanwhile, nothing is
written, and the editor is told to look again.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from . import claims, disputes, publish
from .choices import Verdict
from .disagreement import Disagreement, Side
from .disputes import Case, Subject
from .facts import BadFact, Fact, Price
from .ledger import PRICE
from .models import Claim, Endpoint, Judgement, Provider


@transaction.atomic
def accept(case: Case, side: Side, *, by: User, why: str, now: datetime) -> Judgement:
    """Makes one side the editors' own claim and publishes it; refreshes leave it alone."""
    claim = claims.correct(
        _row(case.subject), _statement(case.found, side), by=by, why=why, now=now
    )
    judgement = _write(case, Verdict.ACCEPTED, by=by, why=why, now=now, claim=claim)
    publish.publish(now=now, **_published(case.subject))
    return judgement


@transaction.atomic
def both_right(case: Case, *, by: User, why: str, now: datetime) -> Judgement:
    """Explains a difference in which no side is wrong, until a source changes its word."""
    judgement = _write(case, Verdict.BOTH_RIGHT, by=by, why=why, now=now)
    publish.announce(now=now)
    return judgement


def snooze(case: Case, *, by: User, why: str, now: datetime) -> Judgement:
    """Takes a difference out of the editors' queue until a source changes its word."""
    return _write(case, Verdict.SNOOZED, by=by, why=why, now=now)


def _write(
    case: Case,
    verdict: Verdict,
    *,
    by: User,
    why: str,
    now: datetime,
    claim: Claim | None = None,
) -> Judgement:
    if not why.strip():
        raise BadFact("say why: the reason is kept beside the judgement")
    return Judgement.objects.create(
        **case.subject.column(),
        key=case.found.key,
        condition=case.found.condition.key(),
        digest=case.found.digest(),
        verdict=verdict.value,
        claim=claim,
        by=by,
        why=why.strip(),
        at=now,
    )


def _published(subject: Subject) -> dict[str, Any]:
    """The subject as `publish.publish` takes it."""
    return {f"{subject.kind}s": [subject.id]}


def _row(subject: Subject) -> Endpoint | Provider | str:
    if subject.kind == "endpoint":
        return Endpoint.objects.get(pk=subject.id)
    if subject.kind == "provider":
        return Provider.objects.get(pk=subject.id)
    return str(subject.id)


def _statement(found: Disagreement, side: Side) -> Fact | Price:
    """A side in the form of an editor's statement, under the condition it was compared at."""
    if not found.is_price:
        return Fact(found.key, side.value)
    value: Mapping[str, str] = side.value
    amount = value.get("amount")
    return Price(
        component=found.key.removeprefix(PRICE),
        amount=None if amount is None else Decimal(amount),
        unit=value["unit"],
        currency=value["currency"],
        condition=found.condition,
        state=value["state"],
    )


@transaction.atomic
def measure_factors(*, now: datetime) -> int:
    """Stores the factors between sources, provider by provider; how many providers changed.

    They show over all prices of a provider only, so refreshes measure them and pages read them.
    """
    measured = disputes.measured_factors(now=now)
    changed = []
    for provider in Provider.objects.all():
        stored = [factor.as_json() for factor in measured.get(provider.slug, ())]
        if stored != provider.price_factors:
            provider.price_factors = stored
            changed.append(provider)
    if changed:
        Provider.objects.bulk_update(changed, ["price_factors"])
        publish.announce(now=now)
    return len(changed)
