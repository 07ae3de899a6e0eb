"""Alerts, and the rules that open them."""

from datetime import UTC, datetime
from typing import Any

import httpx2
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from .. import alerts, vault
from ..choices import AlertEvent
from ..models import Alert, AlertRule
from .readonly import ReadOnlyAdmin

REACH = {"kind", "threshold", "provider", "endpoint", "enabled"}


class RuleForm(forms.ModelForm[AlertRule]):
    """A webhook's address goes in and never comes out again: who knows it may post there."""

    webhook = forms.CharField(
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "vTextField"}),
        help_text="Address of an incoming webhook, like that of a chat channel. Encrypted when it "
        "is saved; only its host is shown again. Empty: as it was.",
    )
    forget_webhook = forms.BooleanField(required=False, label="Forget the webhook")

    class Meta:
        model = AlertRule
        fields = ("name", "kind", "threshold", "least", "provider", "endpoint", "emails", "enabled")

    def clean_webhook(self) -> str:
        text = str(self.cleaned_data["webhook"])
        if not text:
            return text
        try:
            url = httpx2.URL(text)
        except (httpx2.InvalidURL, TypeError):
            raise forms.ValidationError("This is no address.") from None
        if url.scheme not in ("https", "http") or not url.host or url.userinfo:
            raise forms.ValidationError(
                "Write the whole address, from https:// on and without a user name."
            )
        return text

    def clean_emails(self) -> str:
        emails = str(self.cleaned_data["emails"])
        if emails and not settings.EMAIL_URL:
            raise forms.ValidationError("No mail can be sent before EMAIL_URL is set.")
        return emails

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        keeps = self.instance.sealed_webhook and not cleaned.get("forget_webhook")
        if cleaned.get("emails") and (cleaned.get("webhook") or keeps):
            self.add_error("emails", "A rule has one way. Forget the webhook, or make two rules.")
        endpoint, provider = cleaned.get("endpoint"), cleaned.get("provider")
        if endpoint and provider and endpoint.provider_id != provider.pk:
            self.add_error("endpoint", f"{endpoint} is not sold by {provider}; leave one empty.")
        return cleaned

    def save(self, commit: bool = True) -> AlertRule:
        webhook = self.cleaned_data["webhook"]
        if webhook:
            self.instance.sealed_webhook = vault.seal(webhook)
            self.instance.webhook_host = httpx2.URL(webhook).host
        elif self.cleaned_data["forget_webhook"]:
            self.instance.sealed_webhook = self.instance.webhook_host = ""
        if {"webhook", "forget_webhook", "emails", "enabled"} & set(self.changed_data):
            # Another way: the trouble of the old one is no reason to wait.
            self.instance.next_try_at, self.instance.tries = None, 0
            self.instance.last_error = ""
        return super().save(commit)


@admin.register(AlertRule)
class AlertRuleAdmin(admin.ModelAdmin[AlertRule]):
    form = RuleForm
    fields = (
        "name", "kind", "threshold", "least", "provider", "endpoint", "webhook", "webhook_host",
        "forget_webhook", "emails", "enabled", "trouble",
    )  # fmt: skip
    readonly_fields = ("webhook_host", "trouble")
    list_display = ("name", "tells_when", "of", "way", "enabled", "open_count", "trouble")
    list_select_related = ("provider", "endpoint__provider", "endpoint__upstream")
    autocomplete_fields = ("provider", "endpoint")
    search_fields = ("name",)
    ordering = ("name",)
    actions = ("send_test",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertRule]:
        is_open = Q(alerts__closed_at=None, alerts__isnull=False)
        return super().get_queryset(request).annotate(open_n=Count("alerts", filter=is_open))

    @admin.display(description="Tells when", ordering="kind")
    def tells_when(self, rule: AlertRule) -> str:
        return rule.get_kind_display().replace("…", str(rule.threshold))

    @admin.display(description="Of")
    def of(self, rule: AlertRule) -> str:
        return str(rule.endpoint or rule.provider or "all")

    @admin.display(description="Told to")
    def way(self, rule: AlertRule) -> str:
        return rule.way or "shown here alone"

    @admin.display(description="Open")
    def open_count(self, rule: Any) -> int:
        number: int = rule.open_n
        return number

    @admin.display(description="Not told, because")
    def trouble(self, rule: AlertRule) -> str:
        if not rule.last_error:
            return "–"
        return f"{rule.last_error}; tried {rule.tries} times"

    def save_model(self, request: HttpRequest, obj: AlertRule, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and REACH & set(form.changed_data):
            alerts.drop(obj, now=datetime.now(UTC))

    @admin.action(description="Send a test", permissions=["change"])
    def send_test(self, request: HttpRequest, rows: QuerySet[AlertRule]) -> None:
        for rule in rows:
            if not rule.way:
                messages.warning(request, f"{rule}: has no way; its alerts are shown here alone.")
                continue
            try:
                alerts.test(rule, now=datetime.now(UTC))
            except alerts.NotTold as error:
                messages.error(request, f"{rule}: {error}.")
            else:
                messages.success(request, f"{rule}: {rule.way} took it.")


class OpenFilter(admin.SimpleListFilter):
    title = "how it stands"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "open"), ("0", "over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Alert]) -> QuerySet[Alert]:
        if self.value() not in ("0", "1"):
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "1")


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """What rules found wrong, from when to when. Kept 90 days after it was over."""

    list_display = ("said", "rule", "opened_at", "closed_at", "told")
    list_select_related = ("rule",)
    list_filter = (OpenFilter, "rule")
    search_fields = ("said",)
    ordering = ("-opened_at", "-pk")
    fields = ("said", "rule", "endpoint", "opened_at", "closed_at", "told")
    readonly_fields = fields
    actions = ("close",)

    def has_close_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.change_alert"))

    @admin.action(description="Close: it is over or known", permissions=["close"])
    def close(self, request: HttpRequest, rows: QuerySet[Alert]) -> None:
        closed = rows.filter(closed_at=None).update(
            closed_at=datetime.now(UTC), told=AlertEvent.CLOSED.value
        )
        messages.success(request, f"Closed {closed}. What is still wrong opens a new one.")
