"""The provider table: who sells the model, grouped, in order, with prices on one decimal point."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import takewhile

from catalog.pages import headline as headlines
from catalog.pages.decimals import pads
from catalog.pages.model.cells import Cell
from catalog.pages.model.columns import (
    FACT_COLUMNS,
    fact_head,
    main_unit,
    not_drawn,
    only_on_sheet,
    overs,
    price_columns,
    told_in_words,
)
from catalog.pages.model.lines import Seller
from catalog.pages.model.reads import Reads
from catalog.pages.model.rows import OWN_PRICE, Drawing, best_prices, in_order
from catalog.pages.model.table import (
    Choice,
    OfferBlock,
    OfferGroup,
    OfferRow,
    OfferTable,
    PriceCell,
    SortLink,
    Told,
)
from catalog.pages.parts import Money
from providers.choices import Group, Kind

# The class of a cell whose column needs room for signs beside its figures.
SIGN_ROOM = "sg"
# More rows than these, and those equal in every drawn value fold behind the first of them.
FOLD_BEYOND = 40

GROUPS = {
    Group.AUTHOR: ("Sold by its author", ""),
    Group.CLOUD: ("Clouds and hosts", "they run it themselves"),
    Group.GATEWAY: ("Gateways", "they call somebody else for you"),
    Group.PLAN: ("Within a plan", "no price per token; never counted as the cheapest"),
}
SORTS = {
    "input": "input price", "output": "output price", "context": "context", "name": "name",
    "uptime": "uptime", "ttft": "time to first token", "throughput": "throughput",
}  # fmt: skip
LIVE = ("uptime", "ttft", "throughput")  # chosen by the heads of their columns

# The rows of one seller, its own first.
Rows = list[OfferRow]


def table(
    reads: Reads, sold_by: Sequence[Seller], list_card: headlines.Card | None, choice: Choice
) -> OfferTable:
    """The whole table; `list_card` is the author's own price that the others stand against."""
    lines = [line for seller in sold_by for line in seller.lines]
    columns = price_columns(reads.model.kind, lines, choice)
    drawing = Drawing(reads, columns, list_card, best_prices(reads, sold_by), choice)
    drawn = [
        (group, [drawing.rows(seller) for seller in in_order(reads, sellers, columns, choice)])
        for group in GROUPS
        if (sellers := [seller for seller in sold_by if seller.group is group])
    ]
    every = [row for _, sellers in drawn for rows in sellers for row in rows]
    is_long = len(every) > FOLD_BEYOND
    owners = [row for row in every if row.facts]
    known = Counter(n for row in owners for n, cell in enumerate(row.facts) if cell.is_known)
    told = told_in_words(known, len(owners)) if is_long else frozenset()
    facts = sorted(known.keys() - told)
    has_against = any(row.against not in ("", OWN_PRICE) for row in every)
    has_also = bool(told) or any(row.also for row in every)
    finished = _finished(every, facts, sorted(told), against=has_against)
    return OfferTable(
        groups=tuple(
            OfferGroup(
                *GROUPS[group],
                _blocks([[finished[id(row)] for row in rows] for rows in sellers], fold=is_long),
            )
            for group, sellers in drawn
        ),
        columns=columns,
        unit=main_unit(lines),
        against=_against_rule(reads.model.kind) if has_against else "",
        also=has_also,
        heads=tuple(fact_head(FACT_COLUMNS[n], choice) for n in facts),
        overs=overs([FACT_COLUMNS[n] for n in facts]),
        width=3 + len(columns) + has_against + has_also + len(facts),
        providers=len({line.sold.endpoint.provider_id for line in lines}),
        offers=len(every),
        sorts=tuple(
            SortLink(label, choice.href(sort=sort, anchor="#providers"), sort == choice.sort)
            for sort, label in SORTS.items()
            if (sort != "output" or len(columns) > 1) and (sort not in LIVE or sort == choice.sort)
        ),
        not_drawn=not_drawn(reads.model.kind, columns, known, against=has_against),
        on_sheet=only_on_sheet(reads, lines),
        rates=reads.exchange.notes,
    )


def _against_rule(kind: str) -> str:
    if kind == Kind.EMBEDDING:
        return "its author’s standard input price"
    return "3 parts input, 1 part output, at its author’s standard price"


def _finished(
    rows: Sequence[OfferRow], facts: Sequence[int], told: Sequence[int], *, against: bool
) -> dict[int, OfferRow]:
    """Rows by identity, their prices on one point, with only the facts that some row states.

    `facts`: those with a column; `told`: those in words.
    """
    edges = "m1", "" if against else "m2"
    prices = _on_one_point([row.prices for row in rows], *edges)
    further = _on_one_point([row.further for row in rows])
    owners = [row for row in rows if row.facts]
    signed = {fact for fact in facts if any(row.facts[fact].dispute for row in owners)}
    return {
        id(row): replace(
            row,
            prices=prices[n],
            further=further[n],
            facts=_blanks_as_one(
                [_with_room(row.facts[fact], fact in signed) for fact in facts] if row.facts else []
            ),
            told=tuple(
                Told(FACT_COLUMNS[fact].words, cell)
                for fact in told
                if row.facts and (cell := row.facts[fact]).is_known
            ),
        )
        for n, row in enumerate(rows)
    }


def _blanks_as_one(cells: list[Cell]) -> tuple[Cell, ...]:
    """Blank cells at the end as one: most endpoints neither leave nor are measured."""
    blank = len(list(takewhile(lambda cell: not cell.text, reversed(cells))))
    if blank < 2:
        return tuple(cells)
    return (*cells[: len(cells) - blank], Cell(span=blank))


def _with_room(cell: Cell, signed: bool) -> Cell:
    return replace(cell, css=f"{cell.css} {SIGN_ROOM}".strip()) if signed else cell


def _on_one_point(
    rows: Sequence[tuple[PriceCell, ...]], left: str = "", right: str = ""
) -> list[tuple[PriceCell, ...]]:
    """Cells row by row with their classes: the decimals of each column stand on one point.

    `left` and `right` are the classes of the first and the last column.
    """
    columns = list(zip(*rows, strict=True))
    missing = [pads(cell.money.amount for cell in column) for column in columns]
    signed = [any(cell.money.dispute or cell.money.marks for cell in column) for column in columns]
    edges = [""] * len(columns)
    if edges:
        edges[0], edges[-1] = left, " ".join(filter(None, {left if len(edges) == 1 else "", right}))
    return [
        tuple(
            PriceCell(cell.money, _css(cell.money, missing[c][r], edges[c], signed=signed[c]))
            for c, cell in enumerate(row)
        )
        for r, row in enumerate(rows)
    ]


def _css(money: Money, missing: int, edge: str, *, signed: bool) -> str:
    classes = (
        "n",
        SIGN_ROOM if signed else "",
        f"k{missing}" if missing else "",
        edge,
        "best" if money.best else "",
        "unk" if money.amount is None else "",
    )
    return " ".join(filter(None, classes))


# -- folding --------------------------------------------------------------------------------------


def _blocks(sellers: Iterable[Rows], *, fold: bool) -> tuple[OfferBlock, ...]:
    """Sellers with their rows; when folding, equal ones stand behind the first of them.

    The endpoint that the reader chose is never folded away.
    """
    if not fold:
        return tuple(OfferBlock(tuple(rows)) for rows in sellers)
    alike: dict[object, list[tuple[Rows, Rows]]] = {}
    for n, rows in enumerate(sellers):
        kept, behind = _own_fold(rows)
        chosen = any(row.chosen for row in rows)
        key = n if chosen else tuple(row.drawn() for row in kept)
        alike.setdefault(key, []).append((kept, behind))
    return tuple(
        OfferBlock(
            tuple(first[0]),
            (*first[1], *(row for kept, behind in others for row in (kept[0], *behind))),
        )
        for first, *others in alike.values()
    )


def _own_fold(rows: Rows) -> tuple[Rows, Rows]:
    """A seller's rows, and its further ids that differ from its first row in nothing drawn."""
    first, *rest = rows
    same = [
        row for row in rest if row.native_id and not row.chosen and row.values() == first.values()
    ]
    return [row for row in rows if row not in same], same
