"""Readings: figures that others published about speed and uptime, dated, with what they mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from catalog import words
from catalog.pages import charts
from catalog.pages.charts import Hour, Range, RangeChart, UptimeChart
from catalog.pages.model.lines import route_name
from catalog.pages.model.reads import Reads
from catalog.pages.parts import Mark
from providers.choices import OLD_AFTER_DAYS
from providers.models import Endpoint, Reading

_MIDDLES = ("avg", "p50")
_HOURS = 24


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric is called, and which way is better."""

    label: str
    direction: str


METRICS = {
    "ttft": Metric("Time to first token", "left is sooner"),
    "throughput": Metric("Throughput", "right is faster"),
    "latency": Metric("Latency", "left is sooner"),
    "uptime": Metric("Uptime", "right is better"),
}
_UNITS = {"ms": "milliseconds", "s": "seconds", "tokens/s": "tokens per second", "%": "percent"}
_STATISTICS = {"avg": "mean", "p50": "median", "min": "least", "max": "most", "latest": "latest"}


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands under every chart: unit, direction, source, sample, window, date."""

    unit: str
    direction: str
    middle: str
    source: Mark
    source_name: str
    at: date
    window: str
    n: int | None


@dataclass(frozen=True, slots=True)
class RangeFigure:
    """Least, middle and most of a metric, a row an endpoint. `spoken` says it all in words."""

    title: str
    chart: RangeChart
    caption: Caption
    spoken: str


@dataclass(frozen=True, slots=True)
class UptimeFigure:
    """Uptime by the hour over one day, UTC."""

    day: date
    chart: UptimeChart
    hours: str
    source: Mark
    source_name: str
    spoken: str


@dataclass(frozen=True, slots=True)
class SingleReading:
    """One published figure. `provider` empty: the source names none."""

    provider: str
    metric: str
    statistic: str
    value: str
    at: datetime
    window: str
    n: int | None
    source: Mark
    source_name: str


@dataclass(frozen=True, slots=True)
class Measured:
    ranges: tuple[RangeFigure, ...] = ()
    uptimes: tuple[UptimeFigure, ...] = ()
    singles: tuple[SingleReading, ...] = ()
    missing: tuple[str, ...] = ()  # metrics nobody has published

    @property
    def is_empty(self) -> bool:
        return not (self.ranges or self.uptimes or self.singles)


Batch = tuple[str, int, date, str]  # metric, source, day, window


def measured(reads: Reads) -> Measured:
    """Every reading once: as a range where least, middle and most are published, else singly."""
    batches: dict[Batch, list[Reading]] = {}
    for reading in reads.readings:
        batch = (reading.metric, reading.source_id, reading.at.date(), reading.window)
        batches.setdefault(batch, []).append(reading)
    order = list(METRICS)
    ordered = sorted(batches.items(), key=lambda item: (_place(order, item[0][0]), item[0][2]))
    ranges = [figure for _, batch in ordered if (figure := _range_figure(reads, batch))]
    uptimes = [level for _, batch in ordered if (level := _uptime_figure(reads, batch))]
    drawn = {id(one) for _, batch in ordered for one in (*_ranged(batch), *_hourly(batch))}
    singles = [_single(reads, one) for _, batch in ordered for one in batch if id(one) not in drawn]
    singles.sort(key=lambda single: (not single.provider, single.provider))
    seen = {metric for metric, *_ in batches}
    missing = [metric.label.lower() for name, metric in METRICS.items() if name not in seen]
    return Measured(tuple(ranges), tuple(uptimes), tuple(singles), tuple(missing))


def _place(order: Sequence[str], metric: str) -> int:
    return order.index(metric) if metric in order else len(order)


# -- ranges ---------------------------------------------------------------------------------------


def _ranged(batch: Iterable[Reading]) -> list[Reading]:
    """Readings of those endpoints whose least, middle and most are all published."""
    by_endpoint: dict[int | None, dict[str, Reading]] = {}
    for reading in batch:
        by_endpoint.setdefault(reading.endpoint_id, {})[reading.statistic] = reading
    return [
        reading
        for statistics in by_endpoint.values()
        if {"min", "max"} <= statistics.keys() and _middle(statistics)
        for name, reading in statistics.items()
        if name in ("min", "max", _middle(statistics)) and statistics["min"].value > 0
    ]


def _middle(statistics: Iterable[str]) -> str:
    return next((name for name in _MIDDLES if name in statistics), "")


def _range_figure(reads: Reads, batch: Sequence[Reading]) -> RangeFigure | None:
    ranged = _ranged(batch)
    if not ranged:
        return None
    by_endpoint: dict[int | None, dict[str, Decimal]] = {}
    for reading in ranged:
        by_endpoint.setdefault(reading.endpoint_id, {})[reading.statistic] = reading.value
    middle = _middle(next(iter(by_endpoint.values())))
    ranges = [
        Range(
            _row_label(reads, pk),
            least=_stated(values["min"]),
            middle=_stated(values[middle]),
            most=_stated(values["max"]),
        )
        for pk, values in by_endpoint.items()
        if middle in values
    ]
    ranges.sort(key=lambda one: one.label)
    first = ranged[0]
    metric = METRICS.get(first.metric, Metric(first.metric, ""))
    unit = _UNITS.get(first.unit, first.unit)
    return RangeFigure(
        title=metric.label,
        chart=charts.range_chart(ranges),
        caption=Caption(
            unit=unit,
            direction=metric.direction,
            middle=_STATISTICS[middle],
            source=_source_mark(reads, first),
            source_name=reads.signs.sources[first.source_id].name,
            at=first.at.date(),
            window=first.window,
            n=first.n,
        ),
        spoken=f"{metric.label} in {unit}: "
        + "; ".join(
            f"{one.label}, least {one.least}, {_STATISTICS[middle]} {one.middle}, most {one.most}"
            for one in ranges
        ),
    )


def _stated(value: Decimal) -> Decimal:
    """Without the zeros that the column appends."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral() else short


# -- uptime by the hour ---------------------------------------------------------------------------


def _uptime_figure(reads: Reads, batch: Sequence[Reading]) -> UptimeFigure | None:
    """The day of an hourly uptime; None for uptimes over other windows."""
    hourly = _hourly(batch)
    if not hourly:
        return None
    by_endpoint: dict[int | None, list[Reading]] = {}
    for reading in hourly:
        by_endpoint.setdefault(reading.endpoint_id, []).append(reading)
    series = sorted(
        (
            _row_label(reads, pk),
            _percent(of[-1].value),
            [Hour(one.at.hour, one.value) for one in of],
        )
        for pk, of in by_endpoint.items()
    )
    hours = sorted({reading.at.hour for reading in hourly})
    first = hourly[0]
    return UptimeFigure(
        day=first.at.date(),
        chart=charts.uptime_chart(series, _HOURS),
        hours=words.listed([f"{hour:02d}:00" for hour in hours]),
        source=_source_mark(reads, first),
        source_name=reads.signs.sources[first.source_id].name,
        spoken="Uptime by the hour: " + "; ".join(f"{label} {value}" for label, value, _ in series),
    )


def _hourly(batch: Iterable[Reading]) -> list[Reading]:
    return [one for one in batch if one.metric == "uptime" and one.window == "1 hour"]


def _hour(reading: Reading) -> Hour:
    return Hour(reading.at.hour, reading.value)


# -- single figures -------------------------------------------------------------------------------


def _single(reads: Reads, reading: Reading) -> SingleReading:
    metric = METRICS.get(reading.metric)
    return SingleReading(
        provider=_provider_name(reads, reading.endpoint_id),
        metric=metric.label if metric else reading.metric,
        statistic=_STATISTICS.get(reading.statistic, reading.statistic),
        value=_value(reading),
        at=reading.at,
        window=reading.window,
        n=reading.n,
        source=_source_mark(reads, reading),
        source_name=reads.signs.sources[reading.source_id].name,
    )


def _value(reading: Reading) -> str:
    if reading.metric == "uptime":
        return _percent(reading.value)
    return f"{words.figure(_stated(reading.value))} {reading.unit}"


def _percent(value: Decimal) -> str:
    return words.percent(value, places=2)


# -- names ----------------------------------------------------------------------------------------


def _endpoint(reads: Reads, pk: int | None) -> Endpoint | None:
    return next((sold.endpoint for sold in reads.sold if sold.endpoint.pk == pk), None)


def _provider_name(reads: Reads, pk: int | None) -> str:
    endpoint = _endpoint(reads, pk)
    return route_name(endpoint) if endpoint else ""


def _row_label(reads: Reads, pk: int | None) -> str:
    """A route of a gateway goes by its upstream: the gateway is named in the caption."""
    endpoint = _endpoint(reads, pk)
    if endpoint is None:
        return "any provider"
    return endpoint.upstream.name if endpoint.upstream else endpoint.provider.name


def _source_mark(reads: Reads, reading: Reading) -> Mark:
    """The source with the reading's own date; a reading is old by itself."""
    source = reads.signs.sources[reading.source_id]
    return Mark(
        siglum=source.siglum,
        label=f"read from {source.name}, {words.day(reading.at)}",
        old=reads.now - reading.at > timedelta(days=OLD_AFTER_DAYS),
    )
