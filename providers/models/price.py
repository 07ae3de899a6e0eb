from django.db import models
from django.db.models import Q

from ..choices import Book, State
from ..facts import DECIMAL_PLACES, MAX_SLUG, MAX_TEXT
from .claim import BOOKS, Claim
from .endpoint import Endpoint

STATES = [(state.value, state.name.title()) for state in State]


class PriceQuerySet(models.QuerySet["Price"]):
    def public(self) -> "PriceQuerySet":
        return self.filter(book=Book.PUBLIC.value)


class Price(models.Model):
    """The ledger: a pure function of an endpoint's claims, rewritten by difference.

    Amounts are compared and added in Python only: SQLite keeps 15 digits and would do it in floats.
    """

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="prices")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="prices")
    book = models.CharField(max_length=20, choices=BOOKS, default=Book.PUBLIC.value)
    component = models.CharField(max_length=MAX_SLUG)
    condition = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    amount = models.DecimalField(
        max_digits=22, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    unit = models.CharField(max_length=MAX_SLUG)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=20, choices=STATES, default=State.KNOWN.value)
    # Half-open. NULL valid_to: until further notice.
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = PriceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=False, state="known")
                | (Q(amount=None) & ~Q(state="known")),
                name="price_known_has_amount",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=models.F("valid_from")),
                name="price_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["endpoint", "book", "component", "condition", "valid_from"],
                name="price_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component} {self.amount} {self.currency} per {self.unit}"
