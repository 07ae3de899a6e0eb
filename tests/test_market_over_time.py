"""The market of the recordings over time: how much of its past is known, and that it is right."""

import json
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from catalog.pages.as_of import AsOf
from catalog.pages.change.items import classified
from providers import change_queries, queries
from providers.changes import Kind
from providers.choices import Book, RunState
from providers.models import Claim, Endpoint, Price, Run
from tests.factories import NOW
from tests.replay import Said, in_order, replay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_market")]

EVER = datetime(2000, 1, 1, tzinfo=UTC)
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def test_there_are_five_hundred_changes_of_price_over_eighteen_months_each_with_its_source():
    changes = [one for one in classified(EVER, NOW) if one.kind is Kind.PRICE]
    assert len(changes) >= 500
    days = sorted(one.step.at for one in changes)
    assert days[-1] - days[0] >= timedelta(days=548)
    sources = queries.sources()
    assert all(one.step.source == sources[one.step.source_id].slug for one in changes)


def test_what_is_no_change_of_price_is_told_apart():
    counts = Counter(one.kind for one in classified(EVER, NOW))
    assert all(counts[kind] for kind in Kind), counts


def test_every_run_of_the_past_is_published():
    states = Counter(Run.objects.values_list("state", flat=True))
    assert states == {RunState.PUBLISHED.value: Run.objects.count()}
    assert Run.objects.filter(as_of__lt=datetime(2025, 1, 1, tzinfo=UTC)).exists()


def test_endpoints_came_and_went():
    assert len(change_queries.arrivals(since=EVER, until=NOW)) > 1000
    assert len(change_queries.departures(since=EVER, until=NOW)) > 500


# -- the ledger as of a day -----------------------------------------------------------------------


def test_as_of_every_day_of_2026_the_ledger_is_what_the_claims_say():
    """Those with most of a past and some of any kind, against a straight replay."""
    ids = list(dict.fromkeys([*busiest(100), *any_others(50)]))
    providers = dict(Endpoint.objects.filter(pk__in=ids).values_list("pk", "provider__slug"))
    claims = {pk: in_order(said) for pk, said in price_claims(ids).items()}
    ledger = queries.prices_until(ids, when=datetime(2027, 1, 1, tzinfo=UTC))
    wrong, changes = [], 0
    before: dict[int, set[int]] = {}
    for number in range(365):
        end = datetime.combine(JANUARY, time(), UTC) + timedelta(days=number + 1, microseconds=-1)
        for pk in ids:
            replayed = replay(claims[pk], providers[pk], end)
            rows = {row.claim_id for row in ledger[pk] if row.holds(end)}
            if rows != replayed:
                wrong.append((pk, end, rows ^ replayed))
            changes += replayed != before.get(pk)
            before[pk] = replayed
    assert wrong == []
    assert changes > 300


@pytest.mark.parametrize("day", ["2025-12-31", "2026-04-01", "2026-08-15", "2026-11-13"])
def test_what_pages_of_a_day_read_is_that_ledger(day):
    end = AsOf(date.fromisoformat(day)).moment(NOW)
    ids = busiest(200)
    providers = dict(Endpoint.objects.filter(pk__in=ids).values_list("pk", "provider__slug"))
    claims = price_claims(ids)
    read = queries.prices_at(ids, when=end)
    for pk in ids:
        replayed = replay(in_order(claims[pk]), providers[pk], end)
        assert {row.claim_id for row in read.get(pk, ())} == replayed
        values = {claim.id: json.loads(claim.value) for claim in claims[pk]}
        for row in read.get(pk, ()):
            amount = values[row.claim_id].get("amount")
            assert row.amount == (None if amount is None else Decimal(amount))


def busiest(count: int) -> list[int]:
    """Endpoints with the most rows in the ledger."""
    owners = Counter(Price.objects.public().values_list("endpoint_id", flat=True))
    return [pk for pk, _ in sorted(owners.items(), key=lambda one: (-one[1], one[0]))[:count]]


def any_others(count: int) -> list[int]:
    """Endpoints evenly out of all that have prices."""
    owners = sorted(set(Price.objects.public().values_list("endpoint_id", flat=True)))
    return owners[:: len(owners) // count][:count]


def price_claims(ids: list[int]) -> dict[int, list[Said]]:
    """Every public price that anybody ever claimed of some endpoints, as it stands in the table."""
    found: dict[int, list[Said]] = {pk: [] for pk in ids}
    about = Claim.objects.filter(
        endpoint_id__in=ids, key__startswith="price.", book=Book.PUBLIC.value
    )
    for endpoint, *columns in about.values_list(
        "endpoint_id", "pk", "source__slug", "key", "condition", "value", "stated_from", "ended_at",
        "effective_from", "effective_to",
    ):  # fmt: skip
        found[endpoint].append(Said(*columns))
    return found
