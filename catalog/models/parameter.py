from django.db import models

from providers.facts import MAX_NAME, MAX_SLUG, MAX_TEXT


class Parameter(models.Model):
    """A request parameter: its type and meaning, in our own words."""

    name = models.CharField(max_length=MAX_SLUG, unique=True)
    type = models.CharField(max_length=MAX_NAME)
    description = models.CharField(max_length=MAX_TEXT)
    deprecated = models.BooleanField(default=False)
    replaced_by = models.CharField(max_length=MAX_SLUG, blank=True)

    def __str__(self) -> str:
        return self.name
