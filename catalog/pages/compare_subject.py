"""One column of a comparison: a model at its headline price, or one endpoint."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from catalog import words
from catalog.models import AIModel, Score
from catalog.pages import links
from catalog.pages.columns import money
from catalog.pages.compare_choice import Choice
from catalog.pages.headline import plain_prices
from catalog.pages.links import Link
from catalog.pages.model_index import IndexRow
from catalog.pages.parts import Mark, Money
from catalog.pages.signs import Signs, Standing
from catalog.queries import compare as queries
from catalog.queries.compare import Said
from providers.facts import BadFact, Condition, precise
from providers.models import Endpoint, Provider
from providers.queries import PriceRow

PriceKey = tuple[str, str]  # component, Condition.key()


@dataclass(frozen=True, slots=True)
class Value:
    """A fact with its sign. `text` empty: nobody states it.

    `exact` is what it is compared by: a number that its source rounded by up to `slack`, a date as
    far as it was stated, a set of names, or the text itself.
    """

    text: str = ""
    exact: Any = None
    slack: Decimal = Decimal(0)
    href: str = ""
    marks: tuple[Mark, ...] = ()
    old: bool = False

    def agrees(self, other: "Value") -> bool:
        """Whether both may be true, as far as each was stated."""
        mine, theirs = self.exact, other.exact
        if isinstance(mine, Decimal) and isinstance(theirs, Decimal):
            return abs(mine - theirs) <= self.slack + other.slack
        if isinstance(mine, str) and isinstance(theirs, str):
            return mine.startswith(theirs) or theirs.startswith(mine)
        return bool(mine == theirs) if mine is not None else self.text == other.text


NOT_STATED = Value()


@dataclass(frozen=True, slots=True)
class Subject:
    """A column. Switches (parameters …): name → stated as supported or not."""

    name: str  # as its address names it
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


def subjects(
    choice: Choice, index: Mapping[str, IndexRow], prices: "Prices", signs: Signs
) -> tuple[Subject, ...]:
    """The columns in the order asked for, models first. Three queries."""
    models = [model for _, model in choice.models]
    served = [model for _, e in choice.endpoints if (model := links.model_of(e)) is not None]
    sold = queries.endpoints_of(models)
    scores = _scores(queries.scores_of({model.pk for model in (*models, *served)}))
    said = queries.said(_claims([*models, *(e for _, e in choice.endpoints)]))
    build = _Builder(prices, signs, said, scores)
    return (
        *(build.model(path, m, index[path], sold.get(m.pk, [])) for path, m in choice.models),
        *(build.endpoint(name, endpoint) for name, endpoint in choice.endpoints),
    )


def _claims(rows: Iterable[AIModel | Endpoint]) -> set[int]:
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
            ),
        )
    return found


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in force of the endpoints that are drawn."""

    rows: Mapping[int, Sequence[PriceRow]]

    def of(self, endpoint: int | None) -> Sequence[PriceRow]:
        return self.rows.get(endpoint, ()) if endpoint is not None else ()


@dataclass(frozen=True, slots=True)
class _Builder:
    prices: Prices
    signs: Signs
    said: Mapping[int, Said]
    scores: Mapping[int, Mapping[tuple[str, str], Value]]

    # -- a model ----------------------------------------------------------------------------------

    def model(
        self, path: str, model: AIModel, index: IndexRow, sold: Sequence[Endpoint]
    ) -> Subject:
        headline = index.headline
        at = next((e for e in sold if e.pk == headline.endpoint), None)
        facts = self._facts(model, _SHARED, "")
        facts |= self._policy(at) if at else {}
        facts["providers"] = Value(str(len(index.providers)))
        return Subject(
            name=path,
            title=links.to_model(model),
            under=Link(model.author.name, links.author_href(model.author.slug)),
            note=_basis(headline.basis, headline.n, at),
            standing=self._standing(at.provider, self.prices.of(at.pk)) if at else Standing(),
            prices=self._card(at) if at else _as_card(index),
            facts=facts,
            parameters=_any_of(e.parameters for e in sold),
            capabilities=_any_of(e.capabilities for e in sold),
            protocols=_any_of(e.protocols for e in sold),
            scores=self.scores.get(model.pk, {}),
            sources=self._sources(model, at),
        )

    # -- an endpoint ------------------------------------------------------------------------------

    def endpoint(self, name: str, endpoint: Endpoint) -> Subject:
        provider = endpoint.provider
        model = links.model_of(endpoint)
        via = f" → {endpoint.upstream.name}" if endpoint.upstream else ""
        return Subject(
            name=name,
            title=links.to_served(endpoint),
            under=Link(provider.name + via, links.to_provider(provider).href),
            note=endpoint.native_id,
            standing=self._standing(provider, self.prices.of(endpoint.pk)),
            prices=self._card(endpoint),
            facts=self._facts(endpoint, {**_SHARED, **_ENDPOINT}, provider.slug)
            | self._policy(endpoint),
            parameters=endpoint.parameters,
            capabilities=endpoint.capabilities,
            protocols=endpoint.protocols,
            scores=self.scores.get(model.pk, {}) if model else {},
            sources=self._sources(endpoint, endpoint),
        )

    # -- prices -----------------------------------------------------------------------------------

    def _card(self, endpoint: Endpoint) -> dict[PriceKey, Money]:
        """Every price of an endpoint that no condition of a source's own making limits."""
        provider = endpoint.provider.slug
        return {
            (row.component, row.condition.key()): replace(
                money(row), old=self.signs.is_old(row.source_id, provider)
            )
            for row in self.prices.of(endpoint.pk)
            if not row.condition.named
        }

    def _standing(self, provider: Provider, rows: Sequence[PriceRow]) -> Standing:
        """Who states the prices of the column."""
        plain = plain_prices(rows).values() or rows
        return self.signs.standing({row.source_id for row in plain}, provider.slug)

    # -- facts ------------------------------------------------------------------------------------

    def _facts(
        self, row: AIModel | Endpoint, keys: Mapping[str, Callable[[Any], Value]], provider: str
    ) -> dict[str, Value]:
        return {
            key: self._stated(row, key, word, provider)
            for key, word in keys.items()
            if getattr(row, key) is not None
        }

    def _stated(
        self, row: AIModel | Endpoint, key: str, word: Callable[[Any], Value], provider: str
    ) -> Value:
        value = word(getattr(row, key))
        said = self.said.get(row.provenance.get(key, 0))
        if said is None:
            return value
        about = said.provider or provider
        return replace(
            _as_stated(value, said.stated) if key in _ROUNDED else value,
            marks=(self.signs.mark(said.source, about),),
            old=self.signs.is_old(said.source, about),
        )

    def _policy(self, endpoint: Endpoint) -> dict[str, Value]:
        """What is stated of the endpoint, else of its provider."""
        found = {}
        for key, word in _POLICY.items():
            own = getattr(endpoint, key)
            stated = own if own is not None else getattr(endpoint.provider, key)
            if stated is not None:
                found[key] = word(stated)
        return found

    def _sources(self, row: AIModel | Endpoint, priced: Endpoint | None) -> frozenset[int]:
        claims = (self.said.get(claim) for claim in row.provenance.values() if claim)
        prices = self.prices.of(priced.pk) if priced else ()
        return frozenset(
            {said.source for said in claims if said} | {price.source_id for price in prices}
        )


def _basis(basis: str, n: int, at: Endpoint | None) -> str:
    if at is not None:
        return f"{at.provider.name}’s own price"
    if basis == "median":
        return "only seller’s price" if n == 1 else f"median of {n} providers"
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


# -- wording --------------------------------------------------------------------------------------


def _as_stated(value: Value, stated: str) -> Value:
    """A limit as its source rounds it: `16.38K` is 16,380 give or take 5."""
    if not stated:
        return value
    try:
        rounded = precise(stated)
    except BadFact:
        return value
    return replace(value, text=stated, slack=rounded.slack)


def _tokens(value: int) -> Value:
    return Value(words.tokens(value), exact=Decimal(value))


def _yes_no(value: bool) -> Value:
    return Value("yes" if value else "no")


def _names(value: Sequence[str]) -> Value:
    return Value(", ".join(value), exact=frozenset(value))


def _day(value: Any) -> Value:
    return Value(words.short_day(value), exact=words.iso(value))


def _text(value: Any) -> Value:
    return Value(str(value))


def _address(value: str) -> Value:
    return Value("link", href=value)


def _days_kept(days: int) -> Value:
    return Value("not kept" if not days else "1 day" if days == 1 else f"{days} days")


# Limits that a source may round.
_ROUNDED = ("context_length", "max_input", "max_output")
_SHARED: dict[str, Callable[[Any], Value]] = {
    "context_length": _tokens,
    "max_output": _tokens,
    "input_modalities": _names,
    "output_modalities": _names,
    "family": _text,
    "status": _text,
    "released_on": _day,
    "knowledge_cutoff": _day,
    "deprecated_on": _day,
    "retires_on": _day,
    "replacement": _text,
    "licence": _text,
    "open_weights": _yes_no,
}
_ENDPOINT: dict[str, Callable[[Any], Value]] = {
    "max_input": _tokens,
    "quantization": _text,
    "reasoning_efforts": _names,
    "requests_per_minute": _tokens,
    "tokens_per_minute": _tokens,
    "regions": _names,
}
_POLICY: dict[str, Callable[[Any], Value]] = {
    "trains_on_prompts": _yes_no,
    "retention_days": _days_kept,
    "zero_retention_offered": _yes_no,
    "moderation": _text,
    "status_page": _address,
}


def conditions(found: Iterable[Subject]) -> dict[PriceKey, Condition]:
    """Every price that any column has, with its condition read."""
    return {key: Condition.from_key(key[1]) for subject in found for key in subject.prices}
