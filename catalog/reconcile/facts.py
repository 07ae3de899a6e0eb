"""Folds what is published of endpoints into their models' columns, names and derived tags."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from catalog.matching import Catalogue, match, resolve
from catalog.matching.naming import display_name
from catalog.models import AIModel, Author, Tag, Tagging
from providers import queries
from providers.choices import Component, Unit
from providers.facts import MAX_NAME, MAX_TEXT
from providers.models import Claim, Endpoint, Price
from providers.trust import EDITOR, trust

from .folding import FACTS, STAND_INS, Folded, Said, Sold, fold
from .listings import CHUNK, known_models
from .sightings import first_listings
from .tagging import RULES, Prices, Sale, Subject, tags_of

_COLUMNS = ("name", "kind", "provenance", "first_listed", *FACTS)
_DATES = ("deprecated_on", "retires_on")
_FLAGS = {"parameter": "parameters", "capability": "capabilities"}


@dataclass(frozen=True, slots=True)
class _Offer:
    """An endpoint as the fold and the tags see it."""

    sold: Sold
    sale: Sale
    name: str | None


def models_spoken_of(slugs: Collection[str]) -> set[int]:
    """Models that claims about these `author/slug` are about."""
    known = known_models()
    paths = {resolve(slug, known) for slug in slugs}
    return {pk for path, pk in _paths().items() if path in paths}


def refold(models: Collection[int], *, now: datetime) -> int:
    """Writes the fact columns, names and derived tags of models that differ; rows written."""
    if not models:
        return 0
    known = known_models()
    offers = _offers(models, now)
    said = _said(known)
    listed = first_listings(_among(models, "endpoint__listing__model"))
    rows = AIModel.objects.filter(_among(models)).select_related("author").order_by("pk")
    changed, tags = [], {}
    for row in rows:
        path = f"{row.author.slug}/{row.slug}"
        mine = offers.get(row.pk, [])
        if not mine:
            continue  # an editor's own model, or one nobody sells any more: kept as it is
        folded = fold([offer.sold for offer in mine], said.get(path, ()))
        name = _name(row.slug, mine, said.get(path, ()))
        if _apply(row, folded, name, listed.get(row.pk), known):
            changed.append(row)
        sales = [offer.sale for offer in mine if not offer.sold.gone]
        tags[row.pk] = tags_of(Subject(folded.kind, folded.facts, sales))
    # An upsert: bulk_update's CASE over twenty columns takes four times as long.
    AIModel.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=_COLUMNS,
        batch_size=CHUNK,
    )
    return len(changed) + _write_tags(tags)


def _among(models: Collection[int], column: str = "pk") -> Q:
    """A filter for some models; for many, all: SQLite binds few parameters."""
    return Q(**{f"{column}__in": models}) if len(models) <= CHUNK else Q()


def _paths() -> dict[str, int]:
    rows = AIModel.objects.values_list("author__slug", "slug", "pk")
    return {f"{author}/{slug}": pk for author, slug, pk in rows}


# -- reading --------------------------------------------------------------------------------------


def _offers(models: Collection[int], now: datetime) -> dict[int, list[_Offer]]:
    """Every listed endpoint by model. Three queries."""
    places = _own_places()
    prices = _plain_prices(models, now)
    columns = (
        *("pk", "native_id", "operation", "gone_since", "provenance", "name", *_FLAGS.values()),
        *("provider_id", "provider__slug", "listing__model_id", "listing__variant"),
        *("listing__model__author_id", *FACTS, *STAND_INS.values()),
    )
    rows = Endpoint.objects.exclude(listing__model=None).filter(_among(models, "listing__model"))
    found: dict[int, list[_Offer]] = defaultdict(list)
    for row in rows.order_by("pk").values(*columns).iterator(chunk_size=2000):
        own = places.get((row["listing__model__author_id"], row["provider_id"]))
        found[row["listing__model_id"]].append(_offer(row, own, prices.get(row["pk"], {})))
    return found


def _offer(row: Mapping[str, Any], own: int | None, prices: Prices) -> _Offer:
    stated = (*FACTS, *STAND_INS.values())
    facts = {key: row[key] for key in stated if row[key] not in (None, [])}
    for key in _DATES:
        if key in facts:
            facts[key] = facts[key].isoformat()
    provenance = {key: claim for key, claim in row["provenance"].items() if isinstance(claim, int)}
    abilities = {
        f"{family}.{name}": flag
        for family, column in _FLAGS.items()
        for name, flag in row[column].items()
    }
    sold = Sold(
        endpoint=row["pk"],
        native_id=row["native_id"],
        operation=row["operation"],
        own=own,
        variant=row["listing__variant"],
        gone=row["gone_since"] is not None,
        facts=facts,
        provenance=provenance,
    )
    plain = not row["listing__variant"]
    sale = Sale(row["provider__slug"], own is not None, plain, abilities, prices)
    return _Offer(sold, sale, row["name"])


def _own_places() -> dict[tuple[int, int], int]:
    """(author, provider) → the provider's place among those where the author sells."""
    links = Author.providers.through.objects.order_by("author_id", "pk")
    places: dict[tuple[int, int], int] = {}
    for place, pair in enumerate(links.values_list("author_id", "provider_id")):
        places[pair] = place
    return places


def _plain_prices(
    models: Collection[int], now: datetime
) -> dict[int, dict[str, tuple[str, Decimal | None]]]:
    """Input and output prices that apply always, today, in US dollars per 1M tokens."""
    today = Q(valid_from__lte=now) & (Q(valid_to=None) | Q(valid_to__gt=now))
    rows = Price.objects.public().filter(
        today,
        _among(models, "endpoint__listing__model"),
        condition="",
        component__in=[Component.INPUT, Component.OUTPUT],
        unit=Unit.MILLION_TOKENS,
        currency="USD",
    )
    found: dict[int, dict[str, tuple[str, Decimal | None]]] = defaultdict(dict)
    for endpoint, component, state, amount in rows.values_list(
        "endpoint_id", "component", "state", "amount"
    ):
        found[endpoint][component] = (state, amount)
    return found


def _said(known: Catalogue) -> dict[str, list[Said]]:
    """Live claims about models by the path they mean."""
    slugs = set(Claim.objects.live().exclude(model="").values_list("model", flat=True))
    if not slugs:
        return {}
    names = {row.id: row.slug for row in queries.sources().values()}
    said: dict[str, list[Said]] = defaultdict(list)
    for slug, claims in sorted(queries.claims_of_models(slugs).items()):
        path = resolve(slug, known)
        for claim in claims if path else ():
            rank = trust(names.get(claim.source_id, EDITOR), "", claim.key).rank
            said[path or ""].append(Said(claim.id, rank, claim.key, claim.value))
    return said


# -- writing --------------------------------------------------------------------------------------


def _name(slug: str, offers: Iterable[_Offer], said: Iterable[Said]) -> str:
    """An editor's name for it, else what display_name() finds among the plain endpoints' names."""
    claimed = sorted((claim.rank, claim.value) for claim in said if claim.key == "name")
    if claimed and claimed[0][0] == trust(EDITOR, "").rank:
        return str(claimed[0][1])
    named = [offer for offer in offers if offer.name]
    plain = [offer for offer in named if not offer.sold.variant] or named
    stated = [(offer.name or "", offer.sold.own is not None) for offer in plain]
    return display_name(slug, stated)[:MAX_NAME]


def _apply(
    row: AIModel, folded: Folded, name: str, first_listed: date | None, known: Catalogue
) -> bool:
    """Sets the columns; returns whether any differs."""
    values: dict[str, Any] = {
        "name": name,
        "kind": folded.kind,
        "first_listed": first_listed,
        "provenance": dict(folded.provenance),
        **{key: folded.facts.get(key) for key in FACTS},
    }
    values["replacement"] = _replacement(values["replacement"], row, known)
    changed = False
    for column, value in values.items():
        before = getattr(row, column)
        if column in _DATES and before is not None:
            before = before.isoformat()
        if before != value:
            setattr(row, column, value)
            changed = True
    return changed


def _replacement(stated: str | None, row: AIModel, known: Catalogue) -> str | None:
    """The path of the model named as replacement; as stated where no model is called so."""
    if stated is None:
        return None
    path = match(stated, "", known).model or match(f"{row.author.slug}/{stated}", "", known).model
    return path or stated[:MAX_TEXT]


def _write_tags(tags: Mapping[int, Collection[str]]) -> int:
    """Derived taggings by difference; an editor's tag is left alone."""
    rows, created = _tags()
    standing: dict[tuple[int, str], tuple[int, bool]] = {}
    taggings = Tagging.objects.filter(_among(tags.keys(), "model"))
    for pk, model, slug, derived in taggings.values_list("pk", "model_id", "tag__slug", "derived"):
        standing[model, slug] = (pk, derived)
    wanted = {(model, slug) for model, slugs in tags.items() for slug in slugs}
    new = [
        Tagging(model_id=model, tag_id=rows[slug])
        for model, slug in sorted(wanted - standing.keys())
    ]
    old = [
        pk
        for (model, slug), (pk, derived) in standing.items()
        if derived and model in tags and (model, slug) not in wanted
    ]
    Tagging.objects.bulk_create(new, batch_size=CHUNK)
    for start in range(0, len(old), CHUNK):
        Tagging.objects.filter(pk__in=old[start : start + CHUNK]).delete()
    return created + len(new) + len(old)


def _tags() -> tuple[dict[str, int], int]:
    """Primary keys of the derived tags by slug, written where they or their rules are new."""
    standing = {tag.slug: tag for tag in Tag.objects.all()}
    written = 0
    for rule in RULES:
        tag = standing.get(rule.slug)
        if tag is None:
            standing[rule.slug] = Tag.objects.create(slug=rule.slug, name=rule.name, rule=rule.rule)
        elif tag.rule != rule.rule:
            tag.rule = rule.rule
            tag.save(update_fields=["rule"])
        else:
            continue
        written += 1
    return {slug: tag.pk for slug, tag in standing.items()}, written
