"""Admins of what pages draw besides claims: each change makes a new edition."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet, URLField
from django.forms import ModelForm
from django.http import HttpRequest

from providers import publish


class PageAdmin(admin.ModelAdmin[Any]):
    """A change shows at once: cached pages belong to the edition before."""

    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def save_related(
        self, request: HttpRequest, form: ModelForm[Any], formsets: Sequence[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        publish.announce(now=datetime.now(UTC))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        publish.announce(now=datetime.now(UTC))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, queryset)
        publish.announce(now=datetime.now(UTC))
