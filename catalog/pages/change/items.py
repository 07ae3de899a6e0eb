"""Everything that changed between two moments, each thing with its kind, ready to be narrowed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from catalog import words
from catalog.pages.links import Link
from catalog.pages.parts import Money
from catalog.queries import changes as queries
from catalog.queries.changes import Place
from providers import change_queries as market
from providers.change_queries import FactStep
from providers.changes import Change, Kind, classify, crowded
from providers.facts import Condition

PRICE, LIMITS, PARAMETERS, DATES, NEW, GONE = (
    "price", "limits", "parameters", "dates", "new", "gone"
)  # fmt: skip
# Kind in the address → its name. Those after GONE are kept apart: they are no news of the market.
KINDS = {
    PRICE: "Prices",
    LIMITS: "Limits",
    PARAMETERS: "Parameters",
    DATES: "Dates and status",
    NEW: "New endpoints",
    GONE: "Endpoints gone",
    "restatement": "Restatements",
    "correction": "Corrections",
    "name-moved": "Names moved",
    "other-source": "Another source",
}
MARKET = (PRICE, LIMITS, PARAMETERS, DATES, NEW, GONE)
_DATES = frozenset({"deprecated_on", "retires_on", "status"})
_FACTS = {
    "context_length": "Context",
    "max_input": "Longest input",
    "max_output": "Longest output",
    "deprecated_on": "Deprecated on",
    "retires_on": "Retires on",
    "status": "Status",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that changed at one endpoint: a price `was` and `becomes`, a fact in words."""

    kind: str
    endpoint_id: int
    place: Place
    at: datetime
    source_id: int
    component: str = ""  # of a price, or the key of a fact
    label: str = ""
    was: Money | None = None
    becomes: Money | None = None
    was_words: str = ""
    becomes_words: str = ""
    percent: Decimal | None = None

    @property
    def direction(self) -> str:
        if not self.percent:
            return ""
        return "up" if self.percent > 0 else "down"


def between(since: datetime, until: datetime) -> list[Item]:
    """Everything after `since` and by `until` that readers may see. Six queries."""
    prices = classified(since, until)
    facts = market.fact_steps(since=since, until=until)
    new = market.arrivals(since=since, until=until)
    gone = market.departures(since=since, until=until)
    ids = {change.step.endpoint_id for change in prices}
    ids |= {one.endpoint_id for several in (facts, new, gone) for one in several}
    places = queries.places(ids)
    items = [
        price_item(change, places[change.step.endpoint_id])
        for change in prices
        if change.step.endpoint_id in places
    ]
    items += _fact_items(facts, places)
    for kind, listed in ((NEW, new), (GONE, gone)):
        items += [
            Item(kind, one.endpoint_id, places[one.endpoint_id], one.at, one.source_id)
            for one in listed
            if one.endpoint_id in places
        ]
    return items


def classified(since: datetime, until: datetime) -> list[Change]:
    """Published prices that changed, each with its kind. One or two queries."""
    steps = market.price_steps(since=since, until=until)
    crowds = crowded(steps)
    if not crowds:
        return classify(steps, ())
    elsewhere = market.stated_elsewhere(
        {step.endpoint_id for step in crowds}, since=min(step.at for step in crowds)
    )
    return classify(steps, elsewhere)


def price_item(change: Change, place: Place) -> Item:
    step = change.step
    before = step.before
    condition = words.condition_words(Condition.from_key(step.condition))
    label = words.component_label(step.component)
    return Item(
        kind=PRICE if change.kind is Kind.PRICE else change.kind.replace(" ", "-"),
        endpoint_id=step.endpoint_id,
        place=place,
        at=step.at,
        source_id=step.source_id,
        component=step.component,
        label=f"{label}, {condition}" if condition else label,
        was=Money(before.state, before.amount, before.currency, before.unit) if before else Money(),
        becomes=Money(step.value.state, step.value.amount, step.value.currency, step.value.unit),
        percent=change.percent,
    )


def _fact_items(facts: Iterable[FactStep], places: dict[int, Place]) -> Iterator[Item]:
    for fact in facts:
        if fact.endpoint_id not in places:
            continue
        family, _, name = fact.key.partition(".")
        kind = PARAMETERS if name else DATES if fact.key in _DATES else LIMITS
        yield Item(
            kind=kind,
            endpoint_id=fact.endpoint_id,
            place=places[fact.endpoint_id],
            at=fact.at,
            source_id=fact.source_id,
            component=fact.key,
            label=name or _FACTS.get(family, family),
            was_words=_said(fact.before),
            becomes_words=_said(fact.value),
            percent=_percent(fact.before, fact.value),
        )


def _said(value: Any) -> str:
    if value is None:
        return words.NOT_STATED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return words.tokens(value)
    text = str(value)
    return words.short_day(text) if text[:4].isdecimal() else text


def _percent(before: Any, value: Any) -> Decimal | None:
    numbers = all(isinstance(one, int) and not isinstance(one, bool) for one in (before, value))
    return Decimal(100 * (value - before)) / before if numbers and before else None


# -- names ----------------------------------------------------------------------------------------


def to_model(place: Place) -> Link:
    """A hidden model, and an endpoint without one, has no page."""
    if not place.has_page:
        return Link(place.name)
    return Link(place.name, reverse("catalog:model", args=[place.author, place.model]))


def to_provider(place: Place) -> Link:
    return Link(place.provider_name, reverse("catalog:provider", args=[place.provider]))
