"""Which models exist and which endpoint serves which: authors, models, listings, aliases.

Rows that an editor wrote are never changed; a model stays as long as something is listed under it
or an editor wrote about it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from catalog import authors
from catalog.matching import Catalogue, match, normalise, people_aliases, resolve, survey
from catalog.matching.naming import from_slug
from catalog.models import AIModel, Author, Listing, ModelAlias, Visibility
from providers.choices import Kind
from providers.facts import MAX_ID, MAX_SLUG, MAX_TEXT
from providers.models import Endpoint, Provider

EDITOR, RULE, SOURCE = "editor", "rule", "source"
CHUNK = 500
_PATH = re.compile(r"[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9._-]*\Z")


@dataclass(frozen=True, slots=True)
class _Row:
    """An endpoint with its listing as it stands."""

    endpoint: int
    provider: str
    native_id: str
    serves: str | None
    model: int | None
    said_by: str | None
    reason: str | None
    variant: str | None

    def stands(self) -> tuple[int | None, str | None, str | None, str | None]:
        return (self.model, self.said_by, self.reason, self.variant)


@dataclass(frozen=True, slots=True)
class _Decision:
    """What the rules say of an endpoint; `model` is a path."""

    model: str
    said_by: str
    reason: str
    variant: str


def relist() -> tuple[int, set[int]]:
    """Lists every endpoint by the rules; returns rows written and the models that changed."""
    rows = _rows()
    standing = _models()
    known = survey(
        dict.fromkeys((row.provider, row.native_id) for row in rows),
        people_aliases(),
        existing=standing,
        held=_held(),
    )
    decisions = {row.endpoint: _decide(row, known) for row in rows if row.said_by != EDITOR}
    wanted = {decision.model for decision in decisions.values() if decision}
    written = create(wanted, waits=settings.NEW_MODELS == "approval")
    models = _models()
    changed, touched = _write_listings(rows, decisions, models)
    written += changed + _drop_empty(rows, decisions, models)
    written += _write_aliases(rows, decisions)
    return written, touched & set(_models().values())


def known_models() -> Catalogue:
    """The models and aliases of the database, ready for matching. Two queries."""
    aliases = ModelAlias.objects.values_list("path", "model__author__slug", "model__slug")
    return Catalogue.of_paths(
        _models(), {path: f"{author}/{slug}" for path, author, slug in aliases}
    )


def listed_models() -> dict[tuple[str, str], tuple[str | None, str]]:
    """(provider, native id) of every endpoint → its model's path, and who or what says so."""
    rows = Endpoint.objects.order_by("pk").values_list(
        *("provider__slug", "native_id", "listing__reason", "listing__said_by"),
        *("listing__model__author__slug", "listing__model__slug"),
    )
    return {
        (provider, native_id): (
            f"{author}/{slug}" if slug else None,
            reason or said_by or "not matched yet",
        )
        for provider, native_id, reason, said_by, author, slug in rows
    }


def _rows() -> list[_Row]:
    columns = (
        *("pk", "provider__slug", "native_id", "serves", "listing__model_id"),
        *("listing__said_by", "listing__reason", "listing__variant"),
    )
    endpoints = Endpoint.objects.order_by("provider__slug", "native_id", "operation", "pk")
    return [_Row(*values) for values in endpoints.values_list(*columns)]


def _models() -> dict[str, int]:
    """Path → primary key of every model."""
    rows = AIModel.objects.values_list("author__slug", "slug", "pk")
    return {f"{author}/{slug}": pk for author, slug, pk in rows}


def _held() -> set[str]:
    """Paths of models that stay whatever the ids say: an editor wrote or decided something."""
    by_editors = (
        Q(visibility=Visibility.HIDDEN.value)
        | Q(listings__said_by=EDITOR)
        | Q(taggings__derived=False)
        | Q(scores__isnull=False)
        | Q(notes_on__isnull=False)
    )
    prose = ("summary", "description", "best_for", "alternatives", "strengths", "limitations")
    for field in (*prose, "choosing"):
        by_editors |= ~Q(**{field: ""})
    rows = AIModel.objects.filter(by_editors).values_list("author__slug", "slug").distinct()
    return {f"{author}/{slug}" for author, slug in rows}


def _decide(row: _Row, known: Catalogue) -> _Decision | None:
    if row.serves:
        said = resolve(row.serves, known)
        if said:
            return _Decision(said, SOURCE, f"its source says it serves {row.serves}"[:MAX_TEXT], "")
    found = match(row.native_id, row.provider, known)
    if found.model is None:
        return None
    return _Decision(found.model, RULE, found.reason[:MAX_TEXT], found.variant[:MAX_TEXT])


# -- writing --------------------------------------------------------------------------------------


def create(paths: Iterable[str], *, waits: bool = False) -> int:
    """Writes the authors and models that are missing; returns rows written.

    `waits`: new models need an editor's approval; what an editor names has it.
    """
    paths = sorted(paths)
    visibility = Visibility.WAITING if waits else Visibility.SHOWN
    written = _create_authors(path.partition("/")[0] for path in paths)
    return written + _create_models(paths, visibility)


def _create_authors(slugs: Iterable[str]) -> int:
    """Missing authors, and where authors sell as long as nobody else claims that provider."""
    standing = set(Author.objects.values_list("slug", flat=True))
    new = [authors.entry(slug) or _stranger(slug) for slug in sorted(set(slugs) - standing)]
    Author.objects.bulk_create(
        Author(slug=entry.slug, name=entry.name, homepage=entry.homepage) for entry in new
    )
    taken = set(Author.providers.through.objects.values_list("provider__slug", flat=True))
    by_slug = dict(Author.objects.values_list("slug", "pk"))
    providers = dict(Provider.objects.values_list("slug", "pk"))
    links = [
        Author.providers.through(author_id=by_slug[author], provider_id=providers[provider])
        for provider, author in sorted(authors.sellers().items())
        if author in by_slug and provider in providers and provider not in taken
    ]
    Author.providers.through.objects.bulk_create(links)
    return len(new) + len(links)


def _stranger(slug: str) -> authors.AuthorEntry:
    return authors.AuthorEntry(slug, slug.replace("-", " ").title())


def _create_models(paths: Iterable[str], visibility: Visibility) -> int:
    by_slug = dict(Author.objects.values_list("slug", "pk"))
    standing = _models()
    new = []
    for path in paths:
        if path in standing:
            continue
        author, _, slug = path.partition("/")
        # Kind and name are folded from the endpoints right after.
        new.append(
            AIModel(
                author_id=by_slug[author],
                slug=slug[:MAX_SLUG],
                name=from_slug(slug),
                kind=Kind.CHAT.value,
                visibility=visibility.value,
            )
        )
    AIModel.objects.bulk_create(new, batch_size=CHUNK)
    return len(new)


def _write_listings(
    rows: Sequence[_Row], decisions: Mapping[int, _Decision | None], models: Mapping[str, int]
) -> tuple[int, set[int]]:
    """Writes what differs; returns rows written and every model that gained or lost."""
    create: list[Listing] = []
    update: list[Listing] = []
    drop: list[int] = []
    touched: set[int] = set()
    for row in rows:
        if row.said_by == EDITOR:
            continue
        decision = decisions[row.endpoint]
        if decision is None:
            if row.said_by:
                drop.append(row.endpoint)
                touched.add(row.model or 0)
            continue
        model = models[decision.model]
        if row.stands() == (model, decision.said_by, decision.reason, decision.variant):
            continue
        listing = Listing(
            endpoint_id=row.endpoint,
            model_id=model,
            said_by=decision.said_by,
            reason=decision.reason,
            variant=decision.variant,
        )
        (update if row.said_by else create).append(listing)
        touched |= {model, row.model or model}
    Listing.objects.bulk_create(
        create + update,
        update_conflicts=True,
        unique_fields=["endpoint"],
        update_fields=["model", "said_by", "reason", "variant", "said_at"],
        batch_size=CHUNK,
    )
    for start in range(0, len(drop), CHUNK):
        Listing.objects.filter(endpoint__in=drop[start : start + CHUNK]).delete()
    return len(create) + len(update) + len(drop), touched


def _drop_empty(
    rows: Sequence[_Row], decisions: Mapping[int, _Decision | None], models: Mapping[str, int]
) -> int:
    """Removes models without a listing; the path of one leads to where its endpoints went."""
    held = _held()
    empty = set(AIModel.objects.filter(listings=None).values_list("pk", flat=True))
    gone = {pk: path for path, pk in models.items() if pk in empty and path not in held}
    if not gone:
        return 0
    moved: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        decision = decisions.get(row.endpoint)
        if decision and row.model in gone:
            moved[gone[row.model]][decision.model] += 1
    AIModel.objects.filter(pk__in=gone).delete()
    heirs = [
        ModelAlias(path=path, model_id=models[counts.most_common(1)[0][0]])
        for path, counts in sorted(moved.items())
    ]
    ModelAlias.objects.bulk_create(heirs, ignore_conflicts=True)
    return len(gone) + len(heirs)


def drop_deserted(models: Iterable[int]) -> None:
    """Removes those of the models that nothing is listed under and no editor wrote about.

    An author who is left with nothing goes too, unless somebody entered more than a name.
    """
    held = _held()
    empty = AIModel.objects.filter(pk__in=list(models), listings=None).select_related("author")
    gone = [model for model in empty if f"{model.author.slug}/{model.slug}" not in held]
    AIModel.objects.filter(pk__in=[model.pk for model in gone]).delete()
    Author.objects.filter(
        pk__in={model.author_id for model in gone}, models=None, providers=None, homepage=None
    ).delete()


def _write_aliases(rows: Sequence[_Row], decisions: Mapping[int, _Decision | None]) -> int:
    """Other paths that lead to a model: how sellers write it, and what people entered."""
    models = _models()
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        decision = decisions.get(row.endpoint)
        if decision and decision.said_by == RULE:
            for path in _spelled_paths(row, decision.model):
                said[path][decision.model] += 1
    for path, model in people_aliases().items():
        said[path] = Counter({model: 1})
    wanted = {
        path: models[min(counts, key=lambda model: (-counts[model], model))]
        for path, counts in sorted(said.items())
        if path not in models and all(model in models for model in counts)
    }
    standing = {alias.path: alias for alias in ModelAlias.objects.all()}
    new = [
        ModelAlias(path=path, model_id=model)
        for path, model in wanted.items()
        if path not in standing
    ]
    turned = []
    for path, alias in standing.items():
        if path in wanted and alias.model_id != wanted[path]:
            alias.model_id = wanted[path]
            turned.append(alias)
    ModelAlias.objects.bulk_create(new, batch_size=CHUNK)
    ModelAlias.objects.bulk_update(turned, ["model_id"], batch_size=CHUNK)
    shadowed = [alias.pk for path, alias in standing.items() if path in models]
    ModelAlias.objects.filter(pk__in=shadowed).delete()
    return len(new) + len(turned) + len(shadowed)


def _spelled_paths(row: _Row, model: str) -> Iterator[str]:
    """`author/name` as this seller writes it: cleaned, with its date, behind its own author."""
    spelling = normalise(row.native_id, row.provider)
    author = model.partition("/")[0]
    written, last = row.native_id.lower(), row.native_id.lower().rpartition("/")[2]
    name = f"{spelling.name}-latest" if spelling.rolling else spelling.name
    paths = [f"{author}/{name}"]
    if last.startswith(spelling.name):
        paths.append(f"{author}/{last}")
    if authors.names().get(written.partition("/")[0]) == author:
        paths.append(written)
    for path in paths:
        if path != model and len(path) <= MAX_ID and _PATH.match(path):
            yield path
