"""Objects for tests, one factory a model; each builds the smallest row that holds its laws."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory
from factory.django import DjangoModelFactory

from catalog.models import (
    AIModel,
    Author,
    Benchmark,
    Listing,
    ModelAlias,
    Parameter,
    Score,
    Tag,
    Tagging,
)
from providers.choices import Inlet, Kind, Period, RunState, State
from providers.facts import canonical
from providers.models import Claim, Endpoint, Price, Provider, Reading, Run, Source
from providers.stats import rollup
from providers.stats.tally import Tally

# The day the tests' market is read on; sources are confirmed two days before it.
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
CONFIRMED = datetime(2026, 11, 12, tzinfo=UTC)
OLD = datetime(2026, 5, 21, tzinfo=UTC)


class ProviderFactory(DjangoModelFactory[Provider]):
    class Meta:
        model = Provider

    slug = factory.Sequence(lambda n: f"provider-{n:03}")
    name = factory.LazyAttribute(lambda self: self.slug.replace("-", " ").title())


class SourceFactory(DjangoModelFactory[Source]):
    class Meta:
        model = Source
        django_get_or_create = ("slug",)

    slug = "litellm"
    name = "LiteLLM"
    siglum = factory.LazyAttribute(lambda self: self.slug[0].upper())
    licence = "MIT"
    homepage = factory.LazyAttribute(lambda self: f"https://{self.slug}.example/")


class RunFactory(DjangoModelFactory[Run]):
    """A published run that read the whole listing of the providers in `covers`."""

    class Meta:
        model = Run

    source = factory.SubFactory(SourceFactory)
    as_of = CONFIRMED
    started_at = factory.SelfAttribute("as_of")
    finished_at = factory.SelfAttribute("as_of")
    state = RunState.PUBLISHED.value
    version = "1.0"
    covers = factory.LazyFunction(list)


class EndpointFactory(DjangoModelFactory[Endpoint]):
    class Meta:
        model = Endpoint

    provider = factory.SubFactory(ProviderFactory)
    native_id = factory.Sequence(lambda n: f"model-{n}")
    operation = Kind.CHAT.value


class ClaimFactory(DjangoModelFactory[Claim]):
    """A live claim about an endpoint; `says` is the value before it becomes canonical JSON."""

    class Meta:
        model = Claim

    class Params:
        says: Any = 128_000

    source = factory.SubFactory(SourceFactory)
    endpoint = factory.SubFactory(EndpointFactory)
    key = "context_length"
    value = factory.LazyAttribute(lambda self: canonical(self.says))
    stated_from = CONFIRMED
    at_least = True


class PriceFactory(DjangoModelFactory[Price]):
    """One row of the ledger with the claim behind it."""

    class Meta:
        model = Price

    class Params:
        source = factory.SubFactory(SourceFactory)

    endpoint = factory.SubFactory(EndpointFactory)
    component = "input"
    condition = ""
    book = "public"
    amount = Decimal("0.15")
    unit = "1M tokens"
    currency = "USD"
    state = factory.LazyAttribute(
        lambda self: (State.UNKNOWN if self.amount is None else State.KNOWN).value
    )
    valid_from = CONFIRMED
    claim = factory.SubFactory(
        ClaimFactory,
        source=factory.SelfAttribute("..source"),
        endpoint=factory.SelfAttribute("..endpoint"),
        key=factory.LazyAttribute(lambda self: f"price.{self.factory_parent.component}"),
        condition=factory.SelfAttribute("..condition"),
        book=factory.SelfAttribute("..book"),
        says=factory.LazyAttribute(
            lambda self: price_value(
                self.factory_parent.amount,
                unit=self.factory_parent.unit,
                currency=self.factory_parent.currency,
                state=self.factory_parent.state,
            )
        ),
    )


def price_value(
    amount: Decimal | None, *, unit: str = "1M tokens", currency: str = "USD", state: str
) -> dict[str, str]:
    """What a price claim's value holds, as `facts.Price.value()` writes it."""
    stated = {"currency": currency, "state": state, "unit": unit}
    return stated if amount is None else {**stated, "amount": f"{Decimal(amount):f}"}


class ReadingFactory(DjangoModelFactory[Reading]):
    class Meta:
        model = Reading

    run = factory.SubFactory(RunFactory)
    source = factory.SelfAttribute("run.source")
    endpoint = factory.SubFactory(EndpointFactory)
    metric = "throughput"
    statistic = "avg"
    value = Decimal("24.64")
    unit = "tokens per second"
    at = CONFIRMED


def measured(endpoint: Endpoint, hours_ago: int, tally: Tally, **of: Any) -> None:
    """Adds to the hour so long before NOW, and to its day; by probe unless `inlet` says else."""
    key = {"inlet": Inlet.PROBE, **of}
    start = NOW - timedelta(hours=hours_ago)
    rollup.add({rollup.Key(Period.HOUR, start, endpoint.pk, **key): tally})


class AuthorFactory(DjangoModelFactory[Author]):
    class Meta:
        model = Author
        django_get_or_create = ("slug",)

    slug = "openai"
    name = "OpenAI"


class AIModelFactory(DjangoModelFactory[AIModel]):
    class Meta:
        model = AIModel

    author = factory.SubFactory(AuthorFactory)
    slug = factory.Sequence(lambda n: f"model-{n}")
    name = factory.LazyAttribute(lambda self: self.slug.replace("-", " ").title())
    kind = Kind.CHAT.value


class ListingFactory(DjangoModelFactory[Listing]):
    class Meta:
        model = Listing

    endpoint = factory.SubFactory(EndpointFactory)
    model = factory.SubFactory(AIModelFactory)
    said_by = "rule"


class ModelAliasFactory(DjangoModelFactory[ModelAlias]):
    class Meta:
        model = ModelAlias

    path = factory.Sequence(lambda n: f"openai/other-name-{n}")
    model = factory.SubFactory(AIModelFactory)


class ParameterFactory(DjangoModelFactory[Parameter]):
    class Meta:
        model = Parameter

    name = factory.Sequence(lambda n: f"parameter_{n}")
    type = "number"
    description = "Says what it does."


class BenchmarkFactory(DjangoModelFactory[Benchmark]):
    class Meta:
        model = Benchmark
        django_get_or_create = ("slug",)

    slug = "mmlu"
    name = "MMLU"


class ScoreFactory(DjangoModelFactory[Score]):
    class Meta:
        model = Score

    model = factory.SubFactory(AIModelFactory)
    benchmark = factory.SubFactory(BenchmarkFactory)
    value = Decimal(82)
    source_name = "A published table"


class TagFactory(DjangoModelFactory[Tag]):
    class Meta:
        model = Tag
        django_get_or_create = ("slug",)

    slug = "vision"
    name = "Vision"


class TaggingFactory(DjangoModelFactory[Tagging]):
    class Meta:
        model = Tagging

    model = factory.SubFactory(AIModelFactory)
    tag = factory.SubFactory(TagFactory)
