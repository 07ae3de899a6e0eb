"""LiteLLM's price map: one flat object, key → entry, kept by the LiteLLM project.

`litellm_keys.py` tells which endpoint a key names, `litellm_costs.py` what its cost fields charge
for, `litellm_facts.py` what the other fields say.

Several keys may mean one endpoint (with a region, with an image size, with and without the
provider): they are laid together, the plainest first. Where two of them contradict each other the
first is kept and the second refused by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from providers import roster
from providers.choices import Kind
from providers.facts import (
    EVERYTHING,
    BadFact,
    BadSnapshot,
    Condition,
    Fact,
    Offer,
    Price,
    Snapshot,
)

from .answer import Gathering, dated, mapping, read_json
from .base import Client, Package, SourceInfo
from .kinds import kind_of
from .litellm_costs import CostReader
from .litellm_facts import read_facts
from .litellm_keys import Key, read_key, refusal

SOURCE = SourceInfo(
    slug="litellm",
    name="LiteLLM",
    siglum="L",
    licence="MIT",
    homepage="https://github.com/BerriAI/litellm",
)
FILE = "model_prices_and_context_window_backup.json"
ADDRESS = (
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
)
PACKAGE = Package(
    kind="pypi",
    name="litellm",
    version="1.109.1",
    what="the price map that the package falls back to when it is offline",
    as_of=datetime(2026, 11, 12, tzinfo=UTC),
)

KINDS = {
    "chat": Kind.CHAT,
    "completion": Kind.CHAT,
    "responses": Kind.CHAT,
    "realtime": Kind.CHAT,
    "embedding": Kind.EMBEDDING,
    "image_generation": Kind.IMAGE,
    "image_edit": Kind.IMAGE,
    "audio_speech": Kind.SPEECH,
    "audio_transcription": Kind.TRANSCRIPTION,
    "video_generation": Kind.VIDEO,
    "rerank": Kind.RERANK,
    "moderation": Kind.MODERATION,
    "ocr": Kind.OCR,
}
REFUSED_MODES = {
    "search": "a web search service, not a model",
    "guardrail": "a guardrail, not a model",
    "vector_store": "a vector store, not a model",
    "evaluation": "answers decisions, not prompts: a kind of service this site does not list",
    "decisions": "answers decisions, not prompts: a kind of service this site does not list",
    "extraction": "extracts fields from documents: a kind of service this site does not list",
}


def fetch(client: Client) -> bytes:
    return client.get(ADDRESS)


def extract(folder: Path) -> bytes:
    return (folder / "litellm" / FILE).read_bytes()


# -- the answer -----------------------------------------------------------------------------------

_Slot = tuple[str, Condition]  # component and condition


@dataclass(frozen=True, slots=True)
class _Item:
    """One entry under one key."""

    name: str
    key: Key
    kind: Kind
    entry: Mapping[str, Any]

    def plainness(self) -> tuple[int, int]:
        """Entries without region, size or provider in their key come first."""
        condition = self.key.condition
        return len(condition.named) + bool(condition.region), self.name.count("/")


def parse(data: bytes, *, as_of: datetime | None = None) -> Snapshot:
    """Every endpoint of the map; a broken entry is refused by name."""
    gathering = Gathering(SOURCE.slug)
    try:
        entries = mapping(read_json(SOURCE.slug, data))
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    if not entries:
        raise BadSnapshot(f"{SOURCE.slug}: an answer without entries")
    gathering.covers.add(EVERYTHING)
    together: dict[tuple[str, str, Kind], list[_Item]] = {}
    for name, stated in entries.items():
        try:
            item = _item(name, mapping(stated))
        except BadFact as error:
            gathering.refuse(name, error)
        else:
            together.setdefault((item.key.provider, item.key.native_id, item.kind), []).append(item)
    for items in together.values():
        _read_endpoint(sorted(items, key=_Item.plainness), gathering)
    return gathering.snapshot(dated(SOURCE.slug, as_of))


def _item(name: str, entry: Mapping[str, Any]) -> _Item:
    their_provider = entry.get("litellm_provider")
    reason = refusal(name, entry) or roster.refusal(SOURCE.slug, str(their_provider))
    mode = entry.get("mode")
    reason = reason or REFUSED_MODES.get(str(mode))
    if reason:
        raise BadFact(reason)
    if not isinstance(their_provider, str):
        raise BadFact("no provider")
    kind = KINDS.get(str(mode)) if mode is not None else kind_of(name)
    if kind is None:
        raise BadFact(f"mode {mode!r} is none we know")
    return _Item(name, read_key(name, their_provider, kind, str(mode)), kind, entry)


def _read_endpoint(items: list[_Item], gathering: Gathering) -> None:
    """Lays the entries of one endpoint together, the first word on each thing winning."""
    facts: dict[str, Fact] = {}
    prices: dict[_Slot, Price] = {}
    taken: list[_Item] = []
    for item in items:
        try:
            stated, said = (
                _prices(item, gathering),
                read_facts(item.name, item.entry, item.kind, gathering),
            )
        except BadFact as error:
            gathering.refuse_broken(item.name, error, item.key.provider, item.key.native_id)
            continue
        if clashes := [words for price in stated if (words := _clash(price, prices))]:
            gathering.refuse(item.name, f"not as {taken[0].name} says: {', '.join(clashes)}")
        for price in stated:
            prices.setdefault((price.component, price.condition), price)
        for fact in said:
            facts.setdefault(fact.key, fact)
        taken.append(item)
    if taken:
        _keep(taken[0], tuple(facts.values()), tuple(prices.values()), gathering)


def _clash(price: Price, prices: Mapping[_Slot, Price]) -> str:
    """In words, where a price is not what was stated before; else empty."""
    before = prices.get((price.component, price.condition), price)
    if before.value() == price.value():
        return ""
    return f"{price.component} {price.amount} instead of {before.amount}"


def _keep(
    item: _Item, facts: tuple[Fact, ...], prices: tuple[Price, ...], gathering: Gathering
) -> None:
    key = item.key
    try:
        if not facts and not prices:
            raise BadFact("states nothing that can be kept")
        gathering.offer(Offer(key.provider, key.native_id, item.kind, facts=facts, prices=prices))
    except BadFact as error:
        gathering.refuse_broken(item.name, error, key.provider, key.native_id)


def _prices(item: _Item, gathering: Gathering) -> tuple[Price, ...]:
    key = item.key
    reader = CostReader(key.provider, key.native_id, item.kind, key.condition, gathering)
    return reader.read(item.entry)
