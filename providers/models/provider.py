from django.db import models

from ..choices import Group
from ..facts import MAX_NAME, MAX_SLUG, MAX_TEXT

GROUPS = [(group.value, group.name.title()) for group in Group]


class ProviderQuerySet(models.QuerySet["Provider"]):
    def by_name(self) -> "ProviderQuerySet":
        return self.order_by("name", "slug")


class Provider(models.Model):
    """Who you call and pay. Columns other than slug and group are published from claims."""

    slug = models.CharField(max_length=MAX_SLUG, unique=True)
    name = models.CharField(max_length=MAX_NAME)
    group = models.CharField(max_length=20, choices=GROUPS, default=Group.CLOUD.value)
    # The provider this one is a regional site or a plan of (`alibaba-cn` of `alibaba`).
    company = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="branches"
    )

    headquarters = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    datacenters = models.JSONField(null=True, blank=True)
    terms_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    privacy_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    status_page = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    api_base = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    key_variable = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    auth_methods = models.JSONField(null=True, blank=True)
    sdk = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    docs_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    pricing_url = models.URLField(max_length=MAX_TEXT, null=True, blank=True)
    trains_on_prompts = models.BooleanField(null=True, blank=True)
    retention_days = models.PositiveIntegerField(null=True, blank=True)  # 0: keeps nothing
    zero_retention_offered = models.BooleanField(null=True, blank=True)
    moderation = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    free_credit = models.CharField(max_length=MAX_TEXT, null=True, blank=True)
    routing_modes = models.JSONField(null=True, blank=True)
    suffix_variants = models.JSONField(null=True, blank=True)
    # Two sources one factor apart on its prices: see disagreement/scale.py. Measured by refreshes.
    price_factors = models.JSONField(default=list, blank=True)
    # Fact key → id of the claim published in its column.
    provenance = models.JSONField(default=dict, blank=True)

    objects = ProviderQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
