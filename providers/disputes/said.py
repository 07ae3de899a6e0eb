"""What several sources say of the same subjects, read for comparing."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Count, Q

from ..choices import Book
from ..disagreement import NOT_COMPARED, Factor, Statement
from ..facts import Condition
from ..models import Endpoint, Provider, Subject
from ..queries import SourceRow, live_claims
from ..trust import trust

# Compared, or a reason for differing elsewhere: which model an id serves.
_NOT_READ = frozenset(NOT_COMPARED) - {"serves"}


@dataclass(frozen=True, slots=True)
class About:
    """A subject with all that is said of it."""

    subject: Subject
    provider: str
    native_id: str
    factors: tuple[Factor, ...]
    statements: list[Statement]


def contested_now(
    by_id: Mapping[int, SourceRow], now: datetime, *, only: Subject | None = None
) -> tuple[list[About], datetime | None]:
    """Subjects of which several sources speak, and when the next of their claims begins or ends."""
    # Providers have prices too: the rules of other books.
    said_of = Q(book=Book.PUBLIC.value) & (Q(endpoint_id__in=_spoken_of_twice()) | Q(endpoint=None))
    if only is not None:
        said_of &= Q(**only.column())
    endpoints, apart = _names(only), _stored_factors()
    found: dict[Subject, About] = {}
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
            about = found[subject] = About(subject, slug, native_id, apart.get(slug, ()), [])
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
