"""What every template may use besides its own `page`."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .queries.chrome import edition_line


def frame(request: HttpRequest) -> dict[str, Any]:
    """`edition` for head and foot. Lazy: a template that does not print it costs no query.

    `simulated`: sources or providers are played by a program, which every page must say.
    """
    simulated = bool(settings.SOURCES_AT) or settings.SIMULATED
    return {"edition": SimpleLazyObject(edition_line), "simulated": simulated}
