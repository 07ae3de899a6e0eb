"""The admin as the editors' desk: its first page says what waits and what was corrected last.

It stands beside `catalog.admin`, not in it: Django makes the site while it reads that package.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver

from providers import access

from .queries import desk, showing


class EditorsDesk(AdminSite):
    site_header = site_title = "Model Almanac"
    index_title = "Editors’ desk"

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        waits: dict[str, Any] = {"desk": desk.desk(), "has_playground": settings.PLAYGROUND}
        if access.editable_books(request.user):
            books, now = access.visible_books(request.user), datetime.now(UTC)
            waits["upkeep"] = desk.upkeep_of(books, now=now)
        return super().index(request, {**waits, **(extra_context or {})})

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """With the pages that an admin keeps beside its model's, such as the pricing desk."""
        own = [page for one in self._registry.values() for page in getattr(one, "pages", list)()]
        return [*own, *super().get_urls()]

    def pages_showing(self, endpoints: Sequence[int]) -> int:
        """How many public pages print something of the endpoints."""
        return showing.pages_showing(endpoints)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The shop window, the market, and last the accounts, which are seldom visited."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: app["app_label"] == "auth")
