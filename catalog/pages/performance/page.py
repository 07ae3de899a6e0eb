"""The page of a model's measured figures: of one way of measuring, over the windows asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse

from catalog.pages import charts, links
from catalog.pages.charts import Range
from catalog.pages.links import Link
from catalog.pages.model.lines import route_name
from catalog.pages.performance import figures
from catalog.pages.performance.asked import Asked, Switch, switches
from catalog.pages.performance.course import (
    MOST_LINES,
    Line,
    column_chart,
    course_chart,
)
from catalog.pages.performance.effective import EffectivePrice, effective_price
from catalog.pages.performance.figures import Spread, spread
from catalog.pages.performance.parts import CourseFigure, RangeFigure, Row
from catalog.pages.performance.strip import slots_of, strip
from catalog.queries import performance as queries
from catalog.queries import statistics
from catalog.queries.statistics import LAST_MONTH, InletStatistics, PageStatistics
from providers import queries as market
from providers.models import Endpoint
from providers.stat_queries import DayOfUse, Slot, Speed, Use
from providers.stats.definitions import WAYS
from providers.stats.tally import Tally

NOTHING = InletStatistics({}, ())
MOST_RANGES = 8  # more rows than these are in the table alone


@dataclass(frozen=True, slots=True)
class PerformancePage:
    model: Link
    path: str
    asked: Asked
    switches: tuple[Switch, ...]
    way: str  # "our probes"; empty: nothing was measured
    regions: tuple[str, ...]
    n: int  # requests in the window of figures
    rows: tuple[Row, ...]
    unmeasured: int  # endpoints
    ranges: tuple[RangeFigure, ...]
    courses: tuple[CourseFigure, ...]
    prices: tuple[EffectivePrice, ...]
    apps: tuple[Use, ...]
    endpoint_ids: tuple[int, ...]
    csv_href: str
    here: str
    until: datetime  # the end of the hour that runs

    @property
    def is_empty(self) -> bool:
        return not self.rows


def build(
    author: str, slug: str, query: Mapping[str, str], *, now: datetime
) -> PerformancePage | None:
    """None when there is no such model. Eight queries; four when nothing was measured."""
    model = queries.find_model(author, slug)
    if model is None:
        return None
    endpoints = queries.endpoints_of(model)
    ids = [endpoint.pk for endpoint in endpoints]
    asked = Asked.from_query(query)
    read = statistics.of_page(ids, now=now, uptime=asked.uptime)
    asked = asked.among(read.inlets)
    mine = (
        statistics.of_inlet(ids, inlet=asked.by, now=now, over=asked.over) if asked.by else NOTHING
    )
    drawing = _Drawing(endpoints, read, mine, asked, now)
    here = reverse("catalog:performance", args=[author, slug])
    return PerformancePage(
        model=links.to_model(model),
        path=f"{author}/{slug}",
        asked=asked,
        switches=switches(asked, read.inlets, here),
        way=next((way.label for by, way in WAYS.items() if by == asked.by), ""),
        regions=mine.regions,
        n=sum(row.requests for row in drawing.rows),
        rows=drawing.rows,
        unmeasured=len(ids) - len(drawing.rows),
        ranges=drawing.ranges(),
        courses=drawing.courses(),
        prices=drawing.prices(),
        apps=tuple(mine.apps),
        endpoint_ids=tuple(ids),
        csv_href=f"{here}figures.csv{asked.query()}",
        here=here,
        until=statistics.LAST_DAY.until(now),
    )


class _Drawing:
    """The figures of one inlet, endpoint by endpoint; those with most requests first."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        read: PageStatistics,
        mine: InletStatistics,
        asked: Asked,
        now: datetime,
    ) -> None:
        self.read, self.mine, self.asked, self.now = read, mine, asked, now
        names = Counter(route_name(endpoint) for endpoint in endpoints)
        self.labels = {
            one.pk: name if names[name := route_name(one)] == 1 else f"{name}, {one.native_id}"
            for one in endpoints
        }
        rows = [row for endpoint in endpoints if (row := self._row(endpoint))]
        self.rows = tuple(sorted(rows, key=lambda row: (-row.requests, row.label.casefold())))
        self.short = {row.endpoint: row.note or row.name for row in self.rows}

    def _row(self, endpoint: Endpoint) -> Row | None:
        window = self.asked.uptime
        outcomes = [
            one for one in self.read.outcomes.get(endpoint.pk, ()) if one.inlet == self.asked.by
        ]
        days = self._days(endpoint.pk)
        if not outcomes and not days:
            return None
        placed = ((window.slot(one.start, self.now), one) for one in outcomes)
        counts = Tally(
            *(
                sum(getattr(one, name) for one in outcomes)
                for name in ("ok", "provider_error", "rate_limited", "caller_error")
            )
        )
        speed = self.mine.speeds.get(endpoint.pk, Speed())
        return Row(
            endpoint=endpoint.pk,
            label=self.labels[endpoint.pk],
            name=route_name(endpoint),
            note="" if self.labels[endpoint.pk] == route_name(endpoint) else endpoint.native_id,
            native_id=endpoint.native_id,
            uptime=figures.uptime(counts),
            counts=counts,
            strip=strip(slots_of(placed, window.slots), window.slots),
            ttft=spread(speed.ttft),
            throughput=spread(speed.throughput),
            latency=spread(speed.latency),
            requests=speed.requests,
        )

    def _days(self, endpoint_id: int) -> list[DayOfUse]:
        return [day for day in self.read.days.get(endpoint_id, ()) if day.inlet == self.asked.by]

    # -- ranges -----------------------------------------------------------------------------------

    def ranges(self) -> tuple[RangeFigure, ...]:
        found = (self._range(key, place) for place, key in enumerate(figures.METRICS))
        return tuple(figure for figure in found if figure)

    def _range(self, key: str, place: int) -> RangeFigure | None:
        title, unit, direction = figures.METRICS[key]
        spreads = [(row, row.spreads()[place]) for row in self.rows]
        drawn = [(row, one) for row, one in spreads if one.least and one.is_known]
        shown = drawn[:MOST_RANGES]
        if not shown:
            return None
        return RangeFigure(
            key=key,
            title=title,
            unit=unit,
            direction=direction,
            chart=charts.range_chart([_as_range(row, one) for row, one in shown]),
            n=sum(one.n for _, one in shown),
            left_out=len(drawn) - len(shown),
            spoken=f"{title} in {unit}: "
            + "; ".join(
                f"{row.label}, least {one.least}, median {one.p50}, p90 {one.p90}, most {one.most}"
                for row, one in shown
            ),
        )

    # -- over time --------------------------------------------------------------------------------

    def courses(self) -> tuple[CourseFigure, ...]:
        ids = [row.endpoint for row in self.rows[:MOST_LINES]]
        if not ids:
            return ()
        slots = statistics.course(ids, inlet=self.asked.by, now=self.now, over=self.asked.over)
        found = (
            self._course("ttft", "Time to first token, median", ids, slots),
            self._course("throughput", "Throughput, median", ids, slots),
            self._tokens(),
        )
        return tuple(figure for figure in found if figure)

    def _course(
        self, key: str, title: str, ids: Sequence[int], slots: Mapping[int, Sequence[Slot]]
    ) -> CourseFigure | None:
        window = self.asked.over
        lines = [Line(self.short[pk], self._medians(key, slots.get(pk, ()))) for pk in ids]
        lines = [line for line in lines if line.values]
        chart = course_chart(lines, window, self.now)
        if chart is None:
            return None
        since = window.since(self.now)
        places = sorted({place for line in lines for place in line.values})
        return CourseFigure(
            key=f"{key}-course",
            title=title,
            unit=figures.METRICS[key][1],
            chart=chart,
            spoken=f"{title}, last measured: "
            + "; ".join(f"{line.label} {line.values[max(line.values)]}" for line in lines),
            columns=tuple(line.label for line in lines),
            moments=tuple(
                (since + place * window.step, tuple(line.values.get(place) for line in lines))
                for place in places
            ),
            by_day=window is LAST_MONTH,
        )

    def _medians(self, key: str, slots: Sequence[Slot]) -> dict[int, Decimal]:
        window = self.asked.over
        return {
            window.slot(one.start, self.now): median
            for one in slots
            if (median := figures.middle(getattr(one, key)))
        }

    def _tokens(self) -> CourseFigure | None:
        tokens: Counter[datetime] = Counter()
        requests: Counter[datetime] = Counter()
        for row in self.rows:
            for day in self._days(row.endpoint):
                requests[day.day] += day.requests
                if day.with_tokens:
                    tokens[day.day] += day.input_tokens + day.output_tokens
        places = {LAST_MONTH.slot(day, self.now): count for day, count in tokens.items()}
        chart = column_chart(places, LAST_MONTH, self.now)
        if chart is None:
            return None
        total = sum(tokens.values())
        return CourseFigure(
            key="tokens",
            title="Tokens a day",
            unit="input and output tokens",
            chart=chart,
            spoken=f"Tokens a day over 30 days: {total:,} in {sum(requests.values()):,} requests",
            columns=("Tokens", "Requests"),
            moments=tuple(
                (day, (Decimal(tokens[day]) if day in tokens else None, Decimal(requests[day])))
                for day in sorted(requests)
            ),
            by_day=True,
        )

    # -- prices -----------------------------------------------------------------------------------

    def prices(self) -> tuple[EffectivePrice, ...]:
        days = {row.endpoint: self._days(row.endpoint) for row in self.rows}
        told = [pk for pk, of in days.items() if any(day.input_with_cached for day in of)]
        asked = market.prices_at(told, when=self.now) if told else {}
        found = (
            effective_price(self.labels[pk], days[pk], asked.get(pk, []), now=self.now)
            for pk in told
        )
        return tuple(price for price in found if price)


def _as_range(row: Row, one: Spread) -> Range:
    least, _, p50, p90, _, most = (value or Decimal(0) for value in one.values())
    return Range(row.name, least, p50, most, upper=p90, note=row.note)
