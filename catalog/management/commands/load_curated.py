"""Loads curated parameters, benchmarks, scores and notes."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog import curated


class Command(BaseCommand):
    help = "Loads fixtures/curated: what is missing is written, what editors changed stays."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = curated.load(datetime.now(UTC))
        except curated.BadFile as error:
            raise CommandError(f"fixtures/curated: {error}") from None
        self.stdout.write(
            f"curated: {loaded.parameters} parameters, {loaded.benchmarks} benchmarks, "
            f"{loaded.scores} scores, notes on {loaded.notes} models"
        )
        if loaded.without_model:
            self.stdout.write(f"not in the catalog: {', '.join(loaded.without_model)}")
