"""The grid of a comparison: a list of rows, each read off every column."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from urllib.parse import quote, urlencode

from catalog import words
from catalog.pages.columns import unusual_units
from catalog.pages.compare_subject import PriceKey, Subject, conditions
from catalog.pages.compare_values import NOT_STATED, Value
from catalog.pages.parts import UNKNOWN_MONEY, Money
from providers.choices import Component, State
from providers.facts import ENDPOINT_FACTS, Condition


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as drawn: either money or words. `best` is never unknown, old, free or a plan."""

    money: Money | None = None
    value: Value = NOT_STATED
    best: bool = False
    # Whose value it is where it is not its column's, as an address names it; empty: nobody's own.
    of: str | None = None

    @property
    def is_known(self) -> bool:
        if self.money is None:
            return bool(self.value.text)
        return self.money.state != State.UNKNOWN

    def agrees(self, other: "Cell") -> bool:
        if self.money is None or other.money is None:
            return self.value.agrees(other.value)
        return _charged(self.money) == _charged(other.money)


@dataclass(frozen=True, slots=True)
class Row:
    """`key`: the fact as an address names it; empty: not one that sources state."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    differs: bool  # two known values are not the same


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class FactLine:
    """One row of facts: what it is called, and whether more is better."""

    key: str
    label: str
    more_is_better: bool = False


LIMITS = (
    FactLine("context_length", "Context, tokens", more_is_better=True),
    FactLine("max_input", "Max input, tokens", more_is_better=True),
    FactLine("max_output", "Max output, tokens", more_is_better=True),
    FactLine("requests_per_minute", "Requests per minute", more_is_better=True),
    FactLine("tokens_per_minute", "Tokens per minute", more_is_better=True),
)
NATURE = (
    FactLine("input_modalities", "Reads"),
    FactLine("output_modalities", "Writes"),
    FactLine("reasoning_efforts", "Reasoning efforts"),
    FactLine("quantization", "Precision"),
    FactLine("family", "Family"),
    FactLine("licence", "Licence"),
    FactLine("open_weights", "Open weights"),
    FactLine("regions", "Regions"),
    FactLine("providers", "Sold by, providers"),
)
DATES = (
    FactLine("status", "Status"),
    FactLine("released_on", "Released"),
    FactLine("knowledge_cutoff", "Knows to"),
    FactLine("deprecated_on", "Deprecated"),
    FactLine("retires_on", "Retires"),
    FactLine("replacement", "Replaced by"),
)
POLICY = (
    FactLine("trains_on_prompts", "Trains on prompts"),
    FactLine("retention_days", "Keeps prompts"),
    FactLine("zero_retention_offered", "Zero retention on request"),
    FactLine("moderation", "Moderation"),
    FactLine("status_page", "Status page"),
)


def sections(subjects: Sequence[Subject]) -> tuple[Section, ...]:
    """The grid; rows that no column has a value for are not drawn."""
    found = (
        Section(
            "Price",
            _price_rows(subjects, plain=True),
            "standard tier; USD per 1M tokens unless said",
        ),
        Section("Price under conditions", _price_rows(subjects, plain=False)),
        Section("Limits", _fact_rows(subjects, LIMITS)),
        Section("What it is", _fact_rows(subjects, NATURE)),
        Section("Dates", _fact_rows(subjects, DATES)),
        Section("Data policy", _policy_rows(subjects), "of the provider whose price it is"),
        Section("Benchmarks", _score_rows(subjects)),
        Section("Protocols", _switch_rows(subjects, "protocol", lambda s: s.protocols)),
        Section("Capabilities", _switch_rows(subjects, "capability", lambda s: s.capabilities)),
        Section("Parameters", _switch_rows(subjects, "parameter", lambda s: s.parameters)),
    )
    return tuple(section for section in found if section.rows)


# -- prices ---------------------------------------------------------------------------------------


def _price_rows(subjects: Sequence[Subject], *, plain: bool) -> tuple[Row, ...]:
    """Prices that always hold, or those under a condition; what one column alone states too."""
    keys = {
        key: condition
        for key, condition in conditions(subjects).items()
        if condition.is_plain() == plain and any(_states(subject, key) for subject in subjects)
    }
    return tuple(
        _of_sellers(
            subjects,
            _price_row(
                key[0], keys[key], [subject.prices.get(key, UNKNOWN_MONEY) for subject in subjects]
            ),
        )
        for key in sorted(keys, key=lambda key: (*_rank(keys[key]), key[1], _order(key[0])))
    )


def _states(subject: Subject, key: PriceKey) -> bool:
    return key in subject.prices and subject.prices[key].state != State.UNKNOWN


def _rank(condition: Condition) -> tuple[str, str, int]:
    return (condition.tier, condition.region, condition.above_tokens or 0)


def _order(component: str) -> int:
    known = list(Component)
    return known.index(Component(component)) if component in known else len(known)


def _price_row(component: str, condition: Condition, column: list[Money]) -> Row:
    stated = [price for price in column if price.state != State.UNKNOWN]
    parts = (
        words.component_label(component),
        words.condition_words(condition),
        unusual_units(*stated),
    )
    under = urlencode({"condition": condition.key()}) if not condition.is_plain() else ""
    key = "&".join(filter(None, (f"price.{quote(component)}", under)))
    return _row(key, ", ".join(filter(None, parts)), _cheapest_marked(column))


def _cheapest_marked(column: Iterable[Money]) -> list[Cell]:
    """The lowest of the sure prices in one currency and unit, where they are not all the same."""
    column = list(column)
    sure = [price for price in column if price.state == State.KNOWN and not price.old]
    measures = {(price.currency, price.unit) for price in sure}
    amounts = {price.amount for price in sure if price.amount is not None}
    best = min(amounts) if len(measures) == 1 and len(amounts) > 1 else None
    return [
        Cell(money=replace(price, best=True), best=True)
        if best is not None and price in sure and price.amount == best
        else Cell(money=price)
        for price in column
    ]


# -- facts ----------------------------------------------------------------------------------------


def _of_sellers(subjects: Sequence[Subject], row: Row) -> Row:
    """A row about who sells a model, not about the model."""
    return _of(row, [subject.sold for subject in subjects], subjects)


def _of(row: Row, whose: Iterable[str], subjects: Sequence[Subject]) -> Row:
    """The row with cells that speak of others than their columns."""
    cells = (
        replace(cell, of=None if of == subject.of else of)
        for cell, of, subject in zip(row.cells, whose, subjects, strict=True)
    )
    return replace(row, cells=tuple(cells))


def _fact_rows(subjects: Sequence[Subject], lines: Iterable[FactLine]) -> tuple[Row, ...]:
    return tuple(
        _value_row(
            line.key if line.key in ENDPOINT_FACTS else "",
            line.label,
            [subject.facts.get(line.key, NOT_STATED) for subject in subjects],
            more_is_better=line.more_is_better,
        )
        for line in lines
        if any(line.key in subject.facts for subject in subjects)
    )


def _policy_rows(subjects: Sequence[Subject]) -> tuple[Row, ...]:
    return tuple(_of_sellers(subjects, row) for row in _fact_rows(subjects, POLICY))


def _score_rows(subjects: Sequence[Subject]) -> tuple[Row, ...]:
    """Only scores under one condition stand in one row."""
    keys = sorted({key for subject in subjects for key in subject.scores})
    return tuple(
        _value_row(
            "",
            f"{benchmark}, {condition}" if condition else benchmark,
            [subject.scores.get((benchmark, condition), NOT_STATED) for subject in subjects],
            more_is_better=True,
        )
        for benchmark, condition in keys
    )


def _switch_rows(
    subjects: Sequence[Subject], family: str, read: Callable[[Subject], object]
) -> tuple[Row, ...]:
    """What a model's endpoints do together is no one's statement: only endpoints' cells are."""
    columns = [dict(read(subject)) for subject in subjects]  # type: ignore[call-overload]
    names = sorted({name for column in columns for name in column})
    rows = (
        _value_row(f"{family}.{name}", name, [_switch(column.get(name)) for column in columns])
        for name in names
    )
    whose = [subject.of if subject.sold == subject.of else "" for subject in subjects]
    return tuple(_of(row, whose, subjects) for row in rows)


def _switch(holds: bool | None) -> Value:
    return NOT_STATED if holds is None else Value("✓" if holds else "×")


def _value_row(key: str, label: str, values: list[Value], *, more_is_better: bool = False) -> Row:
    sure = [
        value for value in values if more_is_better and value.exact is not None and not value.old
    ]
    best = max((value.exact for value in sure), default=None)
    if all(value.exact == best for value in sure):
        best = None
    return _row(
        key,
        label,
        [
            Cell(value=value, best=best is not None and value in sure and value.exact == best)
            for value in values
        ],
    )


def _charged(money: Money) -> tuple[object, ...]:
    return (money.state, money.amount, money.currency, money.unit)


def _row(key: str, label: str, cells: list[Cell]) -> Row:
    known = [cell for cell in cells if cell.is_known]
    return Row(
        key, label, tuple(cells), differs=any(not a.agrees(b) for a, b in combinations(known, 2))
    )
