from django.db import models

from ..facts import MAX_TEXT
from .provider import Provider


class OfficialStatus(models.Model):
    """What a provider's own status page said, from when to when we read it there.

    A page that says the same again moves `confirmed_at`; another word is another row. Between two
    rows, and after the last, nothing is known.
    """

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="official_statuses")
    page = models.URLField(max_length=MAX_TEXT)
    indicator = models.CharField(max_length=20)  # status_pages.Indicator
    words = models.CharField(max_length=200)
    first_read_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "official statuses"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_at__gte=models.F("first_read_at")),
                name="official_status_ends_after_start",
            ),
            models.UniqueConstraint(
                fields=["provider", "first_read_at"], name="official_status_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.words}"
