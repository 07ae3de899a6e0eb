from django.conf import settings
from django.db import models
from django.db.models import Q

from providers.facts import MAX_ID, MAX_TEXT
from providers.models import Endpoint

from .model import AIModel

SAID_BY = [("rule", "Rule"), ("source", "Source"), ("editor", "Editor")]


class Listing(models.Model):
    """Which model an endpoint serves, and who said so.

    One without a model is an editor's "not a model". An endpoint without a listing is the editors'
    worklist.
    """

    endpoint = models.OneToOneField(Endpoint, models.CASCADE, primary_key=True)
    model = models.ForeignKey(
        AIModel, models.CASCADE, null=True, blank=True, related_name="listings"
    )
    said_by = models.CharField(max_length=10, choices=SAID_BY)
    reason = models.CharField(max_length=MAX_TEXT, blank=True)
    # What part of the id is not the model's: a snapshot date, a region.
    variant = models.CharField(max_length=MAX_TEXT, blank=True)
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    said_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(model__isnull=False) | Q(said_by="editor"),
                name="listing_only_editors_say_not_a_model",
            )
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} → {self.model_id}"


class ListingChange(models.Model):
    """What an editor did to listings in one go, kept so that it can be undone."""

    made_at = models.DateTimeField()
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # The model's path as it was called then; empty: "not a model".
    path = models.CharField(max_length=MAX_ID, blank=True)
    # Per endpoint its listing before: {endpoint, path, said_by, reason, variant}; path null when
    # it served no model, said_by null when it had no listing.
    before = models.JSONField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{len(self.before)} endpoints → {self.path or 'not a model'}"

    def is_undone(self) -> bool:
        return self.undone_at is not None
