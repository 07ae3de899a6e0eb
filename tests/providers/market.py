"""Small snapshots for tests of recording and publishing."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from providers import publish
from providers.choices import Kind, RunState
from providers.claims import Recorder, Report
from providers.facts import Condition, Fact, Offer, Price, Snapshot
from providers.models import Claim, Endpoint, Run, Source
from providers.models import Price as LedgerPrice

NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = datetime(2026, 11, 8, tzinfo=UTC)
SIGLA = {"litellm": "L", "models_dev": "M", "genai_prices": "G", "pi_ai": "P", "zenmux": "Z"}


def price(amount: str, component: str = "input", **rest: Any) -> Price:
    return Price(component, Decimal(amount), **rest)


def offer(
    native_id: str = "small",
    *prices: Price,
    provider: str = "openai",
    upstream: str = "",
    **facts: Any,
) -> Offer:
    return Offer(
        provider,
        native_id,
        Kind.CHAT,
        upstream,
        tuple(Fact(key, value) for key, value in facts.items()),
        prices,
    )


def snapshot(
    *offers: Offer,
    source: str = "litellm",
    as_of: datetime = FIRST,
    covers: Iterable[str] | None = None,
    **rest: Any,
) -> Snapshot:
    listed = {one.provider for one in offers} if covers is None else covers
    return Snapshot(source, as_of, covers=frozenset(listed), offers=offers, **rest)


def source(slug: str = "litellm") -> Source:
    row, _ = Source.objects.get_or_create(
        slug=slug, defaults={"name": slug, "siglum": SIGLA[slug], "licence": "MIT"}
    )
    return row


def start(stated: Snapshot) -> Run:
    return Run.objects.create(
        source=source(stated.source),
        started_at=NOW,
        as_of=stated.as_of,
        covers=sorted(stated.covers),
    )


def read(stated: Snapshot) -> Report:
    """Records a snapshot and publishes it, as a refresh does."""
    run = start(stated)
    report = Recorder(stated, run).write()
    run.state = RunState.RECORDED.value
    run.save()
    publish.publish(now=NOW, runs=[run])
    return report


def tables() -> dict[str, list[tuple[Any, ...]]]:
    """Everything published, without row ids: two ways to one market must give equal tables."""
    claim_rows = Claim.objects.values_list(
        "source__slug", "endpoint__native_id", "provider__slug", "model", "key", "condition",
        "value", "stated", "stated_from", "at_least", "ended_at", "effective_from", "effective_to",
    )  # fmt: skip
    price_rows = LedgerPrice.objects.values_list(
        "endpoint__native_id", "book", "component", "condition", "amount", "state", "valid_from",
        "valid_to", "claim__source__slug", "claim__value",
    )  # fmt: skip
    endpoint_rows = Endpoint.objects.values_list(
        "provider__slug", "native_id", "upstream__slug", "operation", "gone_since", "name",
        "context_length", "max_output", "released_on", "retires_on",
    )  # fmt: skip
    return {
        "claims": sorted(claim_rows, key=repr),
        "prices": sorted(price_rows, key=repr),
        "endpoints": sorted(endpoint_rows, key=repr),
    }


def published(native_id: str = "small", component: str = "input", condition: str = "") -> Any:
    """The amount of one price in force."""
    row = LedgerPrice.objects.filter(
        endpoint__native_id=native_id, component=component, condition=condition, valid_to=None
    ).first()
    return None if row is None else row.amount


BATCH = Condition(tier="batch")
