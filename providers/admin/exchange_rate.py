from datetime import UTC, date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from .. import publish
from ..facts import BadFact
from ..models import ExchangeRate
from ..rates import EDITOR, EURO, Rate, known_currency


class ExchangeRateForm(forms.ModelForm[ExchangeRate]):
    """An editor's own rate; the file's stand beside it and are not changed by hand."""

    class Meta:
        model = ExchangeRate
        fields = ("currency", "per_euro", "day")

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).strip().upper()
        try:
            known_currency(code)
        except BadFact as error:
            raise forms.ValidationError(str(error)) from error
        if code == EURO:
            raise forms.ValidationError("Rates are per euro, so the euro has none.")
        return code

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        # Somewhere on earth it is already tomorrow.
        if day > (datetime.now(UTC) + timedelta(hours=14)).date():
            raise forms.ValidationError("That day has not come; write today or a day gone by.")
        return day

    def clean(self) -> dict[str, Any]:
        stated = super().clean() or {}
        self.instance.source = EDITOR
        if not {"currency", "per_euro", "day"} <= stated.keys():
            return stated  # the fields say what is wrong
        currency, day = stated["currency"], stated["day"]
        try:
            Rate(currency, stated["per_euro"], day, EDITOR)
        except BadFact as error:
            self.add_error("per_euro", str(error))
        same = ExchangeRate.objects.filter(currency=currency, day=day, source=EDITOR)
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("day", "An editor’s rate of that day stands already; change that one.")
        return stated


@admin.register(ExchangeRate)
class ExchangeRateAdmin(admin.ModelAdmin[ExchangeRate]):
    """Rates by which prices in other currencies are converted; an editor's goes before the file's.

    Pages are printed anew as soon as one was saved.
    """

    form = ExchangeRateForm
    list_display = ("day", "currency", "per_euro", "source")
    list_filter = ("source", "currency")
    date_hierarchy = "day"
    ordering = ("-day", "currency", "source")
    search_fields = ("currency",)

    def has_change_permission(self, request: HttpRequest, obj: ExchangeRate | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or _by_editor(obj))

    def has_delete_permission(self, request: HttpRequest, obj: ExchangeRate | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or _by_editor(obj))

    def save_model(
        self, request: HttpRequest, obj: ExchangeRate, form: forms.ModelForm[Any], change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        publish.announce(now=datetime.now(UTC))

    def delete_model(self, request: HttpRequest, obj: ExchangeRate) -> None:
        super().delete_model(request, obj)
        publish.announce(now=datetime.now(UTC))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ExchangeRate]) -> None:
        """Only editors' own; those of the file stay."""
        super().delete_queryset(request, queryset.filter(source=EDITOR))
        publish.announce(now=datetime.now(UTC))


def _by_editor(rate: ExchangeRate) -> bool:
    return rate.source == EDITOR
