from django.contrib import admin

from catalog.models import Benchmark, Score

from .pages import PageAdmin


@admin.register(Benchmark)
class BenchmarkAdmin(PageAdmin):
    list_display = ("name", "slug", "metric", "higher_is_better", "homepage")
    search_fields = ("name", "slug")
    ordering = ("name",)


@admin.register(Score)
class ScoreAdmin(PageAdmin):
    list_display = (
        "model", "benchmark", "value", "unit", "condition", "harness", "source_name",
        "published_on",
    )  # fmt: skip
    list_select_related = ("model", "benchmark")
    list_filter = ("benchmark",)
    search_fields = ("model__name", "model__slug", "benchmark__name")
    autocomplete_fields = ("model", "benchmark")
    ordering = ("benchmark__name", "-value")
