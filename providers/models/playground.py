from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from .probe_plan import MONEY_PLACES


class PlaygroundAllowance(models.Model):
    """What one person's prompts may cost in a day (UTC), in US dollars.

    `spent` holds what is under way at its highest possible cost. Nothing else is kept of a prompt.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="playground_allowance"
    )
    per_day = models.DecimalField(
        "dollars per day",
        max_digits=15,
        decimal_places=MONEY_PLACES,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="Empty: as the setting PLAYGROUND_PER_DAY says. 0: nothing.",
    )
    spent = models.DecimalField(
        max_digits=15, decimal_places=MONEY_PLACES, default=Decimal(0), editable=False
    )
    spent_on = models.DateField(null=True, blank=True, editable=False)
    # While answers are under way; a web process that dies leaves it to run out.
    running_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        permissions = [("use_playground", "Can send prompts in the playground")]
        constraints = [
            models.CheckConstraint(
                condition=Q(per_day=None) | Q(per_day__gte=0),
                name="playground_allowance_not_negative",
            )
        ]

    def __str__(self) -> str:
        return f"playground of {self.user}"
