"""What can be asked here: endpoints that an operator planned, and all that a request needs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from .. import probing, queries
from ..models import ProbePlan
from ..network import Key
from ..queries import PriceRow
from ..stats.probed import Target
from .allowance import Refused

_RELATED = ("endpoint__provider", "endpoint__upstream", "credential__provider")


@dataclass(frozen=True, slots=True)
class Choice:
    """One endpoint that can be asked; `plan` is its number here."""

    plan: int
    endpoint_id: int
    provider: str
    provider_slug: str
    model: str


@dataclass(frozen=True, slots=True)
class Ready:
    """One that will be asked: where, with which key, at which prices."""

    choice: Choice
    target: Target
    key: Key
    prices: tuple[PriceRow, ...]


def choices() -> tuple[Choice, ...]:
    """Every endpoint with a plan, once, by its first plan. One query."""
    plans = ProbePlan.objects.select_related(*_RELATED).order_by(
        "endpoint__provider__name", "endpoint__native_id", "pk"
    )
    first: dict[int, Choice] = {}
    for plan in plans:
        first.setdefault(plan.endpoint_id, _choice(plan))
    return tuple(first.values())


def ready(wanted: Collection[int], output_tokens: int, *, now: datetime) -> tuple[Ready, ...]:
    """In the order of `choices`; `Refused` when one cannot be asked. Three queries."""
    offered = [choice for choice in choices() if choice.plan in set(wanted)]
    plans = ProbePlan.objects.select_related(*_RELATED).in_bulk([one.plan for one in offered])
    prices = queries.book_prices_at(
        [one.endpoint_id for one in offered], when=now, books=["contract"]
    )
    return tuple(
        _ready(plans[one.plan], one, tuple(prices.get(one.endpoint_id, ())), output_tokens)
        for one in offered
    )


def _ready(
    plan: ProbePlan, choice: Choice, prices: tuple[PriceRow, ...], output_tokens: int
) -> Ready:
    credential = plan.credential
    try:
        secret = probing.secret_of(credential)
    except probing.Refused:  # names the key, which is the operator's business
        raise Refused(
            f"The key for {choice.provider} cannot be used; ask who runs this site for it."
        ) from None
    target = Target(
        base=credential.base,
        protocol=plan.protocol,
        model=plan.sent_model_id,
        output_tokens=output_tokens,
        header=credential.header,
    )
    return Ready(choice, target, Key(credential.origin, secret), prices)


def _choice(plan: ProbePlan) -> Choice:
    endpoint = plan.endpoint
    return Choice(
        plan=plan.pk,
        endpoint_id=endpoint.pk,
        provider=endpoint.provider.name,
        provider_slug=endpoint.provider.slug,
        model=endpoint.native_id,
    )
