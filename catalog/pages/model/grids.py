"""Yes and no answers, and policies: endpoints that answer alike stand together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.pages.model import cells
from catalog.pages.model.cells import Cell, unknown
from catalog.pages.model.lines import Line, Seller, route_name
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Mark
from catalog.queries.model import Sold

# Heads name so many endpoints; the rest is a number with the names in its title.
NAMED = 2
# Parameters: sets with fewer answers than this are told in words below the grid.
FEW = 6
_PREFIXES = {"parameters": "parameter.", "protocols": "protocol.", "capabilities": "capability."}

Answers = Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Sellers:
    """Endpoints with the same answers: the first by name, then the others, and who says so."""

    names: tuple[str, ...]
    more: tuple[str, ...]
    marks: tuple[Mark, ...]


# -- parameters -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One parameter and what each column answers: `yes`, `no`, or empty, which is not stated."""

    name: str
    answers: tuple[str, ...]
    type: str = ""
    description: str = ""
    deprecated: bool = False
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """The answers of a set of endpoints in words: what they support, what they do not."""

    sellers: Sellers
    supported: str
    refused: str


@dataclass(frozen=True, slots=True)
class ParameterGrid:
    columns: tuple[Sellers, ...]
    rows: tuple[ParameterRow, ...]
    briefs: tuple[Brief, ...]

    @property
    def is_explained(self) -> bool:
        return any(row.description for row in self.rows)


def parameters(reads: Reads, sold_by: Sequence[Seller]) -> ParameterGrid:
    """Support sets as columns, the fullest first; the scantiest in words."""
    sets = _sets(sold_by, "parameters")
    sets.sort(key=lambda found: -len(found[0]))
    full = [found for found in sets if len(found[0]) >= FEW] or sets[:1]
    names = sorted({name for answers, _ in sets for name in answers})
    return ParameterGrid(
        tuple(_sellers(reads, sold, "parameters") for _, sold in full),
        tuple(_parameter(reads, name, [answers for answers, _ in full]) for name in names),
        tuple(
            _brief(_sellers(reads, sold, "parameters"), answers)
            for answers, sold in sets[len(full) :]
        ),
    )


def _parameter(reads: Reads, name: str, answers: Iterable[Answers]) -> ParameterRow:
    said = tuple(_answer(of, name) for of in answers)
    known = reads.parameters.get(name)
    if known is None:
        return ParameterRow(name, said)
    return ParameterRow(
        name, said, known.type, known.description, known.deprecated, known.replaced_by
    )


def _answer(answers: Answers, name: str) -> str:
    if name not in answers:
        return ""
    return "yes" if answers[name] else "no"


def _brief(sellers: Sellers, answers: Answers) -> Brief:
    return Brief(sellers, supported=_named(answers, True), refused=_named(answers, False))


def _named(answers: Answers, wanted: bool) -> str:
    return ", ".join(sorted(name for name, answer in answers.items() if answer is wanted))


# -- protocols, capabilities, policy --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetRow:
    sellers: Sellers
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class SetTable:
    """Sets of endpoints as rows, what they answer as columns."""

    heads: tuple[str, ...] = ()
    rows: tuple[SetRow, ...] = ()


def protocols(reads: Reads, sold_by: Sequence[Seller]) -> SetTable:
    return _answer_table(reads, sold_by, "protocols")


def capabilities(reads: Reads, sold_by: Sequence[Seller]) -> tuple[Brief, ...]:
    """What each set of endpoints can do, in words: there are too many for a grid."""
    sets = _sets(sold_by, "capabilities")
    sets.sort(key=lambda found: -len(found[0]))
    return tuple(_brief(_sellers(reads, sold, "capabilities"), answers) for answers, sold in sets)


_CELLS = {
    "yes": Cell("✓", "tick c"),
    "no": Cell("×", "no c", title="stated as not supported"),
    "": unknown("c"),
}


def _answer_table(reads: Reads, sold_by: Sequence[Seller], family: str) -> SetTable:
    sets = _sets(sold_by, family)
    names = sorted({name for answers, _ in sets for name in answers})
    return SetTable(
        tuple(name.replace("_", " ").replace("-", " ") for name in names),
        tuple(
            SetRow(
                _sellers(reads, sold, family),
                tuple(_CELLS[_answer(answers, name)] for name in names),
            )
            for answers, sold in sets
        ),
    )


_POLICY: tuple[tuple[str, Callable[[Reads, Line], Cell]], ...] = (
    ("Train", cells.trains),
    ("Kept", cells.kept),
    ("Zero retention", cells.zero_retention),
    ("Moderation", cells.moderation),
    ("Status page", cells.status_page),
)
_POLICY_KEYS = (
    "trains_on_prompts", "retention_days", "zero_retention_offered", "moderation", "status_page",
)  # fmt: skip


def policy(reads: Reads, sold_by: Sequence[Seller]) -> SetTable:
    """What providers do with prompts, and where they tell of outages; a column nobody states goes.

    Sellers with the same policy and status page share a row.
    """
    alike: dict[tuple[Cell, ...], list[Sold]] = {}
    for seller in sold_by:
        drawn = tuple(draw(reads, seller.first) for _, draw in _POLICY)
        if any(cell.is_known for cell in drawn):
            alike.setdefault(drawn, []).append(seller.first.sold)
    kept = [n for n in range(len(_POLICY)) if any(drawn[n].is_known for drawn in alike)]
    return SetTable(
        tuple(_POLICY[n][0] for n in kept),
        tuple(
            SetRow(
                Sellers(*_split(sold), _policy_marks(reads, sold[0])),
                tuple(drawn[n] for n in kept),
            )
            for drawn, sold in alike.items()
        ),
    )


def _policy_marks(reads: Reads, sold: Sold) -> tuple[Mark, ...]:
    endpoint = sold.endpoint
    marks = [
        mark
        for key in _POLICY_KEYS
        for mark in reads.marks(endpoint, key) or reads.provider_marks(endpoint.provider, key)
    ]
    return tuple(dict.fromkeys(marks))


# -- sets -----------------------------------------------------------------------------------------


def _sets(sold_by: Sequence[Seller], family: str) -> list[tuple[Answers, list[Sold]]]:
    """Endpoints with the same stated answers, in the order of the provider table."""
    alike: dict[tuple[tuple[str, bool], ...], list[Sold]] = {}
    for seller in sold_by:
        for line in seller.lines:
            answers: Answers = getattr(line.sold.endpoint, family) if line.own else {}
            if answers:
                alike.setdefault(tuple(sorted(answers.items())), []).append(line.sold)
    return [(dict(answers), sold) for answers, sold in alike.items()]


def _sellers(reads: Reads, sold: Sequence[Sold], family: str) -> Sellers:
    first = sold[0].endpoint
    sources = {
        claim.source_id
        for claim in reads.claims.get(first.pk, ())
        if claim.key.startswith(_PREFIXES[family])
    }
    marks, _ = reads.confirmations(sources, first.provider.slug)
    return Sellers(*_split(sold), marks)


def _split(sold: Sequence[Sold]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names that are drawn, and those behind a number."""
    names = tuple(dict.fromkeys(route_name(one.endpoint) for one in sold))
    return (names, ()) if len(names) <= NAMED + 1 else (names[:NAMED], names[NAMED:])
