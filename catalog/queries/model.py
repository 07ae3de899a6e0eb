"""Reads of the model page: a fixed number of queries, however many sell the model."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.db.models import (
    CharField,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from catalog.models import AIModel, Author, ModelAlias, Parameter, Score
from catalog.queries.chrome import EditionLine
from catalog.queries.shown import SHOWN, named_unseen, without_unseen
from providers.choices import State
from providers.models import Edition, Endpoint, Price, Reading, Rollup


@dataclass(frozen=True, slots=True)
class TagRow:
    slug: str
    name: str
    rule: str
    derived: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A model with its author and tags, and the edition that its page is printed from."""

    model: AIModel
    tags: tuple[TagRow, ...]
    edition: EditionLine


def find_model(path: str) -> Found | None:
    """The visible model at `author/slug`. One query, one row a tag."""
    author, _, slug = path.partition("/")
    edition = Edition.objects.filter(pk=1)
    rows = without_unseen(
        AIModel.objects.filter(author__slug=author, slug=slug, visibility=SHOWN)
        .select_related("author")
        .annotate(
            tag_slug=F("taggings__tag__slug"),
            tag_name=F("taggings__tag__name"),
            tag_rule=F("taggings__tag__rule"),
            tag_derived=F("taggings__derived"),
            named_unseen=named_unseen(),
            edition_number=Subquery(edition.values("number")),
            edition_changed_at=Subquery(edition.values("changed_at")),
        )
        .order_by("tag_name")
    )
    if not rows:
        return None
    tags = tuple(
        TagRow(row.tag_slug, row.tag_name, row.tag_rule, row.tag_derived)
        for row in rows
        if row.tag_slug
    )
    line = EditionLine(rows[0].edition_number or 0, rows[0].edition_changed_at)
    return Found(rows[0], tags, line)


def moved_to(path: str) -> tuple[str, str] | None:
    """Author and slug of the visible model that `path` is another name of. One query."""
    return (
        ModelAlias.objects.filter(path=path, model__visibility=SHOWN)
        .values_list("model__author__slug", "model__slug")
        .first()
    )


@dataclass(frozen=True, slots=True)
class Sold:
    """An endpoint of the model, with its provider, upstream and listing loaded."""

    endpoint: Endpoint
    by_author: bool
    is_measured: bool = False  # ever, in whichever way


def endpoints_of(model: AIModel) -> list[Sold]:
    """Every endpoint of the model, also those no longer sold, by provider name. One query."""
    own = Author.providers.through.objects.filter(
        author_id=model.author_id, provider_id=OuterRef("provider_id")
    )
    endpoints = (
        Endpoint.objects.filter(listing__model=model)
        .select_related("provider", "upstream", "listing")
        .by_provider_name()
        .annotate(
            by_author=Exists(own),
            is_measured=Exists(Rollup.objects.filter(endpoint=OuterRef("pk"))),
            named_unseen=named_unseen(),
        )
    )
    # django-stubs forgets annotations behind a query set's own methods.
    found = (cast(Any, one) for one in without_unseen(endpoints))
    return [Sold(one, one.by_author, one.is_measured) for one in found]


def readings_of(path: str, endpoint_ids: Iterable[int]) -> list[Reading]:
    """Published figures about the model or its endpoints, oldest first. One query.

    Of each source its latest reading: gateways are read every day.
    """
    same = Reading.objects.filter(source=OuterRef("source"), model=OuterRef("model"))
    of_endpoint = same.filter(endpoint=OuterRef("endpoint")).order_by("-run_id").values("run_id")
    of_model = same.filter(endpoint=None).order_by("-run_id").values("run_id")
    latest = Q(endpoint_id__in=endpoint_ids, run_id=Subquery(of_endpoint[:1])) | Q(
        endpoint=None, model=path, run_id=Subquery(of_model[:1])
    )
    return list(Reading.objects.filter(latest).order_by("at", "metric", "statistic", "pk"))


def scores_beside(model: AIModel) -> list[Score]:
    """Scores of every shown model on the benchmarks that this one has taken. One query."""
    taken = Score.objects.filter(model=model).values("benchmark")
    return list(
        Score.objects.filter(benchmark__in=taken, model__visibility=SHOWN)
        .select_related("benchmark")
        .order_by("benchmark__name", "condition", "pk")
    )


def parameters() -> dict[str, Parameter]:
    """Every parameter the site can explain, by name. One query."""
    return {parameter.name: parameter for parameter in Parameter.objects.order_by("name")}


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """A model beside this one; `amount` is one plain price at its own author, in USD."""

    id: int
    author: str
    slug: str
    name: str
    kind: str
    family: str | None
    context_length: int | None
    input_modalities: list[str] | None
    output_modalities: list[str] | None
    released_on: str | None
    first_listed: date | None
    retires_on: date | None
    native_id: str = ""
    variant: str = ""
    component: str = ""
    unit: str = ""
    amount: Decimal | None = None

    @property
    def came_on(self) -> str:
        """The release as far as stated, else the day by which it was first listed, or empty."""
        return self.released_on or f"{self.first_listed or ''}"


_RELATED = (
    "pk", "author__slug", "slug", "name", "kind", "family", "context_length", "input_modalities",
    "output_modalities", "released_on", "first_listed", "retires_on",
)  # fmt: skip


def related_to(model: AIModel, *, components: Iterable[str], when: datetime) -> list[RelatedRow]:
    """Models of the same author, and models of the same kind priced by their own authors.

    One query: the author's models come once without a price, the priced ones once a price.
    """
    listed = "endpoint__listing__"
    priced = (
        Price.objects.public()
        .filter(
            Q(valid_to=None) | Q(valid_to__gt=when),
            valid_from__lte=when,
            component__in=components,
            condition="",
            currency="USD",
            state=State.KNOWN.value,
            endpoint__gone_since=None,
            endpoint__listing__model__kind=model.kind,
            endpoint__listing__model__visibility=SHOWN,
            endpoint__provider__authors=F("endpoint__listing__model__author"),
        )
        .values_list(
            *(f"{listed}model__{field}" for field in _RELATED),
            "endpoint__native_id",
            f"{listed}variant",
            "component",
            "unit",
            "amount",
        )
    )
    nothing = Value("", CharField())
    siblings: QuerySet[AIModel, Any] = AIModel.objects.filter(
        author_id=model.author_id, visibility=SHOWN
    ).values_list(
        *_RELATED,
        nothing,
        nothing,
        nothing,
        nothing,
        Value(None, DecimalField()),
    )
    return [RelatedRow(*row) for row in priced.union(siblings, all=True)]
