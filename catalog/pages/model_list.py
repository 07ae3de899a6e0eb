"""The list of models: searched, narrowed, counted and sorted in Python over the index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from django.urls import reverse

from catalog.filters import SEVERAL, Filter
from catalog.pages import decimals, model_index, orders, search
from catalog.pages.as_of import TODAY, AsOf
from catalog.pages.facets import RULES, Facet, chosen_values, facets, link, narrow
from catalog.pages.headline import CURRENCY
from catalog.pages.links import Link, asked_of
from catalog.pages.model_index import IndexRow, ModelIndex
from catalog.pages.orders import Head, Sort
from catalog.pages.pager import Pager, paginate
from catalog.pages.parts import Mark, Money, Witness
from catalog.queries.chrome import EditionLine
from providers.choices import Unit

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One model as the list draws it."""

    path: str
    model: Link
    id: str  # its slug, where another model goes by the same name
    author: Link
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    input: Money
    output: Money
    unit: str  # set where the price is not per 1M tokens
    currency: str  # set where the price is not in US dollars
    basis: str  # "author", "median", "cheapest" or, without a price, empty
    n: int
    seller: str  # who asks it, where the basis is "cheapest"
    mark: Mark | None
    old: bool
    context: int | None
    extra: str  # the column drawn only because the list is sorted by it; empty: none
    providers: int
    came_on: str
    is_by: bool  # no release is stated: it was first listed on that day
    leaves_on: date | None
    is_retired: bool
    of: str  # whose prices they are, as an address names it; empty: of many
    of_model: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, with the list without it."""

    facet: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class ModelListPage:
    title: str
    q: str
    # What the search form must carry along besides `q`: (name, value).
    kept: tuple[tuple[str, str], ...]
    total: int
    rows: tuple[Row, ...]
    any_leaves: bool
    facets: tuple[Facet, ...]
    chips: tuple[Chip, ...]
    sorts: tuple[Sort, ...]
    heads: tuple[Head, ...]
    pager: Pager
    # Set when nothing matches: the nearest name, and the way out.
    suggestion: Link | None
    clear: str
    witnesses: tuple[Witness, ...]
    edition: EditionLine
    as_of: AsOf = TODAY
    today: str = ""  # the same list of today


def build(asked: Filter, *, now: datetime, as_of: AsOf = TODAY) -> ModelListPage:
    """One query while the edition and the day asked for stay."""
    index = model_index.current(now=now, as_of=as_of)
    today = as_of.moment(now).date()
    path = reverse("catalog:models")
    found, ranks = _search(index.rows, asked.q)
    narrowed = narrow(found, asked)
    ordered = orders.ordered(narrowed.rows, asked.order(), ranks, today=today)
    pager = paginate(
        len(ordered),
        page=asked.page,
        size=PAGE_SIZE,
        href=lambda page: link(path, asked.on_page(page)),
    )
    shown = ordered[pager.first - 1 : pager.last] if ordered else ()
    rows = _rows(shown, index, asked, today=today)
    any_leaves = any(row.leaves_on for row in rows)
    return ModelListPage(
        title=_title(index, asked),
        q=asked.q,
        kept=_kept(asked),
        total=len(ordered),
        rows=rows,
        any_leaves=any_leaves,
        facets=facets(index, narrowed, asked, path),
        chips=_chips(index, asked, path),
        sorts=orders.sorts(asked, path),
        heads=orders.heads(asked, path, leaves=any_leaves),
        pager=pager,
        suggestion=None if ordered else _suggestion(index, asked, path),
        clear=path,
        witnesses=_witnesses(index, rows),
        edition=index.edition,
        as_of=as_of,
        today=link(path, asked.without("as_of")),
    )


# -- searching -------------------------------------------------------------------------------------


def _search(rows: Sequence[IndexRow], typed: str) -> tuple[Sequence[IndexRow], dict[str, int]]:
    """The rows that match, and how far off each match is, by path."""
    query = search.Query.of(typed)
    if not query.words:
        return rows, {}
    ranks = {row.path: rank for row in rows if (rank := query.rank(row.text)) is not None}
    return [row for row in rows if row.path in ranks], ranks


# -- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Price:
    """What a row's price cells show: the headline, or where that is the order, the cheapest."""

    input: Money
    output: Money
    basis: str
    n: int
    seller: str
    mark: Mark | None
    old: bool
    endpoint: int | None  # whose price it is; None: of many


def _price(row: IndexRow, index: ModelIndex, *, cheapest: bool) -> _Price:
    if cheapest and row.cheapest:
        seller = row.cheapest.card.provider
        return _Price(
            input=row.cheapest.input,
            output=row.cheapest.output,
            basis="cheapest",
            n=1,
            seller=index.providers.get(seller, seller),
            mark=row.cheapest_mark,
            old=False,
            endpoint=row.cheapest.card.endpoint,
        )
    known = row.headline
    return _Price(
        known.input, known.output, known.basis, known.n, "", row.mark, known.old, known.endpoint
    )


def _rows(
    shown: Sequence[IndexRow], index: ModelIndex, asked: Filter, *, today: date
) -> tuple[Row, ...]:
    order = asked.order()
    prices = [_price(row, index, cheapest=order == "cheapest") for row in shown]
    inputs = decimals.pads(price.input.amount for price in prices)
    outputs = decimals.pads(price.output.amount for price in prices)
    padded = [
        replace(price, input=replace(price.input, pad=a), output=replace(price.output, pad=b))
        for price, a, b in zip(prices, inputs, outputs, strict=True)
    ]
    return tuple(
        _row(row, price, asked, doubled=row.name in index.doubled, today=today)
        for row, price in zip(shown, padded, strict=True)
    )


def _row(row: IndexRow, price: _Price, asked: Filter, *, doubled: bool, today: date) -> Row:
    order = asked.order()
    href = reverse("catalog:model", args=[row.author, row.slug])
    stated = [money for money in (price.input, price.output) if money.amount is not None]
    currencies = {money.currency for money in stated}
    units = {money.unit for money in stated}
    return Row(
        path=row.path,
        model=Link(row.name, f"{href}?as_of={asked.as_of}" if asked.as_of else href),
        id=row.slug if doubled else "",
        author=Link(row.author_name, reverse("catalog:author", args=[row.author])),
        reads=row.reads,
        writes=row.writes,
        input=price.input,
        output=price.output,
        unit=", ".join(sorted(units - {Unit.MILLION_TOKENS.value})),
        currency=" and ".join(sorted(currencies - {CURRENCY})),
        basis=price.basis,
        n=price.n,
        seller=price.seller,
        mark=price.mark,
        old=price.old,
        context=row.context,
        extra=orders.EXTRAS[order].drawn(row) if order in orders.EXTRAS else "",
        providers=len(row.providers),
        came_on=row.came_on,
        is_by=not row.released_on and bool(row.came_on),
        leaves_on=row.retires_on,
        is_retired=row.retires_on is not None and row.retires_on <= today,
        of=asked_of("endpoint", price.endpoint) if price.endpoint else "",
        of_model=asked_of("model", row.path),
    )


def _witnesses(index: ModelIndex, rows: Iterable[Row]) -> tuple[Witness, ...]:
    used = {row.mark.siglum for row in rows if row.mark}
    return tuple(witness for witness in index.witnesses if witness.siglum in used)


# -- the frame of the list ------------------------------------------------------------------------


def _title(index: ModelIndex, asked: Filter) -> str:
    if asked.q:
        return f"Models for “{asked.q}”"
    if replace(Filter(), author=asked.author, page=asked.page) == asked and len(asked.author) == 1:
        return f"Models by {index.authors.get(asked.author[0], asked.author[0])}"
    return "Models"


def _kept(asked: Filter) -> tuple[tuple[str, str], ...]:
    pairs: list[tuple[str, str]] = []
    for field in fields(asked):
        value = getattr(asked, field.name)
        if field.name in ("q", "page") or value == field.default:
            continue
        values = value if isinstance(value, tuple) else (value,)
        pairs += [(field.name, str(one)) for one in values]
    return tuple(pairs)


def _chips(index: ModelIndex, asked: Filter, path: str) -> tuple[Chip, ...]:
    chips = [Chip("Search", asked.q, link(path, asked.searching("")))] if asked.q else []
    for rule in RULES:
        for value in chosen_values(asked, rule):
            without = (
                asked.toggled(rule.key, value) if rule.key in SEVERAL else asked.without(rule.key)
            )
            chips.append(Chip(rule.label, rule.word(index, value), link(path, without)))
    return tuple(chips)


def _suggestion(index: ModelIndex, asked: Filter, path: str) -> Link | None:
    """The same search without the filters if that finds something, else the nearest name."""
    if not asked.q:
        return None
    if not asked.searching("").is_plain() and _search(index.rows, asked.q)[0]:
        return Link(f"“{asked.q}” among all models", link(path, Filter(q=asked.q)))
    name = search.nearest(asked.q, (row.name for row in index.rows))
    return Link(name, link(path, Filter(q=name))) if name else None
