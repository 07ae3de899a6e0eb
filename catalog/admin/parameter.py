from django.contrib import admin

from catalog.models import Parameter

from .spreadsheet import RowsResource, SpreadsheetAdmin


class ParameterResource(RowsResource):
    """One parameter a row, found by its name."""

    class Meta(RowsResource.Meta):
        model = Parameter
        import_id_fields = ("name",)
        fields = import_order = export_order = (
            "name", "type", "description", "deprecated", "replaced_by",
        )  # fmt: skip


@admin.register(Parameter)
class ParameterAdmin(SpreadsheetAdmin):
    resource_classes = (ParameterResource,)
    list_display = ("name", "type", "description", "deprecated", "replaced_by")
    search_fields = ("name",)
    list_filter = ("deprecated",)
    ordering = ("name",)
