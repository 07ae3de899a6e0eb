"""The comparison of two to eight models or endpoints, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.pages import links, model_index
from catalog.pages.as_of import TODAY, AsOf
from catalog.pages.compare_choice import MOST, Choice, Message, choose
from catalog.pages.compare_rows import Section, sections
from catalog.pages.compare_subject import Columns, Subject, columns
from catalog.pages.costs import CostTable, cost_table
from catalog.pages.disagreement.notes import DisputeNote
from catalog.pages.exchange import Exchange
from catalog.pages.links import Link
from catalog.pages.parts import Witness
from catalog.pages.signs import Signs, Standing
from catalog.pages.workload_form import Pairs, PresetLink, preset_links
from catalog.queries import compare as queries
from catalog.workload import Workload
from providers import queries as market

LEAST = 2
MOST_BESIDE = 60


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column."""

    name: str
    is_model: bool
    title: Link
    under: Link
    note: str
    standing: Standing
    of: str  # whose values stand below, as the address of a value names it
    sources_href: str  # where everything is told that is stated of who sells it; may be empty
    remove_href: str


@dataclass(frozen=True, slots=True)
class Option:
    """A model that may be added: its path, and its name for people."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class ComparePage:
    title: str
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    differing: int  # rows with two known values that are not the same
    rows: int
    messages: tuple[Message, ...]
    slots: range  # empty fields of the form, to add a column each
    options: tuple[Option, ...]  # to choose from; empty once there is something to compare
    beside: tuple[Link, ...]  # comparisons of one endpoint with others of its model
    witnesses: tuple[Witness, ...]
    disputes: tuple[DisputeNote, ...] = ()
    presets: tuple[PresetLink, ...] = ()  # workloads to ask for
    costs: CostTable | None = None  # of the workload asked for
    rates: tuple[str, ...] = ()  # by which other currencies are converted
    as_of: AsOf = TODAY
    today: str = ""  # the same comparison of today
    most: int = MOST

    @property
    def is_choice(self) -> bool:
        """Too little was asked for to compare."""
        return not self.sections


def build(
    *,
    models: Sequence[str],
    endpoints: Sequence[str],
    now: datetime,
    workload: Workload | None = None,
    bill: str = "",
    as_of: AsOf = TODAY,
) -> ComparePage:
    """Columns for what exists of what was asked for; fewer than two give a form to choose."""
    index = model_index.current(now=now, as_of=as_of)
    choice = choose(models, endpoints, index=index)
    rows = {row.path: row for row in index.rows}
    signs = Signs(market.sources(when=as_of.past(now)), as_of.moment(now))
    found = _columns(choice, rows, signs, as_of.past(now))
    shown = found.subjects
    grid = sections(shown) if len(shown) >= LEAST else ()
    every = [row for section in grid for row in section.rows]
    names = [subject.title.text for subject in shown]
    return ComparePage(
        title=" and ".join(names) if len(names) == LEAST else "Compare",
        columns=tuple(_column(n, subject, choice, as_of.day) for n, subject in enumerate(shown)),
        sections=grid,
        differing=sum(row.differs for row in every),
        rows=len(every),
        messages=choice.messages,
        slots=_slots(len(shown), chosen=bool(grid)),
        options=() if grid else tuple(Option(row.path, row.name) for row in index.rows),
        beside=_beside(choice) if not grid else (),
        witnesses=signs.witnesses(source for subject in shown for source in subject.sources),
        disputes=found.disputes if grid else (),
        presets=preset_links(_pairs(choice)) if grid else (),
        costs=_costs(workload, shown, choice, signs, bill, found.exchange)
        if grid and workload
        else None,
        rates=found.exchange.notes,
        as_of=as_of,
        today=links.to_compare(models=choice.paths, endpoints=choice.names),
    )


def _costs(
    workload: Workload,
    shown: Sequence[Subject],
    choice: Choice,
    signs: Signs,
    bill: str,
    exchange: Exchange,
) -> CostTable:
    return cost_table(
        workload,
        [subject.offered for subject in shown],
        signs=signs,
        speakers=lambda row: (row.source_id,),
        now=signs.now,
        bill=bill,
        kept=_pairs(choice),
        exchange=exchange,
    )


def _pairs(choice: Choice) -> Pairs:
    """What is compared, as the address says it."""
    return [("model", path) for path in choice.paths] + [("endpoint", n) for n in choice.names]


def _slots(columns: int, *, chosen: bool) -> range:
    """One field to add to a comparison; to begin one, three, but never more than there is room."""
    return range(min(1 if chosen else 3, MOST - columns))


def _columns(
    choice: Choice,
    index: dict[str, model_index.IndexRow],
    signs: Signs,
    past: datetime | None,
) -> Columns:
    priced = [index[path].headline.endpoint for path in choice.paths]
    ids = [pk for pk in priced if pk is not None] + [e.pk for _, e in choice.endpoints]
    prices = market.prices_at(ids, when=signs.now)
    return columns(choice, index, prices, signs, past=past)


def _beside(choice: Choice) -> tuple[Link, ...]:
    """For a lone endpoint: who else sells its model, each as a comparison of the two."""
    if choice.models or len(choice.endpoints) != 1:
        return ()
    [(name, endpoint)] = choice.endpoints
    return tuple(
        Link(
            f"{other.provider.name} {other.native_id}",
            links.to_compare(endpoints=[name, links.name_of(other)]),
        )
        for other in queries.sellers_beside(endpoint, most=MOST_BESIDE)
    )


def _column(number: int, subject: Subject, choice: Choice, day: str) -> Column:
    is_model = number < len(choice.models)
    rest = [name for name in (*choice.paths, *choice.names) if name != subject.name]
    paths = [path for path in choice.paths if path in rest]
    return Column(
        name=subject.name,
        is_model=is_model,
        title=subject.title,
        under=subject.under,
        note=subject.note,
        standing=subject.standing,
        of=subject.of,
        sources_href=links.to_provenance("endpoint", subject.endpoint, as_of=day)
        if subject.endpoint
        else "",
        remove_href=links.to_compare(
            models=paths, endpoints=[name for name in choice.names if name in rest]
        ),
    )
