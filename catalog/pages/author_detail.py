"""An author's page: its models by kind and release, where they are sold, what retires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.urls import reverse

from catalog import words
from catalog.models import AIModel
from catalog.pages import links, model_index
from catalog.pages.columns import aligned, unusual_units
from catalog.pages.links import Link
from catalog.pages.model_index import IndexRow
from catalog.pages.parts import Mark, Money, Witness
from catalog.pages.signs import Signs
from catalog.queries import author_detail as queries
from providers import queries as market
from providers.choices import Kind, Status
from providers.models import Provider

RED_LETTER_DAYS = 3  # at the head; the calendar has them all


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model with its headline: `basis` is "author", or "median" of `n` providers."""

    link: Link
    path: str
    family: str
    input: Money
    output: Money
    cached: Money
    unit: str  # empty: all per 1M tokens
    basis: str
    n: int
    seller: Link | None
    marks: tuple[Mark, ...]
    context: int | None
    max_output: int | None
    providers: int
    came_on: str
    is_by: bool  # no release is stated: it was first listed on that day
    retires_on: date | None
    deprecated: bool


@dataclass(frozen=True, slots=True)
class KindTable:
    """Models of one kind, the newest first; those without a date last."""

    kind: str
    rows: tuple[ModelRow, ...]


@dataclass(frozen=True, slots=True)
class Family:
    name: str
    models: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Retirement:
    on: date
    models: tuple[Link, ...]
    replacement: str


@dataclass(frozen=True, slots=True)
class AuthorDetailPage:
    name: str
    slug: str
    homepage: str | None
    models: int
    kinds: tuple[KindTable, ...]
    former: tuple[Link, ...]  # nobody sells them any more
    sells_at: tuple[Link, ...]
    sold_by: int  # providers that sell any of them
    families: tuple[Family, ...]
    retirements: tuple[Retirement, ...]
    models_href: str
    calendar_href: str
    witnesses: tuple[Witness, ...]


def build(slug: str, *, now: datetime) -> AuthorDetailPage | None:
    """The page, or None when there is no such author."""
    author = queries.find_author(slug)
    if author is None:
        return None
    signs = Signs(market.sources(), now)
    index = {row.slug: row for row in model_index.current(now=now).rows if row.author == slug}
    models = [model for model in queries.models_of(author) if model.slug in index]
    on_sale = [m for m in models if index[m.slug].providers and not m.is_retired(on=now.date())]
    sellers = queries.sellers_of(
        [at for m in on_sale if (at := index[m.slug].headline.endpoint) is not None]
    )
    rows = {m.slug: _row(m, index[m.slug], sellers, signs) for m in on_sale}
    return AuthorDetailPage(
        name=author.name,
        slug=slug,
        homepage=author.homepage,
        models=len(on_sale),
        kinds=_by_kind(on_sale, rows),
        former=tuple(_link(slug, m) for m in models if m.slug not in rows),
        sells_at=tuple(links.to_provider(p) for p in queries.own_providers(author)),
        sold_by=len({p for m in on_sale for p in index[m.slug].providers}),
        families=_families(slug, on_sale),
        retirements=_retirements(slug, on_sale),
        models_href=f"{reverse('catalog:models')}?{urlencode({'author': slug})}",
        calendar_href=f"{reverse('catalog:calendar')}?{urlencode({'author': slug})}",
        witnesses=signs.witnesses(
            source for m in on_sale if (source := index[m.slug].headline.source) is not None
        ),
    )


def _link(author: str, model: AIModel) -> Link:
    return Link(model.name, reverse("catalog:model", args=[author, model.slug]))


# -- models ---------------------------------------------------------------------------------------


def _row(
    model: AIModel, index: IndexRow, sellers: Mapping[int, Provider], signs: Signs
) -> ModelRow:
    headline = index.headline
    seller = sellers.get(headline.endpoint) if headline.endpoint else None
    marks: tuple[Mark, ...] = ()
    if seller and headline.source is not None:
        marks = signs.marks([headline.source], seller.slug)
    return ModelRow(
        link=_link(index.author, model),
        path=index.path,
        family=model.family or "",
        input=headline.input,
        output=headline.output,
        cached=headline.cached,
        unit=unusual_units(headline.input, headline.output, headline.cached),
        basis=headline.basis,
        n=headline.n,
        seller=links.to_provider(seller) if seller else None,
        marks=marks,
        context=index.context,
        max_output=index.max_output,
        providers=len(index.providers),
        came_on=index.came_on,
        is_by=bool(index.first_listed),
        retires_on=index.retires_on,
        deprecated=model.status == Status.DEPRECATED,
    )


def _by_kind(models: Iterable[AIModel], rows: Mapping[str, ModelRow]) -> tuple[KindTable, ...]:
    """Kinds in the order of the vocabulary, chat first."""
    models = list(models)
    return tuple(
        KindTable(
            words.kind_label(kind), aligned(_newest_first(of_kind), "input", "output", "cached")
        )
        for kind in Kind
        if (of_kind := [rows[model.slug] for model in models if model.kind == kind])
    )


def _newest_first(rows: list[ModelRow]) -> list[ModelRow]:
    return sorted(rows, key=lambda row: row.came_on, reverse=True)


def _families(author: str, models: Iterable[AIModel]) -> tuple[Family, ...]:
    """Families of two or more; one alone is no family."""
    found: dict[str, list[Link]] = {}
    for model in models:
        if model.family:
            found.setdefault(model.family, []).append(_link(author, model))
    return tuple(
        Family(name, tuple(members)) for name, members in sorted(found.items()) if len(members) > 1
    )


def _retirements(author: str, models: Iterable[AIModel]) -> tuple[Retirement, ...]:
    """The next days on which the author withdraws models, soonest first."""
    days: dict[date, list[AIModel]] = {}
    for model in models:
        if model.retires_on is not None:
            days.setdefault(model.retires_on, []).append(model)
    return tuple(
        Retirement(
            on,
            tuple(_link(author, model) for model in leaving),
            leaving[0].replacement or "" if len(leaving) == 1 else "",
        )
        for on, leaving in sorted(days.items())[:RED_LETTER_DAYS]
    )
