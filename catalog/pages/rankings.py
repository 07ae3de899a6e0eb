"""Rankings: by use, speed and uptime as measured, and by price for what benchmarks say."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.urls import reverse

from catalog import words
from catalog.models import Score
from catalog.pages import links, model_index
from catalog.pages.links import Link
from catalog.pages.model.lines import route_name
from catalog.pages.performance import figures
from catalog.pages.performance.asked import first_of
from catalog.queries import rankings as queries
from catalog.queries.statistics import Window
from providers.choices import Period
from providers.models import Endpoint
from providers.stats.definitions import QUOTED, RANKED_FROM, WAYS, WEEK_DAYS
from providers.stats.tally import Tally

WEEK = Window("7d", QUOTED["week"], Period.DAY, WEEK_DAYS)
MOST = 20


@dataclass(frozen=True, slots=True)
class Place:
    """One row. `n`: the requests that the figure is of."""

    rank: int
    model: Link
    seller: str  # empty in rankings of models
    figure: str
    n: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """`definition` leads to `/about/metrics/`; no places: nothing was measured enough."""

    key: str
    title: str
    head: str  # of the figure's column
    rule: str
    definition: str
    places: tuple[Place, ...]
    of_endpoints: bool


@dataclass(frozen=True, slots=True)
class ValuePlace:
    """A model by points of a benchmark for each dollar of its lowest confirmed price."""

    rank: int
    model: Link
    score: str
    condition: str
    source: str
    blended: Decimal
    seller: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class ValueRanking:
    """`n`: models scored; `unpriced`: those of them without a sure price."""

    benchmark: str
    others: tuple[Link, ...]
    places: tuple[ValuePlace, ...]
    n: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class RankingsPage:
    way: str  # empty: nothing was measured
    ways: tuple[Link, ...]
    rankings: tuple[Ranking, ...]
    value: ValueRanking | None


def build(query: Mapping[str, str], *, now: datetime) -> RankingsPage:
    """Four queries while the index of models is kept, eleven otherwise."""
    endpoints = queries.measured_endpoints(WEEK, now)
    totals = queries.totals(endpoints, WEEK, now) if endpoints else {}
    inlets = {inlet for of in totals.values() for inlet in of}
    asked = query.get("by", "")
    inlet = asked if asked in inlets else first_of(inlets)
    found = [
        (endpoint, totals[endpoint.pk][inlet])
        for endpoint in endpoints
        if inlet in totals.get(endpoint.pk, {})
    ]
    return RankingsPage(
        way=next((way.label for by, way in WAYS.items() if by == inlet), ""),
        ways=tuple(
            Link(way.label, "" if by == inlet else f"{reverse('catalog:rankings')}?by={by}")
            for by, way in WAYS.items()
            if by in inlets
        ),
        rankings=(*_of_models(found), *_of_endpoints(found)) if found else (),
        value=_value(query.get("benchmark", ""), now),
    )


# -- use, by model --------------------------------------------------------------------------------

Measured = Sequence[tuple[Endpoint, Tally]]


def _of_models(found: Measured) -> tuple[Ranking, Ranking]:
    tokens: Counter[int] = Counter()
    requests: Counter[int] = Counter()
    models: dict[int, Link] = {}
    for endpoint, tally in found:
        model = endpoint.listing.model
        if model is None:
            continue
        models[model.pk] = _to_performance(endpoint)
        requests[model.pk] += tally.requests
        if tally.with_tokens:
            tokens[model.pk] += tally.input_tokens + tally.output_tokens
    told = (
        (
            "tokens",
            "Tokens",
            "Input and output tokens, of the requests that told them.",
            "tokens",
            tokens,
        ),
        ("requests", "Requests", "Every request, however it ended.", "outcomes", requests),
    )
    first, second = (
        Ranking(key, title, title, rule, definition, _counted(counts, requests, models), False)
        for key, title, rule, definition, counts in told
    )
    return first, second


def _counted(
    counts: Counter[int], requests: Counter[int], models: Mapping[int, Link]
) -> tuple[Place, ...]:
    order = sorted(
        (pk for pk in counts if counts[pk]), key=lambda pk: (-counts[pk], models[pk].text)
    )
    return tuple(
        Place(n, models[pk], "", f"{counts[pk]:,}", f"{requests[pk]:,}")
        for n, pk in enumerate(order[:MOST], start=1)
    )


# -- speed and uptime, by endpoint ----------------------------------------------------------------

Figure = Callable[[Tally], tuple[Decimal | None, int]]
_ENDPOINT_RANKINGS: tuple[tuple[str, str, str, str, str, Figure, bool], ...] = (
    (
        "throughput", "Throughput", "Tokens/s, p50", "Median, the fastest first.", "throughput",
        lambda t: (figures.middle(t.throughput), t.throughput.count), True,
    ),
    (
        "ttft", "Time to first token", "Seconds, p50", "Median, the soonest first.", "ttft",
        lambda t: (figures.middle(t.ttft), t.ttft.count), False,
    ),
    (
        "uptime", "Uptime", "Percent", "ok / (ok + provider error).", "uptime",
        lambda t: (figures.uptime(t), t.judged), True,
    ),
)  # fmt: skip


def _of_endpoints(found: Measured) -> tuple[Ranking, ...]:
    return tuple(
        Ranking(key, title, head, rule, definition, _best(found, figure, highest), True)
        for key, title, head, rule, definition, figure, highest in _ENDPOINT_RANKINGS
    )


def _best(found: Measured, figure: Figure, highest: bool) -> tuple[Place, ...]:
    """Ties by the larger sample, then by name."""
    told = [(endpoint, *figure(tally)) for endpoint, tally in found]
    known = [
        (value, n, endpoint)
        for endpoint, value, n in told
        if value is not None and n >= RANKED_FROM
    ]
    known.sort(key=lambda one: (-one[0] if highest else one[0], -one[1], route_name(one[2])))
    return tuple(
        Place(rank, _to_performance(one), _seller(one), words.figure(value), f"{n:,}")
        for rank, (value, n, one) in enumerate(known[:MOST], start=1)
    )


def _to_performance(endpoint: Endpoint) -> Link:
    served = links.to_served(endpoint)
    return replace(served, href=f"{served.href}performance/") if served.href else served


def _seller(endpoint: Endpoint) -> str:
    return f"{route_name(endpoint)}, {endpoint.native_id}"


# -- price for what benchmarks say ----------------------------------------------------------------


def _value(asked: str, now: datetime) -> ValueRanking | None:
    """By the benchmark asked for, else by the one that most models have taken."""
    by_benchmark: dict[str, list[Score]] = {}
    for score in queries.scores():
        by_benchmark.setdefault(score.benchmark.slug, []).append(score)
    if not by_benchmark:
        return None
    most = max(by_benchmark, key=lambda slug: len({score.model_id for score in by_benchmark[slug]}))
    chosen = asked if asked in by_benchmark else most
    best: dict[int, Score] = {}
    for score in by_benchmark[chosen]:
        best.setdefault(score.model_id, score)  # they come best first
    rows = {row.path: row for row in model_index.current(now=now).rows}
    names = model_index.current(now=now).providers
    places = []
    for score in best.values():
        row = rows.get(f"{score.model.author.slug}/{score.model.slug}")
        cheapest = row.cheapest if row else None
        if cheapest is None or not cheapest.blended:
            continue
        places.append(
            ValuePlace(
                rank=0,
                model=links.to_model(score.model),
                score=f"{words.figure(score.value.normalize())} {score.unit}",
                condition=score.condition,
                source=score.source_name,
                blended=cheapest.blended,
                seller=names.get(cheapest.card.provider, cheapest.card.provider),
                points=figures.rounded(float(score.value / cheapest.blended)),
            )
        )
    places.sort(key=lambda place: (-place.points, place.model.text))
    here = reverse("catalog:rankings")
    return ValueRanking(
        benchmark=by_benchmark[chosen][0].benchmark.name,
        others=tuple(
            Link(
                several[0].benchmark.name,
                "" if slug == chosen else f"{here}?benchmark={slug}#value",
            )
            for slug, several in by_benchmark.items()
        ),
        places=tuple(replace(place, rank=n) for n, place in enumerate(places[:MOST], start=1)),
        n=len(best),
        unpriced=len(best) - len(places),
    )
