"""Benchmarks: what the model scored, and its place among the models scored here."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from catalog import words
from catalog.models import Score
from catalog.pages.model.reads import Reads


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score. `rank` of `n` models scored on the same test; `percentile`: share it beats."""

    benchmark: str
    homepage: str
    metric: str
    value: str
    condition: str
    rank: int
    n: int
    percentile: str
    source: str
    href: str
    published: str


def score_rows(reads: Reads) -> tuple[ScoreRow, ...]:
    """The model's scores, by benchmark; each ranked by every model's best on that benchmark."""
    own = [score for score in reads.scores if score.model_id == reads.model.pk]
    return tuple(_row(score, _field(score, reads.scores)) for score in own)


def _field(score: Score, scores: Iterable[Score]) -> list[Decimal]:
    """Every other model's best value on the same benchmark, in the same unit."""
    best: dict[int, Decimal] = {}
    pick = max if score.benchmark.higher_is_better else min
    for other in scores:
        comparable = (other.benchmark_id, other.unit) == (score.benchmark_id, score.unit)
        if comparable and other.model_id != score.model_id:
            best[other.model_id] = pick(best.get(other.model_id, other.value), other.value)
    return list(best.values())


def _row(score: Score, others: list[Decimal]) -> ScoreRow:
    higher = score.benchmark.higher_is_better
    ahead = sum(1 for other in others if (other > score.value) == higher and other != score.value)
    behind = sum(1 for other in others if (other < score.value) == higher and other != score.value)
    n = len(others) + 1
    return ScoreRow(
        benchmark=score.benchmark.name,
        homepage=score.benchmark.homepage or "",
        metric=score.benchmark.metric,
        value=_value(score),
        condition=", ".join(filter(None, (score.condition, score.harness))),
        rank=ahead + 1,
        n=n,
        percentile=words.percent(Decimal(round(100 * behind / (n - 1)))) if n > 1 else "",
        source=score.source_name,
        href=score.source_url or "",
        published=words.short_day(score.published_on) if score.published_on else "",
    )


def _value(score: Score) -> str:
    if score.unit == "%":
        return words.percent(score.value, places=1)
    return f"{words.figure(score.value)} {score.unit}".strip()
