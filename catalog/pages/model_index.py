"""One frozen row for every model, to search, narrow, count and sort in Python.

Money cannot be compared in SQL here, and lists, facets and the title page all want the whole
market: so it is read once an edition and kept in the process. Seven queries cold, one warm.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from sys import intern

from catalog.models import AIModel
from catalog.pages.as_of import TODAY, AsOf
from catalog.pages.headline import Card, Cheapest, Headline, cheapest, headline
from catalog.pages.keep import Kept
from catalog.pages.parts import Mark, Witness
from catalog.pages.search import Text
from catalog.pages.signs import Signs
from catalog.queries import model_index as queries
from catalog.queries.chrome import EditionLine, edition_line
from catalog.queries.model_index import Offer, PlainPrice
from providers import queries as market
from providers.choices import Component, State
from providers.facts import ANY
from providers.queries import PriceRow


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What a list may say of a model, and what it is found and sorted by."""

    author: str
    author_name: str
    slug: str
    name: str
    kind: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    context: int | None
    max_output: int | None
    headline: Headline
    mark: Mark | None  # who states the author's price; a median has no single source
    cheapest: Cheapest | None  # None: nobody's price is sure
    cheapest_mark: Mark | None
    is_free_somewhere: bool
    providers: frozenset[str]
    parameters: frozenset[str]
    protocols: frozenset[str]
    tags: frozenset[str]
    open: str  # weights: "yes", "no" or, unknown, empty
    released_on: str  # as far as stated; empty: nobody told us
    first_listed: str  # the day by which it came, where no release is stated; else empty
    knowledge_cutoff: str
    retires_on: date | None
    status: str
    text: Text

    @property
    def path(self) -> str:
        return f"{self.author}/{self.slug}"

    @property
    def came_on(self) -> str:
        """The release as far as stated, else the day by which it was first listed, or empty."""
        return self.released_on or self.first_listed

    @property
    def year(self) -> str:
        return self.came_on[:4]


@dataclass(frozen=True, slots=True)
class ModelIndex:
    """The rows by name, and the names behind the slugs in them."""

    rows: tuple[IndexRow, ...]
    authors: Mapping[str, str]
    providers: Mapping[str, str]
    doubled: frozenset[str]  # names that more than one model goes by
    tags: Mapping[str, str]
    witnesses: tuple[Witness, ...]
    edition: EditionLine
    until: datetime | None  # the next moment at which a price in it changes


_kept: Kept[ModelIndex] = Kept()
_kept_past: Kept[ModelIndex] = Kept()  # of the day gone by that was last asked for


def current(*, now: datetime, as_of: AsOf = TODAY) -> ModelIndex:
    """The index for this moment. One query while the edition stays, eight when it has changed."""
    edition = edition_line()
    if past := as_of.past(now):
        return _kept_past.get(
            lambda: build(edition, now=past, past=True), edition=edition, now=past
        )
    return _kept.get(
        lambda: build(edition, now=now),
        edition=edition,
        now=now,
        until=lambda index: index.until,
    )


def build(edition: EditionLine, *, now: datetime, past: bool = False) -> ModelIndex:
    """A fresh index; with `past`, of the models that somebody sold at `now`. Seven queries."""
    signs = Signs(market.sources(when=now if past else None), now)
    prices, until = _prices_now(queries.plain_prices(now=now), now)
    offers: dict[int, list[Offer]] = {}
    providers: dict[str, str] = {}
    for offer in queries.offers(now=now, past=past):
        offers.setdefault(offer.model, []).append(offer)
        providers[offer.provider] = offer.provider_name
    models = [model for model in queries.models() if not past or model.pk in offers]
    tags, tag_names = _tags()
    named = Counter(model.name for model in models)
    aliases = _by_model(queries.aliases())
    rows = tuple(
        _row(
            model,
            offers.get(model.pk, []),
            prices,
            tags=tags.get(model.pk, ()),
            aliases=aliases.get(model.pk, ()),
            signs=signs,
        )
        for model in models
    )
    return ModelIndex(
        rows=rows,
        authors={model.author.slug: model.author.name for model in models},
        providers=providers,
        doubled=frozenset(name for name, n in named.items() if n > 1),
        tags=tag_names,
        witnesses=signs.witnesses(
            source for source, row in signs.sources.items() if row.as_of is not None
        ),
        edition=edition,
        until=until,
    )


def _prices_now(
    rows: Iterable[PlainPrice], now: datetime
) -> tuple[dict[int, dict[str, PriceRow]], datetime | None]:
    """Prices in force by endpoint and component, and the next moment one begins or ends."""
    found: dict[int, dict[str, PriceRow]] = {}
    ahead: list[datetime] = []
    for row in rows:
        if row.valid_from > now:
            ahead.append(row.valid_from)
            continue
        if row.valid_to is not None:
            ahead.append(row.valid_to)
        found.setdefault(row.endpoint, {})[row.component] = PriceRow(
            endpoint_id=row.endpoint,
            component=row.component,
            condition=ANY,
            amount=row.amount,
            unit=row.unit,
            currency=row.currency,
            state=row.state,
            claim_id=row.claim,
            source_id=row.source,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
    return found, min(ahead, default=None)


def _tags() -> tuple[dict[int, list[str]], dict[str, str]]:
    given: dict[int, list[str]] = {}
    names: dict[str, str] = {}
    for model, slug, name in queries.tags():
        given.setdefault(model, []).append(slug)
        names[slug] = name
    return given, names


def _by_model(pairs: Iterable[tuple[int, str]]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for model, value in pairs:
        found.setdefault(model, []).append(value)
    return found


def _row(
    model: AIModel,
    offers: list[Offer],
    prices: Mapping[int, Mapping[str, PriceRow]],
    *,
    tags: Iterable[str],
    aliases: Iterable[str],
    signs: Signs,
) -> IndexRow:
    cards = [_card(offer, prices.get(offer.endpoint, {}), signs) for offer in offers]
    best = cheapest(cards, kind=model.kind)
    price = headline(cards, kind=model.kind)
    asked = best.card.prices[Component.INPUT] if best else None
    parameters = _supported(offer.parameters for offer in offers)
    return IndexRow(
        author=model.author.slug,
        author_name=model.author.name,
        slug=model.slug,
        name=model.name,
        kind=model.kind,
        reads=tuple(model.input_modalities or ()),
        writes=tuple(model.output_modalities or ()),
        context=model.context_length,
        max_output=model.max_output,
        headline=price,
        mark=_mark(price, cards, signs),
        cheapest=best,
        cheapest_mark=signs.mark(asked.source_id, best.card.provider) if best and asked else None,
        is_free_somewhere=any(_is_free(card) for card in cards),
        providers=frozenset(offer.provider for offer in offers),
        parameters=parameters,
        protocols=_supported(offer.protocols for offer in offers),
        tags=frozenset(tags),
        open={True: "yes", False: "no", None: ""}[model.open_weights],
        released_on=model.released_on or "",
        first_listed="" if model.released_on else f"{model.first_listed or ''}",
        knowledge_cutoff=model.knowledge_cutoff or "",
        retires_on=model.retires_on,
        status=model.status or "",
        text=Text.of(
            [model.name, model.slug, f"{model.author.slug}/{model.slug}"],
            [model.author.name, model.family or "", *aliases],
            sorted({offer.native_id for offer in offers}),
            sorted({offer.provider_name for offer in offers} | parameters),
        ),
    )


def _mark(price: Headline, cards: Iterable[Card], signs: Signs) -> Mark | None:
    if price.basis != "author" or price.source is None:
        return None
    provider = next(card.provider for card in cards if card.endpoint == price.endpoint)
    return signs.mark(price.source, provider)


def _card(offer: Offer, prices: Mapping[str, PriceRow], signs: Signs) -> Card:
    """A card counts as old when the source of any of its prices was last confirmed long ago."""
    sources = {row.source_id for row in prices.values()}
    return Card(
        endpoint=offer.endpoint,
        provider=offer.provider,
        group=offer.group,
        own=offer.own,
        native_id=offer.native_id,
        prices=prices,
        variant=offer.variant,
        old=any(signs.is_old(source, offer.provider) for source in sources),
    )


def _is_free(card: Card) -> bool:
    stated = card.prices.get(Component.INPUT)
    return stated is not None and stated.state == State.FREE


def _supported(stated: Iterable[Mapping[str, bool]]) -> frozenset[str]:
    """Names that at least one of them states as supported."""
    return frozenset(intern(name) for one in stated for name, holds in one.items() if holds)
