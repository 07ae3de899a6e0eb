"""Reads the European Central Bank's reference rates from a file."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers import ecb, rate_record
from providers.rates import CURRENCIES

RECORDED = Path("fixtures/rates/eurofxref-hist.csv")
FAULTS_SHOWN = 20
MAX_BYTES = 20 * 1024 * 1024


class Command(BaseCommand):
    help = (
        "Reads euro reference rates in the ECB's CSV format (eurofxref.csv or eurofxref-hist.csv). "
        "A file with a fault changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="default: the rates that come with the almanac")
        parser.add_argument("--since", type=_day, help="leave out what is before this day")
        parser.add_argument("--until", type=_day, help="leave out what is after this day")
        parser.add_argument("--only", nargs="+", metavar="CODE", help="these currencies alone")

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        since, until = options["since"] or date.min, options["until"] or date.max
        if since > until:
            raise CommandError(
                f"--since {since} is after --until {until}; write the earlier day first"
            )
        only = {code.upper() for code in options["only"] or CURRENCIES}
        if unknown := sorted(only - CURRENCIES):
            raise CommandError(f"not a currency in use: {', '.join(unknown)}; write codes like CNY")
        # Somewhere on earth it is already tomorrow.
        found = ecb.read(_lines(options["file"]), today=(now + timedelta(hours=14)).date())
        if found.faults:
            shown = [str(fault) for fault in found.faults[:FAULTS_SHOWN]]
            if more := len(found.faults) - len(shown):
                shown.append(f"… and {more} more")
            raise CommandError("Nothing was read.\n" + "\n".join(shown))
        rates = [one for one in found.rates if since <= one.day <= until and one.currency in only]
        done = rate_record.record(rates, now=now)
        self.stdout.write(
            f"{done.new} new rates, {done.changed} changed, {done.same} known already."
        )


def _lines(name: str | None) -> list[str]:
    path = Path(name) if name else recorded()
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError(f"{path} is larger than {MAX_BYTES:,} bytes; that is no ECB file")
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{path} is not text; unpack it first and name the .csv inside"
        ) from error


def recorded() -> Path:
    """The rates that come with the almanac."""
    return Path(__file__).resolve().parents[3] / RECORDED


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise CommandError(f"“{written}” is not a day; write it like 2026-10-30") from error
