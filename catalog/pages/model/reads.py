"""Everything read for one model page, and who stands behind each value of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from catalog.models import AIModel, Parameter, Score
from catalog.pages.exchange import NONE_NEEDED, Exchange
from catalog.pages.model.live import NEVER, Live
from catalog.pages.parts import Dispute, Mark
from catalog.pages.signs import Signs
from catalog.queries.model import RelatedRow, Sold, TagRow
from providers.disputes import Subject
from providers.models import Endpoint, Provider, Reading
from providers.queries import ClaimRow, PriceRow
from providers.trust import EDITOR

Slots = dict[tuple[str, str], list[ClaimRow]]


class Voices:
    """Live claims, looked up by id and by the fact they are rivals about."""

    def __init__(
        self,
        endpoints: Mapping[int, Iterable[ClaimRow]],
        others: Iterable[Iterable[ClaimRow]] = (),
    ) -> None:
        """`endpoints`: claims by endpoint id; `others`: claims of one further subject each."""
        self._by_id: dict[int, ClaimRow] = {}
        self._peers: dict[int, list[ClaimRow]] = {}
        self._endpoints: dict[int, Slots] = {pk: self._enter(of) for pk, of in endpoints.items()}
        for claims in others:
            self._enter(claims)

    def _enter(self, claims: Iterable[ClaimRow]) -> Slots:
        slots: Slots = {}
        for claim in claims:
            peers = slots.setdefault((claim.key, claim.condition), [])
            peers.append(claim)
            self._by_id[claim.id] = claim
            self._peers[claim.id] = peers
        return slots

    def claim(self, pk: int) -> ClaimRow | None:
        return self._by_id.get(pk)

    def behind(self, provenance: Mapping[str, Any], key: str) -> ClaimRow | None:
        """The claim that is published as a fact; None when its source dropped it since."""
        return self._by_id.get(provenance.get(key, 0))

    def rivals(self, endpoint_id: int, key: str, condition: str = "") -> list[ClaimRow]:
        """What each source states of one fact of an endpoint."""
        return self._endpoints.get(endpoint_id, {}).get((key, condition), [])

    def sources(self, endpoint_id: int) -> set[int]:
        """Every source that states anything about an endpoint."""
        slots = self._endpoints.get(endpoint_id, {})
        return {claim.source_id for peers in slots.values() for claim in peers}

    def everybody(self) -> set[int]:
        """Every source that is heard here at all."""
        return {claim.source_id for claim in self._by_id.values()}

    def agreeing(self, claim: ClaimRow) -> tuple[int, ...]:
        """Sources that state the same value, the published one first."""
        same = [peer.source_id for peer in self._peers[claim.id] if peer.value == claim.value]
        return tuple(dict.fromkeys([claim.source_id, *same]))

    def price_sources(
        self, endpoint_id: int, components: Iterable[str], condition: str
    ) -> set[int]:
        """Sources that state a price of one of the components under the condition."""
        return {
            claim.source_id
            for component in components
            for claim in self.rivals(endpoint_id, f"price.{component}", condition)
        }


@dataclass(frozen=True, slots=True)
class Reads:
    """What `build` read of the database; the parts of the page are functions of it."""

    model: AIModel
    path: str
    tags: tuple[TagRow, ...]
    sold: tuple[Sold, ...]
    prices: Mapping[int, list[PriceRow]]
    claims: Mapping[int, list[ClaimRow]]  # by endpoint
    model_claims: tuple[ClaimRow, ...]
    voices: Voices
    signs: Signs
    readings: tuple[Reading, ...]
    scores: tuple[Score, ...]
    related: tuple[RelatedRow, ...]
    parameters: Mapping[str, Parameter]
    now: datetime
    # Every price that began by now, ended ones too, by endpoint.
    ledger: Mapping[int, list[PriceRow]] = field(default_factory=dict)
    # What editors found right on both sides: digests of the differences, by subject.
    both_right: Mapping[Subject, frozenset[str]] = field(default_factory=dict)
    # (endpoint id or path of the model, fact key, condition) → its note; see disputes.py.
    disputes: Mapping[tuple[int | str, str, str], Dispute] = field(default_factory=dict)
    exchange: Exchange = NONE_NEEDED
    live: Live = NEVER

    @property
    def today(self) -> date:
        return self.now.date()

    def on_sale(self) -> tuple[Sold, ...]:
        return tuple(sold for sold in self.sold if not self.is_former(sold.endpoint))

    def former(self) -> tuple[Sold, ...]:
        return tuple(sold for sold in self.sold if self.is_former(sold.endpoint))

    def is_former(self, endpoint: Endpoint) -> bool:
        """No longer sold: every source dropped it, or its retirement day has come."""
        is_gone = endpoint.gone_since is not None and endpoint.gone_since <= self.now
        return is_gone or endpoint.is_retired(on=self.today)

    def used_sources(self) -> set[int]:
        """Every source that states something of the model, its endpoints or their sellers."""
        return self.voices.everybody() | {reading.source_id for reading in self.readings}

    def is_edited(self) -> bool:
        """Whether an editor of this site states something of the page."""
        return any(self.signs.sources[source].slug == EDITOR for source in self.used_sources())

    # -- who says so ------------------------------------------------------------------------------

    def marks(self, endpoint: Endpoint, key: str) -> tuple[Mark, ...]:
        """Signs of the sources that state an endpoint's fact as published."""
        claim = self.voices.behind(endpoint.provenance, key)
        return self._marks(claim, endpoint.provider.slug)

    def model_marks(self, key: str) -> tuple[Mark, ...]:
        """Signs behind a fact of the model; its claim may be about one of its endpoints."""
        claim = self.voices.behind(self.model.provenance, key)
        return self._marks(claim, self._provider_of(claim)) if claim else ()

    def provider_marks(self, provider: Provider, key: str) -> tuple[Mark, ...]:
        """Signs behind a fact that a provider's endpoints inherit."""
        return self._marks(self.voices.behind(provider.provenance, key), provider.slug)

    def dispute(self, subject: int | str, key: str, condition: str = "") -> Dispute | None:
        """The note on which sources differ about a fact, where they do."""
        return self.disputes.get((subject, key, condition))

    def confirmations(
        self, sources: Iterable[int], provider: str
    ) -> tuple[tuple[Mark, ...], datetime | None]:
        """Signs of the sources, the freshest first, and when one last confirmed the provider."""
        dated = {source: self.signs.confirmed(source, provider) for source in sources}

        def age(source: int) -> tuple[float, int]:
            confirmed = dated[source]
            return (-confirmed.timestamp() if confirmed else 0.0, source)

        latest = max((at for at in dated.values() if at), default=None)
        return self.signs.marks(sorted(dated, key=age), provider), latest

    def stated(self, endpoint: Endpoint, key: str) -> str:
        """A published value as its source rounds it (`16.38K`); empty when it does not."""
        claim = self.voices.behind(endpoint.provenance, key)
        return claim.stated if claim else ""

    def _marks(self, claim: ClaimRow | None, provider: str) -> tuple[Mark, ...]:
        return self.signs.marks(self.voices.agreeing(claim), provider) if claim else ()

    def _provider_of(self, claim: ClaimRow) -> str:
        for sold in self.sold:
            if sold.endpoint.pk == claim.subject:
                return sold.endpoint.provider.slug
        return ""
