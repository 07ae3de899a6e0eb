"""The market of the recordings over time: how much of its past is known, and that it is right."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from catalog.pages.change.items import classified
from providers import change_queries, queries
from providers.changes import Kind
from providers.choices import RunState
from providers.ledger import PRICE, Stated
from providers.models import Endpoint, Price, Run
from providers.publish import stated_claims
from providers.trust import EDITOR, trust
from tests.factories import NOW

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
    """On endpoints of all sources with much of a past, against a straight replay."""
    busiest = Counter(Price.objects.public().values_list("endpoint_id", flat=True)).most_common(40)
    ids = [pk for pk, _ in busiest]
    providers = dict(Endpoint.objects.filter(pk__in=ids).values_list("pk", "provider__slug"))
    claims = stated_claims(set(), endpoint_id__in=ids)
    ledger = queries.prices_until(ids, when=NOW)
    wrong = []
    for number in range(365):
        end = datetime.combine(JANUARY, time(), UTC) + timedelta(days=number + 1, microseconds=-1)
        for pk in ids:
            replayed = replay(claims[pk], providers[pk], end)
            rows = {row.claim_id for row in ledger[pk] if row.holds(end)}
            if rows != replayed:
                wrong.append((pk, end, rows ^ replayed))
    assert wrong == []


def replay(claims: list[Stated], provider: str, moment: datetime) -> set[int]:
    """Claims in force at a moment: the best source's card, then what agreeing ones add to it."""
    cards: dict[str, dict[Any, Stated]] = {}
    for claim in sorted(claims, key=lambda claim: (claim.span()[0], claim.id)):
        since, until = claim.span()
        if claim.key.startswith(PRICE) and since <= moment < until:
            cards.setdefault(claim.source, {})[claim.key, claim.condition] = claim
    card = dict(cards.pop(EDITOR, {}))
    by_sources: dict[Any, Stated] = {}
    for source in sorted(cards, key=lambda source: (trust(source, provider).rank, source)):
        shared = cards[source].keys() & by_sources.keys()
        agrees = shared and all(cards[source][s].value == by_sources[s].value for s in shared)
        if agrees or not by_sources:
            by_sources = {**cards[source], **by_sources}
    return {claim.id for claim in {**by_sources, **card}.values()}
