from django.conf import settings
from django.db import models

from ..choices import Verdict
from ..facts import MAX_SLUG, MAX_TEXT
from .claim import Claim
from .endpoint import Endpoint
from .provider import Provider
from .subject import of_one_subject

VERDICTS = [
    (Verdict.ACCEPTED.value, "One side accepted"),
    (Verdict.BOTH_RIGHT.value, "Both right"),
    (Verdict.SNOOZED.value, "Snoozed until a source changes its word"),
]


class Judgement(models.Model):
    """An editor's word on one disagreement between sources; kept as the log of who said what.

    It holds for what the sources said then: `digest` names their sides, so it lapses by itself
    as soon as one of them says something else.
    """

    # One of the three, as in Claim.
    endpoint = models.ForeignKey(
        Endpoint, models.CASCADE, null=True, blank=True, related_name="judgements"
    )
    provider = models.ForeignKey(
        Provider, models.CASCADE, null=True, blank=True, related_name="judgements"
    )
    model = models.CharField(max_length=2 * MAX_SLUG + 1, blank=True, default="")
    key = models.CharField(max_length=MAX_SLUG)
    condition = models.CharField(max_length=MAX_TEXT, blank=True, default="")
    # Disagreement.digest() of what was judged.
    digest = models.CharField(max_length=32)
    verdict = models.CharField(max_length=20, choices=VERDICTS)
    # What an accepted side became.
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    why = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            of_one_subject("judgement_of_one_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.get_verdict_display()}"
