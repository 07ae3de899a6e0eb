"""Everything read about one subject: an endpoint, a model or a provider, and who speaks of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from catalog.models import AIModel
from catalog.pages import links
from catalog.pages.disagreement.notes import About, Noted, noted, of_endpoint
from catalog.pages.links import Link
from catalog.pages.model.lines import route_name, variant_of
from catalog.pages.signs import Signs
from catalog.pages.stated.asked import Asked
from catalog.queries import model as model_queries
from catalog.queries import provenance as queries
from catalog.queries import provider_detail as provider_queries
from catalog.queries.chrome import EditionLine
from catalog.queries.model import Sold
from providers import queries as market
from providers.disagreement import Known
from providers.disputes import Subject, both_right
from providers.facts import ENDPOINT_FACTS, MODEL_FACTS, PROVIDER_FACTS
from providers.models import Endpoint
from providers.queries import ClaimRow, PriceRow

# What a provider states once for all its endpoints.
INHERITED = (PROVIDER_FACTS.keys() & ENDPOINT_FACTS.keys()) - {"name"}
# Stands in for a model's context where nobody states one: see the folding of models.
STAND_IN = "max_input"
REPLACEMENT = "replacement"


@dataclass(frozen=True, slots=True)
class Voice:
    """One claim. `about`: what it was stated of, where that is not the subject itself."""

    claim: ClaimRow
    subject: Subject
    provider: str  # whose readings confirm it; empty: a model at large
    about: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """A subject with all that is said of it. `published`: fact key → claim behind it."""

    subject: Subject
    name: str
    called: str  # the id, path or slug that programs call it
    page: Link  # where its values are drawn
    voices: tuple[Voice, ...]
    published: Mapping[str, int]
    noted: Noted
    signs: Signs
    # Every price that began by now, ended ones too; none where a single fact is asked for.
    ledger: tuple[PriceRow, ...] = ()
    edition: EditionLine | None = None  # where it was read along
    price_list: str = ""  # the provider's own page of prices, where one is stated

    def about(self, key: str, condition: str = "") -> list[Voice]:
        """Who speaks of one fact under one condition."""
        return [
            voice
            for voice in self.voices
            if voice.claim.key == key and voice.claim.condition == condition
        ]

    def voice(self, claim: int) -> Voice | None:
        return next((voice for voice in self.voices if voice.claim.id == claim), None)


def read(asked: Asked, *, now: datetime, past: datetime | None) -> Matter | None:
    """What is said of the subject, as of `past` if that is given; None: there is no such subject.

    Five queries at most.
    """
    kind, name = asked.subject
    if kind == "endpoint":
        return _endpoint(asked, now, past)
    if kind == "provider":
        return _provider(str(name), now, past)
    return _model(str(name), asked.key, now, past)


def _endpoint(asked: Asked, now: datetime, past: datetime | None) -> Matter | None:
    pk = int(asked.subject.id)
    endpoint = queries.find_endpoint(pk)
    if endpoint is None:
        return None
    provider, signs = endpoint.provider, Signs(market.sources(when=past), now)
    subject = Subject("endpoint", pk)
    claims = market.claims_about(endpoints=[pk], providers=[provider.pk], models=[], when=past)
    own = _shown(claims.endpoints.get(pk, []), endpoint)
    stated = {claim.key for claim in own}
    inherited = [
        claim
        for claim in claims.providers.get(provider.pk, [])
        if claim.key in INHERITED and claim.key not in stated
    ]
    of_provider = Subject("provider", provider.pk)
    name = route_name(endpoint)
    model = links.model_of(endpoint)
    to_model = links.to_model(model).href if model else ""
    return Matter(
        subject=subject,
        name=name,
        called=endpoint.native_id,
        page=Link(model.name, f"{to_model}?endpoint={pk}#sheet")
        if model and to_model
        else links.to_provider(provider),
        voices=(
            *_voices(own, subject, provider.slug),
            *_voices(inherited, of_provider, provider.slug, f"{provider.name}, all it sells"),
        ),
        published=_claims({key: provider.provenance.get(key) for key in INHERITED})
        | _claims(endpoint.provenance),
        noted=noted([of_endpoint(endpoint, name, own, both_right(endpoints=[pk]))], signs),
        signs=signs,
        ledger=tuple(market.prices_until([pk], when=now).get(pk, ()))
        if asked.is_price or not asked.key
        else (),
        price_list=endpoint.pricing_url or provider.pricing_url or "",
    )


def _provider(slug: str, now: datetime, past: datetime | None) -> Matter | None:
    provider = provider_queries.find_provider(slug)
    if provider is None:
        return None
    signs = Signs(market.sources(when=past), now)
    subject = Subject("provider", provider.pk)
    about = market.claims_about(endpoints=[], providers=[provider.pk], models=[])
    claims = about.providers.get(provider.pk, [])
    right = both_right(endpoints=[], providers=[provider.pk])
    known = Known(both_right=right.get(subject, frozenset()))
    return Matter(
        subject=subject,
        name=provider.name,
        called=slug,
        page=links.to_provider(provider),
        voices=_voices(claims, subject, slug),
        published=_claims(provider.provenance),
        noted=noted([About(subject, provider.name, slug, claims, known)], signs),
        signs=signs,
    )


def _model(path: str, key: str, now: datetime, past: datetime | None) -> Matter | None:
    """Its own claims, those about its author's endpoints, and whichever is published."""
    found = model_queries.find_model(path)
    if found is None:
        return None
    model = found.model
    signs = Signs(market.sources(when=past), now)
    subject = Subject("model", path)
    sold = model_queries.endpoints_of(model)
    claims = market.claims_about(
        endpoints=[one.endpoint.pk for one in sold],
        providers=[],
        models=[path],
        keys=[*MODEL_FACTS, STAND_IN] if not key else [key, STAND_IN],
    )
    published = _claims(model.provenance)
    own = _shown(claims.models.get(path, []), model)
    voices = _voices(own, subject, "")
    said: list[ClaimRow] = []
    for one in sold:
        of_it = _shown(claims.endpoints.get(one.endpoint.pk, []), one.endpoint)
        by_author = one.by_author and not variant_of(one)
        said += [claim for claim in of_it if by_author and claim.key in MODEL_FACTS]
        voices += _of_seller(one, of_it, set(published.values()), by_author=by_author)
    right = both_right(endpoints=[], models=[path]).get(subject, frozenset())
    return Matter(
        subject=subject,
        name=model.name,
        called=path,
        page=Link(model.name, reverse("catalog:model", args=path.split("/", 1))),
        voices=voices,
        published=published,
        noted=noted(
            [About(subject, model.name, "", [*own, *said], Known(both_right=right))], signs
        ),
        signs=signs,
        edition=found.edition,
    )


def _of_seller(
    sold: Sold, claims: Iterable[ClaimRow], published: set[int], *, by_author: bool
) -> tuple[Voice, ...]:
    """What of an endpoint's claims speaks for its model."""
    heard = [
        claim
        for claim in claims
        if claim.id in published or (by_author and claim.key in MODEL_FACTS)
    ]
    endpoint = sold.endpoint
    subject = Subject("endpoint", endpoint.pk)
    return _voices(heard, subject, endpoint.provider.slug, route_name(endpoint))


def _voices(
    claims: Iterable[ClaimRow], subject: Subject, provider: str, about: str = ""
) -> tuple[Voice, ...]:
    return tuple(Voice(claim, subject, provider, about) for claim in claims)


def _shown(claims: Sequence[ClaimRow], row: AIModel | Endpoint) -> list[ClaimRow]:
    """Without replacements that pages do not show: they may name a model that nobody may see."""
    published = row.provenance.get(REPLACEMENT) if row.replacement else None
    said = [claim.value for claim in claims if claim.id == published]
    return [claim for claim in claims if claim.key != REPLACEMENT or claim.value in said]


def _claims(provenance: Mapping[str, object]) -> dict[str, int]:
    return {key: claim for key, claim in provenance.items() if isinstance(claim, int)}
