"""One reading of one source, from bytes to a published edition.

Safe to run twice and to be killed anywhere: what a dead run recorded stays out of sight until the
next run of its source adopts it.
"""

import hashlib
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings

from . import publish
from .choices import HeldKind, RunState
from .claims import Progress, Report, Shrunk, record, silent
from .facts import BadSnapshot, Snapshot
from .models import Held, Run, Source
from .sources import recordings
from .sources.http import Fetcher, FetchFailed
from .sources.registry import SOURCES

log = structlog.get_logger(__name__)

# Answers of live sources are kept, so that a parser's mistake can be mended without the network.
ANSWERS_KEPT = 3
# Runs whose claims stand, or will with the next publication.
_TAKEN = (RunState.PUBLISHED.value, RunState.UNCHANGED.value, RunState.RECORDED.value)


def run(
    slugs: Sequence[str] = (),
    *,
    now: datetime,
    recorded: bool = False,
    dry_run: bool = False,
    progress: Progress = silent,
) -> dict[str, Run]:
    """Reads sources and publishes them together; every source by default, in order.

    A source that cannot be read ends REFUSED and the others go on. A dry run records nothing but
    says in its unsaved Run what it found.
    """
    finished: dict[str, Run] = {}
    for slug in slugs or SOURCES:
        finished[slug] = _read(slug, now, recorded=recorded, dry_run=dry_run, progress=progress)
    fresh = [one for one in finished.values() if one.state == RunState.RECORDED]
    if fresh:
        publish.publish(now=now, runs=fresh, progress=progress)
    return finished


def _read(slug: str, now: datetime, *, recorded: bool, dry_run: bool, progress: Progress) -> Run:
    started = time.monotonic()
    source = ensure_source(slug)
    run = Run(source=source, started_at=now, recorded=recorded)
    report = Report()
    try:
        content, as_of = _fetch(slug, run, now)
        run.sha256 = _digest(slug, content)
        if not dry_run and _confirm_unchanged(run, as_of):
            return run
        snapshot = SOURCES[slug].parse(content, as_of=as_of)
        run.as_of, run.version = snapshot.as_of, snapshot.version or run.version
        run.covers = sorted(snapshot.covers)
        if dry_run:
            report = _found(snapshot)
        else:
            _refuse_older(run)
            report = _record(run, snapshot, content, progress)
    except (FetchFailed, BadSnapshot) as error:
        run.state, run.error = RunState.REFUSED.value, str(error)
        log.warning("source refused", source=slug, error=str(error))
    report.seconds = round(time.monotonic() - started, 2)
    run.report, run.finished_at = report.as_json(), now
    if not dry_run:
        run.save()
    return run


def _fetch(slug: str, run: Run, now: datetime) -> tuple[bytes, datetime]:
    """The answer's bytes and the date of its content."""
    if run.recorded or not SOURCES[slug].SOURCE.live:
        run.recorded = True
        recording = recordings.recorded(slug)
        run.version = recording.version
        return recording.data, recording.as_of
    fetcher = Fetcher(proxy=settings.HTTPS_PROXY, allowed_private=settings.ALLOWED_PRIVATE_NETWORKS)
    return SOURCES[slug].fetch(fetcher), now


def _digest(slug: str, content: bytes) -> str:
    """Names the answer and the parser: a new parser reads the same bytes anew."""
    version = SOURCES[slug].SOURCE.parser_version
    return hashlib.sha256(f"{slug} {version}\n".encode() + content).hexdigest()


def _confirm_unchanged(run: Run, as_of: datetime) -> bool:
    """Same bytes as the last published answer: the run itself is the confirmation."""
    last = (
        Run.objects.filter(source=run.source, state__in=[RunState.PUBLISHED, RunState.UNCHANGED])
        .order_by("-started_at", "-pk")
        .first()
    )
    if last is None or last.sha256 != run.sha256 or _has_dead_runs(run.source):
        return False
    run.state = RunState.UNCHANGED.value
    run.as_of = max(as_of, last.as_of) if last.as_of and not run.recorded else last.as_of
    run.version, run.covers, run.report = last.version, last.covers, last.report | {
        "added": 0, "changed": 0, "ended": 0, "seconds": 0.0,
        "unchanged": last.report.get("unchanged", 0) + last.report.get("added", 0)
        + last.report.get("changed", 0),
    }  # fmt: skip
    run.finished_at = run.started_at
    run.save()
    return True


def _has_dead_runs(source: Source) -> bool:
    return Run.objects.filter(source=source, state__in=publish.HIDDEN).exists()


def _refuse_older(run: Run) -> None:
    newest = Run.objects.filter(source=run.source, state__in=_TAKEN).order_by("-as_of").first()
    if newest and newest.as_of and run.as_of and run.as_of < newest.as_of:
        raise BadSnapshot(
            f"an answer of {run.as_of:%Y-%m-%d} is older than the one published, "
            f"of {newest.as_of:%Y-%m-%d}"
        )


def _record(run: Run, snapshot: Snapshot, content: bytes, progress: Progress) -> Report:
    run.state = RunState.STARTED.value
    run.save()
    if not run.recorded:
        _keep_answer(run, content)
    accepted = Held.objects.filter(
        source=run.source, kind=HeldKind.SHRUNK.value, after=run.sha256, answer="accepted"
    ).exists()
    try:
        report = record(snapshot, run, accept_shrunk=accepted, progress=progress)
    except Shrunk as shrunk:
        return _hold(run, str(shrunk))
    run.state = RunState.RECORDED.value
    return report


def _hold(run: Run, reason: str) -> Report:
    """The whole snapshot waits; what was published stays."""
    run.state, run.error = RunState.HELD.value, reason
    if not Held.objects.filter(source=run.source, after=run.sha256).exists():
        Held.objects.create(
            source=run.source,
            run=run,
            kind=HeldKind.SHRUNK.value,
            after=run.sha256,
            reason=reason,
        )
    return Report(held=1)


def _found(snapshot: Snapshot) -> Report:
    return Report(
        added=sum(len(offer.facts) + len(offer.prices) for offer in snapshot.offers),
        endpoints=len(snapshot.offers),
        refused=[{"item": one.item, "reason": one.reason} for one in snapshot.refused],
        without_room=dict(snapshot.without_room),
    )


def _keep_answer(run: Run, content: bytes) -> None:
    folder = Path(settings.DATA_DIR) / "answers" / run.source.slug
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{run.sha256}.bin").write_bytes(content)
    kept = sorted(folder.glob("*.bin"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in kept[ANSWERS_KEPT:]:
        old.unlink(missing_ok=True)


def ensure_source(slug: str) -> Source:
    """The source's row, made from what its module says of itself."""
    info = SOURCES[slug].SOURCE
    source, _ = Source.objects.update_or_create(
        slug=slug,
        defaults={
            "name": info.name,
            "siglum": info.siglum,
            "licence": info.licence,
            "homepage": info.homepage,
        },
    )
    return source
