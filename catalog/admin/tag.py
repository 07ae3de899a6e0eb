from django.contrib import admin

from catalog.models import Tag

from .pages import PageAdmin


@admin.register(Tag)
class TagAdmin(PageAdmin):
    list_display = ("name", "slug", "rule")
    search_fields = ("name", "slug")
    ordering = ("name",)
