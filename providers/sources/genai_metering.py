"""Price lists of genai-prices: units, tiers, hours and dates into our components and conditions.

Three rules of theirs shape the reading. Of a model's dated lists the last that has begun holds,
whole; a daily window that comes after it wins inside its hours. Variants (batch, priority …) are
partial and lie over that, the first that fits winning price by price. A tier starts strictly above
its threshold and reprices the whole request.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any

from providers.choices import Component, State, Unit
from providers.facts import ANY, BadFact, Condition, Price, Schedule, amount, count, text, trimmed

from .answer import Gathering, listing, mapping

# The request parameters whose value is a service tier, each under its provider's own name.
_TIER_PARAMETERS = frozenset({"service_tier", "processing", "speed"})
_STANDARD_TIERS = frozenset({"default", "standard"})

# -- units ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meter:
    """What one of their price keys charges for; `factor` turns their amount into our unit's."""

    component: str
    unit: str
    factor: Decimal


# By family: our unit, and how many of their units it holds.
_UNITS: Mapping[str, tuple[str, int]] = {
    "tokens": (Unit.MILLION_TOKENS, 10**6),
    "characters": (Unit.MILLION_CHARACTERS, 10**6),
    "durations": (Unit.HOUR, 3600),
    "pixels": (Unit.MEGAPIXEL, 10**6),
    "document_pages": (Unit.PAGE, 1),
    "messages": ("1K messages", 1000),
}
_CALLS = (Unit.THOUSAND_REQUESTS, 1000)


def read_units(stated: Mapping[str, Any]) -> dict[str, Meter]:
    """Their register of units, by price key."""
    meters = {}
    for usage_key, definition in stated.items():
        unit = mapping(definition)
        dimensions = {key: text(value) for key, value in mapping(unit.get("dimensions")).items()}
        ours, size = _UNITS.get(dimensions.get("family", ""), _CALLS)
        per = count(unit.get("per"))
        if not per:
            raise BadFact(f"unit {usage_key} is per 0")
        component = _component(usage_key, dimensions)
        meters[text(unit.get("price_key"))] = Meter(component, ours, Decimal(size) / per)
    return meters


def _component(usage_key: str, dimensions: Mapping[str, str]) -> str:
    """Our component: `audio_cache_read`, `cache_write_1h`, `image_input`, `web_search` …"""
    modality = dimensions.get("modality", "")
    direction = dimensions.get("direction", "")
    kind = dimensions.get("token_type", "")
    match dimensions.get("family"):
        case "tokens":
            parts = [modality, kind or direction, dimensions.get("cache_ttl", "")]
            return "_".join(part for part in parts if part)
        case "characters":
            return direction
        case "durations":
            return f"{modality}_{direction}" if direction else modality
        case "pixels":
            return f"image_{direction}"
        case "document_pages":
            return "annotated_page" if dimensions.get("page_type") else "page"
        case "tool_calls":
            return str(dimensions.get("tool_type"))
        case "messages":
            return f"{modality}_message"
        case "requests" | "rerank":
            return str(Component.REQUEST)
        case _:
            return usage_key


# -- prices ---------------------------------------------------------------------------------------

_Slot = tuple[str, Condition]  # component and condition
_Card = dict[_Slot, tuple[Decimal, str]]  # amount and unit


@dataclass(frozen=True, slots=True)
class _Entry:
    """One price list of a model: from a day on (None: always), perhaps in some hours only."""

    start: date | None
    window: Schedule | None
    card: _Card

    def has_begun(self, day: date | None) -> bool:
        return self.start is None or (day is not None and self.start <= day)

    def hourly(self) -> _Card:
        return {
            (component, replace(condition, schedule=self.window)): price
            for (component, condition), price in self.card.items()
        }


class Metering:
    """Reads the price lists of one model."""

    def __init__(self, units: Mapping[str, Meter], gathering: Gathering) -> None:
        self._units = units
        self._gathering = gathering

    def standard(self, stated: Any) -> Iterator[Price]:
        """Prices of the standard tier: one list, or several with their constraints."""
        lists = stated if isinstance(stated, list) else [{"prices": stated}]
        entries = [self._entry(item, ANY) for item in map(mapping, lists)]
        if entries:
            yield from _history(_days(entries), partial(_standard_card, entries))

    def variants(self, model: Mapping[str, Any]) -> Iterator[Price]:
        """Prices of the other tiers and of named conditions."""
        groups: dict[Condition, list[_Entry]] = {}
        for variant in map(mapping, listing(model.get("price_variants") or [])):
            condition = _when(mapping(variant.get("when")))
            groups.setdefault(condition, []).append(self._entry(variant, condition))
        for entries in groups.values():
            yield from _history(_days(entries), partial(_partial_card, entries))

    def _entry(self, item: Mapping[str, Any], condition: Condition) -> _Entry:
        start, window = None, None
        constraint = item.get("constraint")
        if constraint is not None:
            start, window = _constraint(mapping(constraint))
        return _Entry(start, window, self._card(mapping(item.get("prices")), condition))

    def _card(self, stated: Mapping[str, Any], condition: Condition) -> _Card:
        card: _Card = {}
        for key, price in stated.items():
            meter = self._units.get(key)
            if meter is None:
                self._gathering.no_room([key], prefix="prices.")
            elif price is not None and not _repeats(key, stated):
                for threshold, value in _tiers(price):
                    slot = (meter.component, replace(condition, above_tokens=threshold))
                    card[slot] = (trimmed(amount(value) * meter.factor), meter.unit)
        return card


def _repeats(key: str, stated: Mapping[str, Any]) -> bool:
    """`audio_hours` beside `input_audio_hours`: one charge under the two names usage comes in."""
    return key == "audio_hours" and stated.get("input_audio_hours") == stated[key]


def _tiers(price: Any) -> Iterator[tuple[int | None, Any]]:
    """(threshold, amount) of one price; the threshold is the most that still pays less."""
    if not isinstance(price, dict):
        yield None, price
        return
    yield None, price.get("base")
    for tier in map(mapping, listing(price.get("tiers"))):
        yield count(tier.get("start")), tier.get("price")


def _when(stated: Mapping[str, Any]) -> Condition:
    tier, named = "", []
    for key, value in stated.items():
        if key in _TIER_PARAMETERS:
            tier = "" if text(value) in _STANDARD_TIERS else text(value)
        else:
            named.append((text(key), text(value)))
    return Condition(tier=tier, named=tuple(named))


def _constraint(stated: Mapping[str, Any]) -> tuple[date | None, Schedule | None]:
    try:
        if "start_date" in stated:
            return date.fromisoformat(text(stated["start_date"])), None
        if "start_time" in stated:
            hours = _every_day(_minute(stated["start_time"]), _minute(stated.get("end_time")))
            return None, Schedule("UTC", hours)
    except ValueError as error:
        raise BadFact(f"constraint {stated}: {error}") from None
    raise BadFact(f"constraint {stated} is neither a start date nor hours of the day")


def _minute(stated: Any) -> int:
    """Minute of the day in UTC; a time without a zone is UTC."""
    moment = time.fromisoformat(text(stated))
    offset = moment.utcoffset()
    shift = int(offset.total_seconds()) // 60 if offset else 0
    return (moment.hour * 60 + moment.minute - shift) % 1440


def _every_day(start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Minutes of a day, half-open and perhaps over midnight, as ranges of the week."""
    if start == end:
        raise BadFact("hours that begin when they end")
    daily = [(start, end)] if start < end else [(0, end), (start, 1440)]
    return tuple(
        (day * 1440 + first, day * 1440 + last)
        for day in range(7)
        for first, last in daily
        if first < last
    )


def _days(entries: Iterable[_Entry]) -> list[date | None]:
    """The days on which something begins, after None: before all of them."""
    return [None, *sorted({entry.start for entry in entries if entry.start})]


def _standard_card(entries: Sequence[_Entry], day: date | None) -> _Card:
    """What holds on a day: the last list begun, or the first of all, with later windows over it."""
    begun = [i for i, e in enumerate(entries) if e.window is None and e.has_begun(day)]
    last = begun[-1] if begun else 0
    card = dict(entries[last].card)
    by_prices: dict[str, list[_Entry]] = {}
    for entry in entries[last + 1 :]:
        if entry.window is not None:
            by_prices.setdefault(repr(entry.card), []).append(entry)
    for alike in by_prices.values():
        ranges = sorted(pair for entry in alike if entry.window for pair in entry.window.ranges)
        card |= replace(alike[0], window=Schedule("UTC", tuple(ranges))).hourly()
    return card


def _partial_card(entries: Sequence[_Entry], day: date | None) -> _Card:
    """Variants of one kind on a day: the first that has begun wins, price by price."""
    card: _Card = {}
    for entry in reversed(entries):
        if entry.has_begun(day):
            card |= entry.hourly() if entry.window else entry.card
    return card


def _history(
    days: Sequence[date | None], card_on: Callable[[date | None], _Card]
) -> Iterator[Price]:
    """Dated prices of all cards; a price that a new list repeats goes on."""
    cards = [(day, card_on(day)) for day in days]
    slots = dict.fromkeys(slot for _, card in cards for slot in card)
    for slot in slots:
        stretches: list[tuple[date | None, date | None, tuple[Decimal, str] | None]] = []
        for day, card in cards:
            price = card.get(slot)
            if stretches and stretches[-1][2] == price:
                continue
            if stretches:
                stretches[-1] = (stretches[-1][0], day, stretches[-1][2])
            stretches.append((day, None, price))
        yield from (_price(slot, *stretch) for stretch in stretches if stretch[2])


def _price(
    slot: _Slot, start: date | None, end: date | None, price: tuple[Decimal, str] | None
) -> Price:
    component, condition = slot
    value, unit = price or (Decimal(0), "")
    return Price(
        component=component,
        amount=value or None,
        unit=unit,
        condition=condition,
        state=State.KNOWN if value else State.FREE,
        effective_from=_midnight(start),
        effective_to=_midnight(end),
    )


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
