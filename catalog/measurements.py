"""Views of what was measured: pages, and the same as files."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from .figures import bearing
from .pages import rankings as ranking_page
from .pages.performance import drawings, files
from .pages.performance import page as performance_page
from .pages.performance.page import PerformancePage
from .views import public_page


def _now() -> datetime:
    return datetime.now(UTC)


def _page(request: HttpRequest, author: str, slug: str) -> PerformancePage:
    page = performance_page.build(author, slug, request.GET, now=_now())
    if page is None:
        raise Http404(f"No model is called {author}/{slug}.")
    return page


@public_page
def rankings(request: HttpRequest) -> HttpResponse:
    page = ranking_page.build(request.GET, now=_now())
    return bearing(render(request, "catalog/rankings.html", {"page": page}), shown=True)


@public_page
def performance(request: HttpRequest, author: str, slug: str) -> HttpResponse:
    page = _page(request, author, slug)
    return bearing(render(request, "catalog/performance.html", {"page": page}), shown=True)


@public_page
def performance_csv(request: HttpRequest, author: str, slug: str) -> HttpResponse:
    page = _page(request, author, slug)
    return _file(files.as_csv(page), "text/csv; charset=utf-8", f"{slug}.csv")


@public_page
def performance_svg(request: HttpRequest, author: str, slug: str, chart: str) -> HttpResponse:
    page = _page(request, author, slug)
    drawing = drawings.find(page, chart)
    if drawing is None:
        raise Http404(
            f"{author}/{slug} has no chart called {chart} that anything was measured for."
        )
    drawn = render_to_string("files/chart.svg", {"drawing": drawing})
    return _file(drawn, "image/svg+xml", f"{slug}-{chart}.svg")


def _file(text: str, content_type: str, name: str) -> HttpResponse:
    safe = name.replace("/", "-").replace('"', "")
    headers = {"Content-Disposition": f'attachment; filename="{safe}"'}
    answer = HttpResponse(text, content_type=content_type, headers=headers)
    return bearing(answer, shown=True)
