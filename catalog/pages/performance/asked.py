"""What the address of a page of measurements asks for; nonsense counts as nothing asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from catalog.pages.links import Link
from catalog.queries.statistics import (
    LAST_DAY,
    LAST_MONTH,
    LAST_WEEK,
    NINETY_DAYS,
    NINETY_HOURS,
    Window,
)
from providers.stats.definitions import WAYS

OVER = {window.key: window for window in (LAST_DAY, LAST_WEEK, LAST_MONTH)}
UPTIME = {window.key: window for window in (NINETY_HOURS, LAST_MONTH, NINETY_DAYS)}


@dataclass(frozen=True, slots=True)
class Switch:
    """A choice of the page: its links, the one in force without an address."""

    label: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """An inlet, the window of figures and that of bars. `by` empty: the first that has any."""

    by: str = ""
    over: Window = LAST_DAY
    uptime: Window = NINETY_HOURS

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Asked":
        by = query.get("by", "")
        return cls(
            by if by in WAYS else "",
            OVER.get(query.get("over", ""), LAST_DAY),
            UPTIME.get(query.get("uptime", ""), NINETY_HOURS),
        )

    def query(self) -> str:
        """As an address asks for it, without what goes without saying; empty or with its `?`."""
        said = {
            "by": self.by,
            "over": self.over.key if self.over != LAST_DAY else "",
            "uptime": self.uptime.key if self.uptime != NINETY_HOURS else "",
        }
        told = urlencode({name: value for name, value in said.items() if value})
        return f"?{told}" if told else ""

    def among(self, inlets: Collection[str]) -> "Asked":
        """With an inlet that has figures, probes first; as asked where that has some."""
        if self.by in inlets:
            return self
        return replace(self, by=first_of(inlets))


def first_of(inlets: Collection[str]) -> str:
    """The inlet whose figures go first: our own instrument before the traffic of others."""
    return next((inlet.value for inlet in WAYS if inlet in inlets), "")


def switches(asked: Asked, inlets: Collection[str], here: str) -> tuple[Switch, ...]:
    """Links to the same page with one thing changed; a choice of one is none."""
    ways = [(asked.by == inlet, way.label, replace(asked, by=inlet.value))
            for inlet, way in WAYS.items() if inlet in inlets]  # fmt: skip
    overs = [(asked.over == one, one.label, replace(asked, over=one)) for one in OVER.values()]
    bars = [(asked.uptime == one, one.label, replace(asked, uptime=one)) for one in UPTIME.values()]
    return tuple(
        Switch(
            label,
            tuple(
                Link(text, "" if current else f"{here}{to.query()}") for current, text, to in links
            ),
        )
        for label, links in (("Measured by", ways), ("Figures of", overs), ("Bars of", bars))
    )
