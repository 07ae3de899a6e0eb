"""The page that compares providers: what they sell, their policy, how often they are cheapest."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from catalog.pages import cheapest, links
from catalog.pages.cheapest import Share
from catalog.pages.links import Link
from catalog.pages.parts import Mark, Witness
from catalog.pages.signs import Signs, Standing
from catalog.queries import provider_list as queries
from providers import queries as market
from providers.choices import TIERS, Group
from providers.models import Provider

GROUPS = {
    Group.AUTHOR.value: "Authors",
    Group.CLOUD.value: "Clouds and hosts",
    Group.GATEWAY.value: "Gateways",
    Group.PLAN.value: "Plans",
}
# One provider of a group.
GROUP_NAMES = {
    Group.AUTHOR.value: "author",
    Group.CLOUD.value: "cloud or host",
    Group.GATEWAY.value: "gateway",
    Group.PLAN.value: "plan",
}
# Words of an id's variant under which a model is sold on other terms than the standard ones.
_OTHER_OFFERS = {*TIERS, "free"}
_POLICY = ("trains_on_prompts", "retention_days", "zero_retention_offered")


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider. None: no source states it."""

    link: Link
    slug: str
    group: str
    company: Link | None
    models: int
    endpoints: int
    trains_on_prompts: bool | None
    retention_days: int | None
    zero_retention: bool | None
    policy_marks: tuple[Mark, ...]
    protocols: tuple[str, ...]
    status_page: str | None
    headquarters: str | None
    share: Share
    standing: Standing

    @property
    def group_name(self) -> str:
        return GROUP_NAMES[self.group]


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that sorts or filters the page."""

    text: str
    href: str
    active: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ProviderListPage:
    rows: tuple[ProviderRow, ...]
    groups: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    sort: str
    rule: str = cheapest.RULE
    drawn: frozenset[str] = frozenset()  # keys of the optional columns
    prompt_columns: int = 0  # of them, those about prompts
    empty: tuple[str, ...] = ()  # names of the columns not drawn
    messages: tuple[str, ...] = ()
    witnesses: tuple[Witness, ...] = ()


# What to sort by: its name and the order. Unknown values come last, equal ones by name.
SORTS: dict[str, tuple[str, Callable[[ProviderRow], Any]]] = {
    "models": ("models sold", lambda row: -row.models),
    "endpoints": ("endpoints", lambda row: -row.endpoints),
    "name": ("name", lambda row: 0),
    "cheapest": ("how often cheapest", lambda row: (row.share.n == 0, -(row.share.percent or 0))),
    "retention": (
        "shortest retention",
        lambda row: (row.retention_days is None, row.retention_days or 0),
    ),
    "confirmed": (
        "last confirmed",
        lambda row: -row.standing.on.timestamp() if row.standing.on else 0,
    ),
}
DEFAULT_SORT = "models"


def build(query: Mapping[str, str], *, now: datetime) -> ProviderListPage:
    """All providers, or one group of them, in the order asked for."""
    group, group_message = _asked(query.get("group", ""), GROUPS, "group", default="")
    sort, sort_message = _asked(query.get("sort", ""), SORTS, "order", default=DEFAULT_SORT)
    signs = Signs(market.sources(), now)
    every = _rows(signs)
    rows = [row for row in every if group in ("", row.group)]
    rows.sort(key=lambda row: row.link.text.lower())
    rows.sort(key=SORTS[sort][1])
    counts = Counter(row.group for row in every)
    drawn = _drawn(rows)
    return ProviderListPage(
        rows=tuple(rows),
        groups=(
            Choice("All", _href("", sort), not group, len(every)),
            *(
                Choice(text, _href(value, sort), value == group, counts[value])
                for value, text in GROUPS.items()
            ),
        ),
        sorts=tuple(
            Choice(text, _href(group, value), value == sort) for value, (text, _) in SORTS.items()
        ),
        sort=sort,
        drawn=drawn,
        prompt_columns=len(drawn & _PROMPTS),
        empty=tuple(name for key, (name, _) in _OPTIONAL.items() if key not in drawn),
        messages=tuple(filter(None, (group_message, sort_message))),
        witnesses=signs.witnesses(pk for pk, source in signs.sources.items() if source.confirmed),
    )


def _asked(wanted: str, known: Mapping[str, object], noun: str, *, default: str) -> tuple[str, str]:
    """What was asked for, or the default with a message."""
    if not wanted or wanted in known:
        return wanted or default, ""
    return default, f"There is no {noun} called “{wanted[:100]}”; choose one below."


def _href(group: str, sort: str) -> str:
    query = {
        name: value
        for name, value in (("group", group), ("sort", sort))
        if value and (name, value) != ("sort", DEFAULT_SORT)
    }
    address = reverse("catalog:providers")
    return f"{address}?{urlencode(query)}" if query else address


# Columns that are drawn only where some row has a value: key, name in the legend, value.
_OPTIONAL: dict[str, tuple[str, Callable[[ProviderRow], object]]] = {
    "trains": ("trains on prompts", lambda row: row.trains_on_prompts),
    "kept": ("keeps prompts", lambda row: row.retention_days),
    "zero": ("zero retention on request", lambda row: row.zero_retention),
    "protocols": ("protocols", lambda row: row.protocols or None),
    "status": ("status page", lambda row: row.status_page),
    "seat": ("headquarters", lambda row: row.headquarters),
}
_PROMPTS = {"trains", "kept", "zero"}


def _drawn(rows: Sequence[ProviderRow]) -> frozenset[str]:
    return frozenset(
        key for key, (_, value) in _OPTIONAL.items() if any(value(row) is not None for row in rows)
    )


# -- rows -----------------------------------------------------------------------------------------


def _rows(signs: Signs) -> list[ProviderRow]:
    models: dict[int, set[int]] = {}
    endpoints: Counter[int] = Counter()
    protocols: dict[int, set[str]] = {}
    for offer in queries.offers():
        endpoints[offer.provider] += 1
        if offer.model is not None:
            models.setdefault(offer.provider, set()).add(offer.model)
        if offer.protocols:
            spoken = {name for name, speaks in offer.protocols.items() if speaks}
            protocols.setdefault(offer.provider, set()).update(spoken)
    shares = cheapest.shares(_asked_prices(signs))
    stated_by = queries.sources_of_policies()
    return [
        _row(
            provider,
            signs,
            models=len(models.get(provider.pk, ())),
            endpoints=endpoints[provider.pk],
            protocols=tuple(sorted(protocols.get(provider.pk, ()))),
            share=shares.get(provider.pk, Share()),
            stated_by=stated_by,
        )
        for provider in queries.providers_by_name()
    ]


def _asked_prices(signs: Signs) -> Iterable[cheapest.Asked]:
    """Confirmed prices only. An id that sells another tier (`:batch`) is not the standard price."""
    return (
        cheapest.Asked(price.provider, price.model, price.amount)
        for price in queries.input_prices(signs.now)
        if not _OTHER_OFFERS & set(price.variant.split())
        and not signs.is_old(price.source, price.provider_slug)
    )


def _row(
    provider: Provider,
    signs: Signs,
    *,
    models: int,
    endpoints: int,
    protocols: tuple[str, ...],
    share: Share,
    stated_by: Mapping[int, int],
) -> ProviderRow:
    policy = [stated_by.get(provider.provenance.get(key)) for key in _POLICY]
    return ProviderRow(
        link=links.to_provider(provider),
        slug=provider.slug,
        group=provider.group,
        company=links.to_provider(provider.company) if provider.company else None,
        models=models,
        endpoints=endpoints,
        trains_on_prompts=provider.trains_on_prompts,
        retention_days=provider.retention_days,
        zero_retention=provider.zero_retention_offered,
        policy_marks=signs.marks(filter(None, policy), provider.slug),
        protocols=protocols,
        status_page=provider.status_page,
        headquarters=provider.headquarters,
        share=share,
        standing=signs.standing(signs.confirming(provider.slug), provider.slug),
    )
