from django.db import models
from django.db.models import Q

from providers.facts import MAX_NAME, MAX_SLUG, MAX_TEXT

from .model import AIModel


class Benchmark(models.Model):
    """A test that models are scored on."""

    slug = models.CharField(max_length=MAX_SLUG, unique=True)
    name = models.CharField(max_length=MAX_NAME)
    metric = models.CharField(max_length=MAX_NAME, default="percent correct")
    higher_is_better = models.BooleanField(default=True)
    homepage = models.URLField(max_length=MAX_TEXT, null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Score(models.Model):
    """One result of one model, with who published it and under which condition."""

    model = models.ForeignKey(AIModel, models.CASCADE, related_name="scores")
    benchmark = models.ForeignKey(Benchmark, models.CASCADE, related_name="scores")
    value = models.DecimalField(max_digits=12, decimal_places=4)
    unit = models.CharField(max_length=MAX_SLUG, default="%")
    harness = models.CharField(max_length=MAX_TEXT, blank=True)
    condition = models.CharField(max_length=MAX_TEXT, blank=True)  # with Python, 5-shot …
    source_name = models.CharField(max_length=MAX_NAME)
    source_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    # As much of the date as was stated.
    published_on = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "benchmark", "condition", "harness", "source_name"],
                name="score_once",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="score_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.benchmark_id} {self.value}"
