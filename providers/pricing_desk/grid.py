"""The prices of some endpoints as a grid: what is published, what editors say, what sources say.

A row is one price: endpoint, component and condition, in every book that its reader may see.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from ..choices import Book, Component, State
from ..facts import WHOLE_CARD, canonical, trimmed
from ..ledger import PRICE
from ..models import Claim, Endpoint, Price
from ..queries import SourceRow, is_old, live_claims, sources
from ..trust import EDITOR, trust
from .rows import Own, Row, Said, Scope, Sheet, Slot, Standing

CHUNK = 500  # endpoints read at a time
_ORDER = {component.value: place for place, component in enumerate(Component)}


# -- which endpoints ------------------------------------------------------------------------------


def endpoints_in(scope: Scope, *, now: datetime) -> QuerySet[Endpoint]:
    """Endpoints with a price in the scope, by provider's name."""
    found = Endpoint.objects.select_related("provider", "upstream").by_provider_name()
    if not scope.names_something():
        return found.none()
    if scope.only and not (scope.provider or scope.endpoint or scope.search):
        found = found.filter(pk__in=sorted(scope.only))
    if scope.provider:
        found = found.filter(provider__slug=scope.provider)
    found = found.filter(pk=scope.endpoint) if scope.endpoint else found.listed()
    for word in scope.search.split():
        found = found.filter(
            Q(native_id__icontains=word)
            | Q(name__icontains=word)
            | Q(serves__icontains=word)
            | Q(provider__name__icontains=word)
        )
    if scope.component or scope.overridden or scope.differing:
        found = found.filter(_has_such_a_price(scope, now))
    return found


def _has_such_a_price(scope: Scope, now: datetime) -> Q:
    stated = Claim.objects.live().filter(endpoint=OuterRef("pk"), key__startswith=PRICE)
    if scope.component:
        stated = stated.filter(key=PRICE + scope.component)
    wanted = Q(Exists(stated))
    if scope.overridden:
        wanted &= Q(Exists(stated.filter(source__slug=EDITOR, book=scope.book)))
    if scope.differing:
        apart = (
            stated.filter(_in_force(now), book=Book.PUBLIC.value)
            .exclude(source__slug=EDITOR)
            .order_by()
            .values("key", "condition")
            .annotate(different=Count("value", distinct=True))
            .filter(different__gt=1)
        )
        wanted &= Q(Exists(apart))
    return wanted


def _in_force(now: datetime) -> Q:
    begun = Q(effective_from=None) | Q(effective_from__lte=now)
    return begun & (Q(effective_to=None) | Q(effective_to__gt=now))


# -- their prices ---------------------------------------------------------------------------------


def sheet(endpoints: Sequence[Endpoint], books: Collection[str], *, now: datetime) -> Sheet:
    """Every price of some endpoints, in the order given. Two queries, and two for each 500."""
    by_id = sources()
    rows: list[Row] = []
    rules: dict[int, tuple[Own, ...]] = {}
    for start in range(0, len(endpoints), CHUNK):
        chunk = endpoints[start : start + CHUNK]
        standing = _standing([one.pk for one in chunk], books, by_id, now)
        said, own, wide = _claims(chunk, books, by_id, now)
        rules |= wide
        slots = sorted({*standing, *said, *own}, key=_reading_order)
        by_endpoint: dict[int, list[Slot]] = {}
        for slot in slots:
            by_endpoint.setdefault(slot[0], []).append(slot)
        rows += [
            Row(*slot, standing.get(slot, {}), tuple(own.get(slot, ())), tuple(said.get(slot, ())))
            for one in chunk
            for slot in by_endpoint.get(one.pk, [])
        ]
    return Sheet(
        tuple(rows),
        rules,
        _provider_rules({one.provider_id for one in endpoints}, books, now),
        tuple(by_id.values()),
    )


def shown(rows: Iterable[Row], scope: Scope, *, now: datetime) -> list[Row]:
    """The rows that pass the filters of a scope."""
    return [
        row
        for row in rows
        if (not scope.component or row.component == scope.component)
        and (not scope.overridden or row.owned(scope.book))
        and (not scope.differing or row.differs(now))
    ]


def components(books: Collection[str]) -> list[str]:
    """Components that some price has, in reading order. One query."""
    found = Price.objects.filter(book__in=books, valid_to=None).order_by()
    return sorted(
        found.values_list("component", flat=True).distinct(),
        key=lambda one: (_ORDER.get(one, len(_ORDER)), one),
    )


def _reading_order(slot: Slot) -> tuple[int, int, str, str]:
    _, component, condition = slot
    return (slot[0], _ORDER.get(component, len(_ORDER)), component, condition)


def _standing(
    ids: Collection[int], books: Collection[str], by_id: Mapping[int, SourceRow], now: datetime
) -> dict[Slot, dict[str, Standing]]:
    found: dict[Slot, dict[str, Standing]] = {}
    rows = Price.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=now),
        endpoint_id__in=ids,
        book__in=books,
        valid_from__lte=now,
    ).values_list(
        "endpoint_id", "component", "condition", "book", "amount", "unit", "currency", "state",
        "claim__source_id", "valid_from",
    )  # fmt: skip
    for endpoint, component, condition, book, amount, unit, currency, state, source, since in rows:
        value = price_text(amount, unit, currency, state)
        held = Standing(value, by_id[source].slug, since)
        found.setdefault((endpoint, component, condition), {})[book] = held
    return found


def price_text(amount: Decimal | None, unit: str, currency: str, state: str) -> str:
    """A price of the ledger as the canonical text that a claim would have."""
    stated = {"currency": currency, "state": state, "unit": unit}
    if state == State.KNOWN and amount is not None:
        stated["amount"] = f"{trimmed(amount):f}"
    return canonical(stated)


_Said = dict[Slot, list[Said]]
_Own = dict[Slot, list[Own]]


def _claims(
    endpoints: Sequence[Endpoint],
    books: Collection[str],
    by_id: Mapping[int, SourceRow],
    now: datetime,
) -> tuple[_Said, _Own, dict[int, tuple[Own, ...]]]:
    """Claims that hold now or will: the sources', the editors', and rules for whole cards."""
    slugs = {one.pk: one.provider.slug for one in endpoints}
    about = Q(endpoint_id__in=list(slugs), book__in=books, key__startswith=PRICE)
    said: _Said = {}
    own: _Own = {}
    wide: dict[int, tuple[Own, ...]] = {}
    for claim in _standing_claims(about, now):
        source, endpoint = by_id[claim.source_id], claim.endpoint_id or 0
        component = claim.key.removeprefix(PRICE)
        slot = (endpoint, component, claim.condition)
        if source.slug != EDITOR:
            said.setdefault(slot, []).append(_said(claim, source, slugs[endpoint], now))
        elif component == WHOLE_CARD:
            wide[endpoint] = (*wide.get(endpoint, ()), own_of(claim))
        else:
            own.setdefault(slot, []).append(own_of(claim))
    for (endpoint, _, _), words in said.items():
        words.sort(key=lambda one: trust(one.source, slugs[endpoint]).rank)  # noqa: B023  used at once
    return said, own, wide


def _standing_claims(about: Q, now: datetime) -> Iterable[Claim]:
    lasting = Q(effective_to=None) | Q(effective_to__gt=now)
    return live_claims(about & lasting).select_related("editor").order_by("pk")


def _provider_rules(
    ids: Collection[int], books: Collection[str], now: datetime
) -> dict[int, tuple[Own, ...]]:
    found: dict[int, tuple[Own, ...]] = {}
    about = Q(provider_id__in=ids, book__in=books, key__startswith=PRICE)
    for claim in _standing_claims(about, now):
        provider = claim.provider_id or 0
        found[provider] = (*found.get(provider, ()), own_of(claim))
    return found


def own_of(claim: Claim) -> Own:
    return Own(
        claim=claim.pk,
        key=claim.key,
        condition=claim.condition,
        book=claim.book,
        value=claim.value,
        since=claim.stated_from,
        effective_from=claim.effective_from,
        effective_to=claim.effective_to,
        editor=str(claim.editor or ""),
        reason=claim.reason,
    )


def _said(claim: Claim, source: SourceRow, provider: str, now: datetime) -> Said:
    confirmed = source.confirmed_at(provider)
    return Said(
        source=source.slug,
        name=source.name,
        siglum=source.siglum,
        value=claim.value,
        since=claim.stated_from,
        at_least=claim.at_least,
        confirmed=confirmed,
        old=is_old(confirmed, now=now),
        effective_from=claim.effective_from,
        effective_to=claim.effective_to,
    )
