"""Other models: more by this author, and what is similar or cheaper by the facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.pages.decimals import pads
from catalog.pages.headline import CURRENCY
from catalog.pages.links import to_compare
from catalog.pages.model.entry import model_href, siblings
from catalog.pages.model.reads import Reads
from catalog.pages.parts import UNKNOWN_MONEY, Money
from catalog.queries.model import RelatedRow
from providers.choices import Component, Kind, State, Unit

# What the price of a kind is compared by.
COMPONENTS = {Kind.CHAT: (Component.INPUT, Component.OUTPUT), Kind.EMBEDDING: (Component.INPUT,)}
SHOWN = 6
# A comparison takes so many.
MAX_COMPARED = 8
# Of those that cost less, and of those that don't: the nearest in price.
EACH = 4
_FROM, _TO = Decimal("0.25"), Decimal(2)
_CONTEXT_SHARE = 2
RULE = (
    "Of the same kind, reading and writing at least the same, with at least half the context: the "
    "four nearest in price that cost less and the four that don't, between a quarter and twice as "
    "much at their own authors, three parts input to one part output."
)


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One model with its author's prices. `here` is the model of the page."""

    name: str
    href: str
    input: Money
    output: Money
    context: int | None
    came_on: str
    is_by: bool  # no release is stated: it was first listed on that day
    leaves: date | None
    here: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """`similar` by price, the cheapest first; `more`: its own kind first, by release."""

    similar: tuple[ModelLine, ...] = ()
    more: tuple[ModelLine, ...] = ()
    entries: int = 0
    compare: str = ""  # address of the similar ones side by side
    rule: str = RULE

    @property
    def any_leaves(self) -> bool:
        """Whether the column of retirement dates is worth drawing."""
        return any(line.leaves for line in (*self.similar, *self.more))


def components_for(kind: str) -> tuple[str, ...]:
    return COMPONENTS.get(Kind(kind), COMPONENTS[Kind.CHAT])


def family(reads: Reads) -> Family:
    prices = _prices(reads)
    models = {row.id: row for row in reads.related}
    everybody = siblings(reads)
    newest = sorted(
        (row for row in everybody if row.id != reads.model.pk),
        key=lambda row: (row.kind == reads.model.kind, row.came_on, row.name),
        reverse=True,
    )
    similar = _similar(reads, models, prices)
    return Family(
        similar=_lines(reads, similar, prices) if len(similar) > 1 else (),
        more=_lines(reads, newest[:SHOWN], prices),
        entries=len(everybody),
        compare=to_compare(models=[f"{row.author}/{row.slug}" for row in similar[:MAX_COMPARED]]),
    )


Prices = dict[int, dict[str, Decimal]]


def _prices(reads: Reads) -> Prices:
    """Per model, the prices at its author's plainest id that has them, per 1M tokens."""
    best: dict[int, tuple[tuple[bool, int, str], dict[str, Decimal]]] = {}
    for row in reads.related:
        if row.amount is None or row.unit != Unit.MILLION_TOKENS:
            continue
        plainness = (bool(row.variant), len(row.native_id), row.native_id)
        known = best.get(row.id)
        if known is None or plainness < known[0]:
            best[row.id] = (plainness, {row.component: row.amount})
        elif plainness == known[0]:
            known[1][row.component] = row.amount
    return {pk: amounts for pk, (_, amounts) in best.items()}


def _similar(reads: Reads, models: dict[int, RelatedRow], prices: Prices) -> list[RelatedRow]:
    """The nearest in price, the model itself among them, the cheapest first."""
    own = _blend(prices.get(reads.model.pk, {}), reads.model.kind)
    if own is None:
        return []
    ratios = [
        (price / own, row)
        for pk, row in models.items()
        if pk != reads.model.pk and _is_alike(reads, row)
        if (price := _blend(prices.get(pk, {}), reads.model.kind))
    ]
    cheaper = sorted(
        ((ratio, row) for ratio, row in ratios if _FROM <= ratio < 1),
        key=lambda pair: (-pair[0], *_newest_first(pair[1])),
    )
    others = sorted(
        ((ratio, row) for ratio, row in ratios if 1 <= ratio <= _TO),
        key=lambda pair: (pair[0], *_newest_first(pair[1])),
    )
    chosen = [row for _, row in (*cheaper[:EACH], *others[:EACH])]
    if reads.model.pk in models:
        chosen.append(models[reads.model.pk])
    return sorted(
        chosen, key=lambda row: (_blend(prices[row.id], reads.model.kind) or Decimal(0), row.name)
    )


def _newest_first(row: RelatedRow) -> tuple[int, str]:
    return (-int((row.came_on or "0").replace("-", "").ljust(8, "0")), row.name)


def _blend(amounts: dict[str, Decimal], kind: str) -> Decimal | None:
    """Three parts input, one part output; an embedding by its input alone."""
    first, second = amounts.get(Component.INPUT), amounts.get(Component.OUTPUT)
    if kind == Kind.EMBEDDING:
        return first
    return (3 * first + second) / 4 if first and second else None


def _is_alike(reads: Reads, row: RelatedRow) -> bool:
    model = reads.model
    return (
        row.kind == model.kind
        and not (row.retires_on and row.retires_on <= reads.today)
        and set(model.input_modalities or ()) <= set(row.input_modalities or ())
        and set(model.output_modalities or ()) <= set(row.output_modalities or ())
        and (row.context_length or 0) * _CONTEXT_SHARE >= (model.context_length or 0)
    )


def _lines(reads: Reads, rows: Iterable[RelatedRow], prices: Prices) -> tuple[ModelLine, ...]:
    rows = list(rows)
    inputs = _column([prices.get(row.id, {}).get(Component.INPUT) for row in rows])
    outputs = _column([prices.get(row.id, {}).get(Component.OUTPUT) for row in rows])
    return tuple(
        ModelLine(
            name=row.name,
            href=model_href(row.author, row.slug),
            input=first,
            output=second,
            context=row.context_length,
            came_on=row.came_on,
            is_by=not row.released_on and row.first_listed is not None,
            leaves=row.retires_on,
            here=row.id == reads.model.pk,
        )
        for row, first, second in zip(rows, inputs, outputs, strict=True)
    )


def _column(amounts: list[Decimal | None]) -> list[Money]:
    return [
        Money(State.KNOWN.value, amount, CURRENCY, pad=pad)
        if amount is not None
        else Money(state=UNKNOWN_MONEY.state, pad=pad)
        for amount, pad in zip(amounts, pads(amounts), strict=True)
    ]
