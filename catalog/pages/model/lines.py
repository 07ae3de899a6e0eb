"""Who sells the model and under which ids and conditions: what the provider table draws, unworded.

A seller is a provider, or one route of a gateway. Its first line is its plain price at its plainest
id; further lines are tiers, regions and other ids of the same model.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from catalog import words
from catalog.queries.model import Sold
from providers.choices import STANDARD_TIER, Group, State
from providers.facts import ANY, Condition
from providers.models import Endpoint
from providers.queries import PriceRow

Key = tuple[str, str]  # component, unit


@dataclass(frozen=True, slots=True)
class Line:
    """One endpoint under one condition. `label` says what sets it apart from its seller's first."""

    sold: Sold
    condition: Condition
    prices: Mapping[Key, PriceRow]
    label: str = ""
    own: bool = True  # the endpoint's own line: it alone draws limits, policy and dates

    def price(self, key: Key | None) -> PriceRow | None:
        return self.prices.get(key) if key else None


@dataclass(frozen=True, slots=True)
class Seller:
    """Lines of one provider, or of one route of a gateway, the plainest first."""

    group: Group
    lines: tuple[Line, ...]

    @property
    def first(self) -> Line:
        return self.lines[0]


def sellers(sold: Iterable[Sold], prices: Mapping[int, list[PriceRow]]) -> tuple[Seller, ...]:
    """Endpoints with their prices, grouped by who sells them."""

    def who(one: Sold) -> tuple[int, int]:
        return (one.endpoint.provider_id, one.endpoint.upstream_id or 0)

    return tuple(
        _seller(sorted(group, key=_plainness), prices)
        for _, group in groupby(sorted(sold, key=who), key=who)
    )


def _plainness(sold: Sold) -> tuple[bool, int, str]:
    """The id without a snapshot date or region first, then the shortest."""
    endpoint = sold.endpoint
    return (bool(variant_of(sold)), len(endpoint.native_id), endpoint.native_id)


def variant_of(sold: Sold) -> str:
    """What part of the id is not the model's: a snapshot date, a region, `batch`."""
    return sold.endpoint.listing.variant


def route_name(endpoint: Endpoint) -> str:
    """`OpenAI`, or the route of a gateway: `ZenMux → Azure`."""
    upstream = f" → {endpoint.upstream.name}" if endpoint.upstream else ""
    return endpoint.provider.name + upstream


def _seller(sold: Sequence[Sold], prices: Mapping[int, list[PriceRow]]) -> Seller:
    first, *rest = (endpoint_lines(one, prices.get(one.endpoint.pk, [])) for one in sold)
    lines = list(first)
    for others in rest:
        lines += _as_other_id(others, lines)
    return Seller(_group(lines[0]), tuple(lines))


def _as_other_id(lines: Sequence[Line], drawn: Sequence[Line]) -> Iterator[Line]:
    """Lines of a further id; its tiers only where they cost otherwise than the first id's."""
    known = {(line.condition, _amounts(line)) for line in drawn}
    own, *conditional = lines
    name = variant_of(own.sold) or own.sold.endpoint.native_id
    yield replace(own, label=", ".join(filter(None, (name, own.label))))
    for line in conditional:
        if (line.condition, _amounts(line)) not in known:
            yield replace(line, label=f"{name}, {line.label}")


def _amounts(line: Line) -> tuple[object, ...]:
    return tuple(
        (key, price.amount, price.currency, price.state) for key, price in line.prices.items()
    )


def _group(first: Line) -> Group:
    """Where the seller stands: its author, a plan, a gateway, or a cloud."""
    if first.sold.by_author:
        return Group.AUTHOR
    group = Group(first.sold.endpoint.provider.group)
    if group is Group.PLAN or _only_in_a_plan(first):
        return Group.PLAN
    return Group.GATEWAY if group is Group.GATEWAY else Group.CLOUD


def _only_in_a_plan(line: Line) -> bool:
    states = {price.state for price in line.prices.values()}
    return states == {State.PLAN.value}


def endpoint_lines(sold: Sold, prices: Sequence[PriceRow]) -> list[Line]:
    """The plain price first, then each condition by tier, region and threshold.

    Conditions that a source names itself (size, quality …) are for the endpoint's sheet, unless
    the endpoint has no other price.
    """
    cards: dict[Condition, dict[Key, PriceRow]] = {}
    for price in prices:
        cards.setdefault(price.condition, {})[(price.component, price.unit)] = price
    plain = cards.pop(ANY, {})
    drawn = {condition: card for condition, card in cards.items() if not condition.named}
    if not plain and not drawn:
        drawn = cards
    lines = [
        Line(sold, condition, card, words.condition_words(condition), own=False)
        for condition, card in sorted(drawn.items(), key=lambda item: condition_order(item[0]))
    ]
    if plain or not lines:
        return [Line(sold, ANY, plain), *lines]
    return [replace(lines[0], own=True), *lines[1:]]


def condition_order(condition: Condition) -> tuple[object, ...]:
    """Plain first, then by tier, region and threshold, those a source names itself last."""
    return (
        bool(condition.named),
        condition.tier != STANDARD_TIER,
        condition.tier,
        condition.region,
        condition.above_tokens or 0,
        condition.key(),
    )


def is_standard(line: Line) -> bool:
    """The price that anybody pays who asks for nothing special, at the seller's plainest id."""
    return line.own and line.condition == ANY
