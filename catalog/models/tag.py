from django.db import models

from providers.facts import MAX_NAME, MAX_SLUG, MAX_TEXT

from .model import AIModel


class Tag(models.Model):
    """A word for a group of models; `rule` says in words how a derived one is decided."""

    slug = models.CharField(max_length=MAX_SLUG, unique=True)
    name = models.CharField(max_length=MAX_NAME)
    rule = models.CharField(max_length=MAX_TEXT, blank=True)

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """A tag on a model, by rule or by an editor."""

    model = models.ForeignKey(AIModel, models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings")
    derived = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "tag"], name="tagging_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} #{self.tag_id}"
