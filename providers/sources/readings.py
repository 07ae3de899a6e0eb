"""Uptime and speed as gateways publish them beside an endpoint.

`{"uptime_last_1d": 99.98, "latency_last_1h": {"p50": 814, "p95": 1673.7}, …}`: a percentage, the
milliseconds to the first token, output tokens per second. A gateway counts what went through it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from providers.facts import MAX_SLUG, BadFact, Offer, Reading, text

from .answer import Gathering, mapping, money

# No first token arrives sooner than in so many milliseconds, none later than in so many seconds.
_MS_OR_SECONDS = 50
_PLACES = 6  # all that the column keeps
_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Window:
    """A key of the answer, and the time it speaks of."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Published:
    """Under which keys a gateway publishes what."""

    uptimes: tuple[Window, ...]
    ttft: Window
    throughput: Window

    def names(self) -> set[str]:
        return {window.key for window in (*self.uptimes, self.ttft, self.throughput)}

    def readings(
        self, stated: Mapping[str, Any], offer: Offer, at: datetime, gathering: Gathering
    ) -> Iterator[Reading]:
        """Every figure of one endpoint; one that cannot be read is refused by name."""
        for metric, unit, windows in (
            ("uptime", "%", self.uptimes),
            ("ttft", "ms", (self.ttft,)),
            ("throughput", "tokens/s", (self.throughput,)),
        ):
            for window in windows:
                try:
                    figures = _figures(metric, stated.get(window.key))
                except BadFact as error:
                    gathering.refuse(f"{offer.native_id} at {offer.upstream}, {window.key}", error)
                    continue
                for statistic, value in figures.items():
                    yield Reading(
                        metric, statistic, value, unit, at, window.words, offer=offer.identity()
                    )


def _figures(metric: str, stated: Any) -> dict[str, Decimal]:
    """Statistic → value; nothing where the gateway has seen too little."""
    if stated is None:
        return {}
    if metric == "uptime":
        value = _measured(stated)
        if value > 100:
            raise BadFact(f"an uptime of {value} %")
        return {"latest": value}
    figures = {
        text(name, longest=MAX_SLUG): _measured(value)
        for name, value in mapping(stated).items()
        if value is not None
    }
    if metric == "ttft" and figures and min(figures.values()) < _MS_OR_SECONDS:
        # The schema says milliseconds, its example 0.25; consumers read both. A whole set of at
        # least 50 can only be milliseconds.
        raise BadFact(f"{min(figures.values())} may be seconds or milliseconds")
    return figures


def _measured(stated: Any) -> Decimal:
    value = money(stated)
    if not 0 <= value <= _MOST:
        raise BadFact(f"{value} is no figure of speed or uptime")
    return round(value, _PLACES)
