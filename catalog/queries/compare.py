"""Reads of a comparison: a fixed number of queries, whatever is compared."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q

from catalog.models import AIModel, ModelAlias, Score
from catalog.queries.shown import SHOWN, named_unseen, unseen, without_unseen
from providers.models import Claim, Endpoint


def models_at(paths: Collection[str]) -> dict[str, AIModel]:
    """Visible models by `author/slug`. One query."""
    if not paths:
        return {}
    wanted = Q()
    for path in paths:
        author, _, slug = path.partition("/")
        wanted |= Q(author__slug=author, slug=slug)
    models = AIModel.objects.filter(wanted, visibility=SHOWN).select_related("author")
    rows = without_unseen(models.annotate(named_unseen=named_unseen()))
    return {f"{model.author.slug}/{model.slug}": model for model in rows}


def moved(paths: Collection[str]) -> dict[str, str]:
    """Other name of a model → its `author/slug`. One query."""
    rows = ModelAlias.objects.filter(path__in=paths, model__visibility=SHOWN)
    return {
        path: f"{author}/{slug}"
        for path, author, slug in rows.values_list("path", "model__author__slug", "model__slug")
    }


@dataclass(frozen=True, slots=True)
class Named:
    """The parts of an endpoint's name in an address; `upstream` empty if unnamed."""

    provider: str
    native_id: str
    upstream: str = ""


def endpoints_named(names: Iterable[Named]) -> dict[Named, Endpoint]:
    """Endpoints on sale by name; of one id with several operations the chat one. One query."""
    wanted = Q()
    for name in names:
        upstream = Q(upstream__slug=name.upstream) if name.upstream else Q(upstream=None)
        wanted |= upstream & Q(provider__slug=name.provider, native_id=name.native_id)
    if not wanted:
        return {}
    endpoints = (
        Endpoint.objects.filter(wanted)
        .exclude(unseen())
        .select_related("provider", "upstream", "listing__model__author")
        .annotate(named_unseen=named_unseen())
        .order_by("gone_since", "operation", "pk")
    )
    found: dict[Named, Endpoint] = {}
    for endpoint in without_unseen(endpoints):
        via = endpoint.upstream.slug if endpoint.upstream else ""
        found.setdefault(Named(endpoint.provider.slug, endpoint.native_id, via), endpoint)
    return found


def endpoints_of(models: Iterable[AIModel]) -> dict[int, list[Endpoint]]:
    """Endpoints on sale by model, with what they state of requests. One query."""
    found: dict[int, list[Endpoint]] = {}
    for endpoint in (
        Endpoint.objects.listed()
        .filter(listing__model__in=[model.pk for model in models])
        .select_related("provider", "upstream", "listing")
        .order_by("pk")
    ):
        found.setdefault(endpoint.listing.model_id or 0, []).append(endpoint)
    return found


def sellers_beside(endpoint: Endpoint, *, most: int) -> list[Endpoint]:
    """Endpoints on sale of the same model at other providers, by provider name. One query."""
    return list(
        Endpoint.objects.listed()
        .filter(listing__model__isnull=False, listing__model__listings__endpoint=endpoint)
        .exclude(provider=endpoint.provider_id)
        .select_related("provider", "upstream")
        .by_provider_name()[:most]
    )


def scores_of(model_ids: Collection[int]) -> list[Score]:
    """Scores by benchmark and condition. One query."""
    return list(
        Score.objects.filter(model__in=model_ids)
        .select_related("benchmark")
        .order_by("benchmark__name", "condition", "-published_on", "pk")
    )


@dataclass(frozen=True, slots=True)
class Said:
    """Who is behind a published value: source, the provider it speaks of (empty: the model at
    large), its own wording.
    """

    source: int
    provider: str
    stated: str


def said(claim_ids: Collection[int]) -> dict[int, Said]:
    """Claim → who said it. One query."""
    rows = Claim.objects.filter(pk__in=claim_ids).values_list(
        "pk", "source_id", "endpoint__provider__slug", "provider__slug", "stated"
    )
    return {
        pk: Said(source, seller or provider or "", stated)
        for pk, source, seller, provider, stated in rows
    }
