from django.db import models

from providers.facts import MAX_NAME, MAX_SLUG, MAX_TEXT
from providers.models import Provider


class Author(models.Model):
    """The lab that made a model."""

    slug = models.CharField(max_length=MAX_SLUG, unique=True)
    name = models.CharField(max_length=MAX_NAME)
    homepage = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    # Where the author sells its own models; its prices there are the headline.
    providers = models.ManyToManyField(Provider, blank=True, related_name="authors")

    def __str__(self) -> str:
        return self.name
