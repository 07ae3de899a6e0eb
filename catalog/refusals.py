"""Whoever may not do what was asked hears 403, and the log says who asked for what."""

from collections.abc import Callable
from typing import Any

import structlog
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

log = structlog.get_logger(__name__)

Respond = Callable[[HttpRequest], HttpResponseBase]


class Refusals:
    """Middleware; stands last, where every view's refusal comes by and the reader is known."""

    def __init__(self, get_response: Respond) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if response.status_code == 403:
            log.warning(
                "refused",
                user=request.user.get_username() or "nobody",
                method=request.method,
                path=request.path,  # without its query, which may hold what nobody should read
            )
        return response

    def process_view(self, request: HttpRequest, view: Any, *_: object) -> None:
        """Django's admin takes an action without permission for a slip, and only asks again."""
        asked = request.POST.get("action") if request.method == "POST" else None
        owner = getattr(view, "model_admin", None)
        if asked and isinstance(owner, ModelAdmin) and asked in _forbidden(owner, request):
            raise PermissionDenied(
                f"{request.user} may not {asked} {owner.opts.verbose_name_plural}"
            )


def _forbidden(owner: ModelAdmin[Any], request: HttpRequest) -> set[str]:
    """Names of an admin's actions that are not for who asks."""
    every = {name for _, name, _ in owner._get_base_actions()}  # type: ignore[attr-defined]  # the stubs lack it
    return every - owner.get_actions(request).keys()
