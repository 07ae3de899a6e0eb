"""Every disagreement of the market with the names behind it, read once an edition."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from catalog.pages.disagreement.asked import EXPLAINED, UNEXPLAINED
from catalog.pages.keep import Kept
from catalog.pages.signs import Signs
from catalog.queries import disagreement_list as queries
from catalog.queries import shown
from catalog.queries.chrome import EditionLine, edition_line
from catalog.queries.disagreement_list import Place
from providers import disputes
from providers import queries as market
from providers.disagreement.causes import CAUSES
from providers.disputes import Case, Disputes, Subject
from providers.facts import ENDPOINT_FACTS

_LIMITS = {"context_length", "max_input", "max_output", "cache_min_tokens", "dimensions"}
_DATES = {"knowledge_cutoff", "status"}
# A difference of at most so many percent; more is counted in times.
SIZES = {
    "2": ("up to 2 %", Decimal("1.02")),
    "10": ("2 to 10 %", Decimal("1.1")),
    "50": ("10 to 50 %", Decimal("1.5")),
    "100": ("50 to 100 %", Decimal(2)),
    "900": ("2 to 10 times", Decimal(10)),
}
BEYOND = ("more", "over 10 times")
UNMEASURED = ("none", "not a matter of size")


@dataclass(frozen=True, slots=True)
class Entry:
    """One disagreement as it is filtered, counted and sorted."""

    case: Case
    place: Place
    group: str  # of asked.GROUPS
    cause: str  # slug; see cause_slug
    sources: tuple[str, ...]
    ratio: Decimal | None
    size: str

    def causes(self) -> tuple[str, ...]:
        """The values of the question "why" that this is an answer to."""
        return (EXPLAINED, self.cause) if self.case.found.explained else (UNEXPLAINED,)


@dataclass(frozen=True, slots=True)
class DisputeIndex:
    """`providers`, `authors`: names behind the slugs; `sources`: ids."""

    disputes: Disputes
    entries: tuple[Entry, ...]
    by_endpoint: Mapping[int, tuple[Case, ...]]
    providers: Mapping[str, str]
    authors: Mapping[str, str]
    sources: Mapping[str, int]
    signs: Signs
    edition: EditionLine


_kept: Kept[DisputeIndex] = Kept()


def current(*, now: datetime) -> DisputeIndex:
    """The index for this moment. One query while the edition stays, else fourteen."""
    edition = edition_line()
    return _kept.get(
        lambda: build(edition, now=now),
        edition=edition,
        now=now,
        until=lambda index: index.disputes.until,
    )


def build(edition: EditionLine, *, now: datetime) -> DisputeIndex:
    """A fresh index. Thirteen queries."""
    found = disputes.market(now=now, without=shown.unseen_subjects())
    endpoints = queries.places_of_endpoints()
    models = queries.places_of_models()
    by_id = queries.providers()
    signs = Signs(market.sources(), now)
    entries = tuple(
        _entry(case, _place(case.subject, endpoints, models, by_id)) for case in found.cases
    )
    by_endpoint: dict[int, list[Case]] = {}
    for case in found.cases:
        if case.subject.kind == "endpoint":
            by_endpoint.setdefault(int(case.subject.id), []).append(case)
    return DisputeIndex(
        disputes=found,
        entries=entries,
        by_endpoint={pk: tuple(cases) for pk, cases in by_endpoint.items()},
        providers=dict(by_id.values()),
        authors={e.place.author: e.place.author_name for e in entries if e.place.author},
        sources={row.slug: pk for pk, row in signs.sources.items()},
        signs=signs,
        edition=edition,
    )


def _place(
    subject: Subject,
    endpoints: Mapping[int, Place],
    models: Mapping[str, Place],
    providers: Mapping[int, tuple[str, str]],
) -> Place:
    if subject.kind == "endpoint":
        return endpoints[int(subject.id)]
    if subject.kind == "model":
        return models.get(str(subject.id), Place(name=str(subject.id)))
    slug, name = providers[int(subject.id)]
    return Place(provider=slug, name=name)


def _entry(case: Case, place: Place) -> Entry:
    ratio = case.found.ratio()
    return Entry(
        case=case,
        place=place,
        group=group_of(case.found.key),
        cause=cause_slug(case.found.cause),
        sources=case.found.sources(),
        ratio=ratio,
        size=_size(ratio),
    )


def group_of(key: str) -> str:
    """Under which of asked.GROUPS a fact is found."""
    if key.startswith("price."):
        return "prices"
    if "." in key:
        return "switches"
    if key in _LIMITS:
        return "limits"
    if key.endswith("_modalities"):
        return "media"
    is_date = key in ENDPOINT_FACTS and (key.endswith("_on") or key in _DATES)
    return "dates" if is_date else "policy"


def cause_slug(cause: str) -> str:
    """`older copy` → `older-copy`, as the address names it; empty: unexplained."""
    letters = "".join(sign if sign.isalnum() else " " for sign in cause.lower())
    return "-".join(letters.split())


CAUSE_NAMES = {cause_slug(cause.name): cause.name for cause in CAUSES}


def _size(ratio: Decimal | None) -> str:
    if ratio is None:
        return UNMEASURED[0]
    return next((slug for slug, (_, most) in SIZES.items() if ratio <= most), BEYOND[0])
