"""Recorded snapshots and short ways into them, for the tests of sources."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from providers.facts import ANY, Condition, Offer, Price, Snapshot
from providers.sources import recordings
from providers.sources.registry import SOURCES

NOW = datetime(2026, 11, 20, tzinfo=UTC)

# What may stand anywhere in a broken answer, by the name of what is wrong with it.
JUNK: dict[str, Any] = {
    "null": None,
    "text": "x",
    "empty text": "",
    "true": True,
    "negative": -1,
    "NaN": float("nan"),
    "infinite": float("inf"),
    "huge": 10**30,
    "empty list": [],
    "list": [1],
    "empty object": {},
    "object": {"x": 1},
}

# As much of genai-prices' register of units as its tests need.
GENAI_UNITS = {
    "input_tokens": {
        "per": 1_000_000,
        "price_key": "input_mtok",
        "dimensions": {"family": "tokens", "direction": "input"},
    },
    "output_tokens": {
        "per": 1_000_000,
        "price_key": "output_mtok",
        "dimensions": {"family": "tokens", "direction": "output"},
    },
}


@cache
def snapshot(slug: str) -> Snapshot:
    """What the source's recording states. Parsed once for all tests."""
    recording = recordings.recorded(slug)
    return SOURCES[slug].parse(recording.data, as_of=recording.as_of)


def parsed(slug: str, tree: object) -> Snapshot:
    return SOURCES[slug].parse(json.dumps(tree).encode(), as_of=NOW)


def offer(
    of: Snapshot, provider: str, native_id: str, *, upstream: str = "", kind: str = "chat"
) -> Offer:
    identity = (provider, native_id, kind, upstream)
    return next(one for one in of.offers if one.identity() == identity)


def facts(of: Offer) -> dict[str, Any]:
    return {fact.key: fact.value for fact in of.facts}


def prices(of: Offer, component: str, condition: Condition = ANY) -> list[Price]:
    """Prices of one component under exactly one condition, oldest first."""
    return [
        price for price in of.prices if (price.component, price.condition) == (component, condition)
    ]


def amounts(of: Offer, condition: Condition = ANY) -> dict[str, str]:
    """Component → amount as text, of prices without dates."""
    return {
        str(price.component): str(price.amount)
        for price in of.prices
        if price.condition == condition
    }


def broken(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The tree with one node after another replaced by each piece of junk, named by its place."""
    for what, junk in JUNK.items():
        yield f"{what} at {'/'.join(map(str, path)) or 'the top'}", junk
    if not isinstance(tree, (dict, list)):
        return
    for key, child in tree.items() if isinstance(tree, dict) else enumerate(tree):
        for name, replaced in broken(child, (*path, key)):
            copy: Any = dict(tree) if isinstance(tree, dict) else list(tree)
            copy[key] = replaced
            yield name, copy


def refusals(of: Snapshot) -> dict[str, str]:
    return {refusal.item: refusal.reason for refusal in of.refused}


def spans(of: list[Price]) -> list[tuple[str, datetime | None, datetime | None]]:
    """Amount, start and end of each."""
    return [(str(one.amount), one.effective_from, one.effective_to) for one in of]
