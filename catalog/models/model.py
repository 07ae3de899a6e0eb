from datetime import date
from enum import StrEnum

from django.db import models
from django.db.models import Q

from providers.choices import Kind, Status
from providers.facts import MAX_ID, MAX_NAME, MAX_SLUG, MAX_TEXT

from .author import Author

KINDS = [(kind.value, kind.name.title()) for kind in Kind]
STATUSES = [(status.value, status.name.title()) for status in Status]


class Visibility(StrEnum):
    """Whether readers see a model."""

    SHOWN = "shown"
    WAITING = "waiting"  # new, for an editor to approve
    HIDDEN = "hidden"  # by an editor


VISIBILITIES = [
    (Visibility.SHOWN.value, "Shown"),
    (Visibility.WAITING.value, "Waits for approval"),
    (Visibility.HIDDEN.value, "Hidden"),
]


class AIModel(models.Model):
    """A model independent of where it is served: `author/slug`.

    Fact columns are folded from the claims about it and its endpoints (see reconcile).
    """

    author = models.ForeignKey(Author, models.CASCADE, related_name="models")
    slug = models.CharField(max_length=MAX_SLUG)
    name = models.CharField(max_length=MAX_NAME)
    kind = models.CharField(max_length=20, choices=KINDS)
    # One that is not shown has no public trace: no page, no row, and its endpoints count nowhere.
    visibility = models.CharField(
        max_length=10, choices=VISIBILITIES, default=Visibility.SHOWN.value
    )

    family = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    # Tokens, at its author where that is known. NULL: nobody told us.
    context_length = models.PositiveBigIntegerField(null=True, blank=True)
    max_output = models.PositiveBigIntegerField(null=True, blank=True)
    input_modalities = models.JSONField(null=True, blank=True)
    output_modalities = models.JSONField(null=True, blank=True)
    knowledge_cutoff = models.CharField(max_length=10, null=True, blank=True)
    released_on = models.CharField(max_length=10, null=True, blank=True)
    # The day of the first list that has it, where an earlier whole list of a gateway had not.
    # NULL: no such pair of lists, so nothing is known of when it came.
    first_listed = models.DateField(null=True, blank=True)
    deprecated_on = models.DateField(null=True, blank=True)
    retires_on = models.DateField(null=True, blank=True)
    replacement = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    status = models.CharField(max_length=20, choices=STATUSES, null=True, blank=True)
    licence = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    open_weights = models.BooleanField(null=True, blank=True)
    weights_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    docs_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    announcement_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    # Fact key → id of the claim behind the column.
    provenance = models.JSONField(default=dict, blank=True)

    # Prose by this site's editors, Markdown; empty: generated from the facts.
    summary = models.CharField(max_length=MAX_TEXT, blank=True)
    description = models.TextField(blank=True)
    best_for = models.TextField(blank=True)
    alternatives = models.TextField(blank=True)
    strengths = models.TextField(blank=True)
    limitations = models.TextField(blank=True)
    choosing = models.TextField(blank=True)
    notes_on = models.DateField(null=True, blank=True)
    # The above as sanitised HTML, kept so that pages only read: field name → HTML.
    html = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = "model"
        constraints = [
            models.UniqueConstraint(fields=["author", "slug"], name="model_identity"),
            models.CheckConstraint(
                condition=Q(context_length__gt=0), name="model_context_length_gt_0"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def is_shown(self) -> bool:
        return self.visibility == Visibility.SHOWN.value

    def is_retired(self, *, on: date) -> bool:
        return self.retires_on is not None and self.retires_on <= on


class ModelAlias(models.Model):
    """Another `author/slug` that people or sources use for a model; its page redirects."""

    path = models.CharField(max_length=MAX_ID, unique=True)
    model = models.ForeignKey(AIModel, models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name_plural = "model aliases"

    def __str__(self) -> str:
        return self.path
