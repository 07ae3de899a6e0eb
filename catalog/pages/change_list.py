"""The page of changes: what moved between two days, on whose word, and what only seemed to."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from catalog import words
from catalog.pages import pager as pagers
from catalog.pages.change import asked as questions
from catalog.pages.change.asked import Asked
from catalog.pages.change.items import (
    GONE,
    KINDS,
    MARKET,
    NEW,
    PRICE,
    Item,
    between,
    to_model,
    to_provider,
)
from catalog.pages.decimals import pads
from catalog.pages.links import Link
from catalog.pages.pager import Pager
from catalog.pages.parts import Mark, Money, Witness
from catalog.pages.signs import Signs
from providers import queries as market
from providers.choices import Component

SIZE = 100  # endpoints on a page
NAMES = 12  # endpoints named in one line before "and N more"
_COMPONENTS = [component.value for component in Component]
_SPANS = ((7, "a week"), (30, "30 days"), (90, "90 days"), (365, "a year"))


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that narrows or widens the page."""

    text: str
    href: str
    active: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """One value that changed: a price, or a fact in words. Pads put decimals on one point."""

    label: str
    was: str
    becomes: str
    was_pad: int
    becomes_pad: int
    percent: str
    direction: str
    unit: str  # of a price that is not per 1M tokens in US dollars


@dataclass(frozen=True, slots=True)
class Block:
    """What changed at one endpoint at one moment by one source's word."""

    model: Link
    provider: Link
    native_id: str
    upstream: str
    on: date
    mark: Mark
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Named:
    model: Link
    native_id: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Endpoints of one provider that one source listed, or dropped, at one moment."""

    provider: Link
    on: date
    mark: Mark
    endpoints: tuple[Named, ...]
    more: int


@dataclass(frozen=True, slots=True)
class ChangeListPage:
    since: date
    until: date
    kind: str
    kind_name: str
    market: tuple[Choice, ...]
    apart: tuple[Choice, ...]
    spans: tuple[Choice, ...]
    providers: tuple[Option, ...]
    authors: tuple[Option, ...]
    components: tuple[Option, ...]
    directions: tuple[Option, ...]
    count: int
    blocks: tuple[Block, ...]
    batches: tuple[Batch, ...]
    pager: Pager
    witnesses: tuple[Witness, ...]
    messages: tuple[str, ...]
    plain_href: str  # the same days and kind, nothing narrowed

    @property
    def is_priced(self) -> bool:
        return self.kind not in (NEW, GONE) and (self.kind == PRICE or self.kind not in MARKET)


def build(query: Mapping[str, str], *, now: datetime) -> ChangeListPage:
    """Seven queries, however much changed."""
    asked, messages = questions.read(query, kinds=KINDS, today=now.date())
    items = between(*asked.moments(now))
    signs = Signs(market.sources(), now)
    narrowed = [item for item in items if _fits(item, asked)]
    of_kind = [item for item in narrowed if item.kind == asked.kind]
    groups = _groups(of_kind)
    pager = pagers.paginate(
        len(groups), page=asked.page, size=SIZE, href=lambda page: asked.href(page=page)
    )
    shown = groups[pager.first - 1 : pager.last] if groups else []
    counts = Counter(item.kind for item in narrowed)
    every_of_kind = [item for item in items if item.kind == asked.kind]
    return ChangeListPage(
        since=asked.since,
        until=asked.until,
        kind=asked.kind,
        kind_name=KINDS[asked.kind],
        market=_kinds(asked, counts, market_only=True),
        apart=_kinds(asked, counts, market_only=False),
        spans=_spans(asked, now.date()),
        providers=_options(
            {item.place.provider: item.place.provider_name for item in every_of_kind},
            asked.provider,
        ),
        authors=_options(
            {i.place.author: i.place.author_name for i in every_of_kind if i.place.author},
            asked.author,
        ),
        components=_options(
            {i.component: _component(i.component) for i in every_of_kind if i.component},
            asked.component,
        ),
        directions=_options(questions.DIRECTIONS, asked.direction),
        count=len(of_kind),
        blocks=_blocks(shown, signs) if asked.kind not in (NEW, GONE) else (),
        batches=tuple(_batch(one, signs) for one in shown) if asked.kind in (NEW, GONE) else (),
        pager=pager,
        witnesses=signs.witnesses(item.source_id for one in shown for item in one),
        messages=(*messages, *filter(None, [pager.message])),
        plain_href=asked.href(provider="", author="", component="", direction=""),
    )


# -- the question ---------------------------------------------------------------------------------


def _fits(item: Item, asked: Asked) -> bool:
    return (
        asked.provider in ("", item.place.provider)
        and asked.author in ("", item.place.author)
        and asked.component in ("", item.component)
        and asked.direction in ("", item.direction)
    )


def _kinds(asked: Asked, counts: Counter[str], *, market_only: bool) -> tuple[Choice, ...]:
    return tuple(
        Choice(name, asked.href(kind=kind, component=""), kind == asked.kind, counts[kind])
        for kind, name in KINDS.items()
        if (kind in MARKET) == market_only
    )


def _spans(asked: Asked, today: date) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            text,
            asked.href(since=since, until=today),
            (asked.since, asked.until) == (since, today),
        )
        for days, text in _SPANS
        if (since := today - timedelta(days=days))
    )


def _options(named: Mapping[str, str], wanted: str) -> tuple[Option, ...]:
    """Choices by name; the one asked for stands among them even when nothing of it changed."""
    known = {wanted: wanted, **named} if wanted else dict(named)
    by_name = sorted(known.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
    return tuple(Option(value, text, value == wanted) for value, text in by_name)


def _component(component: str) -> str:
    return words.component_label(component.removeprefix("parameter."))


# -- what is shown --------------------------------------------------------------------------------


def _groups(items: Iterable[Item]) -> list[list[Item]]:
    """Items that belong in one row, the latest first; of one moment what moved most first."""
    together: dict[tuple[object, ...], list[Item]] = {}
    for item in items:
        whole = item.kind in (NEW, GONE)
        subject = item.place.provider if whole else item.endpoint_id
        together.setdefault((item.at, item.source_id, subject), []).append(item)
    groups = [sorted(those, key=_place_of_component) for those in together.values()]
    groups.sort(key=lambda those: those[0].place.name.casefold())
    groups.sort(key=lambda those: (those[0].at, _size(those)), reverse=True)
    return groups


def _place_of_component(item: Item) -> tuple[int, str]:
    known = item.component in _COMPONENTS
    return (_COMPONENTS.index(item.component) if known else len(_COMPONENTS), item.label)


def _size(items: Sequence[Item]) -> tuple[float, int]:
    return (max(abs(float(item.percent or 0)) for item in items), len(items))


def _blocks(groups: Sequence[Sequence[Item]], signs: Signs) -> tuple[Block, ...]:
    rows = [item for items in groups for item in items]
    padded = {
        id(item): (was, becomes)
        for item, was, becomes in zip(
            rows,
            pads(item.was.amount if item.was else None for item in rows),
            pads(item.becomes.amount if item.becomes else None for item in rows),
            strict=True,
        )
    }
    return tuple(
        Block(
            model=to_model(items[0].place),
            provider=to_provider(items[0].place),
            native_id=items[0].place.native_id,
            upstream=items[0].place.upstream,
            on=items[0].at.date(),
            mark=signs.mark(items[0].source_id, items[0].place.provider),
            moved=tuple(_moved(item, *padded[id(item)]) for item in items),
        )
        for items in groups
    )


def _moved(item: Item, was_pad: int, becomes_pad: int) -> Moved:
    return Moved(
        label=item.label,
        was=_price(item.was) if item.was else item.was_words,
        becomes=_price(item.becomes) if item.becomes else item.becomes_words,
        was_pad=was_pad if item.was else 0,
        becomes_pad=becomes_pad if item.becomes else 0,
        percent=words.change(item.percent),
        direction=item.direction,
        unit=_unit(item.becomes) if item.becomes else "",
    )


def _price(money: Money) -> str:
    return words.price(money.amount, state=money.state)


def _unit(money: Money) -> str:
    """What has to be said beside the page's own unit."""
    currency = "" if money.currency == "USD" else money.currency
    unit = "" if money.unit == "1M tokens" else words.unit_words(money.unit)
    return " ".join(filter(None, (currency, unit)))


def _batch(items: Sequence[Item], signs: Signs) -> Batch:
    first = items[0]
    return Batch(
        provider=to_provider(first.place),
        on=first.at.date(),
        mark=signs.mark(first.source_id, first.place.provider),
        endpoints=tuple(
            Named(to_model(item.place), item.place.native_id) for item in items[:NAMES]
        ),
        more=max(len(items) - NAMES, 0),
    )
