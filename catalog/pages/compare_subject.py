"""One column of a comparison: a model at its headline price, or one endpoint."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog import words
from catalog.models import AIModel, Score
from catalog.pages import links
from catalog.pages.columns import money
from catalog.pages.compare_choice import Choice
from catalog.pages.compare_values import (
    OF_ENDPOINTS,
    POLICY,
    ROUNDED,
    SHARED,
    Value,
    as_stated,
)
from catalog.pages.costs import Offered
from catalog.pages.disagreement.notes import DisputeNote, Noted, noted, of_endpoint
from catalog.pages.exchange import Exchange, currencies_of, exchange
from catalog.pages.headline import Headline, plain_prices
from catalog.pages.links import Link
from catalog.pages.model_index import IndexRow
from catalog.pages.parts import Dispute, Money
from catalog.pages.signs import Signs, Standing
from catalog.queries import compare as queries
from catalog.queries.compare import Said
from catalog.workload import KINDS
from providers import queries as market
from providers.choices import Group
from providers.disputes import both_right
from providers.facts import Condition
from providers.models import Endpoint, Provider
from providers.queries import PriceRow

PriceKey = tuple[str, str]  # component, Condition.key()
Prices = Mapping[int, Sequence[PriceRow]]  # in force, by endpoint
Stated = AIModel | Endpoint | Provider  # rows whose columns say which claim is behind them
Wording = Callable[[Any], Value]


@dataclass(frozen=True, slots=True)
class Subject:
    """A column. Switches (parameters …): name → stated as supported or not."""

    name: str  # as its address names it
    of: str  # whose facts they are, as the address of a value names it
    endpoint: int | None  # whose prices and policy they are; None: of many
    title: Link
    under: Link  # the model's author, or the endpoint's provider
    note: str  # what the prices are: "OpenAI's own", "median of 7 providers", an id
    standing: Standing
    prices: Mapping[PriceKey, Money]
    facts: Mapping[str, Value]
    parameters: Mapping[str, bool]
    capabilities: Mapping[str, bool]
    protocols: Mapping[str, bool]
    scores: Mapping[tuple[str, str], Value]  # benchmark, condition
    sources: frozenset[int]
    offered: Offered

    @property
    def sold(self) -> str:
        """Like `of`, of the endpoint; empty where the prices are of many."""
        return links.asked_of("endpoint", self.endpoint) if self.endpoint else ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns in the order asked for, models first, and what sources dispute of them."""

    subjects: tuple[Subject, ...]
    disputes: tuple[DisputeNote, ...]
    exchange: Exchange


def columns(
    choice: Choice,
    index: Mapping[str, IndexRow],
    prices: Prices,
    signs: Signs,
    *,
    past: datetime | None = None,
) -> Columns:
    """What is compared, as it stood at `past` if that is given. Five queries.

    One more where a price is not in dollars.
    """
    models = [model for _, model in choice.models]
    endpoints = [endpoint for _, endpoint in choice.endpoints]
    served = [model for e in endpoints if (model := links.model_of(e)) is not None]
    sold = queries.endpoints_of(models)
    priced = {
        path: next((e for e in sold.get(m.pk, ()) if e.pk == index[path].headline.endpoint), None)
        for path, m in choice.models
    }
    drawn = [*endpoints, *filter(None, priced.values())]
    disputed = _disputed(drawn, signs, past)
    rates = exchange(currencies_of(prices.values()), on=signs.now.date())
    build = _Builder(
        prices,
        signs,
        exchange=rates,
        disputes=disputed.claims,
        said=queries.said(_claims([*models, *drawn, *(e.provider for e in drawn)])),
        scores=_scores(queries.scores_of({model.pk for model in (*models, *served)})),
    )
    found = (
        *(
            build.model(path, m, index[path], priced[path], sold.get(m.pk, ()))
            for path, m in choice.models
        ),
        *(build.endpoint(name, endpoint) for name, endpoint in choice.endpoints),
    )
    return Columns(found, disputed.notes, rates)


def _disputed(endpoints: Iterable[Endpoint], signs: Signs, past: datetime | None) -> Noted:
    """Differences about the endpoints whose values are drawn. Two queries."""
    drawn = {endpoint.pk: endpoint for endpoint in endpoints}
    claims = market.claims_of(drawn, when=past)
    right = both_right(endpoints=drawn)
    return noted(
        (
            of_endpoint(
                endpoint,
                f"{endpoint.provider.name} {endpoint.native_id}",
                claims.get(pk, []),
                right,
            )
            for pk, endpoint in drawn.items()
        ),
        signs,
    )


def _claims(rows: Iterable[Stated]) -> set[int]:
    return {claim for row in rows for claim in row.provenance.values() if isinstance(claim, int)}


def _scores(rows: Iterable[Score]) -> dict[int, dict[tuple[str, str], Value]]:
    """By model, then benchmark and condition; the newest of several."""
    found: dict[int, dict[tuple[str, str], Value]] = {}
    for score in rows:
        exact = score.value if score.benchmark.higher_is_better else -score.value
        key = (score.benchmark.name, score.condition or score.harness)
        found.setdefault(score.model_id, {}).setdefault(
            key,
            Value(
                text=f"{words.figure(score.value)}{words.NO_BREAK}{score.unit}",
                exact=exact,
                href=score.source_url or "",
                note=score.source_name,
            ),
        )
    return found


@dataclass(frozen=True, slots=True)
class _Builder:
    prices: Prices
    signs: Signs
    said: Mapping[int, Said]
    scores: Mapping[int, Mapping[tuple[str, str], Value]]
    disputes: Mapping[int, Dispute]  # by claim
    exchange: Exchange

    # -- a model ----------------------------------------------------------------------------------

    def model(
        self,
        path: str,
        model: AIModel,
        index: IndexRow,
        at: Endpoint | None,
        sold: Sequence[Endpoint],
    ) -> Subject:
        """`at`: the endpoint whose price is the headline; None when that is a median."""
        facts = self._facts(model, SHARED) | (self._policy(at) if at else {})
        facts["providers"] = Value(str(len(index.providers)))
        return Subject(
            name=path,
            of=links.asked_of("model", path),
            endpoint=at.pk if at else None,
            title=links.to_model(model),
            under=Link(model.author.name, links.author_href(model.author.slug)),
            note=_basis(index.headline, at),
            standing=self._standing(at) if at else Standing(),
            prices=self._card(at) if at else _as_card(index),
            facts=facts,
            parameters=_any_of(e.parameters for e in sold),
            capabilities=_any_of(e.capabilities for e in sold),
            protocols=_any_of(e.protocols for e in sold),
            scores=self.scores.get(model.pk, {}),
            sources=self._sources(model, at),
            offered=self._offered(model.name, at, model.kind),
        )

    # -- an endpoint ------------------------------------------------------------------------------

    def endpoint(self, name: str, endpoint: Endpoint) -> Subject:
        provider = endpoint.provider
        model = links.model_of(endpoint)
        via = f" → {endpoint.upstream.name}" if endpoint.upstream else ""
        return Subject(
            name=name,
            of=links.asked_of("endpoint", endpoint.pk),
            endpoint=endpoint.pk,
            title=links.to_served(endpoint),
            under=Link(provider.name + via, links.to_provider(provider).href),
            note=endpoint.native_id,
            standing=self._standing(endpoint),
            prices=self._card(endpoint),
            facts=self._facts(endpoint, {**SHARED, **OF_ENDPOINTS}) | self._policy(endpoint),
            parameters=endpoint.parameters,
            capabilities=endpoint.capabilities,
            protocols=endpoint.protocols,
            scores=self.scores.get(model.pk, {}) if model else {},
            sources=self._sources(endpoint, endpoint),
            offered=self._offered(links.to_served(endpoint).text, endpoint, endpoint.operation),
        )

    # -- prices -----------------------------------------------------------------------------------

    def _card(self, endpoint: Endpoint) -> dict[PriceKey, Money]:
        """Every price of an endpoint that no condition of a source's own making limits."""
        provider = endpoint.provider.slug
        return {
            (row.component, row.condition.key()): replace(
                self.exchange.beside(money(row)),
                old=self.signs.is_old(row.source_id, provider),
                dispute=self.disputes.get(row.claim_id),
            )
            for row in self.prices.get(endpoint.pk, ())
            if not row.condition.named
        }

    def _standing(self, endpoint: Endpoint) -> Standing:
        """Who states the prices of the column."""
        rows = self.prices.get(endpoint.pk, ())
        plain = plain_prices(rows).values() or rows
        return self.signs.standing({row.source_id for row in plain}, endpoint.provider.slug)

    def _offered(self, name: str, endpoint: Endpoint | None, kind: str) -> Offered:
        """What is billed for a workload: the endpoint whose prices the column shows."""
        if endpoint is None:
            return Offered(name, said="the price is a median of several sellers: it has no bill")
        if kind not in KINDS:
            return Offered(name, said="is not billed by what a workload counts")
        return Offered(
            f"{name}, {endpoint.provider.name}",
            native_id=endpoint.native_id,
            provider=endpoint.provider.slug,
            kind=kind,
            prices=self.prices.get(endpoint.pk, ()),
            id=endpoint.pk,
            in_plan=endpoint.provider.group == Group.PLAN,
        )

    # -- facts ------------------------------------------------------------------------------------

    def _facts(self, row: Stated, keys: Mapping[str, Wording]) -> dict[str, Value]:
        return {
            key: self._stated(row, key, word)
            for key, word in keys.items()
            if getattr(row, key) is not None
        }

    def _stated(self, row: Stated, key: str, word: Wording) -> Value:
        value = word(getattr(row, key))
        claim = row.provenance.get(key, 0)
        said = self.said.get(claim)
        if said is None:
            return value
        return replace(
            as_stated(value, said.stated) if key in ROUNDED else value,
            marks=(self.signs.mark(said.source, said.provider),),
            old=self.signs.is_old(said.source, said.provider),
            dispute=self.disputes.get(claim),
        )

    def _policy(self, endpoint: Endpoint) -> dict[str, Value]:
        """What is stated of the endpoint, else of its provider."""
        return self._facts(endpoint.provider, POLICY) | self._facts(endpoint, POLICY)

    def _sources(self, row: AIModel | Endpoint, priced: Endpoint | None) -> frozenset[int]:
        """Every source that the column draws on."""
        rows: list[Stated] = [row]
        if priced:
            rows += [priced, priced.provider]
        said = {self.said[claim].source for claim in _claims(rows) if claim in self.said}
        prices = self.prices.get(priced.pk, ()) if priced else ()
        return frozenset(said | {price.source_id for price in prices})


def _basis(headline: Headline, at: Endpoint | None) -> str:
    if at is not None:
        return f"{at.provider.name}’s own price"
    if headline.basis == "median":
        return "only seller’s price" if headline.n == 1 else f"median of {headline.n} providers"
    return "no price known"


def _as_card(index: IndexRow) -> dict[PriceKey, Money]:
    """A median has no card behind it: only what the headline says."""
    headline = index.headline
    named = (
        ("input", headline.input),
        ("output", headline.output),
        ("cache_read", headline.cached),
    )
    return {(component, ""): replace(price, old=headline.old) for component, price in named}


def _any_of(stated: Iterable[Mapping[str, bool]]) -> dict[str, bool]:
    """Supported where any endpoint says so; refused where all that speak of it refuse."""
    found: dict[str, bool] = {}
    for one in stated:
        for name, holds in one.items():
            found[name] = found.get(name, False) or holds
    return found


def conditions(found: Iterable[Subject]) -> dict[PriceKey, Condition]:
    """Every price that any column has, with its condition read."""
    return {key: Condition.from_key(key[1]) for subject in found for key in subject.prices}
