"""Reading an answer: JSON that cannot hurt us, and what one parse collects on the way."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from providers import roster
from providers.facts import (
    BadFact,
    BadSnapshot,
    Fact,
    ModelStatement,
    Offer,
    ProviderStatement,
    Reading,
    Refusal,
    Snapshot,
    Subject,
    amount,
    fact_type,
    precise,
)

# Turning 1e999999999 into a whole number would take all memory; nothing we keep is near 1e40.
_MAX_EXPONENT = 40
_INFINITE = Decimal("Infinity")

# The order of modalities means nothing; written in one order, equal statements are equal.
_MODALITIES = ("text", "image", "pdf", "audio", "video")


def read_json(source: str, data: bytes) -> Any:
    """The decoded answer, fractions as `Decimal`.

    NaN, Infinity and absurd exponents come out as numbers that no fact accepts, so only their item
    is refused. What is not JSON at all raises `BadSnapshot`.
    """
    try:
        return json.loads(data, parse_float=_number, parse_constant=Decimal)
    except RecursionError:
        raise BadSnapshot(f"{source}: nested too deeply to be an answer") from None
    except ValueError as error:
        raise BadSnapshot(f"{source}: not JSON: {error}") from None


def _number(written: str) -> Decimal:
    try:
        number = Decimal(written)
    except InvalidOperation:
        return _INFINITE
    return number if abs(number.adjusted()) <= _MAX_EXPONENT else _INFINITE


def dated(source: str, as_of: datetime | None) -> datetime:
    """The date of an answer that carries none itself: its reader has to know it."""
    if as_of is None:
        raise BadSnapshot(f"{source}: the answer carries no date; give as_of")
    return as_of


def mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadFact(f"expected an object, got {type(value).__name__}")
    return value


def listing(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise BadFact(f"expected a list, got {type(value).__name__}")
    return value


def money(value: object) -> Decimal:
    """A stated price with all its digits, whatever its sign."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise BadFact(f"expected a price, got {type(value).__name__}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadFact(f"{value!r} is not a price; write a number like 0.00000015") from None
    if not number.is_finite() or abs(number.adjusted()) > _MAX_EXPONENT:
        raise BadFact(f"{value!r} is not a price; write a finite number")
    return number


def scaled(value: object, factor: int) -> Decimal:
    """A price per one as the price per `factor`: multiplied before the last digits are dropped.

    0.00000015719 USD per token is 0.15719 per million, but 0.0000001572 within the places kept.
    """
    return amount(money(value) * factor)


def _readable(value: object) -> str:
    """Text that any database keeps: what it refuses (NUL, half a character) is written out."""
    return str(value).encode("utf-8", "backslashreplace").decode().replace("\x00", "\\x00")


def seller_of_broken(source: str, their_id: object) -> str:
    """Our slug of a provider with something broken in it; empty when its name is broken too."""
    try:
        return roster.canonical(source, their_id) if isinstance(their_id, str) else ""
    except BadFact:
        return ""


MOST_WRITTEN = 300  # characters of a price that is refused


def as_written(value: object) -> str:
    """What an answer says there, as text for people."""
    said = json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) <= MOST_WRITTEN else said[:MOST_WRITTEN] + "…"


class FactList:
    """Facts of one subject, each brought into the form its room keeps. None is not a fact."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._facts: dict[str, Fact] = {}

    def add(self, key: str, value: object, *, stated: str = "") -> None:
        """Keeps a value; raises `BadFact`, naming the key, when there is no room for it."""
        if value is None:
            return
        room = fact_type(self._subject, key)
        if room is None:
            raise BadFact(f"no room for {key!r}")
        try:
            checked = room.check(value)
        except BadFact as error:
            raise BadFact(f"{key}: {error}") from None
        if key.endswith("_modalities"):
            checked.sort(key=_place)
        self._facts[key] = Fact(key, checked, stated)

    def add_number(self, key: str, written: object) -> None:
        """Keeps a number; one in words of its own (`16.38K`) with its wording."""
        if isinstance(written, str):
            self.add(key, precise(written).value, stated=written)
        else:
            self.add(key, written)

    def freeze(self) -> tuple[Fact, ...]:
        return tuple(self._facts.values())


def _place(modality: str) -> tuple[int, str]:
    known = modality in _MODALITIES
    return (_MODALITIES.index(modality) if known else len(_MODALITIES), modality)


@dataclass(slots=True)
class Gathering:
    """What one parse has read so far; `snapshot` freezes it."""

    source: str
    covers: set[str] = field(default_factory=set)
    covers_ids: set[tuple[str, str]] = field(default_factory=set)
    unreadable: set[tuple[str, str]] = field(default_factory=set)
    offers: dict[tuple[str, str, str, str], Offer] = field(default_factory=dict)
    providers: dict[str, ProviderStatement] = field(default_factory=dict)
    models: dict[str, ModelStatement] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    without_room: Counter[str] = field(default_factory=Counter)

    def offer(self, offer: Offer) -> None:
        """Keeps an offer of a provider whose whole listing this is."""
        self.offer_of_part(offer)
        self.covers.add(offer.provider)

    def offer_of_part(self, offer: Offer) -> None:
        """Keeps an offer from an answer about a few ids of a provider."""
        if offer.identity() in self.offers:
            raise BadFact("stated twice in one answer")
        self.offers[offer.identity()] = offer

    def provider(self, statement: ProviderStatement) -> None:
        """Keeps the first statement of a provider that a source names in several ways."""
        self.providers.setdefault(statement.provider, statement)

    def refuse_broken(
        self, item: object, reason: object, provider: str, native_id: str = ""
    ) -> None:
        """Refuses what cannot be read; what was stated of it before is not ended by that."""
        self.refuse(item, reason)
        self.unreadable.add((provider, native_id))

    def refuse(self, item: object, reason: object) -> None:
        # An item may be of any type when an answer is broken; its name must still be readable.
        self.refused.append(Refusal(_readable(item)[:200], _readable(reason)))

    def no_room(self, keys: Iterable[str], *, known: Iterable[str] = (), prefix: str = "") -> None:
        """Counts keys that the site has no place for."""
        self.without_room.update(prefix + _readable(key) for key in set(keys).difference(known))

    def snapshot(self, as_of: datetime, version: str = "") -> Snapshot:
        return Snapshot(
            source=self.source,
            as_of=as_of,
            version=version,
            covers=frozenset(self.covers),
            covers_ids=frozenset(self.covers_ids),
            unreadable=frozenset(self.unreadable),
            offers=tuple(self.offers.values()),
            providers=tuple(self.providers.values()),
            models=tuple(self.models.values()),
            readings=tuple(self.readings),
            refused=tuple(self.refused),
            without_room=dict(sorted(self.without_room.items())),
        )
