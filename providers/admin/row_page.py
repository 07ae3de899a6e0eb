"""The page of one row, told more than its fields."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse


class RowPage(admin.ModelAdmin[Any]):
    """An admin whose template of a row asks for more than the row."""

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the template needs besides; asked only where there is a row."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if object_id else None
        told = {} if row is None else self.page_context(request, row)
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **told}
        )
