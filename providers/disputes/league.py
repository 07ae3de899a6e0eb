"""How often each source differs from the others, counted in subjects."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from ..choices import Book
from ..disagreement import NOT_COMPARED, in_force, is_comparable
from ..models import Subject
from ..queries import SourceRow, live_claims
from .cases import Case
from .said import About

CHUNK = 500  # endpoints that one query names
_Line = tuple[str, str, str]  # provider, key, source


@dataclass(frozen=True, slots=True)
class Tally:
    """One source on one fact of one provider's endpoints, counted in endpoints.

    `shared`: another source states it too; of those, how many `differ`, and `unexplained`.
    """

    provider: str
    key: str
    source: str
    states: int
    shared: int
    differ: int
    unexplained: int


def tallies(
    contested: Iterable[About],
    cases: Iterable[Case],
    by_id: Mapping[int, SourceRow],
    now: datetime,
    without: Collection[Subject] = (),
) -> tuple[Tally, ...]:
    states = _stated_counts(by_id, now, Q())
    left_out = [subject.id for subject in without if subject.kind == "endpoint"]
    for start in range(0, len(left_out), CHUNK):
        states -= _stated_counts(by_id, now, Q(endpoint__in=left_out[start : start + CHUNK]))
    shared: Counter[_Line] = Counter()
    for about, key, who in _spoken(contested, now):
        lines = [(about.provider, key, source) for source in who]
        if about.subject.kind != "endpoint":
            states.update(lines)
        if len(who) > 1:
            shared.update(lines)
    differ, unexplained = _differing(cases)
    return tuple(
        Tally(*line, count, shared[line], differ[line], unexplained[line])
        for line, count in sorted(states.items())
    )


def shared_by_provider(contested: Iterable[About], now: datetime) -> Counter[tuple[str, str]]:
    return Counter(
        (about.provider, key) for about, key, who in _spoken(contested, now) if len(who) > 1
    )


def _spoken(
    contested: Iterable[About], now: datetime
) -> Iterator[tuple[About, str, frozenset[str]]]:
    """Who states each comparable fact of each subject today."""
    for about in contested:
        by_key: dict[str, set[str]] = {}
        for statement in in_force(about.statements, now):
            if is_comparable(statement.key):
                by_key.setdefault(statement.key, set()).add(statement.source)
        for key, who in by_key.items():
            yield about, key, frozenset(who)


def _stated_counts(by_id: Mapping[int, SourceRow], now: datetime, among: Q) -> Counter[_Line]:
    """How many endpoints a source states a fact of. One query that counts in the database."""
    holds = (Q(effective_from=None) | Q(effective_from__lte=now)) & (
        Q(effective_to=None) | Q(effective_to__gt=now)
    )
    rows = (
        live_claims(Q(book=Book.PUBLIC.value, endpoint__gone_since=None, endpoint__isnull=False))
        .filter(holds, among)
        .exclude(key__in=NOT_COMPARED)
        .values_list(F("endpoint__provider__slug"), "key", "source_id")
        .annotate(endpoints=Count("endpoint_id", distinct=True))
        .order_by()
    )
    return Counter({(slug, key, by_id[source].slug): n for slug, key, source, n in rows})


def _differing(cases: Iterable[Case]) -> tuple[Counter[_Line], Counter[_Line]]:
    """Subjects on which a source differs, and those where nobody knows why; a fact that differs
    under several conditions is one."""
    differ: set[tuple[Subject, _Line]] = set()
    unexplained: set[tuple[Subject, _Line]] = set()
    for case in cases:
        for source in case.found.sources():
            line = (case.subject, (case.provider, case.found.key, source))
            differ.add(line)
            if not case.found.explained:
                unexplained.add(line)
    return Counter(line for _, line in differ), Counter(line for _, line in unexplained)
