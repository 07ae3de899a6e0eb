"""What each person may spend in the playground; who may use it at all is a permission."""

from django.contrib import admin

from ..models import PlaygroundAllowance


@admin.register(PlaygroundAllowance)
class PlaygroundAllowanceAdmin(admin.ModelAdmin[PlaygroundAllowance]):
    fields = ("user", "per_day", "spent", "spent_on")
    readonly_fields = ("spent", "spent_on")
    list_display = ("user", "per_day", "spent", "spent_on")
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    search_fields = ("user__username",)
    ordering = ("user__username",)
