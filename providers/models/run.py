from django.db import models

from ..choices import RunState
from ..facts import MAX_ID, MAX_SLUG, MAX_TEXT
from .source import Source

RUN_STATES = [(state.value, state.name.title()) for state in RunState]


class Run(models.Model):
    """One reading of a source, or of one part of it."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="runs")
    # Which part was read: `openai/gpt-4o-mini`, whose endpoints have an address of their own.
    # Empty: the source's list.
    part = models.CharField(max_length=MAX_ID, blank=True, default="")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=RUN_STATES, default=RunState.STARTED.value)
    # The content's date, never the fetch's. NULL until the answer was parsed.
    as_of = models.DateTimeField(null=True, blank=True)
    version = models.CharField(max_length=MAX_SLUG, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    # How the server names this answer; asked with it, it need not send the same one again.
    etag = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    parser_version = models.PositiveSmallIntegerField(default=1)
    recorded = models.BooleanField(default=False)  # read from fixtures, not from the network
    # Slugs of the providers whose listing was complete in it.
    covers = models.JSONField(default=list, blank=True)
    # Counts, refused items, keys without a room, seconds: see claims.Report.
    report = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    # Not a column: how long the server asked us to stay away, in seconds.
    stay_away = 0.0

    class Meta:
        indexes = [models.Index(fields=["source", "part", "-started_at"], name="run_latest")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.part} {self.started_at:%Y-%m-%d %H:%M} {self.state}"


class Edition(models.Model):
    """One row: a number that grows whenever published facts change."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="edition_one_row")]

    def __str__(self) -> str:
        return f"edition {self.number}"
