from django.db import models
from django.db.models import Q

from ..rates import ECB, EDITOR, EURO, NAMES, RATE_PLACES

SOURCES = [(ECB, NAMES[ECB]), (EDITOR, "Editor")]


class ExchangeRate(models.Model):
    """What one euro bought on a day, as one source states it.

    Never compared or multiplied in SQL: see Price.
    """

    currency = models.CharField(max_length=3, help_text="ISO 4217, like CNY")
    per_euro = models.DecimalField(
        max_digits=20, decimal_places=RATE_PLACES, help_text="How many of it one euro buys."
    )
    day = models.DateField()
    source = models.CharField(max_length=20, choices=SOURCES)

    class Meta:
        ordering = ("-day", "currency")
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "day", "source"], name="exchange_rate_one_a_day"
            ),
            models.CheckConstraint(condition=Q(per_euro__gt=0), name="exchange_rate_above_0"),
            models.CheckConstraint(condition=~Q(currency=EURO), name="exchange_rate_not_of_euro"),
        ]

    def __str__(self) -> str:
        return f"{self.per_euro.normalize():f} {self.currency} per euro on {self.day}"
