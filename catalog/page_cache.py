"""Whole answers, compressed once and kept, until the market or the day turns.

A public page is a pure function of its address, of what is published and of the last moment at
which a price changed. So the answer to one reader is the answer to all, and only the address and
the imprint need to be looked at to give it again. Answers that belong to one reader (a cookie is
set, or the answer varies by more than its encoding) and those that say `no-store` pass by.
"""

import gzip
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date

from providers import queries

KEPT_SECONDS = 24 * 3600  # the day is part of the key
MAX_BYTES = 512 * 1024  # compressed; ours are below 40 kB
MAX_QUERY = 2000  # characters; longer ones are nobody's bookmark
# Browsers ask each time and mostly hear 304, so that a correction shows at once.
FRESHNESS = "public, max-age=0, must-revalidate"
OWN_HEADERS = ("Content-Length", "Content-Encoding", "ETag", "Last-Modified")

Respond = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page as it goes over the wire."""

    body: bytes  # gzip
    headers: tuple[tuple[str, str], ...]
    etag: str
    printed_at: int  # seconds since the epoch

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        accepts_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
        body = self.body if accepts_gzip else gzip.decompress(self.body)
        response = HttpResponse(body, headers=dict(self.headers))
        if accepts_gzip:
            response["Content-Encoding"] = "gzip"
        response["Content-Length"] = str(len(body))
        response["ETag"] = self.etag
        response["Last-Modified"] = http_date(self.printed_at)
        return get_conditional_response(request, self.etag, self.printed_at, response) or response


class PageCache:
    """Middleware; stands right below what must see every request (redirects, static files)."""

    def __init__(self, get_response: Respond) -> None:
        if not settings.PAGE_CACHE:
            raise MiddlewareNotUsed
        self._get_response = get_response
        self._release = release()
        self._boundary = Boundary()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") or len(request.META["QUERY_STRING"]) > MAX_QUERY:
            return self._get_response(request)
        now = datetime.now(UTC)
        try:
            key = self._key(request, now)
        except DatabaseError:  # the page itself will say so, or do without
            return self._get_response(request)
        kept: KeptPage | None = cache.get(key)
        if kept is None:
            response = self._get_response(request)
            if not is_for_everyone(response):
                return response
            kept = keep(response, now)
            if len(kept.body) <= MAX_BYTES and request.method == "GET":
                cache.set(key, kept, KEPT_SECONDS)
        return kept.answer(request)

    def _key(self, request: HttpRequest, now: datetime) -> str:
        imprint = queries.imprint()
        parts = (
            self._release,
            imprint,
            self._boundary.before(now, imprint),
            f"{now:%Y-%m-%d}",
            request.scheme or "http",
            request.get_host(),  # also refuses a host that is not ours
            str(request.path),
            canonical_query(request.META["QUERY_STRING"]),
        )
        return "page:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Boundary:
    """The last moment at which a price changed; read again only when the next one has come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._imprint = ""
        self._last: datetime | None = None
        self._next: datetime | None = None

    def before(self, now: datetime, imprint: str) -> str:
        with self._lock:
            is_past = self._next is not None and self._next <= now
            if imprint != self._imprint or is_past:
                self._last, self._next = queries.price_boundaries(now=now)
                self._imprint = imprint
            return str(self._last)


def canonical_query(query: str) -> str:
    """Parameters by name; the values of one name keep their order, which may mean something."""
    return urlencode(sorted(parse_qsl(query, keep_blank_values=True), key=lambda pair: pair[0]))


def is_for_everyone(response: HttpResponseBase) -> bool:
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",") if name.strip()}
    control = response.get("Cache-Control", "")
    return (
        isinstance(response, HttpResponse)
        and response.status_code == 200
        and not response.cookies
        and varies <= {"accept-encoding"}
        and not any(word in control for word in ("no-store", "no-cache", "private"))
    )


def keep(response: HttpResponseBase, now: datetime) -> KeptPage:
    assert isinstance(response, HttpResponse)  # noqa: S101  is_for_everyone has looked
    patch_vary_headers(response, ["Accept-Encoding"])
    response["Cache-Control"] = FRESHNESS
    return KeptPage(
        body=gzip.compress(response.content, compresslevel=6, mtime=0),
        headers=tuple((name, value) for name, value in response.items() if name not in OWN_HEADERS),
        # Weak: one tag for the plain and the compressed form.
        etag=f'W/"{hashlib.sha256(response.content).hexdigest()[:20]}"',
        printed_at=int(now.timestamp()),
    )


def release() -> str:
    """Names the code, templates and static files that print the pages."""
    digest = hashlib.sha256(getattr(staticfiles_storage, "manifest_hash", "").encode())
    for folder in ("config", "catalog", "providers", "templates"):
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".toml", ".json"}:
                digest.update(f"{path.name} {path.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()
