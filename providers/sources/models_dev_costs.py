"""models.dev's cost objects: USD per million tokens.

What a 0 means here: a cost of 0 for input and output alike is a plan's at a provider that sells a
plan, free where the id says so (`…:free`, `…-free`), and unknown anywhere else: the same 0/0 stands
on models billed per minute, per song or not at all while they are tested. Any other 0 is unknown.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from providers import roster
from providers.choices import Component, Group, State
from providers.facts import ANY, Condition, Price, amount, count, text

from .answer import Gathering, listing, mapping

# Cost key → component.
COMPONENTS = {
    "input": Component.INPUT,
    "output": Component.OUTPUT,
    "reasoning": Component.REASONING,
    "cache_read": Component.CACHE_READ,
    "cache_write": Component.CACHE_WRITE,
    "input_audio": Component.AUDIO_INPUT,
    "output_audio": Component.AUDIO_OUTPUT,
}
_COST_KEYS = frozenset(COMPONENTS) | {"tiers", "context_over_200k"}


def read_prices(
    provider: str, native_id: str, model: Mapping[str, Any], gathering: Gathering
) -> tuple[Price, ...]:
    cost = mapping(model.get("cost") or {})
    modes = mapping(mapping(model.get("experimental") or {}).get("modes") or {})
    zero = _meaning_of_zero(provider, native_id, cost)
    prices = list(_card(cost, "", zero, gathering))
    for name, stated in modes.items():
        mode = mapping(stated)
        prices += _card(mapping(mode.get("cost") or {}), _tier(name, mode), None, gathering)
        gathering.no_room(mode, known=("cost",), prefix="experimental.modes.")
    return tuple(prices)


def _meaning_of_zero(provider: str, native_id: str, cost: Mapping[str, Any]) -> State | None:
    """What the zeros of a card say; None: nothing."""
    if cost.get("input") != 0 or cost.get("output") != 0:
        return None
    if roster.company(provider).group == Group.PLAN:
        return State.PLAN
    return State.FREE if native_id.endswith((":free", "-free")) else None


def _tier(name: str, mode: Mapping[str, Any]) -> str:
    """OpenAI's "fast" is sent as service_tier=priority, and so it is called everywhere else."""
    body = mapping(mapping(mode.get("provider") or {}).get("body") or {})
    return text(body.get("service_tier") or name)


def _card(
    cost: Mapping[str, Any], tier: str, zero: State | None, gathering: Gathering
) -> Iterator[Price]:
    """A cost object as prices, with the prices above its context thresholds."""
    condition = Condition(tier=tier) if tier else ANY
    yield from _row(cost, condition, zero, gathering)
    tiers = listing(cost.get("tiers") or [])
    for stated in tiers:
        row = mapping(stated)
        rule = mapping(row.get("tier"))
        if rule.get("type") != "context":
            gathering.no_room([f"cost.tiers.{rule.get('type')}"])
            continue
        above = Condition(above_tokens=count(rule.get("size")), tier=tier)
        yield from _row(row, above, None, gathering)
    # The older spelling of the same; it stands beside `tiers` for readers that know only it.
    if not tiers and cost.get("context_over_200k"):
        above = Condition(above_tokens=200_000, tier=tier)
        yield from _row(mapping(cost["context_over_200k"]), above, None, gathering)
    gathering.no_room(cost, known=_COST_KEYS, prefix="cost.")


def _row(
    cost: Mapping[str, Any], condition: Condition, zero: State | None, gathering: Gathering
) -> Iterator[Price]:
    for key, component in COMPONENTS.items():
        if cost.get(key) is None:
            continue
        price = amount(cost[key])
        if price:
            yield Price(component, price, condition=condition)
        elif zero:
            yield Price(component, None, condition=condition, state=zero)
        else:
            gathering.no_room([f"cost.{key} of 0"])
