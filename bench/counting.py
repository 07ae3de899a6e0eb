"""Measurements: taken in and counted a second, true to the raw ones, and read for a page.

`python -m bench.counting --observations 1000000` does so in the database that DATABASE_URL names,
which should be empty. Each rate is told twice: by the clock, and by this process's own processor
time, which other work on the machine does not change much.
"""

import argparse
import itertools
import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from math import ceil

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402  after the settings

from catalog.pages.performance import figures  # noqa: E402
from catalog.pages.performance.course import MOST_LINES  # noqa: E402
from catalog.queries import statistics as page_statistics  # noqa: E402
from catalog.queries.statistics import (  # noqa: E402
    LAST_DAY,
    LAST_MONTH,
    LAST_WEEK,
    NINETY_DAYS,
    NINETY_HOURS,
    Window,
)
from providers.choices import Inlet, Outcome, Period  # noqa: E402
from providers.models import Endpoint, Observation, Provider, Rollup  # noqa: E402
from providers.stats import rollup  # noqa: E402
from providers.stats.histogram import Histogram  # noqa: E402
from providers.stats.observation import Observation as Seen  # noqa: E402
from providers.stats.observation import throughput  # noqa: E402
from providers.stats.record import record, rows  # noqa: E402
from providers.stats.tally import Tally, merged  # noqa: E402

ENDPOINTS = 500
BATCH = 5_000
PAGE_ENDPOINTS = (1, 5, 20)  # most models have no more
# Bars and figures of a page; the first is what a page shows that is not asked for more.
PAGES = ((NINETY_HOURS, LAST_DAY), (NINETY_HOURS, LAST_WEEK), (NINETY_DAYS, LAST_MONTH))
HOURS = 90 * 24
TIMES = 30
QUANTILES = (0.5, 0.9, 0.99)
LINE = "{:<46}{:>12}{:>22}"
PAGE_LINE = "{:<40}" + "{:>16}" * len(PAGE_ENDPOINTS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--observations", type=int, default=100_000)
    count = parser.parse_args().observations
    now = datetime.now(UTC)
    endpoints = prepare()
    print(f"\nmeasurements on {connection.vendor}, {count:,} over {len(endpoints)} endpoints")
    print(LINE.format("", "rows/s", "per processor second"))
    take(count, endpoints, now)
    fold(count, now)
    compare_with_raw()
    read_pages(now)


def prepare() -> dict[str, int]:
    provider, _ = Provider.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    missing = ENDPOINTS - Endpoint.objects.filter(provider=provider).count()
    Endpoint.objects.bulk_create(
        [Endpoint(provider=provider, native_id=f"m-{n}", operation="chat") for n in range(missing)]
    )
    found = Endpoint.objects.filter(provider=provider).order_by("pk")
    return dict(found.values_list("native_id", "pk"))


def made_up(count: int, endpoints: dict[str, int], now: datetime, seed: int = 1) -> Iterator[Seen]:
    """Requests of the last hours with the spread of real ones; ids differ from run to run."""
    rng = random.Random(seed)  # noqa: S311  made-up figures
    run = f"{time.time_ns():x}"
    names = list(endpoints)
    outcomes = [Outcome.OK] * 92 + [Outcome.PROVIDER_ERROR] * 5 + [Outcome.RATE_LIMITED] * 3
    for number in range(count):
        ttft = rng.lognormvariate(6, 0.8)
        yield Seen(
            id=f"{run}-{number}",
            at=now - timedelta(seconds=rng.randrange(6 * 3600)),
            outcome=rng.choice(outcomes),
            provider="bench",
            model=rng.choice(names),
            ttft_ms=ttft,
            latency_ms=ttft + rng.lognormvariate(8, 1),
            input_tokens=rng.randrange(5000),
            output_tokens=rng.randrange(1, 3000),
            app="chat",
        )


def take(count: int, endpoints: dict[str, int], now: datetime) -> None:
    made = made_up(count, endpoints, now)
    batches = list(iter(lambda: list(itertools.islice(made, BATCH)), []))
    pairs = [[(one, endpoints[one.model]) for one in batch] for batch in batches]

    def write_rows() -> None:
        with transaction.atomic():
            for batch in pairs:
                rows.write(0, batch)
            transaction.set_rollback(True)

    def record_all() -> None:
        for batch in batches:
            record(batch, sender="bench", inlet=Inlet.PUSH, now=now)

    tell("rows written, nothing else", count, write_rows)
    tell(f"record(): checked, each once, by {BATCH:,}", count, record_all)
    tell("record() of the same again, all refused", count, record_all)


def fold(count: int, now: datetime) -> None:
    tell("folded into hours and days, one worker", count, lambda: rollup.fold_all(now=now))


def tell(what: str, count: int, do: Callable[[], object]) -> None:
    begun, used = time.perf_counter(), time.process_time()
    do()
    used, begun = time.process_time() - used, time.perf_counter() - begun
    print(LINE.format(what, f"{count / begun:,.0f}", f"{count / used:,.0f}"), flush=True)


# -- truth ----------------------------------------------------------------------------------------


def compare_with_raw() -> None:
    """Counts must be the same; the worst percentile of any endpoint is told."""
    raw: dict[int, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    requests: dict[tuple[int, str], int] = defaultdict(int)
    columns = ("endpoint_id", "outcome", "ttft_us", "latency_us", "output_tokens")
    for endpoint_id, outcome, ttft, latency, made in Observation.objects.values_list(
        *columns
    ).iterator(chunk_size=10_000):
        requests[endpoint_id, outcome] += 1
        if outcome == Outcome.OK:
            raw[endpoint_id][0].append(ttft / 1e6)
            speed = throughput(ttft / 1000, latency / 1000, made)
            if speed is not None:
                raw[endpoint_id][1].append(speed)
    tallies: dict[int, list[Tally]] = defaultdict(list)
    for row in Rollup.objects.filter(period=Period.HOUR):
        tallies[row.endpoint_id].append(rollup.tally_of(row))
    wrong = 0
    worst = 0.0
    for endpoint_id, mine in tallies.items():
        tally = merged(mine)
        wrong += any(getattr(tally, one) != requests[endpoint_id, one.value] for one in Outcome)
        for histogram, values in zip((tally.ttft, tally.throughput), raw[endpoint_id], strict=True):
            wrong += histogram.count != len(values)
            if values:
                worst = max(worst, error(histogram, sorted(values)))
    print(
        f"hours against the observations: {wrong} of {len(tallies)} endpoints miscounted, ", end=""
    )
    print(f"worst percentile {100 * worst:.3f} % off (p50, p90, p99 of TTFT and throughput)")


def error(histogram: Histogram, values: list[float]) -> float:
    found = [
        (histogram.quantile(q) or 0.0) / values[max(1, ceil(round(q * len(values), 6))) - 1] - 1
        for q in QUANTILES
    ]
    return max(map(abs, found))


# -- pages ----------------------------------------------------------------------------------------


def read_pages(now: datetime) -> None:
    """What one page of performance asks of ninety days of hours."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    provider = Provider.objects.create(slug=f"bench-{time.time_ns()}", name="Bench")
    endpoints = Endpoint.objects.bulk_create(
        Endpoint(provider=provider, native_id=f"p-{n}", operation="chat")
        for n in range(max(PAGE_ENDPOINTS))
    )
    ids = [endpoint.pk for endpoint in endpoints]
    fill(ids, hour)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE providers_rollup")  # a server does so by itself after a while
    print(f"\nstatistics of one page from {HOURS:,} hours an endpoint, ms, median of {TIMES}")
    print(f"at load {os.getloadavg()[0]:.1f}; in brackets this process's own processor time")
    print(PAGE_LINE.format("endpoints", *PAGE_ENDPOINTS))
    for uptime, over in PAGES:
        cells = [cell(ids[:count], hour, uptime, over) for count in PAGE_ENDPOINTS]
        print(PAGE_LINE.format(f"bars of {uptime.label}, figures of {over.label}", *cells))


def cell(ids: list[int], hour: datetime, uptime: Window, over: Window) -> str:
    taken, used = [], []
    for _ in range(TIMES):
        begun, busy = time.perf_counter(), time.process_time()
        read_page(ids, hour, uptime, over)
        taken.append(1000 * (time.perf_counter() - begun))
        used.append(1000 * (time.process_time() - busy))
    return f"{statistics.median(taken):.1f} ({statistics.median(used):.1f})"


def read_page(ids: list[int], hour: datetime, uptime: Window, over: Window) -> None:
    """Bars, use by day, top apps, the spread of three metrics, and the course of two."""
    page_statistics.of_page(ids, now=hour, uptime=uptime)
    mine = page_statistics.of_inlet(ids, inlet=Inlet.PUSH, now=hour, over=over)
    for speed in mine.speeds.values():
        for histogram in (speed.ttft, speed.throughput, speed.latency):
            figures.spread(histogram)
    drawn = ids[:MOST_LINES]
    course = page_statistics.course(drawn, inlet=Inlet.PUSH, now=hour, over=over)
    for slots in course.values():
        for slot in slots:
            figures.middle(slot.ttft)
            figures.middle(slot.throughput)


def fill(ids: list[int], hour: datetime) -> None:
    """Sixty requests an hour, written hour by hour as they come; days have the spread of a day."""
    rng = random.Random(2)  # noqa: S311  made-up figures
    spread = [made_up_tally(rng, 60) for _ in range(50)]
    daily = [made_up_tally(rng, 1440) for _ in range(50)]
    made = [
        stored(pk, Period.HOUR, hour - timedelta(hours=n), rng.choice(spread))
        for n in reversed(range(HOURS))
        for pk in ids
    ]
    made += [
        stored(pk, Period.DAY, hour.replace(hour=0) - timedelta(days=n), rng.choice(daily))
        for n in reversed(range(HOURS // 24))
        for pk in ids
    ]
    Rollup.objects.bulk_create(made, batch_size=2000)


def made_up_tally(rng: random.Random, count: int) -> Tally:
    ttft = [rng.lognormvariate(-1, 0.5) for _ in range(count)]
    return Tally(
        ok=count,
        input_tokens=2000 * count,
        output_tokens=400 * count,
        ttft=Histogram.of(ttft),
        latency=Histogram.of([each + rng.lognormvariate(1, 1) for each in ttft]),
        throughput=Histogram.of([rng.lognormvariate(4, 0.5) for _ in range(count)]),
    )


def stored(endpoint_id: int, period: Period, start: datetime, tally: Tally) -> Rollup:
    return Rollup(
        endpoint_id=endpoint_id,
        period=period.value,
        start=start,
        inlet=Inlet.PUSH.value,
        app="chat",
        ok=tally.ok,
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        ttft=tally.ttft.to_bytes(),
        latency=tally.latency.to_bytes(),
        throughput=tally.throughput.to_bytes(),
    )


if __name__ == "__main__":
    main()
