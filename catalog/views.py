"""Views translate HTTP: they read the clock and the query, and hand page data to templates."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import wraps

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

from providers.queries import one_moment

from .figures import bearing
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
    metrics as metrics_page,
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
    provenance as provenance_page,
)
from .pages import (
    provider_detail as provider_page,
)
from .pages import (
    provider_list as provider_list_page,
)
from .pages import (
    sending as sending_page,
)
from .pages import (
    source_list as source_page,
)
from .pages.as_of import AsOf
from .pages.stated.asked import Refusal
from .workload import Workload


def _now() -> datetime:
    return datetime.now(UTC)


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that is only read, all of it from one edition, whatever is published meanwhile."""

    @require_safe
    @wraps(view)
    def whole(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        with one_moment():
            return view(request, *args, **kwargs)

    return whole


def _as_of(request: HttpRequest, now: datetime) -> AsOf:
    return as_of.read(request.GET.get("as_of", ""), today=now.date())


@public_page
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/home.html", {"page": home_page.build(now=_now())})


@public_page
def model_list(request: HttpRequest) -> HttpResponse:
    now = _now()
    asked = Filter.from_query(request.GET)
    page = model_list_page.build(asked, now=now, as_of=_as_of(request, now))
    return render(request, "catalog/model_list.html", {"page": page})


@public_page
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
    answer = render(request, "catalog/model_detail.html", {"page": page})
    shown = page.live.ever and not page.as_of.on
    return bearing(answer, shown=shown, waiting=() if page.live.ever else page.endpoint_ids)


@public_page
def author_detail(request: HttpRequest, slug: str) -> HttpResponse:
    page = author_page.build(slug, now=_now())
    if page is None:
        raise Http404(f"No author is called {slug}.")
    return render(request, "catalog/author_detail.html", {"page": page})


@public_page
def provider_list(request: HttpRequest) -> HttpResponse:
    page = provider_list_page.build(request.GET, now=_now())
    return render(request, "catalog/provider_list.html", {"page": page})


@public_page
def provider_detail(request: HttpRequest, slug: str) -> HttpResponse:
    now = _now()
    page = provider_page.build(slug, request.GET, now=now, as_of=_as_of(request, now))
    if page is None:
        raise Http404(f"No provider is called {slug}.")
    # Its official status is of the statistics edition too.
    answer = render(request, "catalog/provider_detail.html", {"page": page})
    return bearing(answer, shown=page.as_of.on is None)


@public_page
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


@public_page
def calendar(request: HttpRequest) -> HttpResponse:
    page = calendar_page.build(request.GET, now=_now())
    return render(request, "catalog/calendar.html", {"page": page})


@public_page
def calendar_ics(request: HttpRequest) -> HttpResponse:
    page = calendar_page.build(request.GET, now=_now())
    return HttpResponse(
        calendar_feed.as_ics(page, host=request.get_host()),
        content_type="text/calendar; charset=utf-8",
    )


@public_page
def change_list(request: HttpRequest) -> HttpResponse:
    page = change_page.build(request.GET, now=_now())
    return render(request, "catalog/change_list.html", {"page": page})


@public_page
def source_list(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/source_list.html", {"page": source_page.build(now=_now())})


@public_page
def disagreement_list(request: HttpRequest) -> HttpResponse:
    page = disagreement_page.build(request.GET, now=_now())
    return render(request, "catalog/disagreement_list.html", {"page": page})


@public_page
def parameter_list(request: HttpRequest) -> HttpResponse:
    page = parameter_page.build(now=_now())
    return render(request, "catalog/parameter_list.html", {"page": page})


@public_page
def metrics(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/metrics.html", {"page": metrics_page.build()})


@public_page
def sending(request: HttpRequest) -> HttpResponse:
    page = sending_page.build(root=request.build_absolute_uri("/").rstrip("/"))
    return render(request, "catalog/sending.html", {"page": page})


# The whole page, its part that script shows beside a value, and the same as data.
PROVENANCE = {"": "catalog/provenance.html", "part": "catalog/provenance_part.html", "json": ""}


@public_page
def provenance(request: HttpRequest) -> HttpResponse:
    """One address a form: answers are kept by their address, whatever their reader accepts."""
    now = _now()
    form = request.GET.get("format", "")
    page: provenance_page.ProvenancePage | Refusal
    if form in PROVENANCE:
        page = provenance_page.build(request.GET, now=now, as_of=_as_of(request, now))
    else:
        page = Refusal(400, "The format is json or part; leave it out for a page.")
    answer = _provenance(request, page, form)
    answer["X-Robots-Tag"] = "noindex, nofollow"  # a page for every value there is
    return answer


def _provenance(
    request: HttpRequest,
    page: provenance_page.ProvenancePage | Refusal,
    form: str,
) -> HttpResponse:
    if isinstance(page, Refusal):
        if form == "json":
            return JsonResponse({"error": page.message}, status=page.status)
        return render(request, "404.html", {"exception": page.message}, status=page.status)
    if form == "json":
        return JsonResponse(asdict(page))
    return render(request, PROVENANCE[form], {"page": page})


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return JsonResponse({"status": "error", "database": str(error)}, status=503)
    return JsonResponse({"status": "ok"})
