"""A house price follows its upstream through a refresh, as the worker does it, on a real answer."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User

from providers import jobs, pricing_desk, queries, work
from providers.choices import Book, EditKind
from providers.claims import Edit
from providers.facts import WHOLE_CARD, PriceRule
from providers.models import Claim, Edition, Endpoint, Job, Price, Run, Subject
from providers.pricing import Usage, in_book, price_at
from providers.sources import litellm, recordings
from tests.upstreams import Upstreams, upstreams

from .market import price

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
MINI = "gpt-4o-mini"
PARTS = urlsplit(litellm.ADDRESS)
PATH = f"/{PARTS.netloc}{PARTS.path}"


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    """LiteLLM's recorded answer, as far as it is about OpenAI."""
    answer = json.loads(recordings.recorded("litellm").data)
    return {name: one for name, one in answer.items() if one.get("litellm_provider") == "openai"}


@pytest.fixture
def source(settings: Any, tmp_path: Path, recorded: dict[str, Any]) -> Iterator[Upstreams]:
    settings.AFTER_PUBLISH = []
    settings.DATA_DIR = tmp_path
    with upstreams() as place:
        settings.SOURCES_AT = place.url
        place.answers[PATH] = json.dumps(recorded).encode()
        yield place


def refresh(now: datetime) -> None:
    """The worker's duty, once it is due."""
    jobs.ask("refresh", "litellm", now=now)
    job = Job.objects.get(name="refresh", argument="litellm")
    assert work.carry_out(job.pk, clock=lambda: now)
    job.refresh_from_db()
    assert not job.last_error, job.last_error


def says(source: Upstreams, recorded: dict[str, Any], **costs: float) -> None:
    changed = {**recorded, MINI: {**recorded[MINI], **costs}}
    source.answers[PATH] = json.dumps(changed).encode()


def endpoint() -> Endpoint:
    return Endpoint.objects.get(native_id=MINI, provider__slug="openai")


def save(*edits: Edit) -> None:
    ann, _ = User.objects.get_or_create(username="ann")
    at = NOW + timedelta(hours=1)
    pricing_desk.save(edits, kind=EditKind.BULK, by=ann, why="agreed", now=at)


def in_force(book: Book, when: datetime) -> dict[tuple[str, str], Decimal | None]:
    rows = queries.prices_at([endpoint().pk], when=when, book=book.value).get(endpoint().pk, [])
    return {(row.component, row.condition.tier): row.amount for row in rows}


def test_a_house_price_follows_its_upstream_through_the_worker_s_refresh(source, recorded):
    refresh(NOW)
    about = Subject("endpoint", endpoint().pk)
    rule = PriceRule(times=Decimal("1.15"), step=Decimal("0.01"))
    save(
        Edit.of_rule(about, WHOLE_CARD, rule, Book.HOUSE.value),
        Edit.of_price(about, price("0.12"), Book.CONTRACT.value),
    )
    before = in_force(Book.HOUSE, NOW + timedelta(hours=2))
    assert before[("input", "")] == Decimal("0.18")  # 0.15 × 1.15 = 0.1725
    assert before[("output", "batch")] == Decimal("0.35")
    words = dict(Claim.objects.exclude(book="public").values_list("pk", "value"))

    says(source, recorded, input_cost_per_token=2e-07, output_cost_per_token_batches=4e-07)
    refresh(LATER)

    after = in_force(Book.HOUSE, LATER)
    assert in_force(Book.PUBLIC, LATER)[("input", "")] == Decimal("0.2")
    assert after[("input", "")] == Decimal("0.23")
    assert after[("output", "batch")] == Decimal("0.46")
    unchanged = before.keys() - {("input", ""), ("output", "batch")}
    assert {key: after[key] for key in unchanged} == {key: before[key] for key in unchanged}
    # What was agreed stands as it was, and so do the editors' very words.
    assert in_force(Book.CONTRACT, LATER) == {("input", ""): Decimal("0.12")}
    assert dict(Claim.objects.exclude(book="public").values_list("pk", "value")) == words
    # The price that was followed until then is history, as the public one is.
    assert in_force(Book.HOUSE, LATER - timedelta(hours=1)) == before


def test_a_price_that_its_upstream_drops_leaves_the_house_book_too(source, recorded):
    refresh(NOW)
    about = Subject("endpoint", endpoint().pk)
    save(Edit.of_rule(about, WHOLE_CARD, PriceRule(times=Decimal(2)), Book.HOUSE.value))
    assert ("cache_read", "") in in_force(Book.HOUSE, NOW + timedelta(hours=2))
    kept = {k: v for k, v in recorded[MINI].items() if not k.startswith("cache_read")}
    source.answers[PATH] = json.dumps({**recorded, MINI: kept}).encode()
    refresh(LATER)
    assert ("cache_read", "") not in in_force(Book.HOUSE, LATER)


def test_a_house_price_over_the_contract_follows_the_list_where_the_contract_is_silent(
    source, recorded
):
    refresh(NOW)
    about = Subject("endpoint", endpoint().pk)
    rule = PriceRule(over=Book.CONTRACT.value, times=Decimal(2))
    save(
        Edit.of_price(about, price("0.12"), Book.CONTRACT.value),
        Edit.of_rule(about, WHOLE_CARD, rule, Book.HOUSE.value),
    )
    says(source, recorded, input_cost_per_token=2e-07, output_cost_per_token=7e-07)
    refresh(LATER)
    held = in_force(Book.HOUSE, LATER)
    assert held[("input", "")] == Decimal("0.24")  # agreed, whatever the list says
    assert held[("output", "")] == Decimal("1.4")
    # What was agreed holds on the list's tiers as well: no public one is left to follow.
    assert ("input", "batch") not in held
    rows = queries.book_prices_at([endpoint().pk], when=LATER, books=["contract", "house"])
    for tier in ("", "batch", "priority"):
        contract, house = (
            price_at(
                rows[endpoint().pk],
                when=LATER,
                usage=Usage(input_tokens=1000),
                tier=tier,
                book=book,
            )
            for book in ("contract", "house")
        )
        assert house.totals["USD"] == 2 * contract.totals["USD"]
    assert in_book(rows[endpoint().pk], "public")


def test_a_refresh_that_finds_nothing_new_leaves_the_books_alone(source):
    refresh(NOW)
    about = Subject("endpoint", endpoint().pk)
    save(Edit.of_rule(about, WHOLE_CARD, PriceRule(times=Decimal(2)), Book.HOUSE.value))
    before = (list(Price.objects.order_by("pk").values()), Edition.objects.get().number)
    refresh(LATER)
    assert Run.objects.latest("pk").state == "unchanged"
    assert (list(Price.objects.order_by("pk").values()), Edition.objects.get().number) == before
