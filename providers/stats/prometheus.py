"""Sums that a Prometheus-compatible server keeps, read by query, as tallies of one hour.

Any server with Prometheus' query API will do: Thanos, Mimir, VictoriaMetrics. It computes
`increase` over the hour, which it extrapolates to the ends; counts are rounded.
"""

import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf, isfinite
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ..choices import Outcome
from .explicit import from_bounds, reciprocal_bounds
from .histogram import BadHistogram, Histogram
from .tally import NOTHING, Tally

HISTOGRAMS = ("ttft", "latency", "per_token")
OUTCOMES = tuple(outcome.value for outcome in Outcome)
UNKNOWN = "unknown"
TOKENS = ("input_tokens", "output_tokens")
MEASURES = (*HISTOGRAMS, *OUTCOMES, UNKNOWN, *TOKENS)
SOURCES = ("otel", "litellm")
MOST = 10**15  # of one count
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
_WHERE = re.compile(r"[^{}\n]*\Z")

Labels = tuple[str, str]  # provider and model, as the metrics' labels name them
Get = Callable[[str], bytes]


class BadMapping(ValueError):
    """Names what is wrong with a mapping, and what to write."""


class BadAnswer(Exception):
    """A server's answer that is none."""


@dataclass(frozen=True, slots=True)
class Measure:
    """Where one figure comes from."""

    metric: str
    where: str = ""
    model: str = ""  # the label, where this metric calls it otherwise


@dataclass(frozen=True, slots=True)
class Metrics:
    """The names of one kind of server's metrics."""

    title: str
    model: str
    provider: str
    names: str
    measures: Mapping[str, Measure]


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour, or its part until now, at one server."""

    get: Get
    base: str
    metrics: Metrics
    start: datetime
    end: datetime

    def read(self) -> dict[Labels, Tally]:
        """What came together, by labels. A query for each counter, two for each histogram.

        Raises BadAnswer, and whatever `get` raises.
        """
        found: dict[Labels, Tally] = defaultdict(lambda: NOTHING)
        for name, measure in self.metrics.measures.items():
            if name in HISTOGRAMS:
                for labels, histogram in self._histograms(name, measure).items():
                    kept = "throughput" if name == "per_token" else name
                    found[labels] += _only(kept, histogram)
            elif name != UNKNOWN:
                for labels, count in self._counts(measure, measure.metric).items():
                    found[labels] += _only(name, round(count))
        for labels in self._untold():
            found[labels] = replace(
                found[labels], ok=0, provider_error=0, rate_limited=0, caller_error=0
            )
        return {labels: _with_tokens(tally) for labels, tally in found.items() if tally != NOTHING}

    def _untold(self) -> list[Labels]:
        measure = self.metrics.measures.get(UNKNOWN)
        if measure is None:
            return []
        counts = self._counts(measure, measure.metric)
        return [labels for labels, count in counts.items() if round(count)]

    def _counts(self, measure: Measure, metric: str) -> dict[Labels, float]:
        rows = self._ask(measure, metric, ())
        return {labels: value for labels, _, value in rows}

    def _histograms(self, name: str, measure: Measure) -> dict[Labels, Histogram]:
        totals = self._counts(measure, f"{measure.metric}_sum")
        buckets: dict[Labels, dict[float, float]] = defaultdict(dict)
        for labels, bound, value in self._ask(measure, f"{measure.metric}_bucket", ("le",)):
            buckets[labels][bound] = value
        try:
            return {
                labels: _histogram(name, up_to, totals.get(labels))
                for labels, up_to in buckets.items()
            }
        except BadHistogram as error:
            raise BadAnswer(f"{measure.metric}: {error}") from None

    def _ask(
        self, measure: Measure, metric: str, also: Sequence[str]
    ) -> list[tuple[Labels, float, float]]:
        """Labels, upper bound (0 where there is none) and value."""
        model = measure.model or self.metrics.model
        by = [model, *([self.metrics.provider] if self.metrics.provider else []), *also]
        seconds = max(1, int((self.end - self.start).total_seconds()))
        query = f"sum by ({', '.join(by)}) (increase({metric}{{{measure.where}}}[{seconds}s]))"
        asked = urlencode({"query": query, "time": f"{self.end.timestamp():.3f}"})
        rows = []
        for told, value in _vector(self.get(f"{self.base}/api/v1/query?{asked}")):
            if told.get(model):  # whose model nobody names belongs to no endpoint
                labels = (str(told.get(self.metrics.provider, "")), str(told[model]))
                rows.append((labels, _bound(told.get("le", "0")), value))
        return rows


def read_mapping(text: str) -> Metrics:
    """One mapping in TOML, as those of `prometheus.toml` are. Raises BadMapping."""
    try:
        return _metrics(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(f"it is not TOML: {error}") from None


def _metrics(table: Mapping[str, Any]) -> Metrics:
    if strange := table.keys() - {"title", "model", "provider", "names", *MEASURES}:
        raise BadMapping(f"it has {sorted(strange)}; it may have {', '.join(MEASURES)}")
    model, provider = table.get("model", ""), table.get("provider", "")
    if not _is(_LABEL, model) or (provider and not _is(_LABEL, provider)):
        raise BadMapping('it names no labels; write like model = "model_name"')
    names = table.get("names", SOURCES[0])
    if names not in SOURCES:
        raise BadMapping(f"names is {names!r}; write one of {', '.join(SOURCES)}")
    measures = {name: _measure(name, table[name]) for name in MEASURES if name in table}
    if not measures:
        raise BadMapping(f"it has no measures; write some of {', '.join(MEASURES)}")
    return Metrics(str(table.get("title", "")), model, provider, names, measures)


def _measure(name: str, stated: Any) -> Measure:
    known = {"metric", "where", "model"}
    if not isinstance(stated, dict) or not stated.keys() <= known:
        raise BadMapping(f'{name}: write it like {{ metric = "name", where = \'job="vllm"\' }}')
    found = Measure(**stated)
    if not (_is(_METRIC, found.metric) and _is(_WHERE, found.where)):
        raise BadMapping(f"{name}: {stated} is no metric; leave out braces and functions")
    if found.model and not _is(_LABEL, found.model):
        raise BadMapping(f"{name}: {found.model!r} is no label")
    return found


def _is(pattern: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and bool(pattern.match(text))


def _vector(body: bytes) -> list[tuple[Mapping[str, Any], float]]:
    try:
        answer = json.loads(body)
        if answer["status"] != "success" or answer["data"]["resultType"] != "vector":
            raise BadAnswer(f"it answered {str(answer.get('error', answer))[:200]}")
        rows = [(row["metric"], float(row["value"][1])) for row in answer["data"]["result"]]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise BadAnswer(f"its answer is not Prometheus': {type(error).__name__} {error}") from None
    return [(told, value) for told, value in rows if isfinite(value) and 0 <= value <= MOST]


def _bound(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        raise BadAnswer(f"le is {str(text)[:40]!r}") from None


def _histogram(name: str, up_to: Mapping[float, float], total: float | None) -> Histogram:
    """From how many were at most so large, as Prometheus counts."""
    bounds = sorted(bound for bound in up_to if bound != inf)
    counts: list[int] = []
    seen = 0
    for bound in [*bounds, inf]:
        reached = max(seen, round(up_to.get(bound, seen)))
        counts.append(reached - seen)
        seen = reached
    if name == "per_token":
        return from_bounds(*reciprocal_bounds(bounds, counts))
    return from_bounds(bounds, counts, total=total)


def _only(name: str, value: Any) -> Tally:
    """A tally of one figure."""
    figures: dict[str, Any] = {name: value}
    return Tally(**figures)


def _with_tokens(tally: Tally) -> Tally:
    """Requests that told tokens are not counted apart: all that went well."""
    told = tally.input_tokens or tally.output_tokens
    return replace(tally, with_tokens=tally.ok or tally.latency.count) if told else tally


READY: dict[str, Metrics] = {
    name: _metrics(table)
    for name, table in tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    ).items()
}
