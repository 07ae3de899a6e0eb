"""How often each source differs from the others, fact by fact or provider by provider."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse

from catalog import words
from catalog.pages.disagreement import wording
from catalog.pages.disagreement.asked import ANY, Asked
from catalog.pages.disagreement.index import DisputeIndex, group_of
from catalog.pages.links import Link, to_provider_named
from catalog.pages.parts import Mark
from providers.disputes import Tally

SHOWN = 20  # providers, unless all are asked for
_ALONE = {
    "fact": Link("Facts that one source alone states"),
    "provider": Link("Providers on which none meets another"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One source: values it states, those another states too, and how many of these differ."""

    source: Link
    mark: Mark
    states: int
    shared: int
    differ: int
    unexplained: int

    @property
    def share(self) -> str:
        """Unexplained of shared, in percent; empty where nobody can contradict."""
        if not self.shared:
            return ""
        return words.percent(round(100 * self.unexplained / self.shared, 1))


@dataclass(frozen=True, slots=True)
class Group:
    """The sources on one fact, or on one provider; those that differ least come first."""

    title: Link
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class League:
    """`total`: every line of every group added up, the groups not shown too."""

    by: str
    groups: tuple[Group, ...]
    total: Group
    left_out: int


def build(index: DisputeIndex, asked: Asked, href: Callable[[Asked], str]) -> League:
    """Of what is asked, the kind of fact, the fact, the provider and the source count here."""
    tallies = [tally for tally in index.disputes.tallies if _is_asked(tally, asked)]
    by = "fact" if asked.league == "fact" else "provider"
    by_value: dict[str, list[Tally]] = {}
    for tally in tallies:
        by_value.setdefault(tally.key if by == "fact" else tally.provider, []).append(tally)
    contested = {v: those for v, those in by_value.items() if any(t.shared for t in those)}
    uncontested = [t for v, those in by_value.items() if v not in contested for t in those]
    groups = [
        Group(_title(index, asked, by, value, href), _lines(index, those, value))
        for value, those in contested.items()
    ]
    groups.sort(key=lambda group: (*_weight(group, by), group.title.text.casefold()))
    shown = SHOWN if asked.league == "provider" else len(groups)
    alone = [Group(_ALONE[by], _lines(index, uncontested, ""))] if uncontested else []
    return League(
        by=by,
        groups=(*groups[:shown], *alone),
        total=Group(Link("Together"), _lines(index, tallies, "")),
        left_out=max(0, len(groups) - shown),
    )


def _is_asked(tally: Tally, asked: Asked) -> bool:
    return (
        asked.of in (ANY, group_of(tally.key))
        and (not asked.fact or tally.key in asked.fact)
        and (not asked.provider or tally.provider in asked.provider)
        and (not asked.source or tally.source in asked.source)
    )


def _weight(group: Group, by: str) -> tuple[int, int]:
    """Facts by how many are shared; providers by how many of them nobody can explain."""
    shared = -sum(line.shared for line in group.lines)
    return (shared, 0) if by == "fact" else (-sum(line.unexplained for line in group.lines), shared)


def _title(
    index: DisputeIndex, asked: Asked, by: str, value: str, href: Callable[[Asked], str]
) -> Link:
    if by == "fact":
        return Link(wording.fact_label(value), href(asked.toggled("fact", value)))
    if not value:
        return Link("models at large")
    return to_provider_named(value, index.providers)


def _lines(index: DisputeIndex, tallies: Iterable[Tally], provider: str) -> tuple[Line, ...]:
    """One line a source; `provider`: whose confirmations date its sign, if there is one."""
    by_source: dict[str, list[Tally]] = {}
    for tally in tallies:
        by_source.setdefault(tally.source, []).append(tally)
    slug = provider if provider in index.providers else ""
    lines = [_line(index, source, those, slug) for source, those in by_source.items()]
    return tuple(sorted(lines, key=_rank))


def _rank(line: Line) -> tuple[bool, float, str]:
    share = line.unexplained / line.shared if line.shared else 0
    return (not line.shared, share, line.source.text)


def _line(index: DisputeIndex, source: str, tallies: list[Tally], provider: str) -> Line:
    pk = index.sources[source]
    return Line(
        source=Link(index.signs.sources[pk].name, f"{reverse('catalog:sources')}#s-{source}"),
        mark=index.signs.mark(pk, provider),
        states=sum(tally.states for tally in tallies),
        shared=sum(tally.shared for tally in tallies),
        differ=sum(tally.differ for tally in tallies),
        unexplained=sum(tally.unexplained for tally in tallies),
    )
