"""Probing: keys, plans and allowances. Nothing is asked of anybody until all three are there."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from .. import probing, vault
from ..choices import Kind
from ..models import Credential, ProbeAllowance, ProbePlan
from .asking import run_now

_SHORTEST_SECRET = 8


class CredentialForm(forms.ModelForm[Credential]):
    """The key goes in and never comes out again."""

    secret = forms.CharField(
        label="Key",
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Encrypted when it is saved and never shown again. Empty: as it was.",
    )

    class Meta:
        model = Credential
        fields = ("provider", "label", "base", "header", "variable")

    def clean_base(self) -> str:
        return str(self.cleaned_data["base"]).rstrip("/")

    def clean_secret(self) -> str:
        secret = str(self.cleaned_data["secret"])
        if secret and (len(secret) < _SHORTEST_SECRET or not secret.isascii()):
            raise forms.ValidationError(
                "This is no key: it is shorter than 8 characters or has letters no key has."
            )
        if any(not letter.isprintable() or letter == " " for letter in secret):
            raise forms.ValidationError("A key has no spaces and no line breaks in it.")
        return secret

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        secret, variable = cleaned.get("secret", ""), cleaned.get("variable", "")
        has_one = bool(secret or self.instance.sealed)
        if secret and variable:
            self.add_error("variable", "Give the key or the name of a variable, not both.")
        elif not variable and not has_one and "secret" not in self.errors:
            self.add_error("secret", "Give the key, or the name of a variable that holds it.")
        elif not (secret or variable) and self._moves(cleaned.get("base", "")):
            self.add_error("secret", "The address is another one; enter the key again for it.")
        return cleaned

    def _moves(self, base: str) -> bool:
        """Whether a key that is kept would be sent to a host it was not entered for."""
        before = Credential(base=self.initial.get("base", ""))
        return bool(self.instance.pk) and Credential(base=base).origin != before.origin

    def save(self, commit: bool = True) -> Credential:
        secret = self.cleaned_data["secret"]
        if secret:
            self.instance.sealed, self.instance.hint = vault.seal(secret), secret[-4:]
        elif self.instance.variable:
            self.instance.sealed = self.instance.hint = ""
        return super().save(commit)


@admin.register(Credential)
class CredentialAdmin(admin.ModelAdmin[Credential]):
    form = CredentialForm
    fields = ("provider", "label", "base", "header", "secret", "variable")
    list_display = ("label", "provider", "base", "key", "plan_count")
    list_select_related = ("provider",)
    autocomplete_fields = ("provider",)
    search_fields = ("label", "provider__slug", "provider__name")
    ordering = ("provider__name", "label")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Credential]:
        return super().get_queryset(request).annotate(plans_n=Count("plans"))

    @admin.display(description="Key")
    def key(self, credential: Credential) -> str:
        return credential.shown

    @admin.display(description="Plans", ordering="plans_n")
    def plan_count(self, credential: Any) -> int:
        number: int = credential.plans_n
        return number

    def delete_model(self, request: HttpRequest, obj: Credential) -> None:
        super().delete_model(request, obj)
        _keep_jobs()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Credential]) -> None:
        super().delete_queryset(request, queryset)
        _keep_jobs()


class PlanForm(forms.ModelForm[ProbePlan]):
    class Meta:
        model = ProbePlan
        fields = (
            "endpoint", "credential", "protocol", "model_id", "every", "prompt_tokens",
            "output_tokens", "region", "enabled",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        endpoint, credential = cleaned.get("endpoint"), cleaned.get("credential")
        if endpoint and endpoint.operation != Kind.CHAT:
            self.add_error("endpoint", "Only chat endpoints are probed.")
        if endpoint and credential and endpoint.provider_id != credential.provider_id:
            self.add_error(
                "credential",
                f"This key is for {credential.provider}; the endpoint is sold by "
                f"{endpoint.provider}. Choose a key of that provider.",
            )
        return cleaned


@admin.register(ProbePlan)
class ProbePlanAdmin(admin.ModelAdmin[ProbePlan]):
    form = PlanForm
    list_display = (
        "endpoint", "region", "every", "enabled", "last_outcome", "last_said", "last_at",
    )  # fmt: skip
    list_select_related = ("endpoint__provider", "endpoint__upstream")
    list_filter = (
        *("enabled", "last_outcome", "region"),
        ("endpoint__provider", admin.RelatedOnlyFieldListFilter),
    )
    autocomplete_fields = ("endpoint", "credential")
    search_fields = ("endpoint__native_id", "endpoint__provider__slug")
    ordering = ("endpoint__provider__name", "endpoint__native_id")
    readonly_fields = ("costs", "last_outcome", "last_said", "last_at")
    actions = ("probe_now", "switch_on", "switch_off")

    @admin.display(description="Costs at most")
    def costs(self, plan: ProbePlan) -> str:
        """Of one probe and of a day of them, at today's prices."""
        if plan.pk is None:
            return "is told when it is saved"
        try:
            money = probing.highest_cost(plan, now=datetime.now(UTC))
        except probing.Refused as error:
            return str(error)
        once, day = (f"{amount.normalize():f}" for amount in (money.once, money.day))
        return f"{once} {money.currency} a probe, {day} {money.currency} a day"

    def save_model(self, request: HttpRequest, obj: ProbePlan, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _keep_jobs()

    def delete_model(self, request: HttpRequest, obj: ProbePlan) -> None:
        super().delete_model(request, obj)
        _keep_jobs()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ProbePlan]) -> None:
        super().delete_queryset(request, queryset)
        _keep_jobs()

    @admin.action(description="Probe now", permissions=["change"])
    def probe_now(self, request: HttpRequest, rows: QuerySet[ProbePlan]) -> None:
        enabled = rows.filter(enabled=True)
        for plan in enabled:
            run_now(probing.JOB, str(plan.pk))
        messages.success(request, f"Due now: {len(enabled)}; a worker takes them in a moment.")

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, rows: QuerySet[ProbePlan]) -> None:
        messages.success(request, f"Switched on {rows.update(enabled=True)}.")
        _keep_jobs()

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, rows: QuerySet[ProbePlan]) -> None:
        messages.success(request, f"Switched off {rows.update(enabled=False)}.")
        _keep_jobs()


@admin.register(ProbeAllowance)
class ProbeAllowanceAdmin(admin.ModelAdmin[ProbeAllowance]):
    fields = ("provider", "per_day", "currency", "at_once", "spent_today", "resume_at")
    readonly_fields = ("spent_today", "resume_at")
    list_display = ("provider", "per_day", "currency", "at_once", "spent_today", "resume_at")
    list_select_related = ("provider",)
    autocomplete_fields = ("provider",)
    search_fields = ("provider__slug", "provider__name")
    ordering = ("provider__name",)

    @admin.display(description="Spent today (UTC)")
    def spent_today(self, allowance: ProbeAllowance) -> str:
        today = datetime.now(UTC).date()
        return f"{allowance.spent.normalize():f}" if allowance.spent_on == today else "0"


def _keep_jobs() -> None:
    probing.keep_jobs(now=datetime.now(UTC))
