"""The page of disagreements: every value on which live sources differ, and how often each does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import QueryDict
from django.urls import reverse

from catalog.pages.decimals import pads
from catalog.pages.disagreement import index as indexes
from catalog.pages.disagreement import league, narrowing, wording
from catalog.pages.disagreement.asked import GROUPS, LEAGUES, SEVERAL, SORTS, UNEXPLAINED, Asked
from catalog.pages.disagreement.index import DisputeIndex, Entry
from catalog.pages.disagreement.league import League
from catalog.pages.disagreement.narrowing import RULES, Narrowed
from catalog.pages.facets import Choice, Facet
from catalog.pages.links import Link, to_provider_named
from catalog.pages.pager import Pager, paginate
from catalog.pages.parts import Mark, Witness
from catalog.queries.chrome import EditionLine
from providers.choices import Unit
from providers.disagreement import CAUSES, VOCABULARIES, Side
from providers.disagreement.causes import Cause

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Said:
    """Who states a value, and when that was last confirmed."""

    mark: Mark
    on: datetime


@dataclass(frozen=True, slots=True)
class SideRow:
    """One value; `pad`: how many places it lacks for decimals to stand on one point."""

    value: str
    pad: int
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One disagreement. `cause` empty: nobody knows why."""

    subject: Link
    provider: Link
    native_id: str
    upstream: str
    fact: str
    sides: tuple[SideRow, ...]
    size: str
    cause: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, with the page without it."""

    facet: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Limit:
    """What a source's format cannot say, and so does not deny."""

    source: str
    fact: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class DisagreementListPage:
    total: int
    every: int  # of the market, explained or not
    unexplained: int
    groups: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    leagues: tuple[Choice, ...]
    rows: tuple[Row, ...]
    facets: tuple[Facet, ...]
    chips: tuple[Chip, ...]
    clear: str
    everything: str
    pager: Pager
    league: League
    causes: tuple[Cause, ...]
    limits: tuple[Limit, ...]
    witnesses: tuple[Witness, ...]
    edition: EditionLine


def build(query: QueryDict, *, now: datetime) -> DisagreementListPage:
    """One query while the edition stays, else fourteen, however much is disputed."""
    asked = Asked.from_query(query)
    index = indexes.current(now=now)
    path = reverse("catalog:disagreements")

    def href(wanted: Asked) -> str:
        query = wanted.query()
        return f"{path}?{query}" if query else path

    narrowed = narrowing.narrow(index.entries, asked)
    ordered = sorted(narrowed.entries, key=_ORDERS[asked.sort])
    pager = paginate(
        len(ordered),
        page=asked.page,
        size=PAGE_SIZE,
        href=lambda page: href(asked.on_page(page)),
    )
    shown = ordered[pager.first - 1 : pager.last] if ordered else []
    return DisagreementListPage(
        total=len(ordered),
        every=len(index.entries),
        unexplained=sum(not entry.case.found.explained for entry in index.entries),
        groups=narrowing.values(RULES[0], index, narrowed, asked, href),
        sorts=_choices(SORTS, "sort", asked, href),
        leagues=_choices(LEAGUES, "league", asked, href, anchor="#league"),
        rows=_rows(index, shown),
        facets=narrowing.facets(index, narrowed, asked, href),
        chips=_chips(index, narrowed, asked, href),
        clear=path,
        everything=href(Asked(of="any", cause="any")),
        pager=pager,
        league=league.build(index, asked, href),
        causes=CAUSES,
        limits=_limits(index),
        witnesses=_witnesses(index, shown),
        edition=index.edition,
    )


def _choices(
    known: dict[str, str], name: str, asked: Asked, href: Callable[[Asked], str], anchor: str = ""
) -> tuple[Choice, ...]:
    now = getattr(asked, name)
    return tuple(
        Choice(text, 0, href(asked.choosing(name, value)) + anchor, value == now)
        for value, text in known.items()
    )


# -- order ----------------------------------------------------------------------------------------


def _by_size(entry: Entry) -> tuple[object, ...]:
    """The largest first; what has no size follows, but for free against a price, which leads."""
    is_endless = entry.ratio is None and entry.group == "prices"
    return (not is_endless, -(entry.ratio or Decimal(0)), *_by_fact(entry))


def _by_fact(entry: Entry) -> tuple[object, ...]:
    groups = list(GROUPS)
    return (groups.index(entry.group), entry.case.found.key, *_by_model(entry))


def _by_model(entry: Entry) -> tuple[object, ...]:
    place = entry.place
    return (place.name.casefold(), place.provider, place.native_id, entry.case.found.key)


def _by_provider(entry: Entry) -> tuple[object, ...]:
    return (entry.place.provider, *_by_model(entry))


_ORDERS: dict[str, Callable[[Entry], tuple[object, ...]]] = {
    "size": _by_size,
    "provider": _by_provider,
    "model": _by_model,
    "fact": _by_fact,
}


# -- rows -----------------------------------------------------------------------------------------


def _rows(index: DisputeIndex, shown: Sequence[Entry]) -> tuple[Row, ...]:
    amounts = [_drawn_amount(entry, side) for entry in shown for side in entry.case.found.sides]
    missing = iter(pads(amounts))
    return tuple(
        _row(index, entry, [next(missing) for _ in entry.case.found.sides]) for entry in shown
    )


def _drawn_amount(entry: Entry, side: Side) -> Decimal | None:
    """A price without its unit behind it, which alone stands on the column's point."""
    is_bare = entry.group == "prices" and side.value.get("unit") == Unit.MILLION_TOKENS
    return side.number() if is_bare else None


def _row(index: DisputeIndex, entry: Entry, missing: Sequence[int]) -> Row:
    place, found = entry.place, entry.case.found
    return Row(
        subject=_subject(entry),
        provider=to_provider_named(place.provider, index.providers),
        native_id=place.native_id,
        upstream=place.upstream,
        fact=wording.label(found),
        sides=tuple(
            _side(index, entry, side, pad) for side, pad in zip(found.sides, missing, strict=True)
        ),
        size=wording.size(entry.ratio),
        cause=found.cause,
    )


def _subject(entry: Entry) -> Link:
    """The model's page, at the sheet of the endpoint; a provider has a page of its own."""
    place = entry.place
    if not place.model:
        return Link(place.name)
    author, _, slug = place.model.partition("/")
    page = reverse("catalog:model", args=[author, slug])
    subject = entry.case.subject
    if subject.kind != "endpoint":
        return Link(place.name, page)
    return Link(place.name, f"{page}?endpoint={subject.id}#sheet")


def _side(index: DisputeIndex, entry: Entry, side: Side, pad: int) -> SideRow:
    dates = {
        source: max(s.as_of for s in side.statements if s.source == source)
        for source in side.sources()
    }
    return SideRow(
        wording.value(entry.case.found.key, side.value),
        pad,
        tuple(
            Said(index.signs.mark(index.sources[source], entry.case.provider), on)
            for source, on in dates.items()
        ),
    )


def _witnesses(index: DisputeIndex, shown: Sequence[Entry]) -> tuple[Witness, ...]:
    counted = {tally.source for tally in index.disputes.tallies}
    used = {source for entry in shown for source in entry.sources} | counted
    return index.signs.witnesses(index.sources[source] for source in used)


# -- the frame ------------------------------------------------------------------------------------


def _chips(
    index: DisputeIndex, narrowed: Narrowed, asked: Asked, href: Callable[[Asked], str]
) -> tuple[Chip, ...]:
    """What narrows the page beyond what it opens with."""
    chips: list[Chip] = []
    for rule in RULES:
        if rule.key == "of":
            continue
        for value in narrowing.chosen(asked, rule.key):
            if rule.key in SEVERAL:
                without = asked.toggled(rule.key, value)
            elif value == UNEXPLAINED:
                continue
            else:
                without = asked.choosing(rule.key, UNEXPLAINED if rule.key == "cause" else "")
            chips.append(Chip(rule.label, rule.word(index, value), href(without)))
    return tuple(chips)


def _limits(index: DisputeIndex) -> tuple[Limit, ...]:
    return tuple(
        Limit(
            narrowing.name(index, source),
            wording.fact_label(key).lower(),
            ", ".join(sorted(vocabulary.words)),
            vocabulary.reason,
        )
        for (source, key), vocabulary in VOCABULARIES.items()
    )
