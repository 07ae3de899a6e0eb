"""The page's figures as a CSV file, with what each row is of."""

import csv
import io
from collections.abc import Iterable

from catalog.pages.performance.figures import METRICS, STATISTICS
from catalog.pages.performance.page import PerformancePage
from catalog.pages.performance.parts import Row

HEAD = (
    "provider", "id", "method", "figures_of_last", "requests", "uptime_of_last", "uptime_percent",
    "ok", "provider_error", "rate_limited", "caller_error",
    *(f"{metric}_{name}" for metric in METRICS for name in ("n", *STATISTICS)),
)  # fmt: skip
# A spreadsheet would take a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(page: PerformancePage) -> str:
    """A row an endpoint; an empty field: nothing, or too little, was measured."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for row in page.rows:
        writer.writerow(_fields(page, row))
    return out.getvalue()


def _fields(page: PerformancePage, row: Row) -> Iterable[object]:
    counts = row.counts
    return (
        _text(row.label), _text(row.native_id), page.way, page.asked.over.label, row.requests,
        page.asked.uptime.label, _or_empty(row.uptime), counts.ok, counts.provider_error,
        counts.rate_limited, counts.caller_error,
        *(field for one in row.spreads() for field in (one.n, *map(_or_empty, one.values()))),
    )  # fmt: skip


def _or_empty(value: object) -> object:
    return "" if value is None else value


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
