"""The columns of the provider table: which are drawn, over what, and which are only named."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from catalog import words
from catalog.pages.model import cells
from catalog.pages.model.lines import Key, Line
from catalog.pages.model.reads import Reads
from catalog.pages.model.table import Choice, Column, FactColumn, Head, Over
from providers.choices import Component, Kind, State, Unit
from providers.queries import PriceRow

# Drawn for the kind although nobody may state them; the first two stand for input and output.
_ALWAYS: dict[str, tuple[Key, ...]] = {
    Kind.CHAT: (
        (Component.INPUT, Unit.MILLION_TOKENS),
        (Component.OUTPUT, Unit.MILLION_TOKENS),
        (Component.CACHE_READ, Unit.MILLION_TOKENS),
    ),
    Kind.EMBEDDING: ((Component.INPUT, Unit.MILLION_TOKENS),),
}
# What fewer rows state than one in so many is told in words, not in a column: further prices, and
# in long tables facts.
_SPARSE = 8
# A kind without usual components draws as many of those that are stated between the red rules.
_USUAL_OF_OTHERS = 2
# Named in the legend of a chat model when no row states them.
_EXPECTED = (Component.CACHE_WRITE, Component.WEB_SEARCH, Component.IMAGE_INPUT)

MEASURED = "Measured, 24 h"  # over the live columns
FACT_COLUMNS = (
    FactColumn("context", "Context", "Tokens", cells.context, "n", "context_length"),
    FactColumn("longest", "Longest", "Tokens", cells.longest, "n", "max_output"),
    FactColumn("precision", "Precision", "", cells.precision, "", "quantization", "precision"),
    FactColumn("trains", "Train", "Prompts", cells.trains, "", "trains_on_prompts", "training:"),
    FactColumn("kept", "Kept", "Prompts", cells.kept, "", "retention_days", "kept:"),
    FactColumn("leaves", "Leaves", "", cells.leaves, "", "retires_on", "leaves"),
    FactColumn("uptime", "Uptime", MEASURED, cells.uptime, "n"),
    FactColumn("ttft", "TTFT, s", MEASURED, cells.ttft, "n"),
    FactColumn("throughput", "Tokens/s", MEASURED, cells.throughput, "n"),
)
# What the table can be sorted by among these columns, and which way it then runs.
SORTED_FACTS = {
    "context": "descending", "uptime": "descending", "ttft": "ascending",
    "throughput": "descending",
}  # fmt: skip


def price_columns(kind: str, lines: Sequence[Line], choice: Choice) -> tuple[Column, ...]:
    """What is always drawn for the kind, then what enough rows state, in the order of bills."""
    said = Counter(key for line in lines for key, row in line.prices.items() if _says(row))
    always = _ALWAYS.get(kind, ())
    stated = {key for key, rows in said.items() if not always or rows * _SPARSE > len(lines)}
    order = {component.value: n for n, component in enumerate(Component)}
    further = sorted(stated - set(always), key=lambda key: (order.get(key[0], len(order)), key))
    keys = (*always, *further)
    unit = main_unit(lines)
    return tuple(
        Column(
            key,
            words.component_label(key[0]),
            "" if key[1] == unit else words.unit_words(key[1]),
            further=n >= max(len(always), _USUAL_OF_OTHERS),
            sort_href=choice.href(sort=sort, anchor="#providers") if sort else "",
            is_sorted=sort == choice.sort,
        )
        for n, (key, sort) in enumerate(zip(keys, _sorts_of(len(keys)), strict=True))
    )


def _sorts_of(columns: int) -> list[str]:
    """The first two price columns are what `?sort=input` and `?sort=output` go by."""
    return ["input", "output", *[""] * columns][:columns]


def _says(row: PriceRow) -> bool:
    return row.state not in (State.UNKNOWN.value, State.NOT_APPLICABLE.value)


def main_unit(lines: Iterable[Line]) -> str:
    """The unit of most prices; it stands over the table."""
    units = Counter(unit for line in lines for _, unit in line.prices)
    return units.most_common(1)[0][0] if units else Unit.MILLION_TOKENS.value


def told_in_words(known: Mapping[int, int], rows: int) -> frozenset[int]:
    """Which columns of a long table are not worth one: by how many of its rows know the fact."""
    return frozenset(
        n for n, count in known.items() if FACT_COLUMNS[n].words and count * _SPARSE <= rows
    )


def fact_head(column: FactColumn, choice: Choice) -> Head:
    runs = SORTED_FACTS.get(column.key, "")
    href = choice.href(sort=column.key, anchor="#providers") if runs else ""
    sorted_now = runs if column.key == choice.sort else ""
    return Head(column.key, column.label, column.css, column.fact, href, sorted_now)


def overs(columns: Sequence[FactColumn]) -> tuple[Over, ...]:
    """Neighbouring columns under one heading."""
    found: list[Over] = []
    for column in columns:
        if found and found[-1].label == column.over:
            found[-1] = replace(found[-1], span=found[-1].span + 1)
        else:
            found.append(
                Over(
                    column.over,
                    1,
                    f"c-{column.over.partition(',')[0].lower()}" if column.over else "",
                )
            )
    return tuple(found)


def not_drawn(
    kind: str, columns: Sequence[Column], facts: Container[int], *, against: bool
) -> tuple[str, ...]:
    drawn = {column.key[0] for column in columns}
    expected = _EXPECTED if kind == Kind.CHAT else ()
    missing = [words.component_label(name).lower() for name in expected if name not in drawn]
    if not against:
        missing.append("against list (its author asks none today)")
    return (
        *missing,
        *(column.label.lower() for n, column in enumerate(FACT_COLUMNS)
          if n not in facts and column.key != "leaves" and column.over != MEASURED),
    )  # fmt: skip


def only_on_sheet(reads: Reads, lines: Iterable[Line]) -> tuple[str, ...]:
    """Components priced only under conditions that the table does not draw."""
    drawn = {row.claim_id for line in lines for row in line.prices.values()}
    hidden = {
        row.component
        for line in lines
        for row in reads.prices.get(line.sold.endpoint.pk, ())
        if row.claim_id not in drawn and row.condition.named
    }
    return tuple(sorted(words.component_label(component).lower() for component in hidden))
