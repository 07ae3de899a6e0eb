"""One reading of one source, from bytes to a published edition.

Safe to run twice and to be killed anywhere: what a dead run recorded stays out of sight until the
next run of its source adopts it.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction

from . import jobs, judging, publish
from .choices import HeldKind, RunState
from .claims import Progress, Recorder, Report, Shrunk, forget_readings, silent
from .errand import Errand
from .facts import MAX_TEXT, BadSnapshot, Snapshot
from .models import Held, Run, Source
from .sources import recordings
from .sources.http import FetchFailed, NotModified
from .sources.registry import SOURCES

log = structlog.get_logger(__name__)

# Answers of live sources are kept, so that a parser's mistake can be mended without the network.
ANSWERS_KEPT = 3
# The first reading of all parts of a source is spread over so long.
FIRST_PARTS_WITHIN = timedelta(hours=1)
# What gateways measured is kept so long.
READINGS_KEPT = timedelta(days=30)
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

    By default `recorded` reads those that have a recording. A source that cannot be read ends
    REFUSED and the others go on. A dry run records nothing but says in its unsaved Run what it
    found.
    """
    finished: dict[str, Run] = {}
    left_out = without_recording() if recorded else frozenset()
    for slug in slugs or [slug for slug in SOURCES if slug not in left_out]:
        finished[slug] = _read(
            Errand(SOURCES[slug]), now, recorded=recorded, dry_run=dry_run, progress=progress
        )
    fresh = [one for one in finished.values() if one.state == RunState.RECORDED]
    if fresh:
        _publish(fresh, now, progress)
    return finished


def _publish(fresh: Sequence[Run], now: datetime, progress: Progress) -> None:
    """Facts and what shows over all of them: whole or not at all.

    A refresh killed between the two would never come back for the second, as the next one finds
    its answers unchanged.
    """
    with transaction.atomic():
        publish.publish(now=now, runs=fresh, progress=progress)
        judging.measure_factors(now=now)


def run_part(slug: str, part: str, *, now: datetime, progress: Progress = silent) -> Run:
    """Reads one part of a source, such as the endpoints of one model, and publishes it."""
    errand = Errand(SOURCES[slug], part)
    finished = _read(errand, now, recorded=False, dry_run=False, progress=progress)
    if finished.state == RunState.RECORDED:
        publish.publish(now=now, runs=[finished], progress=progress)
    return finished


def without_recording() -> frozenset[str]:
    """Sources that are read over the network alone."""
    return frozenset(SOURCES.keys() - recordings.manifest().keys())


def _read(
    errand: Errand, now: datetime, *, recorded: bool, dry_run: bool, progress: Progress
) -> Run:
    started = time.monotonic()
    run = Run(
        source=ensure_source(errand.info.slug),
        part=errand.part,
        started_at=now,
        recorded=recorded,
        parser_version=errand.info.parser_version,
    )
    report = Report()
    try:
        content, as_of = _fetch(errand, run, now)
        run.sha256 = errand.digest(content)
        if not dry_run and _confirm_unchanged(run, as_of):
            return run
        snapshot = errand.parse(content, as_of)
        run.as_of, run.version = snapshot.as_of, snapshot.version or run.version
        run.covers = sorted(snapshot.covers)
        report = _found(snapshot) if dry_run else _take(errand, run, snapshot, content, progress)
    except NotModified:
        _confirm(run, _last_taken(run), now)
        return run
    except (FetchFailed, BadSnapshot, recordings.NoRecording) as error:
        run.state, run.error = RunState.REFUSED.value, str(error)
        run.stay_away = error.after if isinstance(error, FetchFailed) else 0.0
        log.warning("source refused", source=errand.info.slug, part=errand.part, error=str(error))
    report.seconds = round(time.monotonic() - started, 2)
    run.report, run.finished_at = report.as_json(), now
    if not dry_run:
        run.save()
    return run


def _fetch(errand: Errand, run: Run, now: datetime) -> tuple[bytes, datetime]:
    """The answer's bytes and the date of its content."""
    if run.recorded or not errand.info.live:
        run.recorded = True
        recording = recordings.recorded(errand.info.slug)
        run.version = recording.version
        return recording.data, recording.as_of
    content, etag = errand.fetch(_known_etag(run))
    run.etag = etag if len(etag) <= MAX_TEXT else ""
    return content, now


def _last_taken(run: Run) -> Run | None:
    """The last reading of the same source and part that was published or confirmed that."""
    same = Run.objects.filter(source=run.source, part=run.part)
    confirming = same.filter(state__in=[RunState.PUBLISHED, RunState.UNCHANGED])
    return confirming.order_by("-started_at", "-pk").first()


def _known_etag(run: Run) -> str:
    """The etag of what we have taken, as long as this parser would read the same out of it."""
    last = _last_taken(run)
    if last is None or last.recorded or last.parser_version != run.parser_version:
        return ""
    return "" if _has_dead_runs(run) else last.etag


def _confirm_unchanged(run: Run, as_of: datetime) -> bool:
    """Same bytes as the last published answer: the run itself is the confirmation."""
    last = _last_taken(run)
    if last is None or last.sha256 != run.sha256 or _has_dead_runs(run):
        return False
    _confirm(run, last, as_of)
    return True


def _confirm(run: Run, last: Run | None, as_of: datetime) -> None:
    """Writes a run that found what `last` did."""
    if last is None:
        raise BadSnapshot("unchanged, but since when is not known")
    run.state = RunState.UNCHANGED.value
    run.as_of = max(as_of, last.as_of) if last.as_of and not run.recorded else last.as_of
    run.sha256, run.etag = last.sha256, run.etag or last.etag
    run.version, run.covers, run.report = last.version, last.covers, last.report | {
        "added": 0, "changed": 0, "ended": 0, "seconds": 0.0,
        "unchanged": last.report.get("unchanged", 0) + last.report.get("added", 0)
        + last.report.get("changed", 0),
    }  # fmt: skip
    run.finished_at = run.started_at
    run.save()


def _has_dead_runs(run: Run) -> bool:
    same = Run.objects.filter(source=run.source, part=run.part, state__in=publish.HIDDEN)
    return same.exists()


def _refuse_older(run: Run) -> None:
    same = Run.objects.filter(source=run.source, part=run.part, state__in=_TAKEN)
    newest = same.order_by("-as_of").first()
    if newest and newest.as_of and run.as_of and run.as_of < newest.as_of:
        raise BadSnapshot(
            f"an answer of {run.as_of:%Y-%m-%d} is older than the one published, "
            f"of {newest.as_of:%Y-%m-%d}"
        )


def _take(
    errand: Errand, run: Run, snapshot: Snapshot, content: bytes, progress: Progress
) -> Report:
    if errand.part:
        with _publishing():
            _refuse_unlisted(run)
            _refuse_older(run)
            return _record(errand, run, snapshot, progress)
    _refuse_older(run)
    if not run.recorded:
        _keep_answer(run, content)
    return _record(errand, run, snapshot, progress)


@contextmanager
def _publishing() -> Iterator[None]:
    """Nobody publishes or takes a part meanwhile, and a reading killed here never was."""
    with transaction.atomic():
        publish.lock()
        yield


def _refuse_unlisted(run: Run) -> None:
    """A part asked for before its list went on without it would bring a gone model back."""
    if not jobs.has_part(run.source.slug, run.part):
        raise BadSnapshot(f"the list of {run.source.slug} does not lead to {run.part} any more")


def _record(errand: Errand, run: Run, snapshot: Snapshot, progress: Progress) -> Report:
    run.state = RunState.STARTED.value
    run.save()
    recorder = Recorder(snapshot, run)
    accepted = Held.objects.filter(
        source=run.source, kind=HeldKind.SHRUNK.value, after=run.sha256, answer="accepted"
    ).exists()
    try:
        if not accepted:
            recorder.refuse_shrunk()
    except Shrunk as shrunk:
        return _hold(run, str(shrunk))
    # Jobs of gone parts go before their claims are ended, so that none is stated anew after it.
    _drop_parts(errand, run, snapshot)
    report = recorder.write(progress)
    _add_parts(errand, run, snapshot)
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
    """The source's row, made from what its module says of itself; its intervals are editors'."""
    info = SOURCES[slug].SOURCE
    said = {
        "name": info.name,
        "siglum": info.siglum,
        "licence": info.licence,
        "homepage": info.homepage,
    }
    proposed = {"refresh_every": info.refresh_every, "parts_every": info.parts_every}
    source, _ = Source.objects.update_or_create(
        slug=slug, defaults=said, create_defaults=said | proposed
    )
    return source


# -- parts ----------------------------------------------------------------------------------------


def _drop_parts(errand: Errand, run: Run, snapshot: Snapshot) -> None:
    """Parts that a list leads to no more are not asked for, and not taken from who asks now."""
    if not run.recorded and (parts := errand.parts(snapshot)):
        with _publishing():
            jobs.drop_parts(errand.info.slug, besides=parts)


def _add_parts(errand: Errand, run: Run, snapshot: Snapshot) -> None:
    """After a list was read: a job for each part, and no more readings than are kept."""
    if not run.recorded and (parts := errand.parts(snapshot)):
        within = timedelta(0) if settings.SOURCES_AT else FIRST_PARTS_WITHIN
        jobs.add_parts(errand.info.slug, parts, now=run.started_at, within=within)
        forget_readings(run.source, before=run.started_at - READINGS_KEPT)
