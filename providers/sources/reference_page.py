"""Pages that were read once, by us: what they state, written down in our own fact keys.

The answer is ours: `{"pages": [{"page": "…", "offers": […], "models": […], "providers": […],
"readings": […]}, …]}`. Facts stand under their keys; one whose wording is worth keeping is
`{"value", "stated"}`, and a token limit may be written as the page writes it (`128K`). A model or a
provider gathers its facts from all pages; one fact on two pages is our own mistake, and refused.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from providers.choices import Kind, Unit
from providers.facts import (
    BadFact,
    BadSnapshot,
    Fact,
    ModelStatement,
    Offer,
    Price,
    ProviderStatement,
    Reading,
    Snapshot,
    Subject,
    amount,
    text,
)

from . import answer
from .answer import FactList, Gathering, listing, mapping, read_json
from .base import Client, SourceInfo
from .http import FetchFailed

SOURCE = SourceInfo(
    slug="reference_page",
    name="Reference pages",
    siglum="R",
    licence="facts of public pages, in our words",
    homepage="",
    live=False,
)
_LIMITS = ("context_length", "max_input", "max_output")


def fetch(client: Client) -> bytes:
    raise FetchFailed(f"{SOURCE.slug} was written down by us; there is no address to read")


def parse(data: bytes, *, as_of: datetime | None = None) -> Snapshot:
    """Everything the pages state; a broken statement is refused by name."""
    moment = answer.dated(SOURCE.slug, as_of)
    try:
        pages = [
            mapping(page) for page in listing(mapping(read_json(SOURCE.slug, data)).get("pages"))
        ]
    except BadFact as error:
        raise BadSnapshot(f"{SOURCE.slug}: {error}") from None
    reader = _Reader(moment)
    for page in pages:
        reader.read(page)
    return reader.gathering.snapshot(moment)


class _Reader:
    """Reads page after page into one gathering."""

    def __init__(self, moment: datetime) -> None:
        self.gathering = Gathering(SOURCE.slug)
        self._moment = moment
        self._parts: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
            "offers": self._offer,
            "models": self._model,
            "providers": self._provider,
            "readings": self._reading,
        }

    def read(self, page: Mapping[str, Any]) -> None:
        self.gathering.no_room(page, known={"page", *self._parts})
        for part, take in self._parts.items():
            self._read_part(part, page.get(part, []), take)

    def _read_part(self, part: str, items: Any, take: Callable[[Mapping[str, Any]], None]) -> None:
        try:
            stated = listing(items)
        except BadFact as error:
            self.gathering.refuse(part, error)
            return
        for item in stated:
            try:
                take(mapping(item))
            except BadFact as error:
                self.gathering.refuse(_name(item), error)

    def _offer(self, stated: Mapping[str, Any]) -> None:
        kind = text(stated.get("kind", "chat"))
        if kind not in list(Kind):
            raise BadFact(f"{kind!r} is not a kind of model")
        self.gathering.offer(
            Offer(
                provider=text(stated.get("provider")),
                native_id=text(stated.get("id")),
                operation=Kind(kind),
                facts=_facts("endpoint", stated),
                prices=tuple(_prices(stated)),
            )
        )

    def _model(self, stated: Mapping[str, Any]) -> None:
        models, slug = self.gathering.models, text(stated.get("model"))
        known = models[slug].facts if slug in models else ()
        models[slug] = ModelStatement(slug, known + _facts("model", stated))

    def _provider(self, stated: Mapping[str, Any]) -> None:
        providers, slug = self.gathering.providers, text(stated.get("provider"))
        known = providers[slug].facts if slug in providers else ()
        providers[slug] = ProviderStatement(slug, known + _facts("provider", stated))

    def _reading(self, stated: Mapping[str, Any]) -> None:
        self.gathering.readings.append(
            Reading(
                metric=text(stated.get("metric")),
                statistic=text(stated.get("statistic")),
                value=amount(stated.get("value")),
                unit=text(stated.get("unit")),
                at=self._moment,
                model=text(stated.get("model")),
            )
        )


def _name(item: object) -> str:
    """The id of a statement, else the provider or model it is about."""
    if isinstance(item, dict):
        return str(item.get("id") or item.get("model") or item.get("provider"))
    return str(item)


def _facts(subject: Subject, stated: Mapping[str, Any]) -> tuple[Fact, ...]:
    facts = FactList(subject)
    for key, value in mapping(stated.get("facts") or {}).items():
        if isinstance(value, dict):
            facts.add(key, value.get("value"), stated=text(value.get("stated")))
        elif key in _LIMITS:
            facts.add_number(key, value)
        else:
            facts.add(key, value)
    for name in listing(stated.get("parameters") or []):
        facts.add(f"parameter.{text(name)}", True)
    return facts.freeze()


def _prices(stated: Mapping[str, Any]) -> Iterator[Price]:
    """USD per 1M tokens, by component."""
    for component, value in mapping(stated.get("prices") or {}).items():
        yield Price(component, amount(value), unit=Unit.MILLION_TOKENS)
