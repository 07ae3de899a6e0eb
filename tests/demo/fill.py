"""`python -m tests.demo.fill`: the demo's market, its keys and its plans, made or brought up.

Standard input says where each provider listens, as JSON: {"simulated-north": "http://…/v1", …}.
"""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import django

django.setup()  # before what follows: it imports models

from django.core.management import call_command  # noqa: E402

from catalog import reconcile  # noqa: E402
from catalog.models import AIModel, Listing  # noqa: E402
from catalog.reconcile import listings  # noqa: E402
from providers import claims, probing, publish, tasks, vault, work  # noqa: E402
from providers.choices import Kind, RunState  # noqa: E402
from providers.facts import (  # noqa: E402
    Fact,
    ModelStatement,
    Offer,
    Price,
    ProviderStatement,
    Snapshot,
)
from providers.models import (  # noqa: E402
    Credential,
    Endpoint,
    Job,
    ProbeAllowance,
    ProbePlan,
    Provider,
    Run,
    Source,
)

from .market import FALTERING, KEY, PROVIDERS, SOLD, Sold  # noqa: E402

EVERY = timedelta(minutes=1)
# One plan each: an endpoint's first round is as many requests as a percentile needs.
PROMPT_TOKENS = (60, 80, 120, 200, 400)
OUTPUT_TOKENS = 48
PER_DAY = Decimal(5)  # USD


def fill(bases: Mapping[str, str], *, now: datetime) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    _state(now)
    _list(now)
    for slug, base in bases.items():
        _let_be_probed(Provider.objects.get(slug=slug), base)
    work.ensure_standing(now=now)
    # The first round now, its counting with beat's first tick: pages turn once a minute at most, so
    # what is counted half would be shown a minute before the rest.
    Job.objects.filter(name=probing.JOB).update(due_at=now)
    Job.objects.filter(name="roll-up").update(due_at=now + timedelta(seconds=30))
    tasks.tick.delay()  # the worker finds it when it starts


def _state(now: datetime) -> None:
    """What the market sells, recorded and published as a source's answer is."""
    source, _ = Source.objects.get_or_create(
        slug="simulated", defaults={"name": "Simulated", "siglum": "S", "licence": "made up"}
    )
    stated = _snapshot(now)
    run = Run.objects.create(
        source=source, started_at=now, as_of=now, finished_at=now, covers=sorted(stated.covers)
    )
    run.report = claims.Recorder(stated, run).write().as_json()
    run.state = RunState.RECORDED.value
    run.save()
    publish.publish(now=now, runs=[run])


def _snapshot(now: datetime) -> Snapshot:
    models = {one.model for one in SOLD}
    return Snapshot(
        "simulated",
        now,
        covers=frozenset(PROVIDERS),
        offers=tuple(_offer(one) for one in SOLD),
        providers=tuple(
            ProviderStatement(slug, (Fact("name", name),)) for slug, name in PROVIDERS.items()
        ),
        models=tuple(
            ModelStatement(model.path, (Fact("name", model.name),))
            for model in sorted(models, key=lambda model: model.slug)
        ),
    )


def _offer(one: Sold) -> Offer:
    facts = (
        Fact("name", one.model.name),
        Fact("serves", one.model.path),
        Fact("context_length", one.model.context),
        Fact(f"protocol.{one.protocol}", True),
    )
    prices = (Price("input", one.input), Price("output", one.output))
    return Offer(one.provider, one.model.path, Kind.CHAT, "", facts, prices)


def _list(now: datetime) -> None:
    """Which endpoint serves which model, as an editor says it: no rule knows who does not exist."""
    listings.create({one.model.path for one in SOLD})
    for one in SOLD:
        author, slug = one.model.path.split("/")
        Listing.objects.update_or_create(
            endpoint=Endpoint.objects.get(provider__slug=one.provider, native_id=one.model.path),
            defaults={
                "model": AIModel.objects.get(author__slug=author, slug=slug),
                "said_by": listings.EDITOR,
            },
        )
    reconcile.everything(now=now)


def _let_be_probed(provider: Provider, base: str) -> None:
    """A key, money and plans; the server listens elsewhere at each start."""
    credential, _ = Credential.objects.update_or_create(
        provider=provider,
        label="simulated",
        defaults={"base": base, "sealed": vault.seal(KEY), "hint": KEY[-4:]},
    )
    ProbeAllowance.objects.update_or_create(
        provider=provider, defaults={"per_day": PER_DAY, "at_once": 5}
    )
    for one in SOLD:
        if one.provider == provider.slug:
            _plan(one, credential)


def _plan(one: Sold, credential: Credential) -> None:
    endpoint = Endpoint.objects.get(provider=credential.provider, native_id=one.model.path)
    for place, tokens in enumerate(PROMPT_TOKENS):
        falters = one.falters and place == len(PROMPT_TOKENS) - 1
        ProbePlan.objects.get_or_create(
            endpoint=endpoint,
            credential=credential,
            protocol=one.protocol,
            region="",
            prompt_tokens=tokens,
            defaults={
                "model_id": one.model.path + FALTERING if falters else "",
                "every": EVERY,
                "output_tokens": OUTPUT_TOKENS,
            },
        )


if __name__ == "__main__":
    fill(json.load(sys.stdin), now=datetime.now(UTC))
