"""What readers may see: models that are shown, and endpoints that serve none other.

An endpoint that nobody has listed yet is seen under its own name; one of a model that waits or is
hidden leaves no trace on any page.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Concat

from catalog.models import AIModel, ModelAlias, Visibility
from providers.models import Endpoint, Subject

SHOWN = Visibility.SHOWN.value
_NOT_SHOWN = (Visibility.WAITING.value, Visibility.HIDDEN.value)


class Replaceable(Protocol):
    """A model or an endpoint: it may name what replaces it."""

    replacement: str | None


R = TypeVar("R", bound=Replaceable)


def unseen(endpoint: str = "") -> Q:
    """To exclude: endpoints of models that are not shown. `endpoint`: the path to them, if any."""
    return Q(**{f"{endpoint}listing__model__visibility__in": _NOT_SHOWN})


def unseen_subjects() -> frozenset[Subject]:
    """Models that are not shown, by every name of theirs, and their endpoints. Three queries."""
    endpoints = Endpoint.objects.filter(unseen()).values_list("pk", flat=True)
    models = AIModel.objects.exclude(visibility=SHOWN).values_list("author__slug", "slug")
    aliases = ModelAlias.objects.exclude(model__visibility=SHOWN).values_list("path", flat=True)
    paths = [f"{author}/{slug}" for author, slug in models]
    return frozenset(
        [Subject("endpoint", pk) for pk in endpoints]
        + [Subject("model", path) for path in [*paths, *aliases]]
    )


def named_unseen() -> Case:
    """To annotate models and endpoints with, as `named_unseen`: whether what is said to replace
    one is a model that is not shown."""
    named = OuterRef("replacement")
    models = AIModel.objects.exclude(visibility=SHOWN).annotate(
        path=Concat("author__slug", Value("/"), "slug")
    )
    ids = Endpoint.objects.filter(unseen(), native_id=named)
    return Case(
        When(replacement__isnull=True, then=Value(False)),
        When(
            Exists(models.filter(Q(path=named) | Q(slug=named) | Q(name=named))), then=Value(True)
        ),
        When(Exists(ids), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )


def without_unseen(rows: Iterable[R]) -> list[R]:
    """Rows annotated with `named_unseen`, as readers may see them."""
    found = list(rows)
    for row in found:
        if getattr(row, "named_unseen", False):
            row.replacement = None
    return found
