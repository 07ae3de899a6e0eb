"""Reads the Prometheus servers that an operator named: their hours, into roll-ups of their own."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from django.conf import settings

from . import jobs
from .choices import Inlet, Outcome
from .models import PrometheusServer
from .models.prometheus import OWN
from .network import Key
from .sources.http import Fetcher, FetchFailed, Limits
from .stats import naming, prometheus, rollup
from .stats.observation import Observation
from .stats.prometheus import READY, BadAnswer, BadMapping, Labels, Metrics
from .stats.record import names
from .stats.tally import NOTHING, Tally

JOB = "prometheus"
EVERY = timedelta(minutes=10)
HOUR = timedelta(hours=1)
LOOK_BACK = 24 * HOUR  # a new server's past, and what was missed while it could not be read
LIMITS = Limits(seconds=30, max_bytes=2**23, attempts=2)
MOST_NAMED = 5  # models without an endpoint that the job's row names


class NotReadable(Exception):
    """Why a server could not be read."""


def keep_jobs(*, now: datetime) -> None:
    """One row for each server that is read."""
    servers = PrometheusServer.objects.filter(paused=False).values_list("pk", flat=True)
    jobs.keep(JOB, {str(pk): "" for pk in servers}, now=now, within=EVERY)


def read(
    server_id: int,
    *,
    now: datetime,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
) -> str:
    """Reads the hours that are new or were not over, and says how it went. Raises NotReadable."""
    server = PrometheusServer.objects.select_related("provider").filter(pk=server_id).first()
    if server is None or server.paused:
        return "the server is paused"
    hours = list(_hours(server, now))
    strange: set[str] = set()
    for place, start in enumerate(hours):
        progress(place, len(hours), f"{start:%Y-%m-%d %H:%M}")
        found = _read_hour(server, start, min(now, start + HOUR))
        tallies, unknown = _by_endpoint(server, found)
        strange |= unknown
        rollup.replace(start, tallies, inlet=Inlet.PROMETHEUS, region=server.region)
        PrometheusServer.objects.filter(pk=server.pk).update(read_until=start)
    return f"{len(hours)} hours{_told(strange)}"


def _hours(server: PrometheusServer, now: datetime) -> Iterator[datetime]:
    """Up to the one that is going on; that one is read again next time."""
    current = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    start = max(server.read_until or current - LOOK_BACK, current - LOOK_BACK)
    while start <= current:
        if start < now:
            yield start
        start += HOUR


def _read_hour(server: PrometheusServer, start: datetime, end: datetime) -> dict[Labels, Tally]:
    fetcher = Fetcher(
        limits=LIMITS,
        proxy=settings.HTTPS_PROXY,
        allowed_private=settings.ALLOWED_PRIVATE_NETWORKS,
        key=_key(server),
    )
    base = server.base.rstrip("/")
    try:
        return prometheus.Hour(fetcher.get, base, _metrics(server), start, end).read()
    except (FetchFailed, BadAnswer, BadMapping) as error:
        raise NotReadable(str(error)) from None


def _metrics(server: PrometheusServer) -> Metrics:
    if server.mapping == OWN:
        return prometheus.read_mapping(server.own_mapping)
    return READY[server.mapping]


def _key(server: PrometheusServer) -> Key | None:
    if not server.variable:
        return None
    secret = os.environ.get(server.variable, "")
    if not secret:
        raise NotReadable(f"the variable {server.variable} is not set for the workers")
    scheme, _, rest = server.base.partition("://")
    return Key(f"{scheme}://{rest.partition('/')[0]}", secret)


def _by_endpoint(
    server: PrometheusServer, found: Mapping[Labels, Tally]
) -> tuple[dict[int, Tally], set[str]]:
    """Tallies by endpoint, and the models that none bears. One query, one for each 900 names."""
    matched = {(match.provider, match.model): match.endpoint_id for match in server.matches.all()}
    tried = {labels: list(_named(server, labels)) for labels in found if labels not in matched}
    book = names.look_up([one for several in tried.values() for one in several])
    tallies: dict[int, Tally] = defaultdict(lambda: NOTHING)
    strange: set[str] = set()
    for labels, tally in found.items():
        answers = (book.answer(one).endpoint_id for one in tried.get(labels, []))
        endpoint_id = matched.get(labels) or next(filter(None, answers), None)
        if endpoint_id is None:
            strange.add(" ".join(filter(None, labels)))
        else:
            tallies[endpoint_id] += tally
    return dict(tallies), strange


def _named(server: PrometheusServer, labels: Labels) -> Iterator[Observation]:
    provider, model = labels
    if provider:
        slug = naming.slug_of(_metrics(server).names, provider)
    else:
        slug = server.provider.slug if server.provider else ""
    for name in naming.names([slug], [model]):
        yield Observation(
            id="", at=datetime.now(UTC), outcome=Outcome.OK, provider=name[0], model=name[1]
        )


def _told(strange: set[str]) -> str:
    if not strange:
        return ""
    shown = ", ".join(sorted(strange)[:MOST_NAMED])
    more = f" and {len(strange) - MOST_NAMED} more" if len(strange) > MOST_NAMED else ""
    return f"; no endpoint bears {shown}{more}: match them in the admin"
