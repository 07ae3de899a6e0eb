"""Prices as files in the admin: out as CSV or JSON; in, told row by row before anything is written.

An import ends as a draft, whose preview says which numbers would change and saves them.
"""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from ..choices import Book, EditKind
from ..models import Draft, Provider
from ..pricing_desk import drafts, sheet, upload
from ..pricing_desk.cells import COLUMNS
from ..pricing_desk.sheet import BadFile
from ..pricing_desk.upload import Read
from .books import editable_books, visible_books

MAX_BYTES = 8 * 1024 * 1024
SHOWN = 200  # rows of a diff on one page


class FileForm(forms.Form):
    file = forms.FileField(
        help_text="CSV or JSON as the export writes it. Rows you leave out stay as they are."
    )
    why = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Where the prices come from. You can write it later, before saving.",
    )

    name = ""  # of the file

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                f"The file has {file.size / 2**20:.1f} MB; import at most "
                f"{MAX_BYTES // 2**20} MB at once, for instance a provider at a time."
            )
        self.name = str(file.name)
        content: bytes = file.read()
        return content


class PriceSheets(admin.ModelAdmin[Any]):
    """A list of prices, with files in and out."""

    change_list_template = "admin/price_list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("export/", view(self.export_view), name="providers_price_export"),
            path("import/", view(self.import_view), name="providers_price_import"),
            path("import/<int:pk>/", view(self.diff_view), name="providers_price_diff"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """`?provider=`, `?endpoint=` (any number), `?book=` and `?format=csv` or `json`."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = request.GET.getlist("book") or [Book.PUBLIC.value]
        books = [book for book in wanted if book in visible_books(request.user)]
        if not books:
            raise PermissionDenied
        endpoints = [int(pk) for pk in request.GET.getlist("endpoint") if pk.isdecimal()]
        now = datetime.now(UTC)
        found = sheet.rows(
            now=now, books=books, provider=request.GET.get("provider", ""), endpoints=endpoints
        )
        as_json = request.GET.get("format") == "json"
        text = sheet.as_json(found) if as_json else sheet.as_csv(found)
        kind = "application/json" if as_json else "text/csv; charset=utf-8"
        ending = "json" if as_json else "csv"
        return HttpResponse(
            text,
            content_type=kind,
            headers={
                "Content-Disposition": f'attachment; filename="prices-{now:%Y-%m-%d}.{ending}"',
            },
        )

    def import_view(self, request: HttpRequest) -> HttpResponse:
        books = editable_books(request.user)
        if not books:
            raise PermissionDenied
        posted = request.method == "POST"
        form = FileForm(request.POST, request.FILES) if posted else FileForm()
        read: Read | None = None
        now = datetime.now(UTC)
        if posted and form.is_valid():
            try:
                read = upload.read(sheet.parse(form.cleaned_data["file"]), now=now, books=books)
            except BadFile as error:
                form.add_error("file", str(error))
        if read is not None and read.edits and not read.faults:
            draft = self._draft(request, form, read, now)
            return HttpResponseRedirect(reverse("admin:providers_price_diff", args=[draft.pk]))
        context = {
            "title": "Import prices",
            "form": form,
            "read": read,
            "columns": COLUMNS,
            "providers": Provider.objects.order_by("name").values_list("slug", "name"),
            "books": visible_books(request.user),
        }
        return self._page(request, "admin/price_import.html", context)

    def _draft(self, request: HttpRequest, form: FileForm, read: Read, now: datetime) -> Draft:
        draft = drafts.make(
            [row.edit for row in read.edits],
            kind=EditKind.IMPORT,
            by=request.user,  # type: ignore[arg-type]  # staff: admin_view let them in
            now=now,
            why=form.cleaned_data["why"],
            what=f"{form.name}: {len(read.edits)} of "
            f"{len(read.edits) + read.unchanged} rows change",
        )
        draft.rows = [[row.row, row.title, row.changed()] for row in read.edits]
        draft.save(update_fields=["rows"])
        return draft

    def diff_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Row by row what a file changes; leads to the preview of what readers would see."""
        draft = Draft.objects.filter(pk=pk, by=request.user.pk).first()
        if draft is None:
            return HttpResponseRedirect(reverse("admin:providers_price_import"))
        pages = Paginator(draft.rows, SHOWN)
        context = {
            "title": "What the file changes",
            "draft": draft,
            "page": pages.get_page(request.GET.get("p")),
        }
        return self._page(request, "admin/price_diff.html", context)

    def _page(
        self, request: HttpRequest, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, {**frame, **context})
