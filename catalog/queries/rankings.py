"""Reads of the rankings: what was measured of the whole market, and scores. Three queries."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from catalog.models import Score
from catalog.queries.shown import SHOWN
from catalog.queries.statistics import Window
from providers import stat_queries
from providers.models import Endpoint, Rollup
from providers.stats.tally import Tally


def measured_endpoints(window: Window, now: datetime) -> list[Endpoint]:
    """Endpoints of shown models of which anything was measured in the window. One query."""
    told = Rollup.objects.filter(
        endpoint=OuterRef("pk"),
        period=window.period.value,
        start__gte=window.since(now),
        start__lt=window.until(now),
    )
    endpoints = Endpoint.objects.filter(Exists(told), listing__model__visibility=SHOWN)
    return list(endpoints.select_related("provider", "upstream", "listing__model__author"))


def totals(endpoints: list[Endpoint], window: Window, now: datetime) -> dict[int, dict[str, Tally]]:
    """By endpoint and inlet. One query."""
    return stat_queries.totals(
        [endpoint.pk for endpoint in endpoints],
        since=window.since(now),
        until=window.until(now),
    )


def scores() -> list[Score]:
    """Every score of a shown model, best first within each benchmark. One query."""
    scores = Score.objects.filter(model__visibility=SHOWN, benchmark__higher_is_better=True)
    related = scores.select_related("benchmark", "model__author")
    return list(related.order_by("benchmark__name", "-value", "pk"))
