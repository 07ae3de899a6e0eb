"""Every disagreement of the market today, and how often each source differs from the others.

Read and compared as a whole: 2,000 endpoints with two sources or more take about a second. Whoever
shows it keeps it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from ..choices import Verdict
from ..disagreement import Disagreement, Factor, Known, disagreements, factors, is_rolling
from ..models import Subject
from ..queries import sources
from .cases import Case
from .league import Tally, shared_by_provider, tallies
from .said import About, contested_now, factors_from
from .verdicts import Judged, judged, with_verdict

__all__ = [
    "Case",
    "Disputes",
    "Subject",
    "Tally",
    "both_right",
    "factors_from",
    "market",
    "measured_factors",
    "of_subject",
    "waiting",
]

_NO_ONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Disputes:
    """`until`: the next moment at which a dated claim begins or ends."""

    cases: tuple[Case, ...]
    tallies: tuple[Tally, ...]
    shared: Mapping[tuple[str, str], int]  # provider, key → subjects of which two sources state it
    until: datetime | None


def market(*, now: datetime, without: Collection[Subject] = ()) -> Disputes:
    """Every disagreement of the market, as if some subjects were not in it. Six queries."""
    by_id = sources()
    contested, until = contested_now(by_id, now)
    contested = [about for about in contested if about.subject not in without]
    cases = list(_cases(contested, now, judged()))
    return Disputes(
        cases=tuple(cases),
        tallies=tallies(contested, cases, by_id, now, without),
        shared=shared_by_provider(contested, now),
        until=until,
    )


def waiting(*, now: datetime) -> list[Case]:
    """The editors' queue: what nobody explains and nobody put off. Five queries."""
    contested, _ = contested_now(sources(), now)
    return [case for case in _cases(contested, now, judged()) if case.waits()]


def of_subject(subject: Subject, *, now: datetime) -> tuple[Case, ...]:
    """The disagreements about one subject. Five queries."""
    contested, _ = contested_now(sources(), now, only=subject)
    return tuple(_cases(contested, now, judged()))


def measured_factors(*, now: datetime) -> dict[str, tuple[Factor, ...]]:
    """By provider, the factors that show over all its prices; see disagreement/scale.py."""
    contested, _ = contested_now(sources(), now)
    by_provider: dict[str, list[tuple[Subject, Disagreement]]] = {}
    for about in contested:
        found = disagreements(about.statements, now=now)
        by_provider.setdefault(about.provider, []).extend((about.subject, one) for one in found)
    return {
        provider: apart
        for provider, found in by_provider.items()
        if provider and (apart := factors(found))
    }


def both_right(
    *, endpoints: Collection[int], providers: Collection[int] = (), models: Collection[str] = ()
) -> dict[Subject, frozenset[str]]:
    """Digests of what editors found right on both sides, by subject. One query."""
    about = Q(endpoint__in=endpoints) | Q(provider__in=providers) | Q(model__in=models)
    return with_verdict(judged(about), Verdict.BOTH_RIGHT)


def _cases(contested: Iterable[About], now: datetime, said: Sequence[Judged]) -> Iterator[Case]:
    right, snoozed = with_verdict(said, Verdict.BOTH_RIGHT), with_verdict(said, Verdict.SNOOZED)
    for about in contested:
        known = Known(
            rolling=is_rolling(about.native_id),
            factors=about.factors,
            both_right=right.get(about.subject, _NO_ONE),
        )
        put_off = snoozed.get(about.subject, _NO_ONE)
        for one in disagreements(about.statements, now=now, known=known):
            is_put_off = bool(put_off) and one.digest() in put_off
            yield Case(about.subject, about.provider, one, is_put_off)
