"""Endpoints that editors make by hand: an own gateway, a model nobody else lists.

Such an endpoint is what its editors state of it, from its name on, so it is on sale as long as they
state anything (see publish), its past is kept, and undoing a change set brings it back. A source
that states the same identity later finds the row there and adds its word.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from . import publish
from .choices import Book, EditKind, Group, Kind
from .claims import Edit
from .facts import MAX_NAME, BadFact, Fact, Offer, slug, text
from .models import ChangeSet, Claim, Endpoint, Provider, Subject
from .pricing_desk import save
from .trust import EDITOR


@dataclass(frozen=True, slots=True)
class NewProvider:
    """One that no source names yet."""

    slug: str
    name: str
    group: Group


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """Identity and name; `provider` and `upstream` are slugs, `upstream` empty if unnamed."""

    provider: str
    native_id: str
    operation: Kind
    upstream: str = ""
    name: str = ""


class AlreadyThere(ValueError):
    """Exactly this endpoint exists, whoever made it."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(f"{endpoint} exists already")
        self.endpoint = endpoint


class NearDuplicates(ValueError):
    """Nothing was made: these may be the same under another spelling."""

    def __init__(self, rows: Iterable[Endpoint | Provider]) -> None:
        self.rows = tuple(rows)
        super().__init__(f"much like {', '.join(map(str, self.rows))}")


@transaction.atomic
def make(
    asked: NewEndpoint,
    *,
    by: User,
    why: str,
    now: datetime,
    provider: NewProvider | None = None,
    anyway: bool = False,
) -> Endpoint:
    """Makes and publishes an endpoint, with its provider if that is new too; about ten queries.

    Raises BadFact, AlreadyThere, and, unless `anyway`, NearDuplicates; then nothing is written.
    """
    name = text(asked.name or asked.native_id, longest=MAX_NAME)
    Offer(asked.provider, asked.native_id, asked.operation, asked.upstream)  # refuses what it must
    publish.lock()
    if not anyway:
        _refuse_near(asked, provider)
    seller = _made(provider) if provider else _known(asked.provider)
    upstream = _known(asked.upstream) if asked.upstream else None
    endpoint = _create(asked, seller, upstream, by)
    edits = [Edit.of_fact(Subject("endpoint", endpoint.pk), Fact("name", name))]
    if provider:
        edits.append(Edit.of_fact(Subject("provider", seller.pk), Fact("name", seller.name)))
    what = f"made by hand: {endpoint}"
    save(edits, kind=EditKind.CORRECTION, by=by, why=why, now=now, what=what)
    endpoint.refresh_from_db()
    return endpoint


@transaction.atomic
def take_off(endpoint: Endpoint, *, by: User, why: str, now: datetime) -> ChangeSet:
    """Takes an endpoint made by hand off sale: its editors state nothing of it any more.

    Undo the change set to have it back as it was. Raises BadFact.
    """
    if endpoint.made_by_id is None:
        raise BadFact("only an endpoint made by hand is taken off sale; state when it retires")
    publish.lock()
    live = Claim.objects.live().filter(endpoint=endpoint, book=Book.PUBLIC.value)
    if others := live.exclude(source__slug=EDITOR).select_related("source").first():
        raise BadFact(f"{others.source.name} lists it; state when it retires instead")
    edits = [Edit.silence(claim) for claim in live.select_related("source")]
    if not edits:
        raise BadFact("it is off sale already")
    what = f"taken off sale: {endpoint}"
    return save(edits, kind=EditKind.DROP, by=by, why=why, now=now, what=what)


# -- rows -----------------------------------------------------------------------------------------


def _known(name: str) -> Provider:
    found = Provider.objects.filter(slug=name).first()
    if found is None:
        raise BadFact(f"no provider is called {name!r}; make it with the endpoint")
    return found


def _made(new: NewProvider) -> Provider:
    if Provider.objects.filter(slug=slug(new.slug)).exists():
        raise BadFact(f"a provider {new.slug!r} exists already; choose it from the list")
    name = text(new.name, longest=MAX_NAME)
    return Provider.objects.create(slug=new.slug, name=name, group=new.group.value)


def _create(asked: NewEndpoint, seller: Provider, upstream: Provider | None, by: User) -> Endpoint:
    identity = {
        "provider": seller,
        "native_id": asked.native_id,
        "operation": asked.operation.value,
        "upstream": upstream,
    }
    if standing := Endpoint.objects.filter(**identity).first():
        raise AlreadyThere(standing)
    try:
        with transaction.atomic():
            return Endpoint.objects.create(**identity, made_by=by)
    except IntegrityError:  # a source that is read at this moment was first
        raise AlreadyThere(Endpoint.objects.get(**identity)) from None


# -- the same under another spelling --------------------------------------------------------------


def _refuse_near(asked: NewEndpoint, provider: NewProvider | None) -> None:
    near: list[Endpoint | Provider] = list(_near_endpoints(asked))
    if provider:
        near += _near_providers(provider)
    if near:
        raise NearDuplicates(near)


def _near_endpoints(asked: NewEndpoint) -> Iterable[Endpoint]:
    """Endpoints of the provider whose id differs in case or white space at most, not itself."""
    rows = Endpoint.objects.filter(provider__slug=asked.provider)
    spelt = _bare(asked.native_id)
    ids = [pk for pk, native_id in rows.values_list("pk", "native_id") if _bare(native_id) == spelt]
    identity = (asked.native_id, asked.operation.value, asked.upstream)
    for row in rows.filter(pk__in=ids).select_related("provider", "upstream"):
        if (row.native_id, row.operation, row.upstream.slug if row.upstream else "") != identity:
            yield row


def _near_providers(new: NewProvider) -> list[Provider]:
    spelt = {_bare(new.slug), _bare(new.name)}
    return [
        row
        for row in Provider.objects.exclude(slug=new.slug).by_name()
        if spelt & {_bare(row.slug), _bare(row.name)}
    ]


def _bare(name: str) -> str:
    """`My Gateway`, `my-gateway` and `MyGateway` alike."""
    return "".join(name.casefold().split()).replace("-", "").replace("_", "")
