"""Views translate HTTP: they read the clock and the query, and hand page data to templates."""

from datetime import UTC, datetime

from django.db import DatabaseError, connection
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .filters import Filter
from .pages import (
    as_of,
    calendar_feed,
)
from .pages import (
    author_detail as author_page,
)
from .pages import (
    calendar as calendar_page,
)
from .pages import (
    change_list as change_page,
)
from .pages import (
    compare as compare_page,
)
from .pages import (
    disagreement_list as disagreement_page,
)
from .pages import (
    home as home_page,
)
from .pages import (
    model_detail as model_page,
)
from .pages import (
    model_list as model_list_page,
)
from .pages import (
    parameter_list as parameter_page,
)
from .pages import (
    provider_detail as provider_page,
)
from .pages import (
    provider_list as provider_list_page,
)
from .pages import (
    source_list as source_page,
)
from .pages.as_of import AsOf
from .workload import Workload


def _now() -> datetime:
    return datetime.now(UTC)


def _as_of(request: HttpRequest, now: datetime) -> AsOf:
    return as_of.read(request.GET.get("as_of", ""), today=now.date())


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/home.html", {"page": home_page.build(now=_now())})


@require_safe
def model_list(request: HttpRequest) -> HttpResponse:
    now = _now()
    asked = Filter.from_query(request.GET)
    page = model_list_page.build(asked, now=now, as_of=_as_of(request, now))
    return render(request, "catalog/model_list.html", {"page": page})


@require_safe
def model_detail(request: HttpRequest, author: str, slug: str) -> HttpResponse:
    now = _now()
    path = f"{author}/{slug}"
    page = model_page.build(path, request.GET, now=now, as_of=_as_of(request, now))
    if isinstance(page, model_page.Moved):
        return HttpResponsePermanentRedirect(
            reverse("catalog:model", args=[page.author, page.slug])
        )
    if page is None:
        raise Http404(f"No model is called {author}/{slug}.")
    return render(request, "catalog/model_detail.html", {"page": page})


@require_safe
def author_detail(request: HttpRequest, slug: str) -> HttpResponse:
    page = author_page.build(slug, now=_now())
    if page is None:
        raise Http404(f"No author is called {slug}.")
    return render(request, "catalog/author_detail.html", {"page": page})


@require_safe
def provider_list(request: HttpRequest) -> HttpResponse:
    page = provider_list_page.build(request.GET, now=_now())
    return render(request, "catalog/provider_list.html", {"page": page})


@require_safe
def provider_detail(request: HttpRequest, slug: str) -> HttpResponse:
    now = _now()
    page = provider_page.build(slug, request.GET, now=now, as_of=_as_of(request, now))
    if page is None:
        raise Http404(f"No provider is called {slug}.")
    return render(request, "catalog/provider_detail.html", {"page": page})


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    now = _now()
    page = compare_page.build(
        models=request.GET.getlist("model"),
        endpoints=request.GET.getlist("endpoint"),
        now=now,
        as_of=_as_of(request, now),
        workload=Workload.from_query(request.GET),
        bill=request.GET.get("bill", ""),
    )
    return render(request, "catalog/compare.html", {"page": page})


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    page = calendar_page.build(request.GET, now=_now())
    return render(request, "catalog/calendar.html", {"page": page})


@require_safe
def calendar_ics(request: HttpRequest) -> HttpResponse:
    page = calendar_page.build(request.GET, now=_now())
    return HttpResponse(
        calendar_feed.as_ics(page, host=request.get_host()),
        content_type="text/calendar; charset=utf-8",
    )


@require_safe
def change_list(request: HttpRequest) -> HttpResponse:
    page = change_page.build(request.GET, now=_now())
    return render(request, "catalog/change_list.html", {"page": page})


@require_safe
def source_list(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/source_list.html", {"page": source_page.build(now=_now())})


@require_safe
def disagreement_list(request: HttpRequest) -> HttpResponse:
    page = disagreement_page.build(request.GET, now=_now())
    return render(request, "catalog/disagreement_list.html", {"page": page})


@require_safe
def parameter_list(request: HttpRequest) -> HttpResponse:
    page = parameter_page.build(now=_now())
    return render(request, "catalog/parameter_list.html", {"page": page})


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return JsonResponse({"status": "error", "database": str(error)}, status=503)
    return JsonResponse({"status": "ok"})
