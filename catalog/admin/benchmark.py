from typing import Any

from django import forms
from django.contrib import admin
from import_export.fields import Field

from catalog.models import Benchmark, Score
from providers.facts import BadFact, partial_date

from .pages import PageAdmin
from .spreadsheet import (
    ModelPathWidget,
    NumberWidget,
    PartialDateWidget,
    RowsResource,
    SlugWidget,
    SpreadsheetAdmin,
)


@admin.register(Benchmark)
class BenchmarkAdmin(PageAdmin):
    list_display = ("name", "slug", "metric", "higher_is_better", "homepage")
    search_fields = ("name", "slug")
    ordering = ("name",)


COLUMNS = (
    "model", "benchmark", "value", "unit", "condition", "harness", "source_name", "source_url",
    "published_on",
)  # fmt: skip


class ScoreForm(forms.ModelForm[Score]):
    class Meta:
        model = Score
        fields = ("published_on",)

    def clean_published_on(self) -> str:
        stated: str = self.cleaned_data["published_on"]
        try:
            return partial_date(stated) if stated else ""
        except BadFact as error:
            raise forms.ValidationError(str(error)) from error


class ScoreResource(RowsResource):
    """One score a row, found by who published it of which model under which condition."""

    model = Field("model", "model", ModelPathWidget())
    benchmark = Field("benchmark", "benchmark", SlugWidget(Benchmark, "slug"))
    value = Field("value", "value", NumberWidget())
    published_on = Field("published_on", "published_on", PartialDateWidget())

    class Meta(RowsResource.Meta):
        model = Score
        import_id_fields = ("model", "benchmark", "condition", "harness", "source_name")
        fields = import_order = export_order = COLUMNS


@admin.register(Score)
class ScoreAdmin(SpreadsheetAdmin):
    form = ScoreForm
    fields = COLUMNS
    resource_classes = (ScoreResource,)
    list_display = (
        "model_path", "benchmark", "stated", "unit", "condition", "harness", "source_name",
        "published_on",
    )  # fmt: skip
    list_select_related = ("model__author", "benchmark")
    list_filter = ("benchmark",)
    search_fields = ("model__name", "model__slug", "benchmark__name")
    autocomplete_fields = ("model", "benchmark")
    ordering = ("benchmark__name", "-value")

    @admin.display(description="Model", ordering="model__slug")
    def model_path(self, row: Any) -> str:
        return f"{row.model.author.slug}/{row.model.slug}"

    @admin.display(description="Value", ordering="value")
    def stated(self, row: Any) -> str:
        return f"{row.value.normalize():f}"
