"""Prometheus servers whose sums are read."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from .. import prometheus_servers
from ..models import PrometheusMatch, PrometheusServer
from ..stats.prometheus import BadMapping, read_mapping


class ServerForm(forms.ModelForm[PrometheusServer]):
    class Meta:
        model = PrometheusServer
        fields = (
            "name", "base", "variable", "mapping", "own_mapping", "provider", "region", "paused",
        )  # fmt: skip

    def clean_own_mapping(self) -> str:
        text = str(self.cleaned_data["own_mapping"])
        if text.strip():
            try:
                read_mapping(text)
            except BadMapping as error:
                raise forms.ValidationError(f"This is no mapping: {error}.") from None
        return text


class MatchInline(admin.TabularInline[PrometheusMatch, PrometheusServer]):
    model = PrometheusMatch
    extra = 0
    autocomplete_fields = ("endpoint",)


@admin.register(PrometheusServer)
class PrometheusServerAdmin(admin.ModelAdmin[PrometheusServer]):
    form = ServerForm
    inlines = (MatchInline,)
    list_display = ("name", "base", "mapping", "region", "paused", "read_until")
    autocomplete_fields = ("provider",)
    search_fields = ("name", "base")
    ordering = ("name",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _keep_jobs()

    def delete_model(self, request: HttpRequest, obj: PrometheusServer) -> None:
        super().delete_model(request, obj)
        _keep_jobs()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[PrometheusServer]) -> None:
        super().delete_queryset(request, queryset)
        _keep_jobs()


def _keep_jobs() -> None:
    prometheus_servers.keep_jobs(now=datetime.now(UTC))
