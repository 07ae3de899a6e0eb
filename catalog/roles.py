"""The three groups of people who work here, and what each may do.

Administrators are superusers or members of *administrator*; the groups exist so that somebody can
be let in for one thing.
"""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

_SEE_THE_MARKET = (
    *("provider", "endpoint", "price", "claim", "reading", "run", "source", "held"),
    *("judgement", "suggestion", "exchangerate"),
)
_PROSE = ("aimodel", "author", "benchmark", "score", "tag", "tagging", "parameter", "modelalias")


def ensure() -> None:
    """Makes the groups and sets their permissions; safe to repeat."""
    _set(
        "pricing editor",
        _named("correct_price", "correct_fact", "answer_suggestion", "add_endpoint")
        + _named("edit_books", "see_contract", "see_house")
        + _see(("changeset", "change", "draft"))
        + _named(*(f"{verb}_exchangerate" for verb in ("add", "change", "delete")))
        + _see(_SEE_THE_MARKET),
    )
    _set(
        "content editor",
        _named("correct_fact", "answer_suggestion", "add_endpoint")
        + _all((*_PROSE, "listing"))
        + _see((*_SEE_THE_MARKET, "listingchange")),
    )
    _set("administrator", list(Permission.objects.all()))


def _set(name: str, permissions: Iterable[Permission]) -> None:
    group, _ = Group.objects.get_or_create(name=name)
    group.permissions.set(permissions)


def _named(*codenames: str) -> list[Permission]:
    return list(Permission.objects.filter(codename__in=codenames))


def _see(models: Iterable[str]) -> list[Permission]:
    return _named(*(f"view_{model}" for model in models))


def _all(models: Iterable[str]) -> list[Permission]:
    return list(
        Permission.objects.filter(
            Q(content_type__app_label="catalog"), content_type__model__in=list(models)
        )
    )
