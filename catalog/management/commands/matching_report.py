"""Prints how well ids are matched to models, against a table of pairs."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.matching import match
from catalog.matching.report import Report, Truth, Verdict, compare
from catalog.reconcile.listings import known_models, listed_models
from providers import roster

# Whose names of providers a truth file uses.
NAMES_OF = "models_dev"


class Command(BaseCommand):
    help = (
        "Compares listings with a JSON file {model: [[provider, native id], …]}. Pairs that are "
        "not on the market are matched by their id alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        truth = _read(file)
        known = known_models()
        listed = listed_models()
        absent = 0

        def answer(provider: str, native_id: str) -> tuple[str | None, str]:
            nonlocal absent
            slug = roster.canonical(NAMES_OF, provider)
            if (slug, native_id) in listed:
                return listed[slug, native_id]
            absent += 1
            found = match(native_id, slug, known)
            return found.model, found.reason

        report = compare(truth, known, answer)
        self._print(report, absent)

    def _print(self, report: Report, absent: int) -> None:
        pairs = report.known() + len(report.unknown)
        self.stdout.write(
            f"{pairs} pairs; the catalog knows the model of {report.known()}. Of these:"
        )
        for name, verdicts in (
            ("correct", report.correct),
            ("wrong", report.wrong),
            ("refused", report.refused),
            ("disputed", report.disputed),
        ):
            share = report.share(verdicts)
            self.stdout.write(f"  {name:9}{len(verdicts):6}  {share:5.1f} %")
        self.stdout.write("Apart:")
        self.stdout.write(f"  model unknown to the catalog {len(report.unknown):6}")
        self.stdout.write(f"  endpoint not on the market, matched by its id {absent:6}")
        self._list("Wrong", report.wrong)
        self._list("Refused", report.refused)
        self._list("Disputed: the truth contradicts the id's own words", report.disputed)
        self._list("Model unknown to the catalog", report.unknown)

    def _list(self, title: str, verdicts: list[Verdict]) -> None:
        if verdicts:
            self.stdout.write(f"\n{title}:")
        for one in verdicts:
            said = f" → {one.said}" if one.said else ""
            self.stdout.write(f"  {one.truth}: {one.provider} {one.native_id}{said} ({one.reason})")


def _read(file: Path) -> Truth:
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
        return {
            path: [(provider, native_id) for provider, native_id in pairs]
            for path, pairs in table.items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CommandError(
            f"{file}: {error}. Expected JSON like {{model: [[provider, native id], …]}}"
        ) from error
