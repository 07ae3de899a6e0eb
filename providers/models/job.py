from datetime import datetime

from django.db import models

from ..facts import MAX_ID, MAX_SLUG, MAX_TEXT


class Job(models.Model):
    """Work that is due at a time. The database, not the broker, knows what must run.

    A worker holds a job by writing itself into the lease; one that dies lets the lease run out,
    and a later tick finds the job due again.
    """

    # `refresh` and the source's slug, `details` and `slug:part`. One row for each.
    name = models.CharField(max_length=MAX_SLUG)
    argument = models.CharField(max_length=MAX_SLUG + 1 + MAX_ID, blank=True, default="")
    # The broker's queue whose workers alone may take it; empty: the one of jobs of this name.
    queue = models.CharField(max_length=MAX_SLUG, blank=True, default="")
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    # Names the holder, `machine:process:…`, so that one whose lease ran out cannot finish
    # another's work.
    lease = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    leased_at = models.DateTimeField("held since", null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)  # failures since the last success
    last_error = models.TextField(blank=True)
    last_finished_at = models.DateTimeField(null=True, blank=True)
    # What the admin draws while it runs: 0 to 100 and a line of text.
    progress = models.PositiveSmallIntegerField(default=0)
    message = models.CharField(max_length=MAX_TEXT, blank=True)
    paused = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "argument"], name="job_once"),
        ]
        indexes = [models.Index(fields=["due_at"], name="job_due")]

    def __str__(self) -> str:
        return f"{self.name} {self.argument}".strip()

    @property
    def holder(self) -> str:
        """Machine and process of who has it; empty when nobody does."""
        return self.lease.rpartition(":")[0]

    def state(self, now: datetime) -> str:
        """One word for lists: paused, running, due, put off (after a failure) or waiting."""
        if self.leased_until is not None and self.leased_until > now:
            return "running"
        if self.paused:
            return "paused"
        if self.due_at <= now:
            return "due"
        return "put off" if self.attempt else "waiting"
