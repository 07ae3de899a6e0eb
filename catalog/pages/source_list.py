"""The sources page: who feeds this almanac, how fresh, what was not taken, whom we believe."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog import words
from catalog.pages import links
from catalog.pages.links import Link
from catalog.queries import source_list as queries
from providers import queries as market
from providers import trust
from providers.choices import OLD_AFTER_DAYS
from providers.models import Held, Run
from providers.queries import SourceRow

# Items shown before the rest folds away, and those kept in the fold.
SHOWN = 20
MOST_FOLDED = 480


@dataclass(frozen=True, slots=True)
class Item:
    """Something a source states that was not published, and why."""

    name: str
    reason: str
    provider: Link | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """The first of a list, those folded away, and how many there are in all."""

    total: int
    shown: tuple[Item, ...]
    folded: tuple[Item, ...]

    @property
    def more(self) -> int:
        """How many are not shown at once."""
        return self.total - len(self.shown)

    @property
    def beyond(self) -> int:
        """How many are not even in the fold."""
        return self.more - len(self.folded)


@dataclass(frozen=True, slots=True)
class Room:
    """A key that the site has no place for, and how often it came."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class LastRun:
    state: str
    at: datetime
    recorded: bool
    error: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the last report: `added`, 120."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class SourceEntry:
    slug: str
    siglum: str
    name: str
    licence: str
    homepage: str
    version: str
    as_of: datetime | None
    old: bool
    paused: bool
    is_editor: bool  # people, who have no answer to be read
    run: LastRun | None
    changes: tuple[Change, ...]
    claims: int
    endpoints: int | None  # in its last answer
    covers: int  # providers
    held: Items
    refused: Items
    without_room: tuple[Room, ...]
    without_room_total: int


@dataclass(frozen=True, slots=True)
class Rank:
    rank: int
    source: str
    siglum: str
    provider: Link | None  # None: in general
    reason: str
    copies: str


@dataclass(frozen=True, slots=True)
class SourceListPage:
    sources: tuple[SourceEntry, ...]
    ranking: tuple[Rank, ...]
    old_after_days: int = OLD_AFTER_DAYS


def build(*, now: datetime) -> SourceListPage:
    rows = market.sources()
    claims = queries.live_claims()
    held: dict[int, list[Held]] = {}
    for item in queries.held_waiting():
        held.setdefault(item.source_id, []).append(item)
    entries = tuple(
        _entry(runs, rows[runs.source.pk], claims, held.get(runs.source.pk, []), now)
        for runs in queries.sources_with_runs()
        if runs.source.pk in rows
    )
    return SourceListPage(entries, _ranking(rows.values()))


def _entry(
    runs: queries.SourceRuns,
    row: SourceRow,
    claims: Mapping[int, int],
    held: list[Held],
    now: datetime,
) -> SourceEntry:
    report = runs.read.report if runs.read else {}
    without_room = sorted(report.get("without_room", {}).items(), key=lambda kv: (-kv[1], kv[0]))
    is_editor = row.slug == trust.EDITOR
    return SourceEntry(
        slug=row.slug,
        siglum=row.siglum,
        name=row.name,
        licence=row.licence,
        homepage=row.homepage,
        version=row.version,
        as_of=None if is_editor else row.as_of,
        old=not is_editor and market.is_old(row.as_of, now=now),
        paused=runs.source.paused,
        is_editor=is_editor,
        run=_last_run(runs.latest),
        changes=tuple(
            Change(what, report[what])
            for what in ("added", "changed", "ended", "unchanged")
            if what in report
        ),
        claims=claims.get(row.id, 0),
        endpoints=report.get("endpoints"),
        covers=len(row.confirmed),
        held=_items(_held(item) for item in held),
        refused=_items(
            Item(refusal["item"], refusal["reason"]) for refusal in report.get("refused", [])
        ),
        without_room=tuple(Room(key, count) for key, count in without_room),
        without_room_total=sum(count for _, count in without_room),
    )


def _last_run(run: Run | None) -> LastRun | None:
    if run is None:
        return None
    return LastRun(run.state, run.finished_at or run.started_at, run.recorded, run.error)


def _items(items: Iterable[Item]) -> Items:
    every = tuple(items)
    return Items(len(every), every[:SHOWN], every[SHOWN : SHOWN + MOST_FOLDED])


def _held(held: Held) -> Item:
    if held.endpoint is None:
        return Item("the whole answer", held.reason)
    fact = words.component_label(held.key.removeprefix("price.")).lower()
    return Item(
        f"{held.endpoint.native_id}, {fact}",
        held.reason,
        links.to_provider(held.endpoint.provider),
    )


def _ranking(rows: Iterable[SourceRow]) -> tuple[Rank, ...]:
    """The ranking as people read it; sources not read here yet are left out."""
    known = {row.slug: row for row in rows}
    table = [line for line in trust.table() if line.source in known]
    names = queries.provider_names({line.provider for line in table if line.provider})
    return tuple(
        Rank(
            rank=line.rank,
            source=known[line.source].name,
            siglum=known[line.source].siglum,
            provider=links.to_provider_named(line.provider, names) if line.provider else None,
            reason=line.reason,
            copies=known[line.copies].name if line.copies in known else line.copies,
        )
        for line in table
    )
