from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from ..choices import Kind, Status
from ..facts import MAX_ID, MAX_NAME, MAX_TEXT
from .provider import Provider

KINDS = [(kind.value, kind.name.title()) for kind in Kind]
STATUSES = [(status.value, status.name.title()) for status in Status]


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def listed(self) -> "EndpointQuerySet":
        """Endpoints that a source states today."""
        return self.filter(gone_since=None)

    def by_provider_name(self) -> "EndpointQuerySet":
        return self.order_by("provider__name", "native_id", "upstream__name", "operation")


class Endpoint(models.Model):
    """One thing a provider sells under one id. Columns are published from claims."""

    provider = models.ForeignKey(Provider, models.CASCADE, related_name="endpoints")
    native_id = models.CharField(max_length=MAX_ID)
    # Who runs it behind a gateway; NULL if unnamed.
    upstream = models.ForeignKey(
        Provider, models.PROTECT, null=True, blank=True, related_name="resold"
    )
    operation = models.CharField(max_length=20, choices=KINDS)
    # Who made it by hand; NULL: a source did. One is on sale while editors state anything of it.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # Set when every source that listed it has dropped it.
    gone_since = models.DateTimeField(null=True, blank=True)

    name = models.CharField(max_length=MAX_NAME, null=True, blank=True)
    serves = models.CharField(max_length=MAX_ID, null=True, blank=True)
    aliases = models.JSONField(null=True, blank=True)
    family = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    # Tokens. NULL: nobody told us.
    context_length = models.PositiveBigIntegerField(null=True, blank=True)
    max_input = models.PositiveBigIntegerField(null=True, blank=True)
    max_output = models.PositiveBigIntegerField(null=True, blank=True)
    input_modalities = models.JSONField(null=True, blank=True)
    output_modalities = models.JSONField(null=True, blank=True)
    # Name → stated as supported or not; a name that is missing was not stated.
    parameters = models.JSONField(default=dict, blank=True)
    capabilities = models.JSONField(default=dict, blank=True)
    protocols = models.JSONField(default=dict, blank=True)
    reasoning_efforts = models.JSONField(null=True, blank=True)
    reasoning_field = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    quantization = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    # Dates as far as they were stated: 2023-10, 2024-07-18.
    knowledge_cutoff = models.CharField(max_length=10, null=True, blank=True)
    released_on = models.CharField(max_length=10, null=True, blank=True)
    updated_on = models.CharField(max_length=10, null=True, blank=True)
    deprecated_on = models.DateField(null=True, blank=True)
    retires_on = models.DateField(null=True, blank=True)
    replacement = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    status = models.CharField(max_length=20, choices=STATUSES, null=True, blank=True)
    licence = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    open_weights = models.BooleanField(null=True, blank=True)
    weights_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    dimensions = models.PositiveBigIntegerField(null=True, blank=True)
    requests_per_minute = models.PositiveBigIntegerField(null=True, blank=True)
    tokens_per_minute = models.PositiveBigIntegerField(null=True, blank=True)
    cache_min_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    tokenizer = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    regions = models.JSONField(null=True, blank=True)
    trains_on_prompts = models.BooleanField(null=True, blank=True)
    retention_days = models.PositiveIntegerField(null=True, blank=True)  # 0: keeps nothing
    zero_retention_offered = models.BooleanField(null=True, blank=True)
    moderation = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    status_page = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    api_base = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    key_variable = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    sdk = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    docs_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    pricing_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    evidence_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    announcement_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    # Fact key → id of the claim published in its column; `prices` → slug of the card's source.
    provenance = models.JSONField(default=dict, blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "native_id", "operation"],
                condition=Q(upstream=None),  # NULLs are distinct in a plain unique index
                name="endpoint_identity_direct",
            ),
            models.UniqueConstraint(
                fields=["provider", "native_id", "operation", "upstream"],
                name="endpoint_identity_upstream",
            ),
            models.CheckConstraint(
                condition=Q(context_length__gt=0), name="endpoint_context_length_gt_0"
            ),
        ]

    def __str__(self) -> str:
        via = f" → {self.upstream.name}" if self.upstream else ""
        return f"{self.provider.name}{via}: {self.native_id}"

    def is_retired(self, *, on: date) -> bool:
        return self.retires_on is not None and self.retires_on <= on
