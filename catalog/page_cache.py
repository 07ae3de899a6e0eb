"""Whole answers, compressed once and kept, until the market or the day turns.

A public page is a pure function of its address, of what is published and of the last moment at
which a price changed. So the answer to one reader is the answer to all, and only the address and
the imprint need to be looked at to give it again. A page that shows measurements is also printed
anew when these have changed, at most once a minute; see `figures.py`. Answers that belong to one
reader (a cookie is set, or the answer varies by more than its encoding) and those that say
`no-store` pass by.
"""

import gzip
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
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

from catalog.figures import NONE, Figures, figures_of
from providers import queries, stat_queries

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
    figures: Figures
    stamp: str  # of the figures, see stamp_of

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
        self._printing = Printing()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in ("GET", "HEAD") or len(request.META["QUERY_STRING"]) > MAX_QUERY:
            return self._get_response(request)
        now = datetime.now(UTC)
        try:
            imprint = queries.imprint()
            key = self._key(request, now, imprint.market)
            kept: KeptPage | None = cache.get(key)
            if kept is not None:
                kept, stands = self._looked_at(key, kept, stamp_of(imprint.statistics, now))
                if stands or not self._printing.begin(key):
                    return kept.answer(request)
        except DatabaseError:  # the page itself will say so, or do without
            return self._get_response(request)
        try:
            return self._print(request, key, stamp_of(imprint.statistics, now), now)
        finally:
            self._printing.end(key)

    def _print(self, request: HttpRequest, key: str, stamp: str, now: datetime) -> HttpResponseBase:
        response = self._get_response(request)
        if not is_for_everyone(response):
            return response
        kept = keep(response, now, stamp)
        if len(kept.body) <= MAX_BYTES and request.method == "GET":
            cache.set(key, kept, KEPT_SECONDS)
        return kept.answer(request)

    def _looked_at(self, key: str, kept: KeptPage, stamp: str) -> tuple[KeptPage, bool]:
        """The page, and whether its figures are those of today.

        Of a page that waits for its first figure one small query asks, once a statistics edition;
        so events that come in by the thousand print only those pages anew that show them.
        """
        if kept.stamp == stamp or kept.figures == NONE:
            return kept, True
        if kept.figures.shown or stat_queries.ever_measured(kept.figures.waiting):
            return kept, False
        kept = replace(kept, stamp=stamp)
        cache.set(key, kept, KEPT_SECONDS)
        return kept, True

    def _key(self, request: HttpRequest, now: datetime, market: str) -> str:
        parts = (
            self._release,
            market,
            self._boundary.before(now, market),
            f"{now:%Y-%m-%d}",
            request.scheme or "http",
            request.get_host(),  # also refuses a host that is not ours
            str(request.path),
            canonical_query(request.META["QUERY_STRING"]),
        )
        return "page:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Printing:
    """Pages that a thread of this process prints anew for newer figures.

    Meanwhile the others hand out the one before, at most a minute older: nobody queues for it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[str] = set()

    def begin(self, key: str) -> bool:
        """False where another thread is at it."""
        with self._lock:
            if key in self._keys:
                return False
            self._keys.add(key)
            return True

    def end(self, key: str) -> None:
        with self._lock:
            self._keys.discard(key)


def stamp_of(statistics: int, now: datetime) -> str:
    """Figures change with their edition, and with the hour: their windows move on."""
    return f"{statistics} {now:%Y-%m-%d %H}"


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


def keep(response: HttpResponseBase, now: datetime, stamp: str) -> KeptPage:
    assert isinstance(response, HttpResponse)  # noqa: S101  is_for_everyone has looked
    patch_vary_headers(response, ["Accept-Encoding"])
    response["Cache-Control"] = FRESHNESS
    return KeptPage(
        body=gzip.compress(response.content, compresslevel=6, mtime=0),
        headers=tuple((name, value) for name, value in response.items() if name not in OWN_HEADERS),
        # Weak: one tag for the plain and the compressed form.
        etag=f'W/"{hashlib.sha256(response.content).hexdigest()[:20]}"',
        printed_at=int(now.timestamp()),
        figures=figures_of(response),
        stamp=stamp,
    )


def release() -> str:
    """Names the code, templates and static files that print the pages."""
    digest = hashlib.sha256(getattr(staticfiles_storage, "manifest_hash", "").encode())
    for folder in ("config", "catalog", "providers", "templates"):
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".toml", ".json"}:
                digest.update(f"{path.name} {path.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()
