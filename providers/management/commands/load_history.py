"""Records what sources stated before this site first read them."""

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers import backfill
from providers.sources.registry import SOURCES


class Command(BaseCommand):
    help = (
        "Records the shipped histories of sources that were never read; all by default. They are "
        "published with the source's next reading, which goes on from there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help=", ".join(SOURCES))

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = sorted(set(options["sources"]) - set(SOURCES))
        if unknown:
            raise CommandError(
                f"No source is called {', '.join(unknown)}. There are: {', '.join(SOURCES)}."
            )
        now = datetime.now(UTC)
        for slug, claims in backfill.load(options["sources"], now=now, progress=self._tell).items():
            self.stdout.write(
                f"{slug}: {claims:,} claims of the past"
                if claims
                else f"{slug}: nothing recorded, the source speaks here already"
            )

    def _tell(self, done: int, total: int, what: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(
                f"\r{what} {done:,} of {total:,}", ending="\n" if done == total else ""
            )
            self.stderr.flush()
