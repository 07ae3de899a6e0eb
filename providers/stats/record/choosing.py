"""Telemetry that knows an endpoint by several names: the first that one bears."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import msgspec

from ...models import Provider
from ..naming import Name, Told
from ..observation import Observation
from . import names


def first_known(told: Sequence[Told]) -> list[Observation]:
    """Each under the first of its names that an endpoint bears, else under its first.

    One query for each 900 names.
    """
    book = names.look_up([named for one in told for named in _variants(one)])
    return [
        next(
            (named for named in _variants(one) if book.answer(named).endpoint_id is not None),
            one.observation,
        )
        for one in told
    ]


def hosts() -> dict[str, str]:
    """Providers by the host of their API; a host of several is left out. One query."""
    found: dict[str, set[str]] = {}
    rows = Provider.objects.exclude(api_base=None).values_list("api_base", "slug")
    for base, slug in rows:
        if base and "{" not in base and (host := urlsplit(base).hostname):
            found.setdefault(host, set()).add(slug)
    return {host: slugs.pop() for host, slugs in found.items() if len(slugs) == 1}


def _variants(one: Told) -> Iterator[Observation]:
    yield one.observation
    for name in one.others:
        yield _under(one.observation, name)


def _under(observation: Observation, name: Name) -> Observation:
    provider, model, operation, upstream = name
    return msgspec.structs.replace(
        observation, provider=provider, model=model, operation=operation, upstream=upstream
    )
