"""The title page: dates ahead, new models, where sources differ, and an index of authors."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from django.urls import reverse

from catalog.pages import calendar, decimals, differing, model_index
from catalog.pages.calendar import CalendarPage, Entry
from catalog.pages.change.moved import PricesMoved, moved
from catalog.pages.differing import Differing
from catalog.pages.disagreement import index as disputed
from catalog.pages.keep import Kept
from catalog.pages.links import Link
from catalog.pages.model_index import IndexRow, ModelIndex
from catalog.pages.parts import Mark, Money, Witness
from catalog.queries.chrome import EditionLine

DAYS = 8
NAMES = 5  # models named in one line of the calendar before "and N more"
NEW = 8
DIFFERING = 8
AGREEING = 2


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens on a day, the same to all these models at all these providers."""

    models: tuple[Link, ...]
    more: int
    verb: str
    places: tuple[Link, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    happenings: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class NewModel:
    model: Link
    author: Link
    input: Money
    output: Money
    context: int | None
    came_on: str
    is_by: bool  # no release is stated: it was first listed on that day


@dataclass(frozen=True, slots=True)
class AuthorLine:
    """A line of the index; one without an address is the letter above its authors."""

    text: str
    href: str = ""
    models: int = 0


@dataclass(frozen=True, slots=True)
class HomePage:
    models: int
    providers: int
    days: tuple[Day, ...]
    dates_ahead: int
    moved: PricesMoved
    new: tuple[NewModel, ...]
    undated: int  # models of which nobody states a release day
    differing: tuple[Differing, ...]
    agreeing: tuple[Differing, ...]  # the best documented providers without a difference
    index: tuple[AuthorLine, ...]
    witnesses: tuple[Witness, ...]
    edition: EditionLine


_kept: Kept[HomePage] = Kept()


def build(*, now: datetime) -> HomePage:
    """One query while the edition stays; the whole market is read once when it has changed."""
    index = model_index.current(now=now)
    return _kept.get(
        lambda: _build(index, now),
        edition=index.edition,
        now=now,
        until=lambda _: index.until,
    )


def _build(index: ModelIndex, now: datetime) -> HomePage:
    ahead = calendar.build({}, now=now)
    disputes = disputed.current(now=now)
    by_provider = differing.by_provider(disputes)
    return HomePage(
        models=len(index.rows),
        providers=len(index.providers),
        days=_days(ahead),
        dates_ahead=ahead.count,
        moved=moved(disputes.signs, now=now),
        new=_new(index.rows, today=now.date()),
        undated=sum(not _has_a_day(row) for row in index.rows),
        differing=tuple(one for one in by_provider if one.differ)[:DIFFERING],
        agreeing=_agreeing(by_provider),
        index=_index(index.rows, index.authors),
        witnesses=index.witnesses,
        edition=index.edition,
    )


# -- dates ahead ----------------------------------------------------------------------------------


def _days(ahead: CalendarPage) -> tuple[Day, ...]:
    days = [day for month in ahead.months for day in month.days]
    return tuple(Day(day.on, _happenings(day.entries)) for day in days[:DAYS])


def _happenings(entries: Iterable[Entry]) -> tuple[Happening, ...]:
    """Models to which the same happens at the same providers share one line."""
    alike: dict[tuple[str, tuple[Link, ...]], list[Entry]] = {}
    for entry in entries:
        places = tuple(dict.fromkeys(place.provider for place in entry.places))
        alike.setdefault((entry.verb, places), []).append(entry)
    return tuple(_happening(verb, places, those) for (verb, places), those in alike.items())


def _happening(verb: str, places: tuple[Link, ...], entries: list[Entry]) -> Happening:
    models = list(dict.fromkeys(entry.model for entry in entries))
    shown = models if len(models) <= NAMES + 1 else models[:NAMES]
    marks = dict.fromkeys(
        mark for entry in entries for place in entry.places for mark in place.marks
    )
    return Happening(
        models=tuple(shown),
        more=len(models) - len(shown),
        verb=_plural(verb) if len(models) > 1 else verb,
        places=places,
        marks=_one_each(marks),
    )


def _plural(verb: str) -> str:
    """`leaves` → `leave`, `is deprecated at` → `are deprecated at`, `its` → `their`."""
    first, _, rest = verb.partition(" ")
    first = "are" if first == "is" else first.removesuffix("s")
    return f"{first} {rest}".strip().replace(" its ", " their ")


def _one_each(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    return tuple({mark.siglum: mark for mark in marks}.values())


# -- new models -----------------------------------------------------------------------------------


def _new(rows: Iterable[IndexRow], *, today: date) -> tuple[NewModel, ...]:
    """The latest by release or first listing; of one day, those that most providers sell."""
    dated = [row for row in rows if _has_a_day(row) and row.came_on <= today.isoformat()]
    latest = sorted(dated, key=lambda row: row.name.casefold())
    latest.sort(key=lambda row: (row.came_on, len(row.providers)), reverse=True)
    shown = latest[:NEW]
    inputs = decimals.pads(row.headline.input.amount for row in shown)
    outputs = decimals.pads(row.headline.output.amount for row in shown)
    return tuple(
        NewModel(
            model=Link(row.name, reverse("catalog:model", args=[row.author, row.slug])),
            author=Link(row.author_name, reverse("catalog:author", args=[row.author])),
            input=replace(row.headline.input, pad=input_pad),
            output=replace(row.headline.output, pad=output_pad),
            context=row.context,
            came_on=row.came_on,
            is_by=not row.released_on,
        )
        for row, input_pad, output_pad in zip(shown, inputs, outputs, strict=True)
    )


def _has_a_day(row: IndexRow) -> bool:
    return len(row.came_on) == len("2026-11-12")


# -- sources and authors --------------------------------------------------------------------------


def _agreeing(found: Iterable[Differing]) -> tuple[Differing, ...]:
    whole = sorted((one for one in found if not one.differ), key=lambda one: -one.both)
    return tuple(whole[:AGREEING])


def _index(rows: Iterable[IndexRow], names: Mapping[str, str]) -> tuple[AuthorLine, ...]:
    """Authors by name under their first letter; those that begin otherwise under `0–9`."""
    counts = Counter(row.author for row in rows)
    slugs = sorted(counts, key=lambda slug: (_letter(names[slug]), names[slug].casefold()))
    lines: list[AuthorLine] = []
    for letter, those in groupby(slugs, key=lambda slug: _letter(names[slug])):
        lines.append(AuthorLine(letter))
        lines += [
            AuthorLine(names[slug], reverse("catalog:author", args=[slug]), counts[slug])
            for slug in those
        ]
    return tuple(lines)


def _letter(name: str) -> str:
    first = name[:1].upper()
    return first if first.isalpha() else "0–9"
