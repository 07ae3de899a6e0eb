"""Figures as probes and senders bring them, for one model and one provider of the real market.

Pages with figures are looked at by the tests of the whole site. Only these are measured, so that
every other page of the market shows what it says without.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from providers.choices import Inlet, Period
from providers.models import Endpoint, OfficialStatus, Provider
from providers.stats import rollup
from providers.stats.histogram import Histogram
from providers.stats.rollup import Key
from providers.stats.tally import Tally

MODEL = "meta/llama-3.3-70b-instruct"  # sold by many; not the one that is sold by most
PROVIDER = "groq"  # whose status page is read too
SELLERS, OWN = 14, 6  # endpoints measured
APPS = ("support-bot", "nightly-summaries", "")
HOUR = timedelta(hours=1)


def fill(now: datetime) -> None:
    """Ninety hours of probes with gaps and failures, a day of reported requests, and a status."""
    author, slug = MODEL.split("/")
    listed = Endpoint.objects.filter(gone_since=None).order_by("pk")
    of_model = listed.filter(listing__model__author__slug=author, listing__model__slug=slug)
    own = listed.filter(provider__slug=PROVIDER, operation="chat")
    ids = list(dict.fromkeys([one.pk for one in (*own[:OWN], *of_model[:SELLERS])]))
    running = now.replace(minute=0, second=0, microsecond=0)
    rollup.add({key: tally for n, pk in enumerate(ids) for key, tally in _probed(pk, n, running)})
    rollup.add({key: tally for n, pk in enumerate(ids) for key, tally in _sent(pk, n, running)})
    for hours, indicator, words in ((30, "minor", "Elevated errors"), (2, "none", "Operational")):
        OfficialStatus.objects.create(
            provider=Provider.objects.get(slug=PROVIDER),
            page=f"https://status.{PROVIDER}.example/",
            indicator=indicator,
            words=words,
            first_read_at=now - hours * HOUR,
            confirmed_at=now - (hours - 1) * HOUR,
        )


def _probed(endpoint: int, n: int, running: datetime) -> Iterator[tuple[Key, Tally]]:
    """Some requests an hour, of every fifth endpoint too few; it rests at times, and fails."""
    requests = 3 if n % 5 == 4 else 6
    for ago in range(0, 90, 1 + n % 3):
        if ago % 23 < n % 5:
            continue
        failed = 3 if (ago + n) % 29 < n % 4 else 0
        first = [
            0.12 * (1 + n) + 0.01 * ((ago * 7 + probe * 11) % 13)
            for probe in range(requests - failed)
        ]
        tally = Tally(
            ok=len(first),
            provider_error=failed,
            rate_limited=int(ago % 17 == n),
            with_tokens=len(first),
            input_tokens=200 * len(first),
            output_tokens=48 * len(first),
            ttft=Histogram.of(first),
            latency=Histogram.of([1 + 5 * seconds for seconds in first]),
            throughput=Histogram.of([30 + 90 / (1 + n) + 40 * seconds for seconds in first]),
        )
        yield Key(Period.HOUR, running - ago * HOUR, endpoint, Inlet.PROBE, "Frankfurt"), tally


def _sent(endpoint: int, n: int, running: datetime) -> Iterator[tuple[Key, Tally]]:
    """What three apps reported over a day; the largest tells what it read from a cache."""
    for place, app in enumerate(APPS):
        for ago in range(place, 24, 6):
            cached = {"input_with_cached": 90_000, "cached_tokens": 30_000} if not place else {}
            tally = Tally(
                ok=40 + n,
                caller_error=place,
                with_tokens=40 + n,
                input_tokens=90_000 + 1_000 * n,
                output_tokens=12_000,
                latency=Histogram.of([2.5] * (40 + n)),
                **cached,
            )
            key = Key(Period.HOUR, running - ago * HOUR, endpoint, Inlet.PUSH, "", app)
            yield key, tally
