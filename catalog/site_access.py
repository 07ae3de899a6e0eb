"""A site for its own people: with SITE_ACCESS=login nothing is read without logging in.

It stands above the page cache, so a kept page is given to those who may read, and to nobody else.
What is left open: whether the site is healthy, the login itself, the first administrator's link,
and what checks a token of its own. Static files are answered before.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import add_never_cache_headers, patch_vary_headers

OPEN = "open"
# Names of views, so that no spelling of a path slips by.
LEFT_OPEN = {
    *("catalog:healthz", "catalog:setup", "admin:login"),
    "metrics",  # closed by itself: METRICS_ALLOWED, METRICS_TOKEN
}
SENDERS = "providers"  # the namespace of their doors: no session, each shows a token of its own
API = "/api/"
# Browsers may keep a page and must ask each time; nothing between us and them may keep it.
FOR_READERS = "private, max-age=0, must-revalidate"

Respond = Callable[[HttpRequest], HttpResponseBase]


class SiteAccess:
    """Middleware; two queries a request where the site is closed, none where it is open."""

    def __init__(self, get_response: Respond) -> None:
        if settings.SITE_ACCESS == OPEN:
            raise MiddlewareNotUsed
        self._get_response = get_response
        # They run again below for what needs them; here they only say who asks.
        self._session = SessionMiddleware(get_response)
        self._user = AuthenticationMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_left_open(request.path_info) and not self._is_reader(request):
            return _refused(request)
        response = self._get_response(request)
        control = response.get("Cache-Control", "")
        if "no-store" not in control and "private" not in control:
            response["Cache-Control"] = FOR_READERS
        patch_vary_headers(response, ["Cookie"])
        return response

    def _is_reader(self, request: HttpRequest) -> bool:
        self._session.process_request(request)
        self._user.process_request(request)
        return request.user.is_authenticated and request.user.is_active


def is_left_open(path: str) -> bool:
    try:
        door = resolve(path)
    except Resolver404:
        return False
    return door.namespace == SENDERS or door.view_name in LEFT_OPEN


def _refused(request: HttpRequest) -> HttpResponse:
    """The login page, and back from there; programs hear it as data."""
    response: HttpResponse
    if request.path_info.startswith(API):
        words = "This site is for its own readers. Log in, and send the session's cookie."
        response = JsonResponse({"error": words}, status=401)
        response["WWW-Authenticate"] = f'Session realm="{reverse("admin:login")}"'
    else:
        response = redirect_to_login(request.get_full_path(), reverse("admin:login"))
    add_never_cache_headers(response)
    patch_vary_headers(response, ["Cookie"])
    return response
