"""OpenRouter's price objects: strings of US dollars per token, image, request or search.

`{"prompt": "0.0000002", "completion": "0.0000012", "web_search": "0.01", "overrides": [{
"min_prompt_tokens": 272000, "prompt": "0.0000004"}, {"utc_start": 1600, "utc_end": 30, …}]}`. An
override applies when all its conditions do; of several, the later wins, key by key; what it leaves
out keeps the base price. Clock times are UTC as HHMM numbers, half-open, and may wrap.

What its figures mean, per key: `-1` is decided per request. A prompt and completion of "0" are
free where nothing else costs and text alone comes out; elsewhere (songs, images, embeddings) a "0"
is another unit's place and says nothing, as it does for every other key. A `discount` is already
in the prices beside it: 0.1 stands beside 0.2574 per million where 0.286 is the list price.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from providers.choices import Component, State, Unit
from providers.facts import ANY, BadFact, Condition, Price, count

from .answer import Gathering, listing, mapping, money, scaled
from .hours import DAY, daily

_MILLION = (Unit.MILLION_TOKENS, 1_000_000)
_THOUSAND = (Unit.THOUSAND_REQUESTS, 1000)
_PER_IMAGE = (Unit.IMAGE, 1)
# Their key → what is charged for, our unit, and how many of theirs it holds.
_KEYS: dict[str, tuple[Component, tuple[Unit, int]]] = {
    "prompt": (Component.INPUT, _MILLION),
    "completion": (Component.OUTPUT, _MILLION),
    "input_cache_read": (Component.CACHE_READ, _MILLION),
    "input_cache_write": (Component.CACHE_WRITE, _MILLION),  # five minutes, where times differ
    "input_cache_write_1h": (Component.CACHE_WRITE_1H, _MILLION),
    "internal_reasoning": (Component.REASONING, _MILLION),
    "image": (Component.IMAGE_INPUT, _PER_IMAGE),
    "image_token": (Component.IMAGE_INPUT, _MILLION),
    "image_output": (Component.IMAGE_OUTPUT, _PER_IMAGE),
    "audio": (Component.AUDIO_INPUT, _MILLION),
    "audio_output": (Component.AUDIO_OUTPUT, _MILLION),
    "input_audio_cache": (Component.AUDIO_CACHE_READ, _MILLION),
    "web_search": (Component.WEB_SEARCH, _THOUSAND),
    "request": (Component.REQUEST, _THOUSAND),
}
_BASIC = ("prompt", "completion")
_CONDITIONS = frozenset({"min_prompt_tokens", "utc_start", "utc_end"})
_NOT_PRICES = frozenset({"discount", "overrides"})
# The schema calls `image` and `image_output` prices per image; the answers give the token's there
# (29 of 29 in August 2026 equal the prompt's). No image costs less than this, no token more.
_LEAST_OF_AN_IMAGE = Decimal("0.0005")


@dataclass(frozen=True, slots=True)
class _Worth:
    """What one component costs, whatever the condition. No amount: decided per request."""

    component: Component
    unit: Unit
    amount: Decimal | None

    def priced(self, condition: Condition) -> Price:
        state = State.VARIES if self.amount is None else State.KNOWN
        return Price(self.component, self.amount, unit=self.unit, condition=condition, state=state)


@dataclass(frozen=True, slots=True)
class _Override:
    """Prices under conditions. `window`: minutes of the day in UTC, which may wrap."""

    above: int | None
    window: tuple[int, int] | None
    worths: Mapping[Component, _Worth]

    def reaches(self, level: int | None) -> bool:
        """Whether it applies to requests of more than `level` tokens, as far as tokens decide."""
        return self.above is None or (level is not None and self.above <= level)

    def holds(self, minute: int) -> bool:
        if self.window is None:
            return True
        start, end = self.window
        return start <= minute < end if start < end else minute >= start or minute < end


def read_prices(
    stated: Mapping[str, Any], makes: Sequence[str], gathering: Gathering, item: str
) -> tuple[Price, ...]:
    """Every price of one price object. `makes`: what comes out. Broken overrides are refused."""
    gathering.no_room(stated, known=_KEYS.keys() | _NOT_PRICES, prefix="pricing.")
    base = _worths(stated, stated.get("prompt"), gathering, item)
    overrides = list(_overrides(stated, gathering, item))
    prices = [worth.priced(ANY) for worth in base.values()]
    if not base and not overrides and set(makes) <= {"text"} and is_zero(stated):
        prices += [Price(_KEYS[key][0], None, unit=_MILLION[0], state=State.FREE) for key in _BASIC]
    for component in dict.fromkeys(part for one in overrides for part in one.worths):
        prices += _conditional(component, base.get(component), overrides)
    return tuple(prices)


def is_zero(stated: Mapping[str, Any]) -> bool:
    """Whether prompt and completion are both "0"."""
    return all(key in stated and money(stated[key]) == 0 for key in _BASIC)


def _worths(
    stated: Mapping[str, Any], prompt: object, gathering: Gathering, item: str
) -> dict[Component, _Worth]:
    """What a base or an override states, by component; a price that cannot be read is refused."""
    found: dict[Component, _Worth] = {}
    for key in sorted(_KEYS.keys() & stated.keys()):
        try:
            worth = _worth(key, stated[key], prompt)
        except BadFact as error:
            gathering.refuse(f"{item}, {key}", error)
            continue
        if worth is not None:
            found[worth.component] = worth
    return found


def _worth(key: str, value: object, prompt: object) -> _Worth | None:
    """None where a "0" says nothing."""
    component, (unit, factor) = _KEYS[key]
    each = Decimal(0) if value in (None, "") else money(value)
    if each == -1:
        return _Worth(component, unit, None)
    if not each:
        return None
    if unit == Unit.IMAGE and each < _LEAST_OF_AN_IMAGE:
        if key == "image" and value != prompt:
            raise BadFact(f"{value} is neither the price of an image nor that of a prompt's token")
        unit, factor = _MILLION
    return _Worth(component, unit, scaled(value, factor))


# -- overrides ------------------------------------------------------------------------------------


def _overrides(stated: Mapping[str, Any], gathering: Gathering, item: str) -> Iterator[_Override]:
    for place, entry in enumerate(listing(stated.get("overrides") or [])):
        try:
            above, window = _when(mapping(entry))
        except BadFact as error:
            gathering.refuse(f"{item}, overrides[{place}]", error)
            continue
        worths = _worths(entry, stated.get("prompt"), gathering, f"{item}, overrides[{place}]")
        yield _Override(above, window, worths)


def _when(entry: Mapping[str, Any]) -> tuple[int | None, tuple[int, int] | None]:
    """Above how many tokens, and in which minutes of the day."""
    unknown = entry.keys() - _KEYS.keys() - _CONDITIONS
    if unknown:
        # It may be one more condition, without which the price would hold too often.
        raise BadFact(f"{', '.join(sorted(map(str, unknown)))}: not a condition this site knows")
    above = entry.get("min_prompt_tokens")
    window = _window(entry) if {"utc_start", "utc_end"} & entry.keys() else None
    if above is None and window is None:
        raise BadFact("an override without a condition")
    return (None if above is None else count(above)), window


def _window(entry: Mapping[str, Any]) -> tuple[int, int]:
    start, end = (_minutes(entry.get(key)) for key in ("utc_start", "utc_end"))
    if start in (end, DAY):
        raise BadFact(f"from {entry.get('utc_start')} to {entry.get('utc_end')} is no window")
    return start, end


def _minutes(clock: object) -> int:
    """`1030` → 630 minutes after midnight."""
    hours, minutes = divmod(count(clock), 100)
    if minutes > 59 or hours * 60 + minutes > DAY:
        raise BadFact(f"{clock!r} is not a time of day; write 1030 for 10:30")
    return hours * 60 + minutes


def _conditional(
    component: Component, base: _Worth | None, overrides: Sequence[_Override]
) -> Iterator[Price]:
    """The prices of one component under conditions, so that the most particular one is the right.

    A schedule outranks a threshold. So where hours matter at all, every level above a threshold
    gets its own hours, around the whole day.
    """
    mine = [one for one in overrides if component in one.worths]
    by_hours = any(one.window for one in mine)
    before = base
    for level in [None, *sorted({one.above for one in mine if one.above is not None})]:
        day = _day(component, base, [one for one in mine if one.reaches(level)])
        if by_hours:
            for worth, ranges in day.items():
                if level is not None or worth != base:
                    yield worth.priced(Condition(level, schedule=daily("UTC", ranges)))
        elif level is not None:
            worth = next(iter(day))
            if worth != before:
                yield worth.priced(Condition(level))
            before = worth


def _day(
    component: Component, base: _Worth | None, overrides: Sequence[_Override]
) -> dict[_Worth, list[tuple[int, int]]]:
    """What is charged → the minutes of the day when it is; the later override wins."""
    edges = {0, DAY} | {edge for one in overrides for edge in one.window or ()}
    cuts = sorted(edges)
    found: dict[_Worth, list[tuple[int, int]]] = {}
    for start, end in zip(cuts, cuts[1:], strict=False):
        worth = base
        for one in overrides:
            if one.holds(start):
                worth = one.worths[component]
        if worth is not None:
            found.setdefault(worth, []).append((start, end))
    return found
