from django.db import models

from ..choices import Inlet
from ..facts import MAX_ID, MAX_NAME, MAX_SLUG

PUSHING = (Inlet.PUSH.value, Inlet.OTLP.value, Inlet.LITELLM.value)


def _all_inlets() -> list[str]:
    return list(PUSHING)


class Sender(models.Model):
    """Who may hand in measurements. Its token is shown once and kept as a hash."""

    name = models.CharField(max_length=MAX_NAME, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    token_hint = models.CharField(max_length=4)  # its last characters
    # By which ways it may: push, otlp, litellm.
    inlets = models.JSONField(default=_all_inlets)
    paused = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    # To the minute.
    last_seen_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Quarantined(models.Model):
    """A name that no endpoint bears, in measurements that were therefore not counted."""

    sender = models.CharField(max_length=MAX_NAME)
    provider = models.CharField(max_length=MAX_SLUG)
    model = models.CharField(max_length=MAX_ID)
    operation = models.CharField(max_length=MAX_SLUG, blank=True, default="")
    upstream = models.CharField(max_length=MAX_SLUG, blank=True, default="")
    reason = models.CharField(max_length=MAX_NAME)
    count = models.PositiveBigIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    example = models.TextField(blank=True)  # the first event, as JSON

    class Meta:
        verbose_name_plural = "quarantined"
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "provider", "model", "operation", "upstream"],
                name="quarantined_once",
            ),
        ]
        indexes = [models.Index(fields=["-last_seen_at"], name="quarantined_latest")]

    def __str__(self) -> str:
        return f"{self.provider}: {self.model}"
