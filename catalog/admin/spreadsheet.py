"""CSV in and out of the admin: a preview before anything is written, faults told row by row."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString, mark_safe
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV
from import_export.instance_loaders import ModelInstanceLoader
from import_export.resources import Diff, ModelResource
from import_export.widgets import CharWidget, DecimalWidget, ForeignKeyWidget

from catalog.models import AIModel
from providers import publish
from providers.facts import partial_date
from providers.spreadsheets import disarmed, rearmed

from .pages import PageAdmin


class SafeCSV(CSV):  # type: ignore[misc]  # the library carries no types
    """CSV whose cells no spreadsheet runs; what is exported can be imported again unchanged."""

    def export_data(self, dataset: Any, **kwargs: Any) -> Any:
        for _ in range(len(dataset)):
            dataset.append([disarmed(str(cell)) for cell in dataset.lpop()])
        return dataset.export(self.get_title(), **kwargs)


# -- cells ----------------------------------------------------------------------------------------


class ModelPathWidget(ForeignKeyWidget):  # type: ignore[misc]
    """`author/slug`."""

    def __init__(self) -> None:
        super().__init__(AIModel)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> AIModel:
        author, _, slug = str(value or "").strip().partition("/")
        try:
            return AIModel.objects.select_related("author").get(author__slug=author, slug=slug)
        except AIModel.DoesNotExist:
            raise ValueError(f"no model is called {value!r}; write author/slug") from None

    def render(self, value: AIModel | None, obj: Any = None, **kwargs: Any) -> str:
        return f"{value.author.slug}/{value.slug}" if value else ""


class SlugWidget(ForeignKeyWidget):  # type: ignore[misc]
    """The slug of something that exists."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        try:
            return self.model.objects.get(slug=str(value or "").strip())
        except ObjectDoesNotExist:
            name = self.model._meta.verbose_name
            raise ValueError(f"no {name} has the slug {value!r}; enter it first") from None


class NumberWidget(DecimalWidget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal | None:
        try:
            number: Decimal | None = super().clean(value, row, **kwargs)
        except InvalidOperation:
            raise ValueError(f"{value!r} is not a number") from None
        return number


class PartialDateWidget(CharWidget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return partial_date(value) if value else ""  # a BadFact is a ValueError


# -- rows -----------------------------------------------------------------------------------------


class PatientLoader(ModelInstanceLoader):  # type: ignore[misc]
    """A row whose key cannot be read is no known row; its cells tell why, with all other faults."""

    def get_instance(self, row: Mapping[str, Any]) -> Any:
        try:
            return super().get_instance(row)
        except ValueError:
            return None


class PlainDiff(Diff):  # type: ignore[misc]
    """Before and after without the library's inline colours, which our policy forbids."""

    def as_html(self) -> list[SafeString]:
        before = [""] * len(self.right) if self.new else self.left
        return [_changed(str(old), str(new)) for old, new in zip(before, self.right, strict=True)]


def _changed(old: str, new: str) -> SafeString:
    parts = []
    if old != new and old:
        parts.append(f"<del>{escape(old)}</del>")
    if new:
        parts.append(escape(new) if old == new else f"<ins>{escape(new)}</ins>")
    return mark_safe(" ".join(parts))  # noqa: S308  both were escaped


class RowsResource(ModelResource):  # type: ignore[misc]
    """Rows found by their natural key, checked as the admin's own form checks them."""

    class Meta:
        abstract = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        instance_loader_class = PatientLoader

    @classmethod
    def get_diff_class(cls) -> type[PlainDiff]:
        return PlainDiff

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        for name, cell in row.items():
            row[name] = rearmed(cell) if isinstance(cell, str) else cell


class SpreadsheetAdmin(ImportExportMixin, PageAdmin):  # type: ignore[misc]
    """Import with preview and export, as CSV; an import makes a new edition."""

    import_formats = export_formats = [SafeCSV]
    skip_export_form = True
    import_template_name = "admin/import.html"
    to_encoding = "utf-8"

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """All or nothing: a row that went bad since its preview takes the others with it."""
        kept: dict[str, Any] = super().get_import_data_kwargs(**kwargs)
        return {**kept, "rollback_on_validation_errors": True}

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        publish.announce(now=datetime.now(UTC))
        answer: HttpResponse = super().process_result(result, request)
        return answer
