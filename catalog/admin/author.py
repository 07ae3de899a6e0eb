from typing import Any

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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        counted: QuerySet[Any] = super().get_queryset(request).annotate(models_n=Count("models"))
        return counted

    @admin.display(description="Models", ordering="models_n")
    def model_count(self, row: Any) -> int:
        number: int = row.models_n
        return number

    def get_readonly_fields(
        self, request: HttpRequest, obj: Author | None = None
    ) -> tuple[str, ...]:
        return ("slug",) if obj else ()  # addresses of pages are made of it

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never with models: they would go too, and the next refresh would bring them back."""
        if obj is None or obj.models.exists():
            return False
        return super().has_delete_permission(request, obj)
