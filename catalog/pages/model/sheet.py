"""The endpoint sheet: every fact of the chosen endpoint, its routes side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from django.urls import reverse

from catalog import words
from catalog.pages.links import Link, to_provenance
from catalog.pages.model.cells import Cell, retention, unknown, yes_no
from catalog.pages.model.lines import condition_order, route_name
from catalog.pages.model.reads import Reads
from catalog.pages.model.tiers import TierTable, tier_table
from catalog.pages.parts import Mark, Money
from catalog.queries.model import Sold
from providers.choices import Component, Status, Unit
from providers.facts import ENDPOINT_FACTS, Condition
from providers.models import Endpoint
from providers.queries import ClaimRow, PriceRow

# Facts in the order of the sheet; a gap opens before each group.
_GROUPS: tuple[tuple[str, ...], ...] = (
    ("context_length", "max_input", "max_output", "cache_min_tokens", "dimensions",
     "requests_per_minute", "tokens_per_minute"),
    ("input_modalities", "output_modalities", "reasoning_efforts", "reasoning_field",
     "quantization", "tokenizer", "knowledge_cutoff"),
    ("trains_on_prompts", "retention_days", "zero_retention_offered", "moderation", "regions"),
    ("status", "released_on", "updated_on", "deprecated_on", "retires_on", "replacement"),
    ("name", "serves", "aliases", "family", "licence", "open_weights"),
    ("api_base", "key_variable", "sdk", "docs_url", "pricing_url", "evidence_url", "status_page",
     "announcement_url", "weights_url"),
)  # fmt: skip
# What a provider states once for all its endpoints.
_INHERITED = {
    "trains_on_prompts", "retention_days", "zero_retention_offered", "moderation", "status_page",
    "api_base", "key_variable", "sdk", "docs_url", "pricing_url",
}  # fmt: skip
_ASKED = (
    Component.CACHE_READ,
    Component.CACHE_WRITE,
    Component.CACHE_WRITE_5M,
    Component.CACHE_WRITE_1H,
    Component.WEB_SEARCH,
)
# Family, and what its supported and its refused names are headed by.
_FAMILIES = (("capabilities", "Can", "Cannot"), ("protocols", "Speaks", "Does not speak"))
_FAMILY_KEYS = {"capabilities": "capability", "protocols": "protocol"}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One fact of each route; `key` as its address names it, `gap` opens a new group."""

    key: str
    label: str
    cells: tuple[Cell, ...]
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One column: an endpoint. `name` empty: there is only one."""

    endpoint: int
    name: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All facts of one endpoint, or of one id at every route of a gateway."""

    endpoint: int
    name: str  # of the seller: `ZenMux → Azure`
    provider: Link
    native_id: str
    routes: tuple[Route, ...]
    rows: tuple[SheetRow, ...]
    not_stated: tuple[str, ...]
    sources: tuple[Mark, ...]
    sources_href: str  # where everything is told that is stated of the endpoint
    confirmed: date | None
    old: bool
    former: bool
    tiers: TierTable | None  # in the place of the prices among the rows, where these depend

    @property
    def keys(self) -> str:
        """The facts of the rows, each as its address names it; one attribute costs least."""
        return " ".join(row.key for row in self.rows)


def sheet(reads: Reads, chosen: Sold, *, day: str = "") -> Sheet:
    """The chosen endpoint beside its provider's other routes of the same id; `day`: as of it."""
    endpoint = chosen.endpoint
    columns = [chosen.endpoint, *_other_routes(reads, chosen)]
    columns.sort(key=lambda column: (column.upstream.name if column.upstream else "", column.pk))
    provider = endpoint.provider
    found = set().union(*(reads.voices.sources(column.pk) for column in columns))
    sources, confirmed = reads.confirmations(found, provider.slug)
    tiers = tier_table(reads, endpoint, is_past=bool(day))
    rows = list(_rows(reads, columns, tiers if len(columns) == 1 else None))
    stated = {component for column in columns for component in _components(reads, column)}
    missing = [words.component_label(name).lower() for name in _ASKED if name not in stated]
    return Sheet(
        endpoint=endpoint.pk,
        name=route_name(endpoint),
        provider=Link(provider.name, reverse("catalog:provider", args=[provider.slug])),
        native_id=endpoint.native_id,
        routes=tuple(Route(column.pk, _route(column, of=len(columns))) for column in columns),
        rows=tuple(rows),
        not_stated=tuple(missing),
        sources=sources,
        sources_href=to_provenance("endpoint", endpoint.pk, as_of=day),
        confirmed=confirmed.date() if confirmed else None,
        old=bool(sources) and all(mark.old for mark in sources),
        former=reads.is_former(endpoint),
        tiers=tiers,
    )


def _route(endpoint: Endpoint, *, of: int) -> str:
    if of == 1:
        return ""
    return f"→ {endpoint.upstream.name}" if endpoint.upstream else endpoint.provider.name


def _other_routes(reads: Reads, chosen: Sold) -> list[Endpoint]:
    here = chosen.endpoint
    return [
        sold.endpoint
        for sold in reads.on_sale()
        if sold.endpoint.pk != here.pk
        and sold.endpoint.upstream_id
        and here.upstream_id
        and (sold.endpoint.provider_id, sold.endpoint.native_id, sold.endpoint.operation)
        == (here.provider_id, here.native_id, here.operation)
    ]


# -- rows -----------------------------------------------------------------------------------------


def _rows(reads: Reads, columns: Sequence[Endpoint], tiers: TierTable | None) -> Iterator[SheetRow]:
    yield from _price_rows(reads, columns, tiers)
    for keys in _GROUPS:
        yield from _first_with_gap(_fact_rows(reads, columns, keys))
    for family, supported, refused in _FAMILIES:
        yield from _first_with_gap(_family_rows(columns, family, supported, refused))


def _first_with_gap(rows: Iterable[SheetRow]) -> Iterator[SheetRow]:
    for n, row in enumerate(rows):
        yield replace(row, gap=n == 0)


def _components(reads: Reads, endpoint: Endpoint) -> set[str]:
    return {row.component for row in reads.prices.get(endpoint.pk, ())}


def _price_rows(
    reads: Reads, columns: Sequence[Endpoint], tiers: TierTable | None
) -> Iterator[SheetRow]:
    """Every price under every condition that the tier table does not hold, plain ones first."""
    order = {component.value: n for n, component in enumerate(Component)}
    cards = [
        {(row.component, row.unit, row.condition): row for row in reads.prices.get(column.pk, ())}
        for column in columns
    ]

    def place(slot: tuple[str, str, Condition]) -> tuple[object, ...]:
        component, unit, condition = slot
        return (condition_order(condition), order.get(component, len(order)), unit)

    slots = {slot for card in cards for slot in card if not (tiers and tiers.holds(slot[2]))}
    for slot in sorted(slots, key=place):
        yield SheetRow(
            _price_key(*slot),
            _price_label(*slot),
            tuple(
                _price_cell(reads, column, card.get(slot))
                for column, card in zip(columns, cards, strict=True)
            ),
        )


def _price_key(component: str, unit: str, condition: Condition) -> str:
    """`price.input&condition=…`, to stand in an address behind `key=`."""
    under = urlencode({"condition": condition.key()}) if condition.key() else ""
    return "&".join(filter(None, (f"price.{quote(component)}", under)))


def _price_label(component: str, unit: str, condition: Condition) -> str:
    parts = [words.component_label(component), words.condition_words(condition)]
    label = ", ".join(filter(None, parts))
    return label if unit == Unit.MILLION_TOKENS else f"{label}, {words.unit_words(unit)}"


def _price_cell(reads: Reads, endpoint: Endpoint, row: PriceRow | None) -> Cell:
    if row is None:
        return unknown()
    claim = reads.voices.claim(row.claim_id)
    sources = reads.voices.agreeing(claim) if claim else (row.source_id,)
    drawn = reads.exchange.beside(Money(row.state, row.amount, row.currency, row.unit))
    text = words.price(row.amount, state=row.state, currency=row.currency)
    return Cell(
        f"{text} {drawn.approx}".strip(),
        title=drawn.rate or words.state_title(row.state),
        marks=reads.signs.marks(sources, endpoint.provider.slug),
        dispute=reads.dispute(endpoint.pk, f"price.{row.component}", row.condition.key()),
    )


def _fact_rows(
    reads: Reads, columns: Sequence[Endpoint], keys: Iterable[str]
) -> Iterator[SheetRow]:
    for key in keys:
        cells = tuple(_fact_cell(reads, column, key) for column in columns)
        if any(cell.is_known for cell in cells):
            yield SheetRow(key, ENDPOINT_FACTS[key].label, cells)


def _fact_cell(reads: Reads, endpoint: Endpoint, key: str) -> Cell:
    value = getattr(endpoint, key)
    marks = reads.marks(endpoint, key)
    if value in (None, "", []) and key in _INHERITED:
        value = getattr(endpoint.provider, key)
        marks = reads.provider_marks(endpoint.provider, key)
    if value in (None, "", []):
        return unknown()
    return Cell(
        _text(key, value, reads.stated(endpoint, key)),
        "gone" if key == "retires_on" else "",
        href=value if isinstance(value, str) and value.startswith(("http://", "https://")) else "",
        marks=marks,
        dispute=reads.dispute(endpoint.pk, key),
        others=_others(reads, endpoint, key, value) if isinstance(value, list) else "",
    )


def _others(reads: Reads, endpoint: Endpoint, key: str, published: list[Any]) -> str:
    """Longer or shorter lists of other sources: `else text, image, pdf, code (R)`."""
    said: dict[str, list[ClaimRow]] = {}
    for claim in reads.voices.rivals(endpoint.pk, key):
        if set(map(str, claim.value)) != set(map(str, published)):
            said.setdefault(", ".join(map(str, claim.value)), []).append(claim)
    return "; ".join(
        f"else {text} ({', '.join(_siglum(reads, claim, endpoint) for claim in claims)})"
        for text, claims in said.items()
    )


def _siglum(reads: Reads, claim: ClaimRow, endpoint: Endpoint) -> str:
    return reads.signs.mark(claim.source_id, endpoint.provider.slug).siglum


_TEXTS: dict[str, Callable[[Any], str]] = {
    "retention_days": retention,
    "status": lambda value: Status(value).value,
    "released_on": words.day,
    "updated_on": words.day,
    "knowledge_cutoff": words.day,
    "deprecated_on": words.day,
    "retires_on": words.day,
}


def _text(key: str, value: Any, stated: str) -> str:
    """A value in words, rounded where its source rounds it."""
    if key in _TEXTS:
        return _TEXTS[key](value)
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, int):
        return _with_unit(key, stated or value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).removeprefix("https://").rstrip("/") if key.endswith("_url") else str(value)


def _with_unit(key: str, value: int | str) -> str:
    unit = ENDPOINT_FACTS[key].unit
    return f"{words.tokens(value)} {unit}".strip() if unit != "tokens" else words.tokens(value)


def _family_rows(
    columns: Sequence[Endpoint], family: str, supported: str, refused: str
) -> Iterator[SheetRow]:
    """Yes and no answers of one family, as two lists: supported, and stated as not supported."""
    for answer, label in ((True, supported), (False, refused)):
        cells = tuple(
            Cell(", ".join(_answered(getattr(column, family), answer))) for column in columns
        )
        if any(cell.text for cell in cells):
            yield SheetRow(_FAMILY_KEYS[family], label, cells)


def _answered(answers: dict[str, bool], wanted: bool) -> list[str]:
    return sorted(name.replace("_", " ") for name, answer in answers.items() if answer is wanted)
