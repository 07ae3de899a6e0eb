from django.db import models

from ..choices import Inlet, Outcome
from ..facts import MAX_NAME
from .endpoint import Endpoint

INLETS = [
    (Inlet.PROBE.value, "Probe"),
    (Inlet.PLAYGROUND.value, "Playground"),
    (Inlet.PUSH.value, "Push"),
    (Inlet.OTLP.value, "OTLP"),
    (Inlet.OTLP_METRICS.value, "OTLP metrics"),
    (Inlet.LITELLM.value, "LiteLLM"),
    (Inlet.PROMETHEUS.value, "Prometheus"),
]
OUTCOMES = [(outcome.value, outcome.name.replace("_", " ").title()) for outcome in Outcome]


class Delivery(models.Model):
    """Observations that were accepted together, and are counted together into roll-ups."""

    # Name of a Sender, or of the part of this site that measured.
    sender = models.CharField(max_length=MAX_NAME)
    inlet = models.CharField(max_length=20, choices=INLETS)
    received_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    # Set by the transaction that adds it to the roll-ups. NULL: to be counted.
    folded_at = models.DateTimeField("counted at", null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["folded_at", "id"], name="delivery_to_fold"),
            models.Index(fields=["received_at"], name="delivery_received"),
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.sender}, {self.received_at:%Y-%m-%d %H:%M}"


class Observation(models.Model):
    """One measured request, kept until it was counted and for two days.

    All figures are whole numbers, so that sums are exact and the same in any order. Neither key is
    checked by the database: rows come by the hundred thousand, from one writer that looked both up.
    """

    delivery = models.ForeignKey(Delivery, models.DO_NOTHING, db_constraint=False)
    endpoint = models.ForeignKey(
        Endpoint, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    at_ms = models.BigIntegerField()  # Unix time in milliseconds
    outcome = models.CharField(max_length=20, choices=OUTCOMES)
    # Microseconds, tokens, 10^-12 USD. NULL: not told.
    ttft_us = models.BigIntegerField(null=True, blank=True)
    latency_us = models.BigIntegerField(null=True, blank=True)
    input_tokens = models.BigIntegerField(null=True, blank=True)
    output_tokens = models.BigIntegerField(null=True, blank=True)
    cached_tokens = models.BigIntegerField(null=True, blank=True)
    reasoning_tokens = models.BigIntegerField(null=True, blank=True)
    cost_pico = models.BigIntegerField(null=True, blank=True)
    region = models.CharField(max_length=60, blank=True, default="")
    app = models.CharField(max_length=100, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.outcome} at {self.at_ms}"


class EventDigest(models.Model):
    """That an event was taken. Kept longer than an event may be late, so that none counts twice."""

    # 16 bytes of a hash of the sender's name and the event's id.
    digest = models.BinaryField(max_length=16, primary_key=True)
    received_on = models.DateField(db_index=True)

    def __str__(self) -> str:
        return bytes(self.digest).hex()
