from decimal import Decimal

from django.db import models
from django.db.models import Q

from ..choices import Period
from .endpoint import Endpoint
from .observation import INLETS

PERIODS = [(period.value, period.name.title()) for period in Period]
PICO_PER_USD = 10**12


class Rollup(models.Model):
    """What came in about one endpoint in one hour or day (UTC), by one inlet, region and app."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="rollups", db_index=False)
    period = models.CharField(max_length=4, choices=PERIODS)
    start = models.DateTimeField()
    inlet = models.CharField(max_length=20, choices=INLETS)
    region = models.CharField(max_length=60, blank=True, default="")
    app = models.CharField(max_length=100, blank=True, default="")

    ok = models.BigIntegerField(default=0)
    provider_error = models.BigIntegerField(default=0)
    rate_limited = models.BigIntegerField(default=0)
    caller_error = models.BigIntegerField(default=0)
    input_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0)
    cached_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    # Requests that told tokens at all, and the input of those that told what was cached: what the
    # sums may be divided by. Unknown is not zero.
    with_tokens = models.BigIntegerField(default=0)
    input_with_cached = models.BigIntegerField(default=0)
    # 10^-12 USD: whole numbers add up exactly in both databases. At most 9.2 million USD a row.
    cost_pico = models.BigIntegerField(default=0)
    with_cost = models.BigIntegerField(default=0)
    # Histograms of successful requests, see stats/histogram.py: seconds, and tokens per second.
    ttft = models.BinaryField(default=b"", blank=True)
    latency = models.BinaryField(default=b"", blank=True)
    throughput = models.BinaryField(default=b"", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "period", "start", "inlet", "region", "app"],
                name="rollup_once",
            ),
            models.CheckConstraint(
                condition=Q(ok__gte=0, provider_error__gte=0, rate_limited__gte=0)
                & Q(caller_error__gte=0),
                name="rollup_counts_gte_0",
            ),
        ]
        indexes = [models.Index(fields=["period", "start"], name="rollup_by_time")]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.period} {self.start:%Y-%m-%d %H:%M} {self.inlet}"

    @property
    def requests(self) -> int:
        return self.ok + self.provider_error + self.rate_limited + self.caller_error

    @property
    def cost(self) -> Decimal:
        """USD, of the requests that told one."""
        return Decimal(self.cost_pico) / PICO_PER_USD


class StatisticsEdition(models.Model):
    """One row: a number that grows when roll-ups have changed, at most once a minute."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    has_changed = models.BooleanField(default=False)  # since this number

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="statistics_edition_one_row")]

    def __str__(self) -> str:
        return f"statistics edition {self.number}"
