"""A provider's page: its facts with their sources, and everything it sells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from catalog import words
from catalog.pages import links
from catalog.pages.as_of import TODAY, AsOf
from catalog.pages.columns import (
    CACHED,
    INPUTS,
    OUTPUTS,
    aligned,
    first_stated,
    money,
    unusual_units,
)
from catalog.pages.exchange import currencies_of, exchange
from catalog.pages.headline import plain_prices
from catalog.pages.links import Link
from catalog.pages.official_status import WINDOW, OfficialSeries, official
from catalog.pages.pager import Pager, paginate
from catalog.pages.parts import Money, Witness
from catalog.pages.provider_facts import FactRow, fact_rows, unstated
from catalog.pages.provider_hours import Hours, hours
from catalog.pages.provider_list import GROUP_NAMES
from catalog.pages.provider_measured import ProviderMeasured, measured
from catalog.pages.signs import Signs, Standing
from catalog.queries import provider_detail as queries
from providers import queries as market
from providers.choices import Status
from providers.models import Endpoint, Provider
from providers.queries import ClaimRow, PriceRow

PAGE_SIZE = 100
# Fields of a record that are sent with a request.
_SENT = {"id", "send"}


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """One thing the provider sells, at its plain price. Limits are in tokens."""

    model: Link
    native_id: str
    upstream: str
    kind: str
    input: Money
    output: Money
    cached: Money
    unit: str  # empty: all per 1M tokens
    conditions: int  # tiers, regions, thresholds … with prices of their own
    context: str
    max_output: str
    retires_on: date | None
    standing: Standing
    sources_href: str  # where everything is told that is stated of it
    compare_href: str


@dataclass(frozen=True, slots=True)
class FormerRow:
    model: Link
    native_id: str
    kind: str
    since: date | datetime | None
    retired: bool  # else: its sources dropped it


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a record; code: to be sent as it stands."""

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Records:
    """Flat records of a fact, such as routing modes, as a table; names first, then ids to send."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Field, ...], ...]


@dataclass(frozen=True, slots=True)
class ProviderDetailPage:
    name: str
    slug: str
    group: str
    company: Link | None
    models: int
    endpoints: int
    facts: tuple[FactRow, ...]
    unstated: tuple[str, ...]
    records: tuple[Records, ...]
    branches: tuple[Link, ...]
    status: OfficialSeries | None  # of its own status page; None on pages of a past day
    measured: ProviderMeasured | None  # None: nothing ever was, or the page is of a past day
    rows: tuple[EndpointRow, ...]
    pager: Pager
    matched: int  # endpoints over all pages
    unmatched: tuple[EndpointRow, ...]
    former: tuple[FormerRow, ...]
    not_models: int
    standing: Standing
    models_href: str
    calendar_href: str
    witnesses: tuple[Witness, ...]
    rates: tuple[str, ...]  # by which other currencies are converted
    hours: tuple[Hours, ...]  # of those shown whose prices change with the hour
    as_of: AsOf = TODAY


def build(
    slug: str, query: Mapping[str, str], *, now: datetime, as_of: AsOf = TODAY
) -> ProviderDetailPage | None:
    """The page, or None when there is no such provider. `query`: page of its endpoints."""
    moment, past = as_of.moment(now), as_of.past(now)
    provider = queries.find_provider(slug)
    if provider is None:
        return None
    signs = Signs(market.sources(when=past), moment)
    every = _known(queries.endpoints_of(provider), past)
    on_sale = [e for e in every if not _is_former(e, moment)]
    matched = [e for e in on_sale if links.model_of(e)]
    unmatched = [e for e in on_sale if not links.model_of(e)]
    pager = paginate(
        len(matched), page=_page(query), size=PAGE_SIZE, href=lambda n: _page_href(slug, n, as_of)
    )
    shown = matched[(pager.number - 1) * PAGE_SIZE : pager.number * PAGE_SIZE]
    drawn = _Drawn(provider, [*shown, *unmatched], signs, past)
    claims = market.claims_of_providers([provider.pk]).get(provider.pk, [])
    query_text = urlencode({"provider": slug})
    return ProviderDetailPage(
        name=provider.name,
        slug=slug,
        group=GROUP_NAMES[provider.group],
        company=links.to_provider(provider.company) if provider.company else None,
        models=len({e.listing.model_id for e in matched}),
        endpoints=len(on_sale),
        facts=fact_rows(provider, claims, signs),
        unstated=unstated(provider),
        records=_records(provider),
        branches=tuple(links.to_provider(p) for p in queries.same_company(provider)),
        status=None if as_of.on else _status(provider, moment),
        measured=None if as_of.on else _measured(on_sale, moment),
        rows=drawn.rows(shown),
        pager=pager,
        matched=len(matched),
        unmatched=drawn.rows(unmatched),
        former=tuple(_former(e) for e in every if _is_former(e, moment)),
        not_models=queries.not_models(provider),
        standing=signs.standing(signs.confirming(slug), slug),
        models_href=f"{reverse('catalog:models')}?{query_text}",
        calendar_href=f"{reverse('catalog:calendar')}?{query_text}",
        witnesses=signs.witnesses(
            {claim.source_id for claim in claims} | drawn.sources() | set(signs.confirming(slug))
        ),
        rates=drawn.exchange.notes,
        hours=hours(shown, drawn.prices, drawn.exchange, now=moment, is_past=as_of.on is not None),
        as_of=as_of,
    )


def _status(provider: Provider, now: datetime) -> OfficialSeries | None:
    return official(queries.official_statuses(provider, now - WINDOW, now), now=now)


def _measured(endpoints: list[Endpoint], now: datetime) -> ProviderMeasured | None:
    ever = [endpoint for endpoint in endpoints if queries.is_measured(endpoint)]
    return measured(ever, now=now) if ever else None


def _known(endpoints: list[Endpoint], past: datetime | None) -> list[Endpoint]:
    """Those that were known at a moment gone by; today every one."""
    if past is None:
        return endpoints
    known = market.first_stated([endpoint.pk for endpoint in endpoints])
    return [e for e in endpoints if e.pk in known and known[e.pk] <= past]


def _page(query: Mapping[str, str]) -> int:
    """The page asked for; what is no number is the first."""
    asked = query.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1


def _page_href(slug: str, number: int, as_of: AsOf) -> str:
    asked = {"page": number if number > 1 else "", "as_of": as_of.on or ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    address = reverse("catalog:provider", args=[slug])
    return f"{address}{'?' if query else ''}{query}#endpoints"


def _is_former(endpoint: Endpoint, moment: datetime) -> bool:
    """No longer sold: every source dropped it, or its retirement day has come."""
    return (
        (endpoint.gone_since is not None and endpoint.gone_since <= moment)
        or endpoint.is_retired(on=moment.date())
        or endpoint.status == Status.RETIRED
    )


def _former(endpoint: Endpoint) -> FormerRow:
    retired = endpoint.retires_on if endpoint.gone_since is None else None
    return FormerRow(
        model=links.to_served(endpoint),
        native_id=endpoint.native_id,
        kind=words.kind_label(endpoint.operation),
        since=retired or endpoint.gone_since,
        retired=endpoint.gone_since is None,
    )


def _records(provider: Provider) -> tuple[Records, ...]:
    """Routing modes and suffix variants, for those gateways that state them."""
    stated: tuple[tuple[str, list[dict[str, str]] | None], ...] = (
        ("Routing modes", provider.routing_modes),
        ("Suffix variants", provider.suffix_variants),
    )
    return tuple(_as_table(title, records) for title, records in stated if records)


def _as_table(title: str, records: Sequence[Mapping[str, str]]) -> Records:
    names = {name for record in records for name in record}
    columns = sorted(names, key=lambda name: (name != "name", name not in _SENT, name))
    return Records(
        title=title,
        columns=tuple(name.replace("_", " ").capitalize() for name in columns),
        rows=tuple(
            tuple(Field(record.get(name, ""), name in _SENT) for name in columns)
            for record in records
        ),
    )


# -- endpoints ------------------------------------------------------------------------------------


class _Drawn:
    """The endpoints a page draws, with their prices and who states them. Two queries.

    One more where a price is not in dollars.
    """

    def __init__(
        self,
        provider: Provider,
        endpoints: Iterable[Endpoint],
        signs: Signs,
        past: datetime | None,
    ) -> None:
        self.day = past.date().isoformat() if past else ""
        ids = [endpoint.pk for endpoint in endpoints]
        self.provider = provider
        self.signs = signs
        self.prices: Mapping[int, list[PriceRow]] = market.prices_at(ids, when=signs.now)
        self.claims: Mapping[int, list[ClaimRow]] = market.claims_of(ids, when=past)
        self.exchange = exchange(currencies_of(self.prices.values()), on=signs.now.date())

    def rows(self, endpoints: Iterable[Endpoint]) -> tuple[EndpointRow, ...]:
        rows = [self._row(endpoint) for endpoint in endpoints]
        return aligned(rows, "input", "output", "cached")

    def sources(self) -> set[int]:
        return {claim.source_id for claims in self.claims.values() for claim in claims}

    def _row(self, endpoint: Endpoint) -> EndpointRow:
        prices = self.prices.get(endpoint.pk, [])
        plain = plain_prices(prices)
        first, second, cached = (first_stated(plain, names) for names in (INPUTS, OUTPUTS, CACHED))
        if first is None and second is None:  # billed by something else, such as pages
            first = next((row for row in plain.values() if row is not cached), None)
        claims = self.claims.get(endpoint.pk, [])
        stated = {claim.id: claim.stated for claim in claims}
        return EndpointRow(
            model=links.to_served(endpoint),
            native_id=endpoint.native_id,
            upstream=endpoint.upstream.name if endpoint.upstream else "",
            kind=words.kind_label(endpoint.operation),
            input=self.exchange.beside(money(first)),
            output=self.exchange.beside(money(second)),
            cached=self.exchange.beside(money(cached)),
            unit=unusual_units(money(first), money(second), money(cached)),
            conditions=len({row.condition for row in prices if not row.condition.is_plain()}),
            context=_limit(endpoint, "context_length", stated),
            max_output=_limit(endpoint, "max_output", stated),
            retires_on=endpoint.retires_on,
            standing=self.signs.standing({c.source_id for c in claims}, self.provider.slug),
            sources_href=links.to_provenance("endpoint", endpoint.pk, as_of=self.day),
            compare_href=links.to_compare(endpoints=[self._name(endpoint)]),
        )

    def _name(self, endpoint: Endpoint) -> str:
        upstream = endpoint.upstream.slug if endpoint.upstream else ""
        return links.endpoint_name(self.provider.slug, endpoint.native_id, upstream)


def _limit(endpoint: Endpoint, key: str, stated: Mapping[int, str]) -> str:
    """A limit as its source rounds it (`16.38K`), else the exact number."""
    value: int | None = getattr(endpoint, key)
    return words.tokens(stated.get(endpoint.provenance.get(key, 0)) or value)
