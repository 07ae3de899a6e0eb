"""Vercel's price objects: strings of US dollars, under keys that vary by the kind of model.

A model's object says `input` and `output`, an endpoint's `prompt` and `completion`. Beside them:
`input_tiers: [{"cost", "min", "max"}]` from `min` to below `max` tokens; `regional: {"eu": {…}}`,
`service_tiers: {"flex": {…, "long_context": {"threshold", …}}}` and `fast: {…}`, objects of the
same kind; tables for pictures and films. `web_search` is per thousand, unlike all others.

What a "0" means: nothing for an endpoint's `request`, `image`, `web_search` … which are "0" with
every model. Input and output of "0" are free where the model writes text and nothing else costs.
`input` is a stand-in where speech is paid by the character or the second.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from providers.choices import Component, Kind, State, Unit
from providers.facts import ANY, BadFact, Condition, Price, amount, count, text

from .answer import Gathering, listing, mapping, money, scaled

_MILLION = (Unit.MILLION_TOKENS, 1_000_000)
_HOUR = (Unit.HOUR, 3600)
_THOUSAND_STATED = (Unit.THOUSAND_REQUESTS, 1)
Meter = tuple[str, tuple[str, int]]
# Their key → what is charged for, our unit, and how many of theirs it holds.
_METERS: dict[str, Meter] = {
    "input": (Component.INPUT, _MILLION),
    "prompt": (Component.INPUT, _MILLION),
    "output": (Component.OUTPUT, _MILLION),
    "completion": (Component.OUTPUT, _MILLION),
    "input_cache_read": (Component.CACHE_READ, _MILLION),
    "input_cache_write": (Component.CACHE_WRITE, _MILLION),
    "internal_reasoning": (Component.REASONING, _MILLION),
    "audio_input_token_cost": (Component.AUDIO_INPUT, _MILLION),
    "audio_output_token_cost": (Component.AUDIO_OUTPUT, _MILLION),
    "image": (Component.IMAGE_OUTPUT, (Unit.IMAGE, 1)),
    "image_output": (Component.IMAGE_OUTPUT, (Unit.IMAGE, 1)),
    "request": (Component.REQUEST, (Unit.THOUSAND_REQUESTS, 1000)),
    "web_search": (Component.WEB_SEARCH, _THOUSAND_STATED),
    "maps_search": ("maps_grounding", _THOUSAND_STATED),
    "speech_input_character_cost": (Component.INPUT, (Unit.MILLION_CHARACTERS, 1_000_000)),
    "transcription_duration_cost_per_second": (Component.AUDIO_INPUT, _HOUR),
    "realtime_session_duration_cost_per_second": ("session", _HOUR),
    "realtime_client_message_cost": ("text_message", ("1K messages", 1000)),
}
_STAND_IN = ("input", "prompt")
_PAID_OTHERWISE = ("speech_input_character_cost", "transcription_duration_cost_per_second")
_TIERED = {
    f"{key}_tiers": _METERS[key]
    for key in ("input", "prompt", "output", "completion", "input_cache_read", "input_cache_write")
}
_NESTED = frozenset({"regional", "service_tiers", "fast", "long_context", "threshold"})
_TABLES = frozenset(
    {"image_dimension_quality_pricing", "video_duration_pricing", "video_token_pricing"}
)
_NOT_PRICES = frozenset({"discount", "varies_by_provider"})
_FILMS = (("no_video_input", "no"), ("with_video_input", "yes"))
_TIER_NAMES = {"standard": "", "default": ""}


@dataclass(frozen=True, slots=True)
class _Reader:
    """One price object of one item: reads it under a condition, refuses what it cannot read."""

    item: str
    operation: Kind
    gathering: Gathering

    def read(self, stated: Mapping[str, Any], condition: Condition) -> Iterator[Price]:
        self.gathering.no_room(
            stated,
            known=_METERS.keys() | _TIERED.keys() | _NESTED | _TABLES | _NOT_PRICES,
            prefix="pricing.",
        )
        yield from self._flat(stated, condition)
        for key in _TIERED.keys() & stated.keys():
            yield from self._guarded(key, self._tiers(key, stated[key], condition))
        yield from self._guarded("tables", self._tables(stated, condition))
        yield from self._guarded("conditions", self._nested(stated, condition))

    def _guarded(self, key: str, prices: Iterator[Price]) -> Iterator[Price]:
        try:
            yield from prices
        except BadFact as error:
            self.gathering.refuse(f"{self.item}, {key}", error)

    def _flat(self, stated: Mapping[str, Any], condition: Condition) -> Iterator[Price]:
        is_paid_otherwise = any(key in stated for key in _PAID_OTHERWISE)
        for key in sorted(_METERS.keys() & stated.keys()):
            if key in _STAND_IN and is_paid_otherwise:
                continue
            yield from self._guarded(key, self._one(_METERS[key], stated[key], condition))

    def _one(self, meter: Meter, stated: Any, condition: Condition) -> Iterator[Price]:
        """A price, or nothing where a 0 says nothing."""
        component, (unit, factor) = meter
        if component == Component.OUTPUT and self.operation == Kind.IMAGE:
            component = Component.IMAGE_OUTPUT
        value = scaled(stated, factor)
        if value:
            yield Price(component, value, unit=unit, condition=condition)

    def _tiers(self, key: str, stated: Any, condition: Condition) -> Iterator[Price]:
        """From `min` tokens on; where two overlap by a token, the first still has it."""
        until = 0
        for tier in map(mapping, listing(stated)):
            start = max(count(tier.get("min") or 0), until)
            until = count(tier.get("max") or 0)
            if start:  # the first repeats the flat price
                above = replace(condition, above_tokens=start - 1)
                yield from self._one(_TIERED[key], tier.get("cost"), above)

    def _nested(self, stated: Mapping[str, Any], condition: Condition) -> Iterator[Price]:
        for region, prices in mapping(stated.get("regional") or {}).items():
            yield from self.read(mapping(prices), replace(condition, region=text(region)))
        for name, prices in mapping(stated.get("service_tiers") or {}).items():
            tier = _TIER_NAMES.get(name, text(name))
            yield from self.read(mapping(prices), replace(condition, tier=tier))
        if "fast" in stated:
            yield from self.read(mapping(stated["fast"]), replace(condition, tier="fast"))
        if "long_context" in stated:
            longer = mapping(stated["long_context"])
            above = replace(condition, above_tokens=count(longer.get("threshold")))
            yield from self.read(longer, above)

    # -- tables -----------------------------------------------------------------------------------

    def _tables(self, stated: Mapping[str, Any], condition: Condition) -> Iterator[Price]:
        for row in map(mapping, listing(stated.get("image_dimension_quality_pricing") or [])):
            yield from self._row(row, "cost", _METERS["image"], condition)
        film: Meter = (Component.VIDEO_OUTPUT, _HOUR)
        for row in map(mapping, listing(stated.get("video_duration_pricing") or [])):
            yield from self._row(row, "cost_per_second", film, condition)
        tokens = mapping(stated.get("video_token_pricing") or {})
        for row in map(mapping, listing(tokens.get("tiers") or [tokens])):
            for key, films in _FILMS:
                if key in row:
                    named = self._named(row, ignored={"notes", *dict(_FILMS)})
                    yield Price(
                        Component.VIDEO_OUTPUT,
                        amount(mapping(row[key]).get("cost_per_million_tokens")),
                        condition=replace(condition, named=(*named, ("video_input", films))),
                    )

    def _row(
        self, row: Mapping[str, Any], key: str, meter: Meter, condition: Condition
    ) -> Iterator[Price]:
        named = self._named(row, ignored={key})
        yield from self._one(meter, row.get(key), replace(condition, named=named))

    def _named(self, row: Mapping[str, Any], *, ignored: set[str]) -> tuple[tuple[str, str], ...]:
        """Size, quality, sound … as conditions of a price."""
        words = {True: "yes", False: "no"}
        return tuple(
            (key, words[value] if isinstance(value, bool) else text(value))
            for key, value in sorted(row.items())
            if key not in ignored
        )


def read_prices(
    stated: Mapping[str, Any], operation: Kind, gathering: Gathering, item: str
) -> tuple[Price, ...]:
    """Every price of one price object, each slot once; what cannot be read is refused by name."""
    found: dict[tuple[str, Condition], Price] = {}
    for price in _Reader(item, operation, gathering).read(stated, ANY):
        found.setdefault((price.component, price.condition), price)
    if not found and operation == Kind.CHAT and is_free(stated):
        return tuple(
            Price(component, None, state=State.FREE)
            for component in (Component.INPUT, Component.OUTPUT)
        )
    return tuple(found.values())


def is_free(stated: Mapping[str, Any]) -> bool:
    """Whether input and output are both stated as 0."""
    pairs = (("input", "output"), ("prompt", "completion"))
    return any(all(key in stated and money(stated[key]) == 0 for key in pair) for pair in pairs)
