"""The pricing desk on 10,000 endpoints of 15 prices: a bulk change of 2,000 of them, and its undo.

`python -m bench.pricing` does so in the database that DATABASE_URL names, which should be empty.
Each step is told by the clock, and by this process's own processor time, which other work on the
machine does not change much.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402  after the settings
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from providers import pricing_desk, publish  # noqa: E402
from providers.choices import Component, EditKind  # noqa: E402
from providers.facts import Price  # noqa: E402
from providers.models import Claim, Draft, Endpoint, Provider, Source  # noqa: E402
from providers.pricing_desk import bulk, drafts, grid, preview  # noqa: E402
from providers.pricing_desk.bulk import Target  # noqa: E402
from providers.pricing_desk.rows import Scope  # noqa: E402

ENDPOINTS, PROVIDERS = 10_000, 25
COMPONENTS = tuple(component.value for component in Component)[:15]
CHANGED = 2_000
LINE = "{:<52}{:>8.2f}{:>22.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoints", type=int, default=ENDPOINTS)
    setup_test_environment()  # answers keep their context
    plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES["staticfiles"]["BACKEND"] = plain  # nothing was collected
    endpoints = prepare(parser.parse_args().endpoints)
    prices = endpoints * len(COMPONENTS)
    print(f"\nthe pricing desk on {connection.vendor}, {endpoints:,} endpoints, {prices:,} prices")
    print(f"{'':<52}{'seconds':>8}{'of processor time':>22}")
    for words, narrow in ((f"{CHANGED:,} endpoints", True), ("134 whole cards", False)):
        change(words, narrow=narrow)


def prepare(count: int) -> int:
    """Fills an empty market; one that is filled already is taken as it is."""
    if Endpoint.objects.exists():
        return Endpoint.objects.count()
    as_of = datetime.now(UTC) - timedelta(days=10)
    source = Source.objects.create(slug="litellm", name="LiteLLM", siglum="L", licence="MIT")
    sellers = [
        Provider(slug=f"bench-{number}", name=f"Bench {number}") for number in range(PROVIDERS)
    ]
    Provider.objects.bulk_create(sellers)
    sold = [
        Endpoint(
            provider=sellers[n % PROVIDERS],
            native_id=f"openai/gpt-9.{n // PROVIDERS}",  # the same 400 models from each
            operation="chat",
        )
        for n in range(count)
    ]
    Endpoint.objects.bulk_create(sold, batch_size=1000)
    Claim.objects.bulk_create(
        (
            Claim(
                source=source, endpoint=one, key=f"price.{component}", stated_from=as_of,
                value=Price(component, Decimal(number + 1) / 8).value(),
            )
            for one in sold
            for number, component in enumerate(COMPONENTS)
        ),
        batch_size=2000,
    )  # fmt: skip
    publish.publish(now=as_of, endpoints=[one.pk for one in sold])
    return count


def change(words: str, *, narrow: bool) -> None:
    """One price of many endpoints, or every price of few: 2,000 either way."""
    user, _ = User.objects.get_or_create(
        username="bench", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client()
    client.force_login(user)
    scope = Scope(component="input") if narrow else Scope()
    targets = chosen(scope)[:CHANGED]
    edits = bulk.edits(targets, bulk.by_percent(Decimal(10)), book="public").edits
    print(f"{len(edits):,} prices of {words}")
    with timed("  make the draft"):
        draft = drafts.make(edits, kind=EditKind.BULK, by=user, now=datetime.now(UTC))
    with timed("  preview"):
        found = preview(edits, now=datetime.now(UTC))
    if len(found) != len(edits):
        raise RuntimeError(f"{len(found)} of {len(edits)} prices would change")
    address = f"/admin/providers/pricing/drafts/{draft.pk}/"
    with timed("  the preview's page, first of its pages"):
        ask(client.get(address).status_code, 200)
    with timed("  save the draft"):
        change_set = pricing_desk.save_draft(draft, by=user, why="bench", now=datetime.now(UTC))
    with timed("  undo it"):
        pricing_desk.undo(change_set, by=user, why="bench", now=datetime.now(UTC))
    draft = drafts.make(edits, kind=EditKind.BULK, by=user, now=datetime.now(UTC))
    address = f"/admin/providers/pricing/drafts/{draft.pk}/"
    shown = client.get(address).context["shown"]
    with timed("  save another from the preview's page"):
        ask(client.post(address, {"why": "bench", "shown": shown}).status_code, 302)
    if Draft.objects.filter(pk=draft.pk).exists():
        raise RuntimeError("the page did not save the draft")
    with timed("  the grid, one page of one provider"):
        ask(client.get("/admin/providers/pricing/?provider=bench-0").status_code, 200)


def chosen(scope: Scope) -> list[Target]:
    """Prices that the editors say nothing of, as the grid would hand them to an operation."""
    now = datetime.now(UTC)
    endpoints = list(
        Endpoint.objects.exclude(claims__editor__isnull=False)
        .select_related("provider", "upstream")
        .order_by("pk")[:CHANGED]
    )
    rows = grid.shown(grid.sheet(endpoints, ["public"], now=now).rows, scope, now=now)
    return [
        Target(row.endpoint, 0, "", row.component, row.condition, row.base("public"))
        for row in rows
    ]


def ask(status: int, expected: int) -> None:
    if status != expected:
        raise RuntimeError(f"the answer was {status}")


@contextmanager
def timed(words: str) -> Iterator[None]:
    clock, processor = time.monotonic(), time.process_time()
    yield
    print(LINE.format(words, time.monotonic() - clock, time.process_time() - processor))


if __name__ == "__main__":
    main()
