import random
import threading
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

import pytest
from django.db import connection

from providers.choices import Inlet, Outcome, Period
from providers.models import (
    Delivery,
    Endpoint,
    EventDigest,
    Observation,
    Quarantined,
    Rollup,
    StatisticsEdition,
)
from providers.stats import rollup
from providers.stats.histogram import Histogram
from providers.stats.observation import Observation as Seen
from providers.stats.record import record
from providers.stats.rollup import tally_of
from providers.stats.tally import NOTHING, Tally, merged
from tests.factories import NOW, EndpointFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK_OF_RAW = timedelta(hours=48)


@pytest.fixture
def endpoint() -> Endpoint:
    return EndpointFactory(provider__slug="openai", native_id="gpt-4o")


def seen(name: object, **told: Any) -> Seen:
    sound = {"id": str(name), "at": NOW, "outcome": Outcome.OK}
    return Seen(**{**sound, "provider": "openai", "model": "gpt-4o", **told})


def take(*batch: Seen, inlet: Inlet = Inlet.PUSH, now: datetime = NOW) -> None:
    receipt = record(batch, sender="gateway", inlet=inlet, now=now)
    assert receipt.accepted == len(batch), receipt


def row(**of: Any) -> Tally:
    return tally_of(Rollup.objects.get(**of))


def test_an_hour_holds_counts_sums_and_histograms(endpoint: Endpoint) -> None:
    take(
        seen(1, ttft_ms=500.0, latency_ms=2500.0, input_tokens=100, output_tokens=101,
             cached_tokens=40, cost=Decimal("0.002")),
        seen(2, latency_ms=1000.0, input_tokens=50, output_tokens=7, reasoning_tokens=3),
        seen(3, outcome=Outcome.PROVIDER_ERROR, ttft_ms=9000.0, latency_ms=60_000.0),
        seen(4, outcome=Outcome.RATE_LIMITED),
        seen(5, outcome=Outcome.CALLER_ERROR, cost=Decimal(0)),
    )  # fmt: skip
    assert rollup.fold(now=NOW) == 5
    hour = row(period="hour")
    assert (hour.ok, hour.provider_error, hour.rate_limited, hour.caller_error) == (2, 1, 1, 1)
    assert (hour.input_tokens, hour.output_tokens, hour.reasoning_tokens) == (150, 108, 3)
    assert (hour.cached_tokens, hour.input_with_cached, hour.with_tokens) == (40, 100, 2)
    assert (hour.cost, hour.with_cost) == (Decimal("0.002"), 2)
    # Failures have no speed.
    assert hour.ttft == Histogram.of([0.5])
    assert hour.latency == Histogram.of([2.5, 1.0])
    assert hour.throughput == Histogram.of([50.0])


def test_unknown_cost_and_cache_are_not_zero(endpoint: Endpoint) -> None:
    take(seen(1, input_tokens=10))
    rollup.fold(now=NOW)
    hour = row(period="hour")
    assert (hour.cost, hour.cache_rate, hour.uptime) == (None, None, None)


def test_inlets_regions_and_apps_are_kept_apart(endpoint: Endpoint) -> None:
    take(seen(1), seen(2, region="fra"), seen(3, app="chat"), seen(4, app="chat"))
    take(seen(5), inlet=Inlet.PROBE)
    rollup.fold_all(now=NOW)
    found = Rollup.objects.filter(period="hour").values_list("inlet", "region", "app", "ok")
    assert sorted(found) == [
        ("probe", "", "", 1),
        ("push", "", "", 1),
        ("push", "", "chat", 2),
        ("push", "fra", "", 1),
    ]


def test_made_up_apps_do_not_fill_the_database(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.stats.rollup.crowding.MOST_NAMES", 3)
    for start in range(0, 12, 4):
        take(*[seen(n, app=f"app-{n}", region="fra") for n in range(start, start + 4)])
        rollup.fold(now=NOW)
    take(seen("again", app="app-1", region="fra"), seen("plain"))
    rollup.fold(now=NOW)
    for period in Period:
        counts = dict(Rollup.objects.filter(period=period).values_list("app", "ok"))
        assert counts == {"app-0": 1, "app-1": 2, "app-2": 1, "(others)": 9, "": 1}


def test_late_and_unordered_events_land_in_their_own_hour(endpoint: Endpoint) -> None:
    ago = [HOUR * 3, timedelta(0), DAY * 8, HOUR]
    for name, late in enumerate(ago):
        take(seen(name, at=NOW - late))
        rollup.fold(now=NOW)
    hours = Rollup.objects.filter(period="hour").order_by("start").values_list("start", "ok")
    assert list(hours) == [(NOW - late, 1) for late in sorted(ago, reverse=True)]
    days = Rollup.objects.filter(period="day").order_by("start").values_list("start", "ok")
    midnight = NOW.replace(hour=0)
    assert list(days) == [(midnight - DAY * 8, 1), (midnight, 3)]


def test_the_last_millisecond_of_an_hour_belongs_to_it(endpoint: Endpoint) -> None:
    take(seen(1, at=NOW - timedelta(milliseconds=1)), seen(2, at=NOW))
    rollup.fold(now=NOW)
    starts = Rollup.objects.filter(period="hour").order_by("start").values_list("start", flat=True)
    assert list(starts) == [NOW - HOUR, NOW]


def test_a_delivery_is_counted_once(endpoint: Endpoint) -> None:
    take(seen(1), seen(2))
    assert rollup.fold(now=NOW) == 2
    assert rollup.fold(now=NOW) == 0
    assert row(period="hour").ok == 2


def test_a_fold_takes_at_least_one_delivery_however_large(endpoint: Endpoint) -> None:
    take(*[seen(n) for n in range(5)])
    take(*[seen(n) for n in range(5, 8)])
    assert rollup.fold(now=NOW, at_most=2) == 5
    assert rollup.fold(now=NOW, at_most=2) == 3
    assert row(period="day").ok == 8


def test_a_fold_that_dies_counts_nothing(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    def die(*args: object, **fields: object) -> None:
        raise Killed

    take(seen(1))
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("providers.stats.rollup.folding.Delivery.objects.filter", die)
        rollup.fold(now=NOW)
    rollup.fold_all(now=NOW)
    assert row(period="hour").ok == 1


def test_an_endpoint_that_was_deleted_holds_nothing_up(endpoint: Endpoint) -> None:
    other = EndpointFactory(provider=endpoint.provider, native_id="gone")
    take(seen(1), seen(2, model="gone"))
    other.delete()
    assert rollup.fold(now=NOW) == 2
    assert [r.endpoint_id for r in Rollup.objects.filter(period="hour")] == [endpoint.pk]


def test_made_up_costs_do_not_stop_the_counting(endpoint: Endpoint) -> None:
    key = rollup.Key(Period.HOUR, NOW, endpoint.pk, Inlet.PUSH)
    for _ in range(2):
        rollup.add({key: Tally(ok=1, cost_pico=2**63 - 10, with_cost=1)})
    assert (row(period="hour").ok, row(period="hour").cost_pico) == (2, 2**63 - 1)


def test_figures_counted_elsewhere_are_added_the_same_way(endpoint: Endpoint) -> None:
    take(seen(1, ttft_ms=100.0))
    rollup.fold(now=NOW)
    theirs = Histogram.from_buckets(scale=3, offset=-20, counts=[1, 2, 3])
    key = rollup.Key(Period.HOUR, NOW, endpoint.pk, Inlet.PUSH)
    rollup.add({key: Tally(ok=6, ttft=theirs)})
    hour = row(period="hour")
    assert (hour.ok, hour.ttft.count, hour.ttft.scale) == (7, 7, 3)
    assert row(period="day") == hour


# -- adds up --------------------------------------------------------------------------------------


def made_up(endpoints: int, count: int, seed: int) -> list[Seen]:
    """Requests over two days, with the spread of real ones."""
    rng = random.Random(seed)  # noqa: S311  made-up figures
    made = []
    for name in range(count):
        ttft = rng.lognormvariate(6, 0.8)
        made.append(
            seen(
                name,
                model=f"model-{rng.randrange(endpoints)}",
                at=NOW - timedelta(seconds=rng.randrange(2 * 86_400)),
                outcome=rng.choices(list(Outcome), [90, 5, 3, 2])[0],
                ttft_ms=ttft,
                latency_ms=ttft + rng.lognormvariate(8, 1),
                input_tokens=rng.randrange(5000),
                output_tokens=rng.randrange(1, 3000),
                app=rng.choice(["", "chat", "agent"]),
            )
        )
    return made


def expect_rollups_to_equal(batch: list[Seen]) -> None:
    """Counts exactly, percentiles within the stated error, against the observations themselves."""
    ids = dict(Endpoint.objects.values_list("native_id", "pk"))
    for period in Period:
        rows: dict[int, Tally] = {}
        for found in Rollup.objects.filter(period=period):
            total = rows.get(found.endpoint_id, NOTHING) + tally_of(found)
            rows[found.endpoint_id] = total
        for name, endpoint_id in ids.items():
            mine = [one for one in batch if one.model == name]
            tally = rows[endpoint_id]
            assert tally.requests == len(mine)
            for outcome in Outcome:
                assert getattr(tally, outcome) == sum(one.outcome == outcome for one in mine)
            assert tally.output_tokens == sum(one.output_tokens or 0 for one in mine)
            good = [one for one in mine if one.outcome == Outcome.OK]
            expect_percentiles(tally.ttft, [(one.ttft_ms or 0) / 1000 for one in good])
            expect_percentiles(tally.throughput, [t for one in good if (t := one.throughput)])


def expect_percentiles(histogram: Histogram, values: list[float]) -> None:
    assert histogram.count == len(values)
    for q in (0.5, 0.9, 0.99):
        true = sorted(values)[max(1, ceil(round(q * len(values), 6))) - 1]
        assert histogram.quantile(q) == pytest.approx(true, rel=0.011)


def test_rollups_equal_recomputation_from_raw() -> None:
    provider = EndpointFactory(provider__slug="openai", native_id="model-0").provider
    for number in range(1, 10):
        EndpointFactory(provider=provider, native_id=f"model-{number}")
    batch = made_up(10, 6000, seed=7)
    for start in range(0, len(batch), 700):
        take(*batch[start : start + 700])
        if start % 1400:
            rollup.fold(now=NOW, at_most=500)
    rollup.fold_all(now=NOW)
    expect_rollups_to_equal(batch)


def test_days_are_the_sums_of_their_hours(endpoint: Endpoint) -> None:
    EndpointFactory(provider=endpoint.provider, native_id="model-0")
    take(*made_up(1, 500, seed=3))
    rollup.fold_all(now=NOW)
    for day in Rollup.objects.filter(period="day"):
        hours = Rollup.objects.filter(
            period="hour", app=day.app, start__gte=day.start, start__lt=day.start + DAY
        )
        assert merged(map(tally_of, hours)) == tally_of(day)


@pytest.mark.django_db(transaction=True)
def test_many_folders_and_senders_at_once_add_up_exactly() -> None:
    provider = EndpointFactory(provider__slug="openai", native_id="model-0").provider
    for number in range(1, 5):
        EndpointFactory(provider=provider, native_id=f"model-{number}")
    batch = made_up(5, 2400, seed=11)
    parts = [batch[start::24] for start in range(24)]
    errors: list[BaseException] = []

    def work(mine: list[list[Seen]]) -> None:
        try:
            for part in mine:
                take(*part)
                rollup.fold(now=NOW, at_most=150)
            rollup.fold_all(now=NOW)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(parts[n::6],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rollup.fold_all(now=NOW)
    assert errors == []
    assert not Delivery.objects.filter(folded_at=None).exists()
    expect_rollups_to_equal(batch)


# -- pruning --------------------------------------------------------------------------------------


def pruned(now: datetime) -> rollup.Pruned:
    return rollup.prune(now=now, raw_kept=WEEK_OF_RAW)


def test_raw_observations_go_after_two_days_and_are_still_in_the_hours(endpoint: Endpoint) -> None:
    take(seen(1), seen(2))
    rollup.fold(now=NOW)
    assert pruned(NOW + 2 * DAY).observations == 0
    assert pruned(NOW + 2 * DAY + HOUR).observations == 2
    assert not Observation.objects.exists() and not Delivery.objects.exists()
    assert row(period="hour").ok == 2


def test_what_nobody_has_counted_is_kept_however_old(endpoint: Endpoint) -> None:
    take(seen(1))
    assert pruned(NOW + 30 * DAY).observations == 0
    assert rollup.fold(now=NOW + 30 * DAY) == 1


def test_a_replay_is_known_as_long_as_an_event_may_be_late(endpoint: Endpoint) -> None:
    ahead = NOW + timedelta(minutes=5)
    take(seen(1, at=ahead))
    latest = ahead + 8 * DAY
    rollup.fold(now=NOW)
    pruned(latest)
    again = record([seen(1, at=ahead)], sender="gateway", inlet=Inlet.PUSH, now=latest)
    assert (again.accepted, again.duplicates) == (0, 1)
    assert pruned(NOW + 11 * DAY).digests == 1
    assert not EventDigest.objects.exists()


def test_hours_go_after_ninety_days_and_days_stay(endpoint: Endpoint) -> None:
    take(seen(1))
    rollup.fold(now=NOW)
    assert pruned(NOW + 90 * DAY).hours == 0
    assert pruned(NOW + 90 * DAY + HOUR).hours == 1
    assert [r.period for r in Rollup.objects.all()] == ["day"]


def test_pruning_goes_by_chunks_until_nothing_is_left(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("providers.stats.rollup.pruning.AT_ONCE", 2)
    for start in range(0, 12, 3):
        take(*[seen(n) for n in range(start, start + 3)])
    rollup.fold_all(now=NOW)
    told: list[int] = []
    done = rollup.prune(now=NOW + 20 * DAY, raw_kept=WEEK_OF_RAW, tell=told.append)
    assert (done.observations, done.digests) == (12, 12)
    assert told[:4] == [3, 6, 9, 12]


def test_a_quarantined_name_is_forgotten_after_a_month(endpoint: Endpoint) -> None:
    record([seen(1, model="gpt-4p")], sender="gateway", inlet=Inlet.PUSH, now=NOW)
    assert pruned(NOW + 31 * DAY).quarantined == 1
    assert not Quarantined.objects.exists()


# -- the edition ----------------------------------------------------------------------------------


def test_the_edition_turns_once_a_minute_and_only_after_a_change(endpoint: Endpoint) -> None:
    minute = timedelta(minutes=1)
    assert not rollup.turn_edition(now=NOW)
    take(seen(1))
    rollup.fold(now=NOW)
    assert rollup.turn_edition(now=NOW)
    take(seen(2))
    rollup.fold(now=NOW)
    assert not rollup.turn_edition(now=NOW + minute / 2)
    assert rollup.turn_edition(now=NOW + minute)
    assert not rollup.turn_edition(now=NOW + 5 * minute)
    assert StatisticsEdition.objects.get().number == 2
