"""Every disagreement of the market today, and how often each source differs from the others.

Read and compared as a whole, since some causes show only over all prices of a provider: 2,000
endpoints with two sources or more take about half a second. Whoever shows it keeps it.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Count, F, Q

from .choices import Book, Verdict
from .disagreement import (
    NOT_COMPARED,
    Disagreement,
    Factor,
    Known,
    Statement,
    disagreements,
    factors,
    in_force,
    is_comparable,
    is_rolling,
)
from .facts import Condition
from .models import Endpoint, Judgement, Provider
from .queries import SourceRow, live_claims, sources
from .trust import trust

# Compared, or a reason for differing elsewhere: which model an id serves.
_NOT_READ = frozenset(NOT_COMPARED) - {"serves"}


_NO_ONE: frozenset[str] = frozenset()


class Subject(NamedTuple):
    """What a statement is about: `endpoint` or `provider` by id, `model` by `author/slug`."""

    kind: str
    id: int | str

    def column(self) -> dict[str, Any]:
        """The column that names it, in claims and judgements."""
        return {"model" if self.kind == "model" else f"{self.kind}_id": self.id}


@dataclass(frozen=True, slots=True)
class Case:
    """One difference about one subject. `provider`: whose confirmations date its sources; empty
    of a model at large. `snoozed`: an editor will look when a source changes its word."""

    subject: Subject
    provider: str
    found: Disagreement
    snoozed: bool = False

    def waits(self) -> bool:
        """Whether it stands in the editors' queue."""
        return not self.found.explained and not self.snoozed


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


@dataclass(frozen=True, slots=True)
class Disputes:
    """`until`: the next moment at which a dated claim begins or ends."""

    cases: tuple[Case, ...]
    tallies: tuple[Tally, ...]
    shared: Mapping[tuple[str, str], int]  # provider, key → subjects of which two sources state it
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _About:
    """A subject with all that is said of it."""

    subject: Subject
    provider: str
    native_id: str
    factors: tuple[Factor, ...]
    statements: list[Statement]


def market(*, now: datetime) -> Disputes:
    """Every disagreement of the market. Six queries."""
    by_id = sources()
    contested, until = _contested(by_id, now)
    cases = list(_cases(contested, now, _judged()))
    return Disputes(
        cases=tuple(cases),
        tallies=_tallies(contested, cases, by_id, now),
        shared=_shared(contested, now),
        until=until,
    )


def waiting(*, now: datetime) -> list[Case]:
    """The editors' queue: what nobody explains and nobody put off. Five queries."""
    contested, _ = _contested(sources(), now)
    return [case for case in _cases(contested, now, _judged()) if case.waits()]


def of_subject(subject: Subject, *, now: datetime) -> tuple[Case, ...]:
    """The disagreements about one subject. Five queries."""
    contested, _ = _contested(sources(), now, only=subject)
    return tuple(_cases(contested, now, _judged()))


def measured_factors(*, now: datetime) -> dict[str, tuple[Factor, ...]]:
    """By provider, the factors that show over all its prices; see disagreement/scale.py."""
    contested, _ = _contested(sources(), now)
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
    return _with(_judged(about), Verdict.BOTH_RIGHT)


def _cases(
    contested: Iterable["_About"], now: datetime, judged: Sequence["_Judged"]
) -> Iterator[Case]:
    right, snoozed = _with(judged, Verdict.BOTH_RIGHT), _with(judged, Verdict.SNOOZED)
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


# -- what is said ---------------------------------------------------------------------------------


def _contested(
    by_id: Mapping[int, SourceRow], now: datetime, *, only: Subject | None = None
) -> tuple[list[_About], datetime | None]:
    """Subjects of which several sources speak, and when the next of their claims begins or ends."""
    said_of = Q(endpoint_id__in=_spoken_of_twice(), book=Book.PUBLIC.value) | Q(endpoint=None)
    if only is not None:
        said_of &= Q(**only.column())
    endpoints, apart = _names(only), _stored_factors()
    found: dict[Subject, _About] = {}
    boundaries: list[datetime] = []
    condition, parsed = cache(Condition.from_key), cache(json.loads)
    for endpoint, provider, provider_slug, model, *columns in _rows(said_of):
        if endpoint is None:
            is_model = provider is None
            subject = Subject("model", model) if is_model else Subject("provider", provider)
            slug, native_id = "" if is_model else provider_slug, ""
        elif endpoint in endpoints:
            subject = Subject("endpoint", endpoint)
            slug, native_id = endpoints[endpoint]
        else:
            continue
        pk, source, key, condition_key, value, stated, begins, ends = columns
        boundaries += [at for at in (begins, ends) if at and at > now]
        row = by_id[source]
        about = found.get(subject)
        if about is None:
            about = found[subject] = _About(subject, slug, native_id, apart.get(slug, ()), [])
        about.statements.append(
            Statement(
                claim=pk,
                source=row.slug,
                key=key,
                condition=condition(condition_key),
                value=parsed(value),
                stated=stated,
                # Editors, who are never read, mean what they say today.
                as_of=(row.confirmed_at(slug) if slug else row.as_of) or row.as_of or now,
                effective_from=begins,
                effective_to=ends,
            )
        )
    for about in found.values():
        about.statements.sort(key=_by_rank(about.provider))
    return list(found.values()), min(boundaries, default=None)


def _by_rank(provider: str) -> Callable[[Statement], int]:
    return lambda statement: trust(statement.source, provider).rank


def _spoken_of_twice() -> Any:
    """Ids of endpoints of which two sources state anything, as a subquery."""
    return (
        live_claims(Q(endpoint__isnull=False, book=Book.PUBLIC.value))
        .values("endpoint_id")
        .annotate(sources=Count("source_id", distinct=True))
        .filter(sources__gt=1)
        .values("endpoint_id")
    )


def _names(only: Subject | None) -> dict[int, tuple[str, str]]:
    """Slug of the provider and native id of the endpoints in question."""
    listed = Endpoint.objects.listed()
    if only is None:
        listed = listed.filter(pk__in=_spoken_of_twice())
    elif only.kind == "endpoint":
        listed = listed.filter(pk=only.id)
    else:
        listed = listed.none()
    rows = listed.values_list("pk", "provider__slug", "native_id")
    return {pk: (provider, native_id) for pk, provider, native_id in rows}


def _stored_factors() -> dict[str, tuple[Factor, ...]]:
    rows = Provider.objects.values_list("slug", "price_factors")
    return {slug: factors_from(stored) for slug, stored in rows if stored}


def factors_from(stored: Iterable[Mapping[str, Any]]) -> tuple[Factor, ...]:
    """What `Provider.price_factors` holds."""
    return tuple(map(Factor.from_json, stored))


def _rows(said_of: Q) -> Iterable[Any]:
    return (
        live_claims(said_of)
        .exclude(key__in=_NOT_READ)
        .order_by("pk")
        .values_list(
            "endpoint_id", "provider_id", "provider__slug", "model", "pk", "source_id", "key",
            "condition", "value", "stated", "effective_from", "effective_to",
        )
        .iterator(chunk_size=5000)
    )  # fmt: skip


# -- what editors said ----------------------------------------------------------------------------


_Judged = tuple[Subject, str, str]  # verdict, digest of the difference it was about


def _judged(about: Q = Q()) -> list[_Judged]:  # noqa: B008  never changed
    """What editors said, the latest word on each difference."""
    latest: dict[tuple[Subject, str], str] = {}
    rows = Judgement.objects.filter(about).order_by("pk")
    for endpoint, provider, model, digest, verdict in rows.values_list(
        "endpoint_id", "provider_id", "model", "digest", "verdict"
    ):
        latest[subject_of(endpoint, provider, model), digest] = verdict
    return [(subject, verdict, digest) for (subject, digest), verdict in latest.items()]


def subject_of(endpoint: int | None, provider: int | None, model: str) -> Subject:
    if endpoint is not None:
        return Subject("endpoint", endpoint)
    return Subject("model", model) if provider is None else Subject("provider", provider)


def _with(judged: Iterable[_Judged], wanted: Verdict) -> dict[Subject, frozenset[str]]:
    found: dict[Subject, set[str]] = {}
    for subject, verdict, digest in judged:
        if verdict == wanted:
            found.setdefault(subject, set()).add(digest)
    return {subject: frozenset(digests) for subject, digests in found.items()}


# -- the league -----------------------------------------------------------------------------------

_Line = tuple[str, str, str]  # provider, key, source


def _tallies(
    contested: Iterable[_About],
    cases: Iterable[Case],
    by_id: Mapping[int, SourceRow],
    now: datetime,
) -> tuple[Tally, ...]:
    states = _stated_counts(by_id, now)
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


def _shared(contested: Iterable[_About], now: datetime) -> Counter[tuple[str, str]]:
    return Counter(
        (about.provider, key) for about, key, who in _spoken(contested, now) if len(who) > 1
    )


def _spoken(
    contested: Iterable[_About], now: datetime
) -> Iterator[tuple[_About, str, frozenset[str]]]:
    """Who states each comparable fact of each subject today."""
    for about in contested:
        by_key: dict[str, set[str]] = {}
        for statement in in_force(about.statements, now):
            if is_comparable(statement.key):
                by_key.setdefault(statement.key, set()).add(statement.source)
        for key, who in by_key.items():
            yield about, key, frozenset(who)


def _stated_counts(by_id: Mapping[int, SourceRow], now: datetime) -> Counter[_Line]:
    """How many endpoints a source states a fact of. One query that counts in the database."""
    holds = (Q(effective_from=None) | Q(effective_from__lte=now)) & (
        Q(effective_to=None) | Q(effective_to__gt=now)
    )
    rows = (
        live_claims(Q(book=Book.PUBLIC.value, endpoint__gone_since=None, endpoint__isnull=False))
        .filter(holds)
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
