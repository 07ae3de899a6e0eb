"""OpenRouter's endpoints of one model: who runs it, at what price, how well.

`{"data": {"id", "architecture", "endpoints": [{"provider_name", "tag", "pricing", "quantization",
"uptime_last_30m", …}]}}`. The tag tells rows of one upstream apart: `openai`, `openai/flex`,
`azure/eu`, `deepinfra/fp8`, `xai/zdr/priority`: parts of it name a service tier, a region or a
variant.

One endpoint of ours is an upstream with all its rows. The row that needs no mark gives its facts,
readings and plain prices; the others give prices under the condition of their tier, region or
variant, where those differ. Where rows differ and none goes without a mark, no price is plain:
which one is charged is decided per request.

Rows that cost nothing belong to the `:free` variant of the id, unless every row is free.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from providers import roster
from providers.choices import STANDARD_TIER, TIERS, Kind
from providers.facts import BadFact, BadSnapshot, Condition, Offer, Price, Snapshot, text

from .answer import FactList, Gathering, listing, mapping, read_json
from .openrouter_prices import is_zero, read_prices
from .readings import Published, Window

FREE = ":free"
PUBLISHED = Published(
    uptimes=(
        Window("uptime_last_5m", "last 5 minutes"),
        Window("uptime_last_30m", "last 30 minutes"),
        Window("uptime_last_1d", "last day"),
    ),
    ttft=Window("latency_last_30m", "last 30 minutes"),
    throughput=Window("throughput_last_30m", "last 30 minutes"),
)

_ROW_KEYS = frozenset(
    {"name", "model_id", "model_name", "provider_name", "tag", "quantization", "status", "pricing"}
    | {"context_length", "max_completion_tokens", "max_prompt_tokens", "supported_parameters"}
    | {"supports_implicit_caching"}
)
_REGION = re.compile(
    r"(?:global|us|eu|uk|ap|ca|sa|jp|in|sg|cn|au|br|kr|asia|europe|apac)(?:-[a-z]+\d*)?(?:-\d+)?"
)

KindOf = Callable[[str, Iterable[str]], Kind]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row with what its tag says; part of the endpoint `native_id` at `upstream`."""

    native_id: str
    upstream: str
    tier: str
    region: str
    variant: str
    stated: Mapping[str, Any]
    prices: tuple[Price, ...]

    def is_marked(self) -> bool:
        return bool(self.region or self.variant)

    def conditional(self, *, within_tier: bool) -> Iterator[Price]:
        """Its prices under its own mark; `within_tier`: the tier alone tells it apart."""
        named = (("variant", self.variant),) if self.variant and not within_tier else ()
        for price in self.prices:
            yield replace(
                price,
                condition=replace(
                    price.condition,
                    tier=self.tier,
                    region="" if within_tier else self.region,
                    named=named,
                ),
            )


def parse_endpoints(
    source: str, data: bytes, part: str, *, as_of: datetime, kind: KindOf
) -> Snapshot:
    """Every upstream of one model; covers the ids that the answer speaks of."""
    gathering = Gathering(source)
    try:
        model = mapping(mapping(read_json(source, data)).get("data"))
        makes = [
            text(medium)
            for medium in listing(mapping(model.get("architecture")).get("output_modalities"))
        ]
        stated = [mapping(row) for row in listing(model.get("endpoints"))]
        plain_id = part.removesuffix(FREE)
        operation = kind(plain_id, makes)
    except BadFact as error:
        raise BadSnapshot(f"{source}, {part}: {error}") from None
    gathering.covers_ids |= {(source, plain_id), (source, plain_id + FREE)}
    rows = list(_rows(stated, part, makes, gathering))
    for native_id, upstream in dict.fromkeys((row.native_id, row.upstream) for row in rows):
        same = [row for row in rows if (row.native_id, row.upstream) == (native_id, upstream)]
        _read_upstream(same, operation, as_of, gathering)
    return gathering.snapshot(as_of)


# -- rows -----------------------------------------------------------------------------------------


def _rows(
    stated: Sequence[Mapping[str, Any]], part: str, makes: Sequence[str], gathering: Gathering
) -> Iterator[_Row]:
    """A row that cannot be read keeps what was stated of its id before from ending."""
    for row in stated:
        tag = row.get("tag") or row.get("provider_name")
        try:
            native_id = _native_id(row, stated, part)
            yield _row(row, native_id, text(tag), makes, gathering)
        except BadFact as error:
            plain_id = part.removesuffix(FREE)
            gathering.refuse_broken(f"{part} at {tag}", error, gathering.source, plain_id)
            gathering.unreadable.add((gathering.source, plain_id + FREE))


def _native_id(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], part: str) -> str:
    plain_id = part.removesuffix(FREE)
    if not is_zero(mapping(row.get("pricing"))):
        return plain_id
    is_sold_too = any(not is_zero(mapping(one.get("pricing"))) for one in rows)
    return plain_id + FREE if is_sold_too else part


def _row(
    stated: Mapping[str, Any], native_id: str, tag: str, makes: Sequence[str], gathering: Gathering
) -> _Row:
    their_id, *marks = tag.split("/")
    refusal = roster.refusal(gathering.source, their_id)
    if refusal:
        raise BadFact(refusal)
    tier, region, variants = STANDARD_TIER, "", []
    for mark in marks:
        if mark in TIERS or mark == "standard":
            tier = "" if mark == "standard" else mark
        elif _REGION.fullmatch(mark):
            region = mark
        else:
            variants.append(mark)
    gathering.no_room(
        (key for key, value in stated.items() if value not in (None, {}, [], False)),
        known=_ROW_KEYS | PUBLISHED.names(),
        prefix="endpoints.",
    )
    return _Row(
        native_id=native_id,
        upstream=roster.canonical(gathering.source, their_id),
        tier=tier,
        region=region,
        variant="/".join(variants),
        stated=stated,
        prices=read_prices(
            mapping(stated.get("pricing")), makes, gathering, f"{native_id} at {tag}"
        ),
    )


# -- upstreams ------------------------------------------------------------------------------------


def _read_upstream(
    rows: Sequence[_Row], operation: Kind, as_of: datetime, gathering: Gathering
) -> None:
    standard = [row for row in rows if row.tier == STANDARD_TIER]
    leading = _leading(standard)
    speaker = leading or (standard or rows)[0]
    item = f"{speaker.native_id} at {speaker.upstream}"
    try:
        offer = Offer(
            provider=gathering.source,
            native_id=speaker.native_id,
            operation=operation,
            upstream=speaker.upstream,
            facts=_facts(speaker.stated, standard, gathering),
            prices=tuple(_prices(rows)),
        )
        gathering.offer_of_part(offer)
    except BadFact as error:
        gathering.refuse_broken(item, error, gathering.source, speaker.native_id)
        return
    if leading:
        gathering.readings += PUBLISHED.readings(leading.stated, offer, as_of, gathering)
    silent = [row for row in rows if row is not leading]
    gathering.no_room("readings of a marked row" for row in silent if _is_measured(row))


def _is_measured(row: _Row) -> bool:
    return any(row.stated.get(key) is not None for key in PUBLISHED.names())


def _leading(rows: Sequence[_Row]) -> _Row | None:
    """Of rows of one tier the one whose prices hold without a mark; None: it depends."""
    unmarked = [row for row in rows if not row.is_marked()]
    everywhere = [row for row in rows if row.region == "global" and not row.variant]
    for first in (unmarked, everywhere):
        if len(first) == 1:
            return first[0]
    if rows and all(row.prices == rows[0].prices for row in rows):
        return rows[0]
    return None


def _prices(rows: Sequence[_Row]) -> Iterator[Price]:
    """Prices of every row, each slot once; a row that repeats the leading one needs no mention."""
    seen: set[tuple[str, Condition]] = set()
    for tier in dict.fromkeys(row.tier for row in rows):
        of_tier = [row for row in rows if row.tier == tier]
        leading = _leading(of_tier)
        marked = [
            row
            for row in of_tier
            if row is not leading and (not leading or row.prices != leading.prices)
        ]
        for row in [leading, *marked] if leading else marked:
            for price in row.conditional(within_tier=row is leading):
                if (price.component, price.condition) in seen:
                    raise BadFact(f"two rows of tag {row.stated.get('tag')}")
                seen.add((price.component, price.condition))
                yield price


def _facts(
    stated: Mapping[str, Any], standard: Sequence[_Row], gathering: Gathering
) -> tuple[Any, ...]:
    facts = FactList("endpoint")
    facts.add("name", stated.get("model_name"))
    facts.add("context_length", stated.get("context_length") or None)
    facts.add("max_output", stated.get("max_completion_tokens") or None)
    facts.add("max_input", stated.get("max_prompt_tokens") or None)
    if stated.get("quantization") not in (None, "unknown"):
        facts.add("quantization", stated["quantization"])
    facts.add("regions", [row.region for row in standard if row.region] or None)
    for parameter in listing(stated.get("supported_parameters") or []):
        facts.add(f"parameter.{text(parameter)}", True)
    facts.add("capability.implicit-caching", stated.get("supports_implicit_caching"))
    if stated.get("status"):
        # Its numbers are not documented; less than 0 seems to mean that it is avoided.
        gathering.no_room([f"endpoints.status {stated['status']}"])
    return facts.freeze()
