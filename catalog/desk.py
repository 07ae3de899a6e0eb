"""The admin as the editors' desk: its first page says what waits and what was corrected last.

It stands beside `catalog.admin`, not in it: Django makes the site while it reads that package.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse

from .queries import desk


class EditorsDesk(AdminSite):
    site_header = site_title = "Model Almanac"
    index_title = "Editors’ desk"

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        return super().index(request, {"desk": desk.desk(), **(extra_context or {})})

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The shop window, the market, and last the accounts, which are seldom visited."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: app["app_label"] == "auth")
