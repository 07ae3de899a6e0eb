"""Lists and folds the whole market anew, after the rules or the tables of names have changed."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from catalog import reconcile
from providers import publish


class Command(BaseCommand):
    help = "Lists every endpoint and folds every model anew, as after a change of the rules."

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        with transaction.atomic():
            written = reconcile.everything(now=now)
            if written:
                publish.announce(now=now)
        self.stdout.write(f"{written} rows written")
