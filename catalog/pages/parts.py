"""Values as every page draws them: with their state, their sources and their signs."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from providers.choices import State


@dataclass(frozen=True, slots=True)
class Mark:
    """A superscript siglum: who states a value, where that differs from its row."""

    siglum: str
    label: str  # "stated by LiteLLM, 12 November 2026"
    old: bool = False
    editor: bool = False


@dataclass(frozen=True, slots=True)
class Dispute:
    """≠n: sources differ, see note n of the page; grey when the cause is known."""

    number: int
    label: str
    explained: bool


@dataclass(frozen=True, slots=True)
class Money:
    """A price as drawn. `pad`: how many places it lacks for decimals to stand on one point.

    `approx`: what it comes to in dollars where it is not in dollars; `rate`: by which rate.
    """

    state: str = State.UNKNOWN.value
    amount: Decimal | None = None
    currency: str = "USD"
    unit: str = "1M tokens"
    pad: int = 0
    marks: tuple[Mark, ...] = ()
    dispute: Dispute | None = None
    edited: bool = False
    old: bool = False
    best: bool = False
    approx: str = ""
    rate: str = ""
    component: str = field(default="", compare=False)  # which price it is; empty: none of its own


UNKNOWN_MONEY = Money()


@dataclass(frozen=True, slots=True)
class Witness:
    """A source in the foot of a page."""

    siglum: str
    slug: str
    name: str
    version: str
    as_of: datetime | None  # None: editors, who speak for themselves
    licence: str
    old: bool
