from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers import senders
from providers.models.sender import PUSHING


class Command(BaseCommand):
    help = "Makes a sender of measurements and prints its token, which is not shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--inlets", nargs="+", choices=PUSHING, help="ways it may use (default: all)"
        )
        parser.add_argument(
            "--renew", action="store_true", help="a new token for a sender that there is"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        known = senders.named(options["name"])
        if options["renew"]:
            if known is None:
                raise CommandError(f"There is no sender {options['name']}. Leave --renew out.")
            self.stdout.write(senders.renew(known))
            return
        if known is not None:
            raise CommandError(
                f"There is a sender {options['name']}. "
                "Choose another name, or add --renew, which makes its old token void."
            )
        now = datetime.now(UTC)
        self.stdout.write(senders.issue(options["name"], now=now, inlets=options["inlets"]))
