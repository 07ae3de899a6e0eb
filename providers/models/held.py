from django.conf import settings
from django.db import models

from ..choices import HeldKind
from ..facts import MAX_SLUG, MAX_TEXT
from .endpoint import Endpoint
from .run import Run
from .source import Source

HELD_KINDS = [(kind.value, kind.name.title()) for kind in HeldKind]
ANSWERS = [("", "Waiting"), ("accepted", "Accepted"), ("refused", "Refused")]


class Held(models.Model):
    """An item that waits for an editor while the rest of its run is published."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="held")
    run = models.ForeignKey(Run, models.CASCADE, related_name="held")
    kind = models.CharField(max_length=20, choices=HELD_KINDS)
    # NULL when a whole snapshot is held.
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, blank=True, related_name="held"
    )
    key = models.CharField(max_length=MAX_SLUG, blank=True)
    condition = models.CharField(max_length=MAX_TEXT, blank=True)
    # Dates of the price that is held, as in Claim.
    effective_from = models.DateTimeField(null=True, blank=True)
    effective_to = models.DateTimeField(null=True, blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    reason = models.CharField(max_length=MAX_TEXT)
    answer = models.CharField(max_length=20, choices=ANSWERS, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "held items"
        indexes = [models.Index(fields=["source", "answer"], name="held_waiting")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"
