from django.conf import settings
from django.db import models
from django.db.models import Q

from ..choices import Book
from ..facts import MAX_NAME, MAX_SLUG, MAX_TEXT
from .endpoint import Endpoint
from .provider import Provider
from .run import Run
from .source import Source
from .subject import of_one_subject

BOOKS = [(book.value, book.name.title()) for book in Book]


class ClaimQuerySet(models.QuerySet["Claim"]):
    def live(self) -> "ClaimQuerySet":
        """Claims that their source still states."""
        return self.filter(ended_at=None)


class Claim(models.Model):
    """One source's statement of one fact. Ended and begun, never updated in place or deleted.

    About an endpoint, a provider, or a model (named by slug: models live in the shop window).
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="claims")
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, blank=True, related_name="claims"
    )
    provider = models.ForeignKey(
        Provider, models.CASCADE, null=True, blank=True, related_name="claims"
    )
    model = models.CharField(max_length=2 * MAX_SLUG + 1, blank=True, default="")

    # `context_length`, `parameter.tools`, `price.input` …; `price.*`: a rule for a whole card.
    key = models.CharField(max_length=MAX_SLUG)
    # facts.Condition.key() of a price; empty: always.
    condition = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    book = models.CharField(max_length=20, choices=BOOKS, default=Book.PUBLIC.value)
    # Canonical JSON text, so that equality of statements is equality of text. A price of a book
    # that is not public may be a rule over another book's (facts.PriceRule).
    value = models.TextField()
    # The source's own wording where it rounds: 16.38K, Oct 2023.
    stated = models.CharField(max_length=MAX_NAME, blank=True, default="")

    # From a run's as-of. A first sighting is true "at least since" then.
    stated_from = models.DateTimeField()
    at_least = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    # When the fact itself holds, where the source or an editor says so. Half-open.
    effective_from = models.DateTimeField(null=True, blank=True)
    effective_to = models.DateTimeField(null=True, blank=True)
    begun_by = models.ForeignKey(Run, models.PROTECT, null=True, blank=True, related_name="begun")
    ended_by = models.ForeignKey(Run, models.PROTECT, null=True, blank=True, related_name="ended")

    # Editors' claims only.
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True, default="")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        constraints = [
            of_one_subject("claim_of_one_subject"),
            models.UniqueConstraint(
                fields=["endpoint", "source", "key", "condition", "book", "effective_from"],
                condition=Q(ended_at=None, endpoint__isnull=False, effective_from__isnull=False),
                name="claim_live_endpoint_dated",
            ),
            models.UniqueConstraint(
                fields=["endpoint", "source", "key", "condition", "book"],
                condition=Q(ended_at=None, endpoint__isnull=False, effective_from=None),
                name="claim_live_endpoint",
            ),
            models.UniqueConstraint(
                fields=["provider", "source", "key", "condition", "book", "effective_from"],
                condition=Q(ended_at=None, provider__isnull=False, effective_from__isnull=False),
                name="claim_live_provider_dated",
            ),
            models.UniqueConstraint(
                fields=["provider", "source", "key", "condition", "book"],
                condition=Q(ended_at=None, provider__isnull=False, effective_from=None),
                name="claim_live_provider",
            ),
            models.UniqueConstraint(
                fields=["model", "source", "key"],
                condition=Q(ended_at=None) & ~Q(model=""),
                name="claim_live_model",
            ),
        ]
        indexes = [models.Index(fields=["source", "key"], name="claim_by_source")]
        permissions = [
            ("correct_price", "Can correct prices"),
            ("correct_fact", "Can correct facts of endpoints and providers"),
            ("see_contract", "Can see the contract book: what we pay"),
            ("see_house", "Can see the house book: what we bill"),
            ("edit_books", "Can edit the contract and the house book"),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value} ({self.source_id})"
