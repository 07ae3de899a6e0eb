"""Claims → columns and ledger: the only writer of published facts.

One transaction that first locks the edition row, so that two publications cannot interleave and a
page never shows half of one. Only differences are written; nothing changed leaves the edition as
it was.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q
from django.utils.module_loading import import_string

from . import planner, roster
from .choices import Book, RunState
from .facts import ENDPOINT_FACTS, PROVIDER_FACTS
from .ledger import PRICE, Chosen, LedgerRow, Stated, columns, fold
from .models import Claim, Edition, Endpoint, Price, Provider, Run
from .trust import EDITOR

# Endpoints folded at a time: bounds the memory, whatever the size of the market.
CHUNK = 500
# Claims of runs in these states are out of sight.
HIDDEN = (RunState.STARTED.value, RunState.RECORDED.value)

_FAMILY_COLUMNS = {
    "parameter": "parameters",
    "capability": "capabilities",
    "protocol": "protocols",
}
_DATES = {"deprecated_on", "retires_on"}


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication touched: the shop window follows it inside the same transaction."""

    now: datetime
    endpoints: frozenset[int]
    providers: frozenset[int]
    models: frozenset[str]


Progress = Callable[[int, int, str], None]
# Endpoint → when the last source, and when anybody, stated something of it for the last time.
LastWords = dict[int, tuple[datetime | None, datetime | None]]


def publish(
    *,
    now: datetime,
    runs: Collection[Run] = (),
    endpoints: Collection[int] = (),
    providers: Collection[int] = (),
    models: Collection[str] = (),
    progress: Progress | None = None,
) -> int:
    """Publishes what `runs` recorded and the named subjects; returns the edition's number."""
    with transaction.atomic():
        edition = lock()
        adopted = _adopt(runs)
        touched = _touched(adopted)
        endpoint_ids = frozenset(endpoints) | touched[0]
        provider_ids = frozenset(providers) | touched[1]
        slugs = frozenset(models) | touched[2]
        _finish(runs, adopted)
        if len(endpoint_ids) >= planner.MANY:
            planner.tell(Claim, Endpoint, Provider, Run)
        hidden = set(Run.objects.filter(state__in=HIDDEN).values_list("pk", flat=True))
        changed = _publish_providers(sorted(provider_ids), hidden)
        changed += _publish_endpoints(sorted(endpoint_ids), hidden, progress)
        if endpoint_ids or provider_ids or slugs:
            published = Published(now, endpoint_ids, provider_ids, slugs)
            for path in settings.AFTER_PUBLISH:
                changed += import_string(path)(published)
        if changed:
            edition.number += 1
            edition.changed_at = now
            edition.save()
    return edition.number


def publish_everything(*, now: datetime, progress: Progress | None = None) -> int:
    """Folds the whole market again; by definition of the fold nothing should change."""
    return publish(
        now=now,
        endpoints=list(Endpoint.objects.values_list("pk", flat=True)),
        providers=list(Provider.objects.values_list("pk", flat=True)),
        progress=progress,
    )


def announce(*, now: datetime) -> int:
    """A new edition for what pages draw besides claims: prose, tags, scores, listings."""
    with transaction.atomic():
        edition = lock()
        edition.number += 1
        edition.changed_at = now
        edition.save()
    return edition.number


def lock() -> Edition:
    """The edition's row, locked until the transaction ends: nobody publishes beside."""
    Edition.objects.get_or_create(id=1)
    return Edition.objects.select_for_update().get(id=1)


def _adopt(runs: Collection[Run]) -> list[int]:
    """The runs to publish, with the dead ones that went before them.

    Dead are unfinished ones of the same source and part; another part may be under way.
    """
    if not runs:
        return []
    same = Q()
    for run in runs:
        same |= Q(source=run.source_id, part=run.part)
    dead = Run.objects.filter(same, state__in=HIDDEN).exclude(pk__in=[run.pk for run in runs])
    adopted = list(dead.values_list("pk", flat=True))
    return [*adopted, *(run.pk for run in runs)]


def _finish(runs: Collection[Run], adopted: list[int]) -> None:
    ids = [run.pk for run in runs]
    Run.objects.filter(pk__in=ids).update(state=RunState.PUBLISHED.value)
    others = Run.objects.filter(pk__in=set(adopted) - set(ids))
    # What was read to its end is published with the rest, as a history that waited for it.
    others.filter(state=RunState.RECORDED.value).update(state=RunState.PUBLISHED.value)
    others.filter(state=RunState.STARTED.value).update(state=RunState.ABANDONED.value)
    for run in runs:
        run.state = RunState.PUBLISHED.value


def _touched(runs: list[int]) -> tuple[frozenset[int], frozenset[int], frozenset[str]]:
    """Subjects whose claims a run began or ended."""
    if not runs:
        return frozenset(), frozenset(), frozenset()
    rows = set(
        Claim.objects.filter(Q(begun_by__in=runs) | Q(ended_by__in=runs))
        .values_list("endpoint_id", "provider_id", "model")
        .distinct()
    )
    return (
        frozenset(endpoint for endpoint, _, _ in rows if endpoint),
        frozenset(provider for _, provider, _ in rows if provider),
        frozenset(model for _, _, model in rows if model),
    )


# -- claims as the fold reads them ----------------------------------------------------------------


def stated_claims(hidden: set[int], **subject: Any) -> dict[Any, list[Stated]]:
    """Claims by subject id: live facts and prices of all times, without unpublished runs."""
    found: dict[Any, list[Stated]] = {}
    rows = (
        Claim.objects.filter(
            Q(ended_at=None) | Q(key__startswith=PRICE) | Q(ended_by__in=hidden), **subject
        )
        .order_by("pk")
        .values_list(
            "endpoint_id", "provider_id", "model", "begun_by", "ended_by",
            "pk", "source__slug", "key", "condition", "book", "value", "stated",
            "stated_from", "ended_at", "effective_from", "effective_to",
        )
    )  # fmt: skip
    row: tuple[Any, ...]
    for row in rows.iterator(chunk_size=5000):
        endpoint, provider, model, begun, ended = row[:5]
        if begun in hidden:
            continue
        claim = Stated(*row[5:])
        if ended in hidden:
            claim = replace(claim, ended_at=None)  # ended only by a run not published yet
        found.setdefault(endpoint or provider or model, []).append(claim)
    return found


def rules_of_providers() -> dict[int, list[Stated]]:
    """Price rules for all endpoints of a provider, by its id; only editors state any."""
    found = stated_claims(set(), provider__isnull=False, source__slug=EDITOR, key__startswith=PRICE)
    return {pk: [replace(one, of_provider=True) for one in said] for pk, said in found.items()}


# -- providers ------------------------------------------------------------------------------------


def _publish_providers(ids: list[int], hidden: set[int]) -> int:
    claims = stated_claims(hidden, provider_id__in=ids)
    changed = []
    for provider in Provider.objects.filter(pk__in=ids):
        stated = claims.get(provider.pk, [])
        values = _values(columns(stated, provider.slug), PROVIDER_FACTS)
        if values["name"] is None or _is_named_by_us(provider, stated):
            values["name"] = roster.company(provider.slug).name
        if _assign(provider, values):
            changed.append(provider)
    _upsert(Provider, changed)
    return len(changed)


def _is_named_by_us(provider: Provider, stated: list[Stated]) -> bool:
    """The roster says who is who, so its names stand until an editor gives another."""
    by_editor = any(claim.key == "name" and claim.source == EDITOR for claim in stated)
    return provider.slug in roster.ROSTER and not by_editor


# -- endpoints ------------------------------------------------------------------------------------


def _publish_endpoints(ids: list[int], hidden: set[int], progress: Progress | None) -> int:
    changed = 0
    for done, chunk in enumerate(_chunked(ids, CHUNK)):
        changed += _publish_chunk(chunk, hidden)
        if progress:
            progress(min((done + 1) * CHUNK, len(ids)), len(ids), "publishing")
    return changed


def _publish_chunk(ids: list[int], hidden: set[int]) -> int:
    claims = stated_claims(hidden, endpoint_id__in=ids)
    rules = rules_of_providers()
    ledger: dict[int, list[LedgerRow]] = {}
    changed: list[Endpoint] = []
    endpoints = list(Endpoint.objects.filter(pk__in=ids).select_related("provider"))
    silent = [one.pk for one in endpoints if not _is_listed(claims.get(one.pk, []), one)]
    last_words = _last_words(silent, hidden)
    for endpoint in endpoints:
        stated = claims.get(endpoint.pk, []) + rules.get(endpoint.provider_id, [])
        ledger[endpoint.pk] = fold(stated, endpoint.provider.slug)
        values = _values(columns(stated, endpoint.provider.slug), ENDPOINT_FACTS)
        values["gone_since"] = _gone_since(stated, endpoint, last_words)
        if _assign(endpoint, values):
            changed.append(endpoint)
    _upsert(Endpoint, changed)
    return len(changed) + _write_ledger(ledger)


def _gone_since(stated: list[Stated], endpoint: Endpoint, last_words: LastWords) -> datetime | None:
    """When the last source dropped it.

    An editor's word alone keeps no endpoint listed but those that editors made by hand.
    """
    if _is_listed(stated, endpoint):
        return None
    by_sources, by_anybody = last_words.get(endpoint.pk, (None, None))
    is_ours = endpoint.made_by_id is not None
    return (by_anybody if is_ours else by_sources) or endpoint.gone_since


def _is_listed(stated: list[Stated], endpoint: Endpoint) -> bool:
    """Whether anybody states something of it today who may put it on sale."""
    is_ours = endpoint.made_by_id is not None
    return any(
        claim.ended_at is None and claim.book == Book.PUBLIC and (is_ours or claim.source != EDITOR)
        for claim in stated
    )


def _last_words(ids: Collection[int], hidden: set[int]) -> LastWords:
    """When the last source, and anybody at all, fell silent of each endpoint. One query."""
    if not ids:
        return {}
    said = Claim.objects.filter(endpoint_id__in=ids, book=Book.PUBLIC.value)
    rows = (
        said.exclude(begun_by__in=hidden)
        .values_list("endpoint_id")
        .annotate(sources=Max("ended_at", filter=~Q(source__slug=EDITOR)), anybody=Max("ended_at"))
        .order_by()
    )
    return {pk: (sources, anybody) for pk, sources, anybody in rows}


def _values(chosen: dict[str, Chosen], facts: Collection[str]) -> dict[str, Any]:
    """Column values of an endpoint or provider, with their provenance."""
    values: dict[str, Any] = dict.fromkeys(facts)
    families: dict[str, dict[str, Any]] = {}
    for key, choice in sorted(chosen.items()):
        family, dot, name = key.partition(".")
        if dot:
            families.setdefault(_FAMILY_COLUMNS[family], {})[name] = choice.value
        else:
            values[key] = date.fromisoformat(choice.value) if key in _DATES else choice.value
    if facts is ENDPOINT_FACTS:
        values |= {column: families.get(column, {}) for column in _FAMILY_COLUMNS.values()}
    values["provenance"] = {key: choice.claim for key, choice in sorted(chosen.items())}
    return values


def _assign(row: Endpoint | Provider, values: dict[str, Any]) -> bool:
    """Sets columns; whether any of them changed."""
    before = {name: getattr(row, name) for name in values}
    if before == values:
        return False
    for name, value in values.items():
        setattr(row, name, value)
    return True


def _upsert(model: type[Any], rows: list[Any]) -> None:
    """Writes whole rows by primary key; many times faster than bulk_update's CASE over columns."""
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["pk"], update_fields=fields, batch_size=200
    )


# -- the ledger -----------------------------------------------------------------------------------


def _write_ledger(ledger: dict[int, list[LedgerRow]]) -> int:
    """Writes what differs; the number of public rows that did.

    Other books are on no public page, so that they change is no new edition, and tells nobody.
    """
    before: dict[int, dict[LedgerRow, int]] = {pk: {} for pk in ledger}
    for pk, endpoint_id, row in _stored_rows(list(ledger)):
        before[endpoint_id][row] = pk
    gone: list[int] = []
    new: list[Price] = []
    public = 0
    for endpoint_id, rows in ledger.items():
        stored = before[endpoint_id]
        wanted = set(rows)
        public += sum(row.book == Book.PUBLIC for row in wanted ^ stored.keys())
        gone += [pk for row, pk in stored.items() if row not in wanted]
        new += [_price(endpoint_id, row) for row in rows if row not in stored]
    for chunk in _chunked(gone, 500):
        Price.objects.filter(pk__in=chunk).delete()
    Price.objects.bulk_create(new, batch_size=1000)
    return public


def _stored_rows(ids: list[int]) -> Iterator[tuple[int, int, LedgerRow]]:
    rows = Price.objects.filter(endpoint_id__in=ids).values_list(
        "pk", "endpoint_id", "claim_id", "book", "component", "condition", "amount", "unit",
        "currency", "state", "valid_from", "valid_to",
    )  # fmt: skip
    row: tuple[Any, ...]
    for row in rows.iterator():
        # Decimals hash by value: 0.1500000000 from the column equals 0.15 from the claim.
        yield row[0], row[1], LedgerRow(*row[2:])


def _price(endpoint_id: int, row: LedgerRow) -> Price:
    return Price(
        endpoint_id=endpoint_id,
        claim_id=row.claim,
        book=row.book,
        component=row.component,
        condition=row.condition,
        amount=row.amount,
        unit=row.unit,
        currency=row.currency,
        state=row.state,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _chunked(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
