"""Narrowing a list by facets, and how many models each of their values would leave."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog import words
from catalog.filters import FREE, SEVERAL, Filter
from catalog.pages.model_index import IndexRow, ModelIndex
from providers.choices import Kind, State, Unit

SHOWN = 10  # values of a facet before "and N more"
CONTEXTS = (8_000, 32_000, 128_000, 200_000, 400_000, 1_000_000)
INPUT_PRICES = ("0.1", "0.5", "1", "3", "10")
OUTPUT_PRICES = ("0.5", "2", "5", "15", "50")
_KIND_ORDER = {kind.value: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet: how many models it leaves, and the list with it chosen or dropped."""

    label: str
    count: int
    href: str
    active: bool


@dataclass(frozen=True, slots=True)
class Facet:
    key: str
    label: str
    choices: tuple[Choice, ...]
    more: tuple[Choice, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """How one facet reads a row: the values it has, out of those a reader may choose.

    `by_count`: values stand by how many models have them; else in the order of `order`.
    """

    key: str
    label: str
    values: Callable[[IndexRow], Iterable[str]]
    word: Callable[[ModelIndex, str], str]
    order: Callable[[str], object] | None = None

    def needs_all(self) -> bool:
        return SEVERAL.get(self.key, False)


# -- values of a row ------------------------------------------------------------------------------


def _contexts(row: IndexRow) -> list[str]:
    return [str(least) for least in CONTEXTS if row.context and row.context >= least]


def _dollars(row: IndexRow, side: str) -> Decimal | None:
    money = row.headline.input if side == "input" else row.headline.output
    is_dollars = money.currency == "USD" and money.unit == Unit.MILLION_TOKENS
    return money.amount if is_dollars and money.state == State.KNOWN else None


def _is_free(row: IndexRow, side: str) -> bool:
    money = row.headline.input if side == "input" else row.headline.output
    return money.state == State.FREE or row.is_free_somewhere


def _prices(side: str, ceilings: Sequence[str]) -> Callable[[IndexRow], list[str]]:
    def values(row: IndexRow) -> list[str]:
        amount = _dollars(row, side)
        under = [most for most in ceilings if amount is not None and amount <= Decimal(most)]
        return [FREE, *under] if _is_free(row, side) else under

    return values


def _price_word(_: ModelIndex, value: str) -> str:
    return "free at some provider" if value == FREE else f"up to ${words.figure(Decimal(value))}"


def _plain(_: ModelIndex, value: str) -> str:
    return value


_OPEN_WORDS = {"yes": "open", "no": "not open"}

RULES = (
    Rule(
        "kind",
        "Kind",
        lambda row: (row.kind,),
        lambda _, value: words.kind_label(value) if value in _KIND_ORDER else value,
        order=lambda value: _KIND_ORDER.get(value, len(_KIND_ORDER)),
    ),
    Rule("author", "Author", lambda row: (row.author,), lambda i, v: i.authors.get(v, v)),
    Rule("provider", "Provider", lambda row: row.providers, lambda i, v: i.providers.get(v, v)),
    Rule("reads", "Reads", lambda row: row.reads, _plain),
    Rule("writes", "Writes", lambda row: row.writes, _plain),
    Rule(
        "context",
        "Context",
        _contexts,
        lambda _, value: f"{int(value):,} tokens or more",
        order=int,
    ),
    Rule(
        "input",
        "Input price, per 1M tokens",
        _prices("input", INPUT_PRICES),
        _price_word,
        order=lambda value: Decimal(0 if value == FREE else value),
    ),
    Rule(
        "output",
        "Output price, per 1M tokens",
        _prices("output", OUTPUT_PRICES),
        _price_word,
        order=lambda value: Decimal(0 if value == FREE else value),
    ),
    Rule("parameter", "Supports the parameter", lambda row: row.parameters, _plain),
    Rule(
        "open",
        "Weights",
        lambda row: (row.open,) if row.open else (),
        lambda _, value: _OPEN_WORDS[value],
        order=lambda value: value != "yes",
    ),
    Rule("protocol", "Protocol", lambda row: row.protocols, _plain),
    Rule(
        "year",
        "Released",
        lambda row: (row.year,) if row.year else (),
        _plain,
        order=lambda value: -int(value) if value.isascii() and value.isdigit() else 0,
    ),
    Rule("tag", "Tag", lambda row: row.tags, lambda i, v: i.tags.get(v, v)),
)
_OPEN_AT_FIRST = ("kind", "author", "reads")


# -- narrowing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Rows that pass, and for each facet the rows that only this facet keeps out."""

    rows: tuple[IndexRow, ...]
    kept_out: Mapping[str, tuple[IndexRow, ...]]


def narrow(rows: Iterable[IndexRow], asked: Filter) -> Narrowed:
    tests = [(rule.key, test) for rule in RULES if (test := _test(rule, asked)) is not None]
    passed: list[IndexRow] = []
    kept_out: dict[str, list[IndexRow]] = {}
    for row in rows:
        failed = [key for key, test in tests if not test(row)]
        if not failed:
            passed.append(row)
        elif len(failed) == 1:
            kept_out.setdefault(failed[0], []).append(row)
    return Narrowed(tuple(passed), {key: tuple(out) for key, out in kept_out.items()})


def _test(rule: Rule, asked: Filter) -> Callable[[IndexRow], bool] | None:
    """What a row must answer to pass the facet; None when nothing of it is chosen."""
    chosen = getattr(asked, rule.key)
    if not chosen:
        return None
    if rule.key == "context":
        return lambda row: row.context is not None and row.context >= chosen
    if rule.key in ("input", "output"):
        return _price_test(rule.key, chosen)
    wanted = frozenset(chosen if isinstance(chosen, tuple) else (chosen,))
    if rule.needs_all():
        return lambda row: wanted.issubset(rule.values(row))
    return lambda row: not wanted.isdisjoint(rule.values(row))


def _price_test(side: str, chosen: str) -> Callable[[IndexRow], bool]:
    if chosen == FREE:
        return lambda row: _is_free(row, side)
    most = Decimal(chosen)

    def is_within(row: IndexRow) -> bool:
        amount = _dollars(row, side)
        return amount is not None and amount <= most

    return is_within


# -- counting -------------------------------------------------------------------------------------


def facets(index: ModelIndex, narrowed: Narrowed, asked: Filter, path: str) -> tuple[Facet, ...]:
    """Every facet that says anything about these rows."""
    found = (_facet(rule, index, narrowed, asked, path) for rule in RULES)
    return tuple(facet for facet in found if facet.choices)


def chosen_values(asked: Filter, rule: Rule) -> tuple[str, ...]:
    chosen = getattr(asked, rule.key)
    if isinstance(chosen, tuple):
        return chosen
    return (str(chosen),) if chosen else ()


def _facet(rule: Rule, index: ModelIndex, narrowed: Narrowed, asked: Filter, path: str) -> Facet:
    """A value's count is what the list would hold with it: of a facet that takes any of several
    values, its own choice does not keep the others' models out of the count."""
    rows = narrowed.rows
    if not rule.needs_all():
        rows += narrowed.kept_out.get(rule.key, ())
    counts = Counter(value for row in rows for value in rule.values(row))
    active = set(chosen_values(asked, rule))
    for value in active:
        # A threshold of the reader's own is no value of any row.
        counts.setdefault(value, len(narrowed.rows) if rule.key not in SEVERAL else 0)
    choices = [
        Choice(
            label=rule.word(index, value),
            count=counts[value],
            href=link(path, asked.toggled(rule.key, value)),
            active=value in active,
        )
        for value in _ordered(rule, index, counts, active)
    ]
    # One that would stand alone behind "and 1 more" may as well stand.
    shown = len(choices) if len(choices) <= SHOWN + 2 else SHOWN
    return Facet(
        key=rule.key,
        label=rule.label,
        choices=tuple(choices[:shown]),
        more=tuple(choices[shown:]),
        open=bool(active) or rule.key in _OPEN_AT_FIRST,
    )


def _ordered(
    rule: Rule, index: ModelIndex, counts: Mapping[str, int], active: set[str]
) -> list[str]:
    if rule.order is not None:
        return sorted(counts, key=rule.order)  # type: ignore[arg-type]
    return sorted(
        counts, key=lambda v: (v not in active, -counts[v], rule.word(index, v).casefold())
    )


def link(path: str, asked: Filter) -> str:
    query = asked.query()
    return f"{path}?{query}" if query else path
