from django.conf import settings
from django.db import models
from django.db.models import Q

from ..choices import Answer
from ..facts import MAX_SLUG, MAX_TEXT
from .endpoint import Endpoint
from .provider import Provider

ANSWERED = [(answer.value, answer.name.title()) for answer in Answer]
MAX_NOTE = 2000


class Suggestion(models.Model):
    """What a reader says is wrong on a page; editors accept or decline it.

    About an endpoint, a provider, a model (`author/slug`), or none of them: the page at large.
    """

    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, blank=True, related_name="suggestions"
    )
    provider = models.ForeignKey(
        Provider, models.CASCADE, null=True, blank=True, related_name="suggestions"
    )
    model = models.CharField(max_length=2 * MAX_SLUG + 1, blank=True, default="")
    # Of the value, as in Claim; empty: the report is of no single value.
    key = models.CharField(max_length=MAX_SLUG, blank=True, default="")
    condition = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    # What the page said, what it should say, and where that is stated, in the reader's words.
    shown = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    proposed = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    link = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    note = models.CharField(max_length=MAX_NOTE, blank=True, default="")
    contact = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    # The page it was reported on: `/models/openai/gpt-4o-mini/`.
    path = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    made_at = models.DateTimeField()
    # Keyed digest of the sender's network and the day, for counting alone: see suggestions.py.
    sender = models.CharField(max_length=64)
    state = models.CharField(max_length=20, choices=ANSWERED, default=Answer.OPEN.value)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(provider=None, model="")
                    | Q(endpoint=None, model="")
                    | Q(endpoint=None, provider=None)
                ),
                name="suggestion_of_one_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["sender", "made_at"], name="suggestion_by_sender"),
            models.Index(fields=["made_at"], name="suggestion_made_at"),
            models.Index(fields=["state"], name="suggestion_by_state"),
        ]
        permissions = [("answer_suggestion", "Can answer readers' suggestions")]

    def __str__(self) -> str:
        return f"{self.key or 'page'}: {self.proposed or self.note}"[:80]
