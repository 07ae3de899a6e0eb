"""One model: everything anybody states of it, who sells it, and on whose word."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.http import QueryDict
from django.urls import reverse

from catalog.models import Parameter
from catalog.pages import headline as headlines
from catalog.pages.as_of import TODAY, AsOf
from catalog.pages.costs import CostTable
from catalog.pages.disagreement.asked import to_disagreements
from catalog.pages.disagreement.notes import DisputeNote
from catalog.pages.exchange import currencies_of, exchange, kept_exchange
from catalog.pages.keep import Kept
from catalog.pages.links import Link
from catalog.pages.model import figures as figure_parts
from catalog.pages.model.code import Code, code
from catalog.pages.model.disputes import disputes
from catalog.pages.model.entry import (
    Grammar,
    Guide,
    Leaving,
    definition,
    grammar,
    guide,
    red_letter_days,
)
from catalog.pages.model.family import Family, components_for, family
from catalog.pages.model.figures import Basis, Figure
from catalog.pages.model.formerly import FormerOffer, former_offers
from catalog.pages.model.grids import (
    Brief,
    ParameterGrid,
    SetTable,
    capabilities,
    parameters,
    policy,
    protocols,
)
from catalog.pages.model.history import PriceHistory, history
from catalog.pages.model.lines import Seller, sellers
from catalog.pages.model.live import NEVER, Live, live
from catalog.pages.model.measured import Measured, measured
from catalog.pages.model.notes import Note, description, links, notes
from catalog.pages.model.offers import SORTS, table
from catalog.pages.model.reads import Reads, Voices
from catalog.pages.model.routing import Routing, routings
from catalog.pages.model.scores import ScoreRow, score_rows
from catalog.pages.model.sheet import Sheet, sheet
from catalog.pages.model.table import Choice, OfferTable
from catalog.pages.model.workload import costs, has_workload
from catalog.pages.parts import Witness
from catalog.pages.signs import Signs
from catalog.pages.workload_form import PresetLink, preset_links
from catalog.queries import model as queries
from catalog.queries.chrome import EditionLine
from catalog.queries.model import Found, Sold, TagRow
from catalog.workload import Workload
from providers import queries as market
from providers.disputes import both_right

_parameters: Kept[dict[str, Parameter]] = Kept()


@dataclass(frozen=True, slots=True)
class Moved:
    """The path is another name of this model."""

    author: str
    slug: str


@dataclass(frozen=True, slots=True)
class ModelDetailPage:
    """Everything the model page draws, in the order of the page."""

    name: str
    path: str
    kind: str
    guide: Guide
    grammar: Grammar
    tags: tuple[TagRow, ...]
    links: tuple[Link, ...]
    definition: str
    description: str  # sanitised HTML; empty: no editor wrote any
    days: tuple[Leaving, ...]
    figures: tuple[Figure, ...]
    basis: Basis
    offers: OfferTable
    presets: tuple[PresetLink, ...]  # workloads to ask for; none where they do not apply
    costs: CostTable | None  # of the workload asked for, in the place of the offers
    formerly: tuple[FormerOffer, ...]
    sheet: Sheet | None
    code: Code | None
    measured: Measured
    history: PriceHistory | None
    parameters: ParameterGrid
    protocols: SetTable
    capabilities: tuple[Brief, ...]
    policy: SetTable
    notes: tuple[Note, ...]
    notes_on: date | None
    scores: tuple[ScoreRow, ...]
    family: Family
    routings: tuple[Routing, ...]
    sources: tuple[Witness, ...]
    edited: bool
    disputes: tuple[DisputeNote, ...]
    disputed: str  # every disagreement about the model, the explained ones too
    live: Live = NEVER
    endpoint_ids: tuple[int, ...] = ()  # on sale or not
    edition: EditionLine = EditionLine(0, None)
    as_of: AsOf = TODAY

    @property
    def performance_href(self) -> str:
        return reverse("catalog:performance", args=self.path.split("/", 1))

    @property
    def contents(self) -> tuple[Link, ...]:
        """The blocks that the page has, by anchor."""
        blocks = (
            ("providers", "Providers", True),
            ("sheet", "Endpoint sheet", self.sheet),
            ("routing", "Routing", self.routings),
            ("code", "Code", self.code),
            ("protocols", "Protocols", self.protocols.rows),
            ("policy", "Data policy", self.policy.rows),
            ("capabilities", "Capabilities", self.capabilities),
            ("measured", "Measured", True),
            ("history", "Price history", self.history),
            ("parameters", "Parameters", self.parameters.rows),
            ("notes", "Editors’ notes", self.notes),
            ("benchmarks", "Benchmarks", self.scores),
            ("family", "Family", self.family.similar or self.family.more),
            ("sources", "Sources", True),
            ("disagreements", "Where sources disagree", self.disputes),
        )
        return tuple(Link(label, anchor) for anchor, label, drawn in blocks if drawn)


def build(
    path: str, query: QueryDict, *, now: datetime, as_of: AsOf = TODAY
) -> ModelDetailPage | Moved | None:
    """The page of the model at `author/slug`. Nine queries, however many sell it.

    One more where anything was ever measured, or of a day gone by: prices and sellers as they were,
    all else as it is known today. Parameters and rates of exchange are read once an edition, those
    of a day gone by each time.
    """
    found = queries.find_model(path)
    if found is None:
        moved = queries.moved_to(path)
        return Moved(*moved) if moved else None
    reads = _read(found, path, now, as_of.past(now))
    noted = disputes(reads)
    page = _page(replace(reads, disputes=noted.signs), noted.notes, _choice(query, as_of))
    return replace(page, as_of=as_of, edition=found.edition)


def _choice(query: QueryDict, as_of: AsOf) -> Choice:
    """What the address asks for; nonsense counts as nothing asked."""
    sort = query.get("sort", "")
    asked = query.get("endpoint", "")
    return Choice(
        sort if sort in SORTS else "input",
        int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None,
        query.get("code", ""),
        Workload.from_query(query),
        query.get("bill", ""),
        as_of.on.isoformat() if as_of.on else "",
        query.get("history", ""),
    )


def _read(found: Found, path: str, today: datetime, past: datetime | None) -> Reads:
    """`past`: the moment asked for where it is gone by."""
    model, now = found.model, past or today
    sold = queries.endpoints_of(model)
    if past:
        known = market.first_stated([one.endpoint.pk for one in sold])
        sold = [one for one in sold if one.endpoint.pk in known and known[one.endpoint.pk] <= past]
    endpoint_ids = [one.endpoint.pk for one in sold]
    provider_ids = {one.endpoint.provider_id for one in sold}
    claims = market.claims_about(
        endpoints=endpoint_ids, providers=provider_ids, models=[path], when=past
    )
    model_claims = claims.models.get(path, [])
    ledger = market.prices_until(endpoint_ids, when=now)
    prices = {pk: [row for row in rows if row.holds(now)] for pk, rows in ledger.items()}
    currencies = frozenset(currencies_of(prices.values()))
    return Reads(
        model=model,
        path=path,
        tags=found.tags,
        sold=tuple(sold),
        prices=prices,
        claims=claims.endpoints,
        model_claims=tuple(model_claims),
        voices=Voices(claims.endpoints, [*claims.providers.values(), model_claims]),
        signs=Signs(market.sources(when=past), now),
        readings=tuple(queries.readings_of(path, endpoint_ids)),
        scores=tuple(queries.scores_beside(model)),
        related=tuple(queries.related_to(model, components=components_for(model.kind), when=now)),
        parameters=_parameters.get(queries.parameters, edition=found.edition, now=today),
        now=now,
        ledger=ledger,
        both_right=both_right(endpoints=endpoint_ids, models=[path]),
        exchange=exchange(currencies, on=now.date())
        if past
        else kept_exchange(currencies, edition=found.edition, now=now),
        live=Live(any(one.is_measured for one in sold)) if past else live(sold, now=now),
    )


def _page(reads: Reads, noted: tuple[DisputeNote, ...], choice: Choice) -> ModelDetailPage:
    model = reads.model
    sold_by = sellers(reads.on_sale(), reads.prices)
    headline = headlines.headline(figure_parts.cards(reads, sold_by), kind=model.kind)
    offers = table(reads, sold_by, _list_card(reads, sold_by, headline), choice)
    past = history(reads, choice)
    of_sheet = _of_sheet(reads, choice, headline, offers)
    return ModelDetailPage(
        name=model.name,
        path=reads.path,
        kind=model.kind,
        guide=guide(reads),
        grammar=grammar(reads),
        tags=reads.tags,
        links=links(reads),
        definition=model.summary or definition(reads, sold_by),
        description=description(reads),
        days=red_letter_days(reads),
        figures=figure_parts.figures(reads, sold_by, headline),
        basis=figure_parts.basis(reads, sold_by, headline),
        offers=offers,
        presets=preset_links(choice.pairs()) if has_workload(reads) else (),
        costs=costs(reads, sold_by, choice),
        formerly=former_offers(reads),
        sheet=sheet(reads, of_sheet, day=choice.as_of) if of_sheet else None,
        code=code(of_sheet, choice.code) if of_sheet else None,
        measured=measured(reads),
        history=past,
        parameters=parameters(reads, sold_by),
        protocols=protocols(reads, sold_by),
        capabilities=capabilities(reads, sold_by),
        policy=policy(reads, sold_by),
        notes=notes(reads),
        notes_on=model.notes_on,
        scores=score_rows(reads),
        family=family(reads),
        routings=routings(reads, sold_by),
        sources=reads.signs.witnesses(reads.used_sources() | (past.sources() if past else set())),
        edited=reads.is_edited(),
        disputes=noted,
        disputed=to_disagreements(reads.path),
        live=reads.live,
        endpoint_ids=tuple(one.endpoint.pk for one in reads.sold),
    )


def _of_sheet(
    reads: Reads, choice: Choice, headline: headlines.Headline, offers: OfferTable
) -> Sold | None:
    """The endpoint asked for; else the headline's; else the first that is called in most ways."""
    by_id = {sold.endpoint.pk: sold for sold in reads.sold}
    for pk in (choice.endpoint, headline.endpoint):
        if pk in by_id:
            return by_id[pk]
    drawn = [by_id[pk] for pk in offers.endpoints] or list(reads.sold)
    return max(drawn, key=lambda sold: len(code(sold, "").snippets), default=None)


def _list_card(
    reads: Reads, sold_by: tuple[Seller, ...], headline: headlines.Headline
) -> headlines.Card | None:
    """The author's own offer that the headline shows; the others stand against it."""
    if headline.basis != "author":
        return None
    cards = figure_parts.cards(reads, sold_by)
    return next(card for card in cards if card.endpoint == headline.endpoint)
