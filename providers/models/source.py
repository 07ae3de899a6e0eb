from datetime import timedelta

from django.db import models

from ..facts import MAX_NAME, MAX_SLUG, MAX_TEXT


class Source(models.Model):
    """Where statements come from: a feed, a recorded page, or the editors of this site."""

    slug = models.CharField(max_length=MAX_SLUG, unique=True)
    name = models.CharField(max_length=MAX_NAME)
    # One letter, the sign behind a value on the pages.
    siglum = models.CharField(max_length=2, unique=True)
    licence = models.CharField(max_length=MAX_TEXT)
    homepage = models.URLField(max_length=MAX_TEXT, blank=True)
    paused = models.BooleanField(default=False)
    refresh_every = models.DurationField(default=timedelta(hours=6))
    # How often each of its parts is read (the endpoints of one model), where it has some.
    parts_every = models.DurationField(default=timedelta(days=1))
    # Politeness: no worker calls for a part before then.
    next_call_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
