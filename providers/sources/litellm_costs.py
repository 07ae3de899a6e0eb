"""LiteLLM's cost fields: 170 names that are made of a few parts.

`cache_creation_input_token_cost_above_12hr_above_272k_tokens_flex` is a base name with suffixes in
a fixed order, each a condition. Amounts are USD per token, second, character, pixel or query; ours
are per million or thousand of them, per hour.

What a 0 means here: input and output 0 together are a plan's at a provider that sells a plan, free
where the id says so (`…:free`, `…-free`), else unknown. Any other 0 is unknown: many stand for "not
charged that way".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

from providers import roster
from providers.choices import Component, Group, Kind, State, Unit
from providers.facts import BadFact, Condition, Price, amount, count

from .answer import Gathering, listing, mapping
from .litellm_hours import read_windows


@dataclass(frozen=True, slots=True)
class Meter:
    """What one cost field charges for; `factor` turns its amount into our unit's."""

    component: str
    unit: str
    factor: int
    condition: Condition

    def within(self, outer: Condition) -> Condition:
        """Its own condition and that of the whole entry together."""
        own = self.condition
        return replace(
            outer,
            above_tokens=outer.above_tokens if own.above_tokens is None else own.above_tokens,
            tier=own.tier or outer.tier,
            named=(*outer.named, *own.named),
        )


_TOKENS = (Unit.MILLION_TOKENS, 10**6)
_CHARACTERS = (Unit.MILLION_CHARACTERS, 10**6)
_PIXELS = (Unit.MEGAPIXEL, 10**6)
_SECONDS = (Unit.HOUR, 3600)
_CALLS = (Unit.THOUSAND_REQUESTS, 1000)
_IMAGES = (Unit.IMAGE, 1)
_PAGES = (Unit.PAGE, 1)

# Base name → component and (our unit, how many of theirs it holds).
_METERS: Mapping[str, tuple[str, tuple[str, int]]] = {
    "input_cost_per_token": (Component.INPUT, _TOKENS),
    "output_cost_per_token": (Component.OUTPUT, _TOKENS),
    "cache_read_input_token_cost": (Component.CACHE_READ, _TOKENS),
    "input_cost_per_token_cache_hit": (Component.CACHE_READ, _TOKENS),
    "cache_creation_input_token_cost": (Component.CACHE_WRITE, _TOKENS),
    "output_cost_per_reasoning_token": (Component.REASONING, _TOKENS),
    "input_cost_per_audio_token": (Component.AUDIO_INPUT, _TOKENS),
    "output_cost_per_audio_token": (Component.AUDIO_OUTPUT, _TOKENS),
    "cache_read_input_audio_token_cost": (Component.AUDIO_CACHE_READ, _TOKENS),
    "cache_creation_input_audio_token_cost": (Component.AUDIO_CACHE_WRITE, _TOKENS),
    "input_cost_per_image_token": (Component.IMAGE_INPUT, _TOKENS),
    "output_cost_per_image_token": (Component.IMAGE_OUTPUT, _TOKENS),
    "cache_read_input_image_token_cost": (Component.IMAGE_CACHE_READ, _TOKENS),
    "input_cost_per_video_token": (Component.VIDEO_INPUT, _TOKENS),
    "output_cost_per_video_token": (Component.VIDEO_OUTPUT, _TOKENS),
    "citation_cost_per_token": ("citation", _TOKENS),
    "input_cost_per_character": (Component.INPUT, _CHARACTERS),
    "output_cost_per_character": (Component.OUTPUT, _CHARACTERS),
    "input_cost_per_image": (Component.IMAGE_INPUT, _IMAGES),
    "output_cost_per_image": (Component.IMAGE_OUTPUT, _IMAGES),
    "input_cost_per_pixel": (Component.IMAGE_OUTPUT, _PIXELS),
    "output_cost_per_pixel": (Component.IMAGE_OUTPUT, _PIXELS),
    "input_cost_per_second": (Component.AUDIO_INPUT, _SECONDS),
    "output_cost_per_second": (Component.AUDIO_OUTPUT, _SECONDS),
    "input_cost_per_audio_per_second": (Component.AUDIO_INPUT, _SECONDS),
    "input_cost_per_video_per_second": (Component.VIDEO_INPUT, _SECONDS),
    "output_cost_per_video_per_second": (Component.VIDEO_OUTPUT, _SECONDS),
    "input_cost_per_query": (Component.REQUEST, _CALLS),
    "input_cost_per_request": (Component.REQUEST, _CALLS),
    "google_maps_grounding_cost_per_query": ("maps_grounding", _CALLS),
    "input_cost_per_text_message": ("text_message", ("1K messages", 1000)),
    "ocr_cost_per_page": ("page", _PAGES),
    "annotation_cost_per_page": ("annotated_page", _PAGES),
    "ocr_cost_per_credit": ("page", ("credit", 1)),
}
# What a field means depends on what the endpoint makes.
_BY_KIND: Mapping[tuple[Kind, str], str] = {
    (Kind.VIDEO, "output_cost_per_second"): Component.VIDEO_OUTPUT,
    # A second of speech to write down is one second, stated in either field or in both.
    (Kind.TRANSCRIPTION, "output_cost_per_second"): Component.AUDIO_INPUT,
}
# Capacity that is rented by the hour instead of paid per use: the same amount stands in up to
# three fields.
_RENT = frozenset({"cost_per_second", "input_cost_per_second", "output_cost_per_second"})
PROVISIONED = "provisioned_throughput"

_TIER = re.compile(r"_(flex|priority|batches|balanced|ultrafast|decisions)\Z")
_ABOVE = re.compile(r"_above_(\d+)k_tokens\Z")
_KEPT = re.compile(r"_above_(\d+)hr\Z")
_CLIP = re.compile(r"_above_(\d+)s_interval\Z")
_DETAIL = re.compile(r"(?<=per_)(second|image)_(\d+(?:\.\d+)?[a-zA-Z]*)\Z")
_TIER_NAMES = {"batches": "batch"}


@cache
def meter_of(field: str, kind: Kind) -> Meter | None:
    """What a cost field charges for, or None when it is none we know."""
    base, condition = _conditions(field)
    if base == "cache_creation_input_token_cost" and ("kept", "over 1 h") in condition.named:
        rest = tuple(pair for pair in condition.named if pair[0] != "kept")
        return Meter(Component.CACHE_WRITE_1H, *_TOKENS, replace(condition, named=rest))
    known = _METERS.get(base)
    if known is None:
        return None
    component, (unit, factor) = known
    return Meter(_BY_KIND.get((kind, base), component), unit, factor, condition)


def _conditions(field: str) -> tuple[str, Condition]:
    """Takes the suffixes off, last first."""
    tier, above, named = "", None, []
    if found := _TIER.search(field):
        tier, field = _TIER_NAMES.get(found[1], found[1]), field[: found.start()]
    if found := _ABOVE.search(field):
        above, field = int(found[1]) * 1000, field[: found.start()]
    if found := _KEPT.search(field):
        named.append(("kept", f"over {found[1]} h"))
        field = field[: found.start()]
    if found := _CLIP.search(field):
        named.append(("clip", f"over {found[1]} s"))
        field = field[: found.start()]
    if found := _DETAIL.search(field):
        name = "resolution" if found[1] == "second" else "size"
        named.append((name, found[2]))
        field = field[: found.end(1)]
    if field.startswith("explicit_"):
        named.append(("cache", "explicit"))
        field = field.removeprefix("explicit_")
    return field, Condition(above_tokens=above, tier=tier, named=tuple(named))


# -- an entry -------------------------------------------------------------------------------------

_Slot = tuple[str, Condition]

SPECIAL = frozenset({"tiered_pricing", "off_peak_pricing", "search_context_cost_per_query"})


class CostReader:
    """Reads the prices of one entry. `outer` is the condition its key states."""

    def __init__(
        self, provider: str, native_id: str, kind: Kind, outer: Condition, gathering: Gathering
    ) -> None:
        self._provider = provider
        self._native_id = native_id
        self._kind = kind
        self._outer = outer
        self._gathering = gathering
        self._prices: dict[_Slot, Price] = {}

    def read(self, entry: Mapping[str, Any]) -> tuple[Price, ...]:
        fields = self._renamed(entry)
        self._row(fields, self._outer, self._meaning_of_zero(fields))
        self._tiers(listing(entry.get("tiered_pricing") or []))
        self._off_peak(mapping(entry.get("off_peak_pricing") or {}))
        self._search(mapping(entry.get("search_context_cost_per_query") or {}))
        return tuple(self._prices.values())

    def _renamed(self, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        """The entry with fields under the names they should have.

        Old image entries write the price of a drawn image as that of an input image, and what is
        rented by the month is written per second of input.
        """
        if any(name == "commitment" for name, _value in self._outer.named):
            rent = next((entry[field] for field in sorted(_RENT) if entry.get(field)), None)
            if rent:
                self._put(PROVISIONED, rent, Unit.HOUR, 3600, self._outer)
            return {field: value for field, value in entry.items() if field not in _RENT}
        draws = self._kind == Kind.IMAGE and not entry.get("output_cost_per_image_token")
        if draws and entry.get("input_cost_per_image") and not entry.get("output_cost_per_image"):
            rest = {field: v for field, v in entry.items() if field != "input_cost_per_image"}
            return rest | {"output_cost_per_image": entry["input_cost_per_image"]}
        return entry

    def _row(self, fields: Mapping[str, Any], outer: Condition, zero: State | None) -> None:
        for field in sorted(fields, key=_exactest_first):
            meter = meter_of(field, self._kind)
            if meter is None or fields[field] is None:
                continue
            price = amount(fields[field])
            if price:
                self._put(
                    meter.component, fields[field], meter.unit, meter.factor, meter.within(outer),
                    field=field,
                )  # fmt: skip
            elif zero:
                self._prices.setdefault(
                    (meter.component, meter.within(outer)),
                    Price(
                        meter.component, None, str(meter.unit),
                        condition=meter.within(outer), state=zero,
                    ),
                )  # fmt: skip
            else:
                self._gathering.no_room([f"{field} of 0"])

    def _put(
        self,
        component: str,
        stated: object,
        unit: str,
        factor: int,
        condition: Condition,
        field: str = "",
    ) -> None:
        """Keeps a price, unless the entry has that component in another unit already."""
        if not isinstance(stated, int | Decimal) or isinstance(stated, bool):
            raise BadFact(f"{field or component}: expected a price, got {type(stated).__name__}")
        price = Price(component, amount(stated * factor), str(unit), condition=condition)
        before = self._prices.setdefault((component, condition), price)
        if before.value() != price.value():
            self._gathering.no_room([f"{field or component} beside another"])

    def _meaning_of_zero(self, fields: Mapping[str, Any]) -> State | None:
        if fields.get("input_cost_per_token") != 0 or fields.get("output_cost_per_token") != 0:
            return None
        if roster.company(self._provider).group == Group.PLAN:
            return State.PLAN
        return State.FREE if self._native_id.endswith((":free", "-free")) else None

    def _tiers(self, rows: Iterable[Any]) -> None:
        """`range: [from, to]` in input tokens; the first row is the price of short requests."""
        for stated in rows:
            row = mapping(stated)
            span = listing(row.get("range"))
            above = count(span[0] if span else None)
            outer = replace(self._outer, above_tokens=above) if above else self._outer
            self._row({key: v for key, v in row.items() if key != "range"}, outer, None)

    def _off_peak(self, stated: Mapping[str, Any]) -> None:
        if stated:
            schedule = read_windows(stated)
            self._row(stated, replace(self._outer, schedule=schedule), None)

    def _search(self, stated: Mapping[str, Any]) -> None:
        """One price of a web search, or one for each size of context that it adds."""
        sizes = {
            field.removeprefix("search_context_size_"): price
            for field, price in stated.items()
            if amount(price)
        }
        if len(sizes) < len(stated):
            self._gathering.no_room(["search_context_cost_per_query of 0"])
        same = len(sizes) == 3 and len(set(sizes.values())) == 1
        for size, price in sizes.items():
            named = () if same else (("search context", size),)
            condition = replace(self._outer, named=(*self._outer.named, *named))
            self._put(Component.WEB_SEARCH, price, *_CALLS, condition)


def _exactest_first(field: str) -> tuple[int, str]:
    """Where one thing is priced in several units: the token, then what people count, the image."""
    return (0 if "token" in field else 1 if "per_image" in field else 2), field


def cost_fields(entry: Mapping[str, Any], kind: Kind) -> Iterator[str]:
    """The fields of an entry that `CostReader` reads."""
    return (field for field in entry if field in SPECIAL or field in _RENT or meter_of(field, kind))
