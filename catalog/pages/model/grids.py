"""Yes and no answers as a grid: endpoints that answer alike share a column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.pages.model.lines import Seller, route_name
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Mark
from catalog.queries.model import Sold

# Heads name so many endpoints; the rest is a number with the names in its title.
NAMED = 2


@dataclass(frozen=True, slots=True)
class GridColumn:
    """Endpoints with the same answers."""

    names: tuple[str, ...]
    more: tuple[str, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One name and what each column answers: `yes`, `no` or empty, which is not stated."""

    name: str
    answers: tuple[str, ...]
    type: str = ""
    description: str = ""
    deprecated: bool = False
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]


EMPTY = Grid((), ())


def parameters(reads: Reads, sold_by: Sequence[Seller]) -> Grid:
    """Request parameters with their type and meaning."""
    grid = _grid(reads, sold_by, "parameters")
    return Grid(grid.columns, tuple(_explained(reads, row) for row in grid.rows))


def protocols(reads: Reads, sold_by: Sequence[Seller]) -> Grid:
    return _grid(reads, sold_by, "protocols")


def capabilities(reads: Reads, sold_by: Sequence[Seller]) -> Grid:
    return _grid(reads, sold_by, "capabilities")


def _explained(reads: Reads, row: GridRow) -> GridRow:
    known = reads.parameters.get(row.name)
    if known is None:
        return row
    return GridRow(
        row.name, row.answers, known.type, known.description, known.deprecated, known.replaced_by
    )


def _grid(reads: Reads, sold_by: Sequence[Seller], family: str) -> Grid:
    alike: dict[tuple[tuple[str, bool], ...], list[Sold]] = {}
    for sold in _in_order(sold_by):
        if answers := getattr(sold.endpoint, family):
            alike.setdefault(tuple(sorted(answers.items())), []).append(sold)
    sets = sorted(alike.items(), key=lambda item: -len(item[1]))
    names = sorted({name for answers, _ in sets for name, _ in answers})
    return Grid(
        tuple(_column(reads, sold, family) for _, sold in sets),
        tuple(
            GridRow(name, tuple(_answer(dict(answers), name) for answers, _ in sets))
            for name in names
        ),
    )


def _in_order(sold_by: Sequence[Seller]) -> list[Sold]:
    """Each endpoint on sale once, in the order of the provider table."""
    return [line.sold for seller in sold_by for line in seller.lines if line.own]


def _answer(answers: Mapping[str, bool], name: str) -> str:
    if name not in answers:
        return ""
    return "yes" if answers[name] else "no"


def _column(reads: Reads, sold: Sequence[Sold], family: str) -> GridColumn:
    names = tuple(dict.fromkeys(route_name(one.endpoint) for one in sold))
    prefix = {"parameters": "parameter.", "protocols": "protocol.", "capabilities": "capability."}
    first = sold[0].endpoint
    sources = {
        claim.source_id
        for claim in reads.claims.get(first.pk, ())
        if claim.key.startswith(prefix[family])
    }
    marks, _ = reads.confirmations(sources, first.provider.slug)
    return GridColumn(names[:NAMED], names[NAMED:], marks)
