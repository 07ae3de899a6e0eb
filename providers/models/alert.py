from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, validate_email
from django.db import models
from django.db.models import Q

from ..choices import AlertEvent, AlertKind
from ..facts import MAX_NAME, MAX_SLUG, MAX_TEXT
from .endpoint import Endpoint
from .provider import Provider

KINDS = [
    (AlertKind.FAILING.value, "requests fail: uptime below … percent"),
    (AlertKind.SLOW.value, "slow: median TTFT above … milliseconds"),
    (AlertKind.SILENT.value, "nothing measured for … minutes"),
    (AlertKind.STUCK.value, "a job failed … times in a row"),
]
ALL_AND_MORE = 100  # percent


def check_addresses(text: str) -> None:
    for address in addresses_in(text):
        validate_email(address)


def addresses_in(text: str) -> list[str]:
    """`a@x.org, b@y.org` → each of them."""
    return [address for part in text.split(",") if (address := part.strip())]


class AlertRule(models.Model):
    """When somebody must be told, and how. Without a way it is shown in the admin alone."""

    name = models.CharField(max_length=MAX_NAME, unique=True)
    kind = models.CharField("tell when", max_length=MAX_SLUG, choices=KINDS)
    threshold = models.PositiveIntegerField(
        "limit",
        validators=[MinValueValidator(1)],
        help_text="The number in the sentence above: percent, milliseconds, minutes or times.",
    )
    least = models.PositiveIntegerField(
        "least requests",
        default=5,
        validators=[MinValueValidator(1)],
        help_text="Fewer requests in an hour say nothing. For uptime and TTFT.",
    )
    provider = models.ForeignKey(
        Provider,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only its endpoints; empty: all that are measured.",
    )
    endpoint = models.ForeignKey(
        Endpoint,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only this one.",
    )
    # Whoever knows the address of a webhook may post to it: it is kept as keys are (see vault.py).
    sealed_webhook = models.TextField(blank=True, editable=False)
    webhook_host = models.CharField(max_length=MAX_TEXT, blank=True, editable=False)
    emails = models.CharField(
        "e-mail addresses",
        max_length=MAX_TEXT,
        blank=True,
        validators=[check_addresses],
        help_text="With commas between. EMAIL_URL must be set.",
    )
    enabled = models.BooleanField(default=True)
    # The way's own trouble: not tried again before then.
    next_try_at = models.DateTimeField(null=True, blank=True, editable=False)
    tries = models.PositiveIntegerField(default=0, editable=False)
    last_error = models.CharField(max_length=MAX_TEXT, blank=True, default="", editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed_webhook="") | Q(emails=""), name="alert_rule_one_way"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def way(self) -> str:
        """Where its alerts go, as far as it is shown."""
        return self.webhook_host or self.emails

    def clean(self) -> None:
        if self.kind == AlertKind.FAILING and (self.threshold or 0) > ALL_AND_MORE:
            raise ValidationError({"threshold": "Uptime is at most 100 percent."})
        if self.kind == AlertKind.STUCK and (self.provider_id or self.endpoint_id):
            raise ValidationError("Jobs are not an endpoint's; leave provider and endpoint empty.")


class Alert(models.Model):
    """One thing that a rule found wrong, from when to when."""

    rule = models.ForeignKey(AlertRule, models.CASCADE, related_name="alerts")
    subject = models.CharField(max_length=MAX_TEXT)  # `endpoint:12:probe`, `job:refresh openrouter`
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, null=True, blank=True, related_name="+")
    said = models.CharField("what", max_length=MAX_TEXT)
    opened_at = models.DateTimeField("since")
    closed_at = models.DateTimeField("over since", null=True, blank=True)
    # The last that was told of it; empty: nothing yet.
    told = models.CharField(
        max_length=MAX_SLUG,
        blank=True,
        default="",
        choices=[(event.value, event.value) for event in AlertEvent],
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject"],
                condition=Q(closed_at=None),
                name="alert_open_once",
            ),
        ]
        indexes = [models.Index(fields=["-opened_at"], name="alert_latest")]

    def __str__(self) -> str:
        return self.said

    @property
    def event(self) -> AlertEvent:
        """What there is to tell of it."""
        return AlertEvent.OPENED if self.closed_at is None else AlertEvent.CLOSED
