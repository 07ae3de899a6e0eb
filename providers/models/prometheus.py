from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from ..facts import MAX_ID, MAX_NAME, MAX_TEXT
from .credential import check_base
from .endpoint import Endpoint
from .provider import Provider

OWN = "own"
MAPPINGS = [
    ("vllm", "vLLM"),
    ("litellm", "LiteLLM proxy"),
    ("envoy-ai-gateway", "Envoy AI Gateway"),
    (OWN, "as written below"),
]


class PrometheusServer(models.Model):
    """A Prometheus-compatible server whose sums are read, hour by hour."""

    name = models.CharField(max_length=MAX_NAME, unique=True)
    base = models.CharField(
        "address",
        max_length=MAX_TEXT,
        validators=[check_base],
        help_text="Without /api/v1, like https://prometheus.example.org. Inside a private network, "
        "name that in ALLOWED_PRIVATE_NETWORKS.",
    )
    # Only variables that were set for this purpose may be sent anywhere.
    variable = models.CharField(
        "environment variable of a bearer token",
        max_length=MAX_NAME,
        blank=True,
        validators=[
            RegexValidator(
                r"^PROMETHEUS_KEY_[A-Z0-9_]+\Z",
                "Name a variable that begins with PROMETHEUS_KEY_, in capitals.",
            )
        ],
        help_text="A variable of the workers, beginning with PROMETHEUS_KEY_; empty for none.",
    )
    mapping = models.CharField("names of metrics", max_length=20, choices=MAPPINGS)
    own_mapping = models.TextField(
        blank=True, help_text="TOML, of the form of providers/stats/prometheus.toml."
    )
    provider = models.ForeignKey(
        Provider,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose endpoints its models are, where the metrics name no provider.",
    )
    # Its roll-ups stand under it: what is read again replaces them, and nobody else's.
    region = models.CharField(
        max_length=60, unique=True, help_text="What its figures are shown under, like eu-central."
    )
    paused = models.BooleanField(default=False)
    # Hours before are read and complete. NULL: never read.
    read_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "Prometheus server"

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.mapping == OWN and not self.own_mapping.strip():
            raise ValidationError({"own_mapping": "Write the names of the metrics, or choose."})


class PrometheusMatch(models.Model):
    """Which endpoint a model of such a server is, where its name does not say so."""

    server = models.ForeignKey(PrometheusServer, models.CASCADE, related_name="matches")
    model = models.CharField("model label", max_length=MAX_ID)
    provider = models.CharField("provider label", max_length=MAX_NAME, blank=True, default="")
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = "match"
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(
                fields=["server", "model", "provider"], name="prometheus_match_once"
            )
        ]

    def __str__(self) -> str:
        return self.model
