"""Prices as files: one row a price, as CSV or JSON."""

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q

from ..facts import Condition, PriceRule
from ..models import Claim, Price
from ..spreadsheets import disarmed, rearmed
from .cells import COLUMNS, REQUIRED, condition_cells

MAX_ROWS = 50_000
Cells = dict[str, str]


class BadFile(ValueError):
    """The file as a whole cannot be read; the message says what to give instead."""


# -- out ------------------------------------------------------------------------------------------


def rows(
    *, now: datetime, books: Collection[str], provider: str = "", endpoints: Collection[int] = ()
) -> Iterator[Cells]:
    """Every price of some books that holds now or will, as cells by column. One query.

    Of all endpoints that are sold, of one provider's, or of those named.
    """
    for price, cells in priced(now, books, provider, endpoints):
        yield {**cells, "stated_by": price.claim.source.slug, "rule": _rule(price.claim)}


def priced(
    now: datetime, books: Collection[str], provider: str = "", endpoints: Collection[int] = ()
) -> Iterator[tuple[Price, Cells]]:
    """The same with the ledger's rows; who states each is not told in the cells."""
    prices = Price.objects.filter(Q(valid_to=None) | Q(valid_to__gt=now), book__in=books)
    if provider:
        prices = prices.filter(endpoint__provider__slug=provider)
    if endpoints:
        prices = prices.filter(endpoint_id__in=endpoints)
    conditions: dict[str, Cells] = {}
    for price in prices.select_related(
        "endpoint__provider", "endpoint__upstream", "claim__source"
    ).order_by(
        "endpoint__provider__slug", "endpoint__native_id", "endpoint_id", "book", "component",
        "condition", "valid_from",
    ):  # fmt: skip
        if price.condition not in conditions:
            conditions[price.condition] = condition_cells(Condition.from_key(price.condition))
        yield price, {**_identity(price), **conditions[price.condition], **_value(price, now)}


def _identity(price: Price) -> Cells:
    endpoint = price.endpoint
    return {
        "provider": endpoint.provider.slug,
        "native_id": endpoint.native_id,
        "operation": endpoint.operation,
        "upstream": endpoint.upstream.slug if endpoint.upstream else "",
        "book": price.book,
        "component": price.component,
    }


def _value(price: Price, now: datetime) -> Cells:
    """A start is written where it lies ahead: a price in force, once edited, holds from then on."""
    start, end = price.valid_from, price.claim.effective_to
    return {
        "state": price.state,
        "amount": "" if price.amount is None else f"{price.amount.normalize():f}",
        "unit": price.unit,
        "currency": price.currency,
        "from": start.isoformat() if start > now else "",
        "to": end.isoformat() if end and end > now else "",
    }


def _rule(claim: Claim) -> str:
    rule = PriceRule.from_value(json.loads(claim.value))
    return rule.words() if rule else ""


def as_csv(found: Iterable[Cells]) -> str:
    """With a header; cells that a spreadsheet would run are made text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for cells in found:
        writer.writerow({name: disarmed(cell) for name, cell in cells.items()})
    return text.getvalue()


def as_json(found: Iterable[Cells]) -> str:
    return json.dumps({"prices": list(found)}, ensure_ascii=False, indent=1)


# -- in -------------------------------------------------------------------------------------------


def parse(content: bytes) -> list[Cells]:
    """Rows of a CSV or JSON file, as text cells; raises BadFile."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(
            f"byte {error.start + 1} is not UTF-8; save the file as CSV UTF-8 or JSON"
        ) from None
    found = _from_json(text) if text.lstrip()[:1] in ("{", "[") else _from_csv(text)
    if len(found) > MAX_ROWS:
        raise BadFile(f"{len(found):,} rows; import at most {MAX_ROWS:,} at once")
    return found


def _from_csv(text: str) -> list[Cells]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", restval="", strict=True)
    try:
        names = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        _check_columns(names)
        return [
            {
                name: rearmed(cell) if isinstance(cell, str) else ", ".join(cell)
                for name, cell in row.items()
            }
            for row in reader
        ]
    except csv.Error as error:
        raise BadFile(f"line {reader.line_num}: {error}; save the file as CSV again") from None


def _from_json(text: str) -> list[Cells]:
    try:
        content = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"no JSON that can be read: {error}") from None
    stated = content.get("prices") if isinstance(content, dict) else content
    if not isinstance(stated, list) or not all(isinstance(one, dict) for one in stated):
        raise BadFile('write {"prices": [{"provider": …}, …]}, as an export does')
    if stated:
        _check_columns(stated[0])
    return [{name: _cell(value) for name, value in one.items()} for one in stated]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _check_columns(names: Iterable[str]) -> None:
    names = list(names)
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise BadFile(
            f"no column {', '.join(missing)}; the first row must name the columns, "
            f"as an export does: {', '.join(COLUMNS)}"
        )
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadFile(f"column {', '.join(sorted(twice))} stands there twice; leave one out")
