"""The form in which a reader describes a workload, and the addresses that hold it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from catalog.workload import PRESETS, Workload
from providers.choices import TIERS
from providers.queries import PriceRow

ANCHOR = "#workload"
BILL_ANCHOR = "#bill"

# What else the address of the page says: (parameter, value).
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PresetLink:
    label: str
    title: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One number or word that the reader writes."""

    name: str
    label: str
    value: str
    size: int
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class WorkloadForm:
    """`kept`: what else the address says, handed on unseen."""

    presets: tuple[PresetLink, ...]
    fields: tuple[Field, ...]
    tiers: tuple[Option, ...]
    regions: tuple[Option, ...]
    kept: Pairs
    leave_href: str  # the page without a workload


def address(workload: Workload, kept: Pairs, *, bill: int | None = None) -> str:
    """The same page about a workload."""
    query = urlencode(list(kept), safe="/:@")
    asked = [query, workload.query(), f"bill={bill}" if bill else ""]
    return "?" + "&".join(filter(None, asked)) + (BILL_ANCHOR if bill else ANCHOR)


def preset_links(kept: Pairs, *, current: Workload | None = None) -> tuple[PresetLink, ...]:
    return tuple(
        PresetLink(
            preset.label,
            f"{preset.workload.requests:,} requests a month",
            address(preset.workload, kept),
            preset.workload == current,
        )
        for preset in PRESETS.values()
    )


def form(workload: Workload, prices: Iterable[PriceRow], kept: Pairs) -> WorkloadForm:
    """Filled with the workload; tiers and regions are those that some price names."""
    conditions = [price.condition for price in prices]
    return WorkloadForm(
        presets=preset_links(kept, current=workload),
        fields=_fields(workload),
        tiers=_options(workload.tier, {c.tier for c in conditions}, TIERS),
        regions=_options(workload.region, {c.region for c in conditions}, {"": "any"}),
        kept=kept,
        leave_href=("?" + urlencode(list(kept), safe="/:@") if kept else "?") + ANCHOR,
    )


def _fields(workload: Workload) -> tuple[Field, ...]:
    return (
        Field("requests", "Requests a month", f"{workload.requests:,}", 11),
        Field("input", "Tokens in", f"{workload.input:,}", 7, "per request"),
        Field("cached", "Cached", str(workload.cached), 3, "% of them"),
        Field("written", "Written to cache", str(workload.written), 3, "%"),
        Field("images", "Pictures", str(workload.images), 3),
        Field("output", "Tokens out", f"{workload.output:,}", 7, "per request"),
        Field("hours", "Hours", workload.hours or "0-24", 5, "UTC"),
    )


def _options(asked: str, stated: set[str], known: dict[str, str]) -> tuple[Option, ...]:
    """The empty choice first; none at all where there is nothing to choose."""
    names = sorted((stated | {asked}) - {""})
    if not names:
        return ()
    return tuple(
        Option(name, known.get(name) or name.replace("_", " "), name == asked)
        for name in ("", *names)
    )
