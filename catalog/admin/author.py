from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from catalog.models import Author

from .pages import PageAdmin


@admin.register(Author)
class AuthorAdmin(PageAdmin):
    list_display = ("name", "slug", "model_count", "homepage")
    search_fields = ("name", "slug")
    ordering = ("name",)
    autocomplete_fields = ("providers",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Author]:
        return super().get_queryset(request).annotate(models_n=Count("models"))

    @admin.display(description="Models", ordering="models_n")
    def model_count(self, row: Author) -> int:
        number: int = row.models_n  # type: ignore[attr-defined]
        return number
