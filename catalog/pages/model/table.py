"""What the provider table is made of: frozen rows, columns and headings, ready to draw."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from catalog import words
from catalog.pages.model.cells import Cell
from catalog.pages.model.lines import Key, Line
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Mark, Money
from catalog.workload import Workload

# A fold of so many is called by their names.
NAMED_IN_FOLD = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One price column. `note` names its unit where that is not the table's."""

    key: Key
    label: str
    note: str = ""
    further: bool = False  # stands behind the usual ones
    sort_href: str = ""
    is_sorted: bool = False


@dataclass(frozen=True, slots=True)
class FactColumn:
    """One column of facts; `over` heads those that stand together."""

    key: str
    label: str
    over: str
    draw: Callable[[Reads, Line], Cell]
    css: str = ""
    fact: str = ""  # what its cells state; empty: measured
    words: str = ""  # before a value that is told in words; empty: it always has its column


@dataclass(frozen=True, slots=True)
class Head:
    """A column head over fact cells."""

    key: str
    label: str
    css: str = ""
    fact: str = ""  # empty: measured, and stated by nobody
    sort_href: str = ""
    sorted: str = ""  # how the table runs by it, in the words of aria-sort, or empty


@dataclass(frozen=True, slots=True)
class Over:
    """A heading over several columns, and the anchor that phones jump to."""

    label: str
    span: int
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class PriceCell:
    """A price and the classes of its cell: padding, room for signs, red rules, best."""

    money: Money
    css: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A fact without a column, as `leaves 1 Jul 2027`."""

    words: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One drawn row. `label` of a sub-row says what sets it apart from its seller's first row."""

    endpoint: int
    label: str
    slug: str
    sub: bool
    href: str
    native_id: str
    prices: tuple[PriceCell, ...]  # of the usual columns
    against: str
    further: tuple[PriceCell, ...]
    also: str  # prices that few rows state, in words
    facts: tuple[Cell, ...]
    stated: tuple[tuple[str, str], ...]  # text and address of every fact that is not measured
    figures: str  # what was measured, in words; empty: nothing
    sources: tuple[Mark, ...]
    of: str  # endpoint and condition as the address of a value names them; empty: as in `href`
    confirmed: str  # a short date, in brackets when it is old; empty: nobody confirms
    old: bool
    chosen: bool = False
    told: tuple[Told, ...] = ()  # facts that few rows state, in words

    @property
    def fresh(self) -> str:
        """Sigla of the row: of its fresh sources, or of all when none is."""
        return "".join(mark.siglum for mark in self.sources if not mark.old or self.old)

    @property
    def stale(self) -> str:
        """Sigla of the sources that are old where others are not."""
        return "" if self.old else "".join(mark.siglum for mark in self.sources if mark.old)

    def values(self) -> tuple[object, ...]:
        """Every value that is drawn or told, without its signs and without measurements."""
        drawn = [cell.money for cell in (*self.prices, *self.further)]
        prices = tuple((money.state, money.amount, money.currency) for money in drawn)
        return (prices, self.also, self.stated)

    def drawn(self) -> tuple[object, ...]:
        """What makes rows of two sellers equal; a sub-row must also be called the same."""
        return (self.sub and self.label, self.values())


@dataclass(frozen=True, slots=True)
class OfferBlock:
    """The rows of one seller, and further sellers whose rows are the same."""

    rows: tuple[OfferRow, ...]
    folded: tuple[OfferRow, ...] = ()

    @property
    def summary(self) -> str:
        """What the fold is called: by name while that is short."""
        if len(self.folded) > NAMED_IN_FOLD:
            return f"and {len(self.folded)} more"
        return f"and {words.listed([row.label for row in self.folded])}"


@dataclass(frozen=True, slots=True)
class OfferGroup:
    title: str
    note: str
    blocks: tuple[OfferBlock, ...]


@dataclass(frozen=True, slots=True)
class SortLink:
    label: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class OfferTable:
    """The provider table. `not_drawn` names columns that no row states."""

    groups: tuple[OfferGroup, ...]
    columns: tuple[Column, ...]
    unit: str
    against: str  # what the prices are held against; empty: the column is not drawn
    also: bool
    heads: tuple[Head, ...]
    overs: tuple[Over, ...]
    width: int
    providers: int
    offers: int
    sorts: tuple[SortLink, ...]
    not_drawn: tuple[str, ...]
    on_sheet: tuple[str, ...]
    rates: tuple[str, ...] = ()  # by which other currencies are converted

    @property
    def endpoints(self) -> tuple[int, ...]:
        """Endpoints in the order of their rows."""
        rows = (row for group in self.groups for block in group.blocks for row in block.rows)
        return tuple(dict.fromkeys(row.endpoint for row in rows))

    @property
    def usual(self) -> tuple[Column, ...]:
        """Columns between the red rules, with `against list`."""
        return tuple(column for column in self.columns if not column.further)

    @property
    def further(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.further)

    @property
    def money_span(self) -> int:
        return len(self.usual) + bool(self.against)

    @property
    def further_span(self) -> int:
        return len(self.further) + self.also


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for: an order, the endpoint of the sheet, a language, a workload."""

    sort: str = "input"
    endpoint: int | None = None
    code: str = ""
    workload: Workload | None = None
    bill: str = ""  # the endpoint whose bill is drawn
    as_of: str = ""  # the day, when it is gone by
    history: str = ""  # the component whose past is told step by step

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What the address says beside the workload."""
        order = "" if self.sort == "input" else self.sort
        asked = (
            ("sort", order),
            ("endpoint", str(self.endpoint or "")),
            ("code", self.code),
            ("as_of", self.as_of),
        )
        return tuple((name, value) for name, value in asked if value)

    def history_href(self, component: str) -> str:
        """The same page with the past of a component step by step."""
        pairs = [(name, value) for name, value in self.pairs() if name != "history"]
        return f"?{urlencode([*pairs, ('history', component)])}#history"

    def href(self, *, sort: str = "", endpoint: int | None = None, anchor: str = "") -> str:
        """The same page with one thing changed."""
        query: dict[str, object] = {}
        if (order := sort or self.sort) != "input":
            query["sort"] = order
        if chosen := endpoint or self.endpoint:
            query["endpoint"] = chosen
        if self.as_of:
            query["as_of"] = self.as_of
        return f"?{urlencode(query)}{anchor}"
