from django.contrib import admin

from catalog.models import Parameter

from .pages import PageAdmin


@admin.register(Parameter)
class ParameterAdmin(PageAdmin):
    list_display = ("name", "type", "description", "deprecated", "replaced_by")
    search_fields = ("name",)
    list_filter = ("deprecated",)
    ordering = ("name",)
