"""Price books that are not public: read by those who may, kept by nobody.

Their answers stand outside the page cache (`no-store`), and search engines are asked to pass by.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import wraps
from io import StringIO

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from providers.access import visible_books

from .pages import as_of as days
from .pages import book_list as book_page
from .pages.book import table

View = Callable[[HttpRequest, str], HttpResponseBase]


def private(view: View) -> View:
    """Lets through those who may see the book; others log in, or are refused (and logged)."""

    @wraps(view)
    def guarded(request: HttpRequest, book: str) -> HttpResponseBase:
        if book not in book_page.NAMES:
            raise Http404(
                f"There is no such price book; there are {' and '.join(book_page.NAMES)}."
            )
        if not request.user.is_authenticated:
            response: HttpResponseBase = redirect_to_login(
                request.get_full_path(), reverse("admin:login")
            )
        elif book not in seen_by(request):
            raise PermissionDenied(f"Your account may not see the {book} book.")
        else:
            response = view(request, book)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return guarded


def seen_by(request: HttpRequest) -> frozenset[str]:
    """The books besides the public list that the asking account may see."""
    return frozenset(visible_books(request.user)) & book_page.NAMES.keys()


@require_safe
@private
def book_list(request: HttpRequest, book: str) -> HttpResponse:
    now = _now()
    page = book_page.build(
        book,
        request.GET,
        sees=seen_by(request),
        now=now,
        as_of=days.read(request.GET.get("as_of", ""), today=now.date()),
    )
    return render(request, "catalog/book_list.html", {"page": page})


@require_safe
@private
def book_csv(request: HttpRequest, book: str) -> StreamingHttpResponse:
    now = _now()
    day = days.read(request.GET.get("as_of", ""), today=now.date())
    rows = table.rows(book, request.GET, sees=seen_by(request), now=now, as_of=day)
    name = f"{book}-{day.moment(now):%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _written(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _written(rows: Iterator[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        line = StringIO()
        csv.writer(line).writerow(row)
        yield line.getvalue()


def _now() -> datetime:
    return datetime.now(UTC)
