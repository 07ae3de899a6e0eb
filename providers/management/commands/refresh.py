"""Reads sources and publishes what they state."""

import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers import refresh
from providers.choices import RunState
from providers.models import Run
from providers.sources.registry import SOURCES

_BAR = 30


class Command(BaseCommand):
    help = "Reads sources and publishes what they state; all sources by default."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", nargs="*", metavar="SOURCE", help=", ".join(SOURCES))
        parser.add_argument("--recorded", action="store_true", help="read the recorded answers")
        parser.add_argument(
            "--dry-run", action="store_true", help="parse and report, write nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = sorted(set(options["sources"]) - set(SOURCES))
        if unknown:
            raise CommandError(
                f"No source is called {', '.join(unknown)}. There are: {', '.join(SOURCES)}."
            )
        runs = refresh.run(
            options["sources"],
            now=datetime.now(UTC),
            recorded=options["recorded"],
            dry_run=options["dry_run"],
            progress=self._progress,
        )
        for slug, run in runs.items():
            self._report(slug, run)
        if options["recorded"] and not options["sources"]:
            for slug in sorted(refresh.without_recording()):
                self.stdout.write(f"{slug}: has no recording; it is read over the network alone")
        if runs and all(run.state == RunState.REFUSED for run in runs.values()):
            raise CommandError("No source could be read; what was published stays.")

    def _progress(self, done: int, total: int, what: str) -> None:
        if not sys.stderr.isatty() or not total:
            return
        full = _BAR * done // total
        end = "\n" if done == total else ""
        bar = "█" * full + "·" * (_BAR - full)
        self.stderr.write(f"\r{what:<12}{bar} {done:,} of {total:,}", ending=end)
        self.stderr.flush()

    def _report(self, slug: str, run: Run) -> None:
        as_of = f"{run.as_of:%Y-%m-%d}" if run.as_of else "no date"
        self.stdout.write(f"{slug} {run.version} as of {as_of}: {run.state} {run.error}".rstrip())
        if run.state == RunState.REFUSED:
            return
        report = run.report
        homeless = report["without_room"]
        self.stdout.write(
            f"  endpoints {report['endpoints']:,} · added {report['added']:,}"
            f" · changed {report['changed']:,} · ended {report['ended']:,}"
            f" · unchanged {report['unchanged']:,} · held {report['held']:,}"
            f" · refused {len(report['refused']):,}"
            f" · without a room {sum(homeless.values()):,} in {len(homeless):,} keys"
            f" · {report['seconds']} s"
        )
        for refusal in report["refused"][:5]:
            self.stdout.write(f"    refused {refusal['item']}: {refusal['reason']}")
        for key, number in sorted(homeless.items(), key=lambda pair: -pair[1])[:8]:
            self.stdout.write(f"    without a room: {key} × {number:,}")
