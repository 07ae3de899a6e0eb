from datetime import timedelta
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from ..choices import Outcome, Protocol
from ..facts import MAX_ID, MAX_SLUG, MAX_TEXT
from .credential import Credential
from .endpoint import Endpoint
from .provider import Provider

PROTOCOLS = [
    (Protocol.OPENAI_CHAT.value, "OpenAI chat completions"),
    (Protocol.OPENAI_RESPONSES.value, "OpenAI responses"),
    (Protocol.ANTHROPIC_MESSAGES.value, "Anthropic messages"),
]
OUTCOMES = [(one.value, one.name.replace("_", " ").lower()) for one in Outcome]
MIN_EVERY = timedelta(minutes=1)
MAX_PROMPT_TOKENS = 200_000
MAX_OUTPUT_TOKENS = 8_192
# The smallest piece of money that a budget counts, in places after the point.
MONEY_PLACES = 9


class ProbePlan(models.Model):
    """Measure one endpoint again and again, with a key of ours, from one place."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="probe_plans")
    credential = models.ForeignKey(Credential, models.CASCADE, related_name="plans")
    protocol = models.CharField(max_length=MAX_SLUG, choices=PROTOCOLS)
    model_id = models.CharField(
        "model id to send",
        max_length=MAX_ID,
        blank=True,
        help_text="Empty: the endpoint's own id.",
    )
    every = models.DurationField(
        default=timedelta(minutes=30),
        validators=[MinValueValidator(MIN_EVERY)],
        help_text="Hours:minutes:seconds; each time is moved by up to a tenth, either way.",
    )
    prompt_tokens = models.PositiveIntegerField(
        default=200,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_PROMPT_TOKENS)],
        help_text="Size of the prompt, roughly; each prompt is new, so that no cache answers it.",
    )
    output_tokens = models.PositiveIntegerField(
        default=64,
        validators=[MinValueValidator(16), MaxValueValidator(MAX_OUTPUT_TOKENS)],
        help_text="The longest answer that is asked for.",
    )
    # Where it is measured from: its jobs are in the queue probe.<region>. Empty: any worker.
    region = models.CharField(
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"\A[a-z0-9-]+\Z", "Small letters, digits and hyphens.")],
        help_text="Where it is measured from: only workers of the queue “probe.REGION” take it. "
        "Empty: any worker.",
    )
    enabled = models.BooleanField(default=True)
    # While a probe is under way; a worker that dies leaves it to run out.
    running_until = models.DateTimeField(null=True, blank=True, editable=False)
    last_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_outcome = models.CharField(
        max_length=20, choices=OUTCOMES, blank=True, default="", editable=False
    )
    last_said = models.CharField(max_length=MAX_TEXT, blank=True, default="", editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "credential", "protocol", "region", "prompt_tokens"],
                name="probe_plan_once",
            ),
        ]

    def __str__(self) -> str:
        place = f" from {self.region}" if self.region else ""
        return f"{self.endpoint}{place}"

    @property
    def sent_model_id(self) -> str:
        return self.model_id or self.endpoint.native_id

    @property
    def queue(self) -> str:
        """Of the broker; empty: the one that every worker listens to."""
        return f"probe.{self.region}" if self.region else ""


class ProbeAllowance(models.Model):
    """What probing one provider may cost in a day (UTC), and how many may run at once.

    Without one, its plans do not run. `spent` holds what is under way at its highest possible cost.
    """

    provider = models.OneToOneField(Provider, models.CASCADE, related_name="probe_allowance")
    per_day = models.DecimalField(
        "money per day",
        max_digits=15,
        decimal_places=MONEY_PLACES,
        validators=[MinValueValidator(Decimal(0))],
    )
    currency = models.CharField(max_length=3, default="USD")
    at_once = models.PositiveSmallIntegerField(
        "probes at once", default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    spent = models.DecimalField(
        max_digits=15, decimal_places=MONEY_PLACES, default=Decimal(0), editable=False
    )
    spent_on = models.DateField(null=True, blank=True, editable=False)
    # After a 429 nobody asks before then.
    resume_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(per_day__gte=0), name="probe_allowance_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.provider.name}: {self.per_day.normalize():f} {self.currency} a day"
