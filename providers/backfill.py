"""Records what sources stated before this site first read them.

Every release of a history becomes a run, every turn a claim that begins with its release and ends
with the next turn's: the same rows as if each release had been read on its day, in one pass. The
runs stay recorded, so nothing of it is published before the source's next reading, which goes on
from there: what it states unchanged keeps its early date.

One transaction a source: killed, it leaves nothing; repeated, it finds the source's claims.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from . import planner
from .choices import RunState
from .claims import Progress, Report, ensure_endpoints, ensure_providers, silent
from .models import Claim, Endpoint, Provider, Run, Source
from .refresh import ensure_source
from .sources import history
from .sources.history import History, Past, Release, Turn
from .sources.registry import SOURCES

# Claims held in memory at a time.
CHUNK = 2000


def load(
    slugs: Sequence[str] = (), *, now: datetime, progress: Progress = silent
) -> dict[str, int]:
    """Records the histories of sources, every one by default; claims written, by source.

    Only before a source was first read: later its claims could not begin earlier. Sources without
    a history are left out.
    """
    written: dict[str, int] = {}
    for slug in slugs or SOURCES:
        past = history.kept(slug)
        if past is not None:
            written[slug] = record(past, now=now, progress=progress)
    return written


@transaction.atomic
def record(past: History, *, now: datetime, progress: Progress = silent) -> int:
    """Writes a history's runs and claims; returns the number of claims, 0 if there were any."""
    source = Source.objects.select_for_update().get(pk=ensure_source(past.source).pk)
    if Claim.objects.filter(source=source).exists():
        return 0
    writer = _Writer(source, past, now)
    for done, chunk in writer.chunks():
        Claim.objects.bulk_create(chunk, batch_size=1000)
        progress(done, len(past.endpoints), "history")
    planner.tell(Claim, Endpoint, Provider, Run)
    return writer.finish()


class _Writer:
    """One history on its way into claims."""

    def __init__(self, source: Source, past: History, now: datetime) -> None:
        self.source = source
        self.past = past
        self.now = now
        self.runs = [self._start(release) for release in past.releases]
        self.reports = [Report() for _ in past.releases]
        self.first_looks = _first_looks(past.releases)
        providers = {one.identity[0] for one in past.endpoints}
        upstreams = {one.identity[3] for one in past.endpoints} - {""}
        identities = [one.identity for one in past.endpoints]
        self.ids = ensure_endpoints(identities, ensure_providers(providers | upstreams))

    def _start(self, release: Release) -> Run:
        return Run.objects.create(
            source=self.source,
            started_at=self.now,
            finished_at=self.now,
            state=RunState.RECORDED.value,
            as_of=release.as_of,
            version=release.version,
            recorded=True,
            covers=list(release.covers),
        )

    def chunks(self) -> Iterator[tuple[int, list[Claim]]]:
        """Claims to write, with the number of endpoints they complete."""
        chunk: list[Claim] = []
        for number, one in enumerate(self.past.endpoints, 1):
            chunk += self._claims(one)
            if len(chunk) >= CHUNK or number == len(self.past.endpoints):
                yield number, chunk
                chunk = []

    def _claims(self, one: Past) -> Iterator[Claim]:
        first_look = self.first_looks.get(one.identity[0], 0)
        for (key, condition), turns in one.facts.items():
            for before, turn, after in zip([None, *turns], turns, [*turns[1:], None], strict=False):
                if turn.value is None:
                    self.reports[turn.release].ended += 1
                    continue
                is_new = before is None or before.value is None
                self._count(turn, is_new=is_new)
                yield Claim(
                    source=self.source,
                    endpoint_id=self.ids[one.identity],
                    key=key,
                    condition=condition,
                    value=turn.value,
                    stated_from=self.past.releases[turn.release].as_of,
                    # Whether it was so before is unknown when nobody had looked there yet.
                    at_least=is_new and turn.release <= first_look,
                    ended_at=self.past.releases[after.release].as_of if after else None,
                    begun_by=self.runs[turn.release],
                    ended_by=self.runs[after.release] if after else None,
                )

    def _count(self, turn: Turn, *, is_new: bool) -> None:
        report = self.reports[turn.release]
        if is_new:
            report.added += 1
        else:
            report.changed += 1

    def finish(self) -> int:
        """Writes what each run did; returns the number of claims begun."""
        for run, report in zip(self.runs, self.reports, strict=True):
            run.report = report.as_json()
        Run.objects.bulk_update(self.runs, ["report"])
        return sum(report.added + report.changed for report in self.reports)


def _first_looks(releases: Sequence[Release]) -> dict[str, int]:
    """Provider → number of the first release that covers it."""
    looks: dict[str, int] = {}
    for number, release in enumerate(releases):
        for provider in release.covers:
            looks.setdefault(provider, number)
    return looks
