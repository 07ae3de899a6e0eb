from django.db import models
from django.db.models import Q

from ..facts import MAX_SLUG, MAX_TEXT
from .endpoint import Endpoint
from .run import Run
from .source import Source


class Reading(models.Model):
    """A figure somebody else published about uptime or speed, with its window."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="readings")
    run = models.ForeignKey(Run, models.PROTECT, related_name="readings")
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, blank=True, related_name="readings"
    )
    # `author/slug` where the source names no provider.
    model = models.CharField(max_length=2 * MAX_SLUG + 1, blank=True, default="")
    # uptime (percent), ttft (ms), latency (ms), throughput (tokens per second)
    metric = models.CharField(max_length=MAX_SLUG)
    # latest, min, max, avg, p50 …
    statistic = models.CharField(max_length=MAX_SLUG)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    unit = models.CharField(max_length=MAX_SLUG)
    # As the source words it; empty when it does not say.
    window = models.CharField(max_length=MAX_TEXT, blank=True)
    # Sample size; NULL when the source does not say.
    n = models.PositiveBigIntegerField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(endpoint__isnull=False, model="") | (Q(endpoint=None) & ~Q(model="")),
                name="reading_of_one_subject",
            ),
            models.UniqueConstraint(
                fields=["source", "endpoint", "model", "metric", "statistic", "window", "at"],
                condition=Q(endpoint__isnull=False),
                name="reading_once_endpoint",
            ),
            models.UniqueConstraint(
                fields=["source", "model", "metric", "statistic", "window", "at"],
                condition=Q(endpoint=None),
                name="reading_once_model",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.statistic} {self.value} {self.unit}"
