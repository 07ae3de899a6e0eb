"""Public pages are kept whole and are the same for everyone."""

import gzip
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models import F
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import page_cache
from providers import publish, queries
from providers.models import Endpoint, StatisticsEdition
from providers.stats.tally import Tally
from tests.factories import (
    NOW,
    AIModelFactory,
    EndpointFactory,
    ListingFactory,
    ParameterFactory,
    RunFactory,
    measured,
)

pytestmark = pytest.mark.django_db
PAGE = "/parameters/"


@pytest.fixture(autouse=True)
def page_cache_on(settings) -> Iterator[None]:
    settings.PAGE_CACHE = True
    cache.clear()
    yield
    cache.clear()


def test_a_kept_page_costs_the_query_of_its_imprint(client: Client) -> None:
    first = client.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as queries_of_second:
        second = client.get(PAGE)
    assert second.content == first.content
    assert len(queries_of_second) == 1


def test_a_new_edition_prints_the_page_anew(client: Client) -> None:
    before = client.get(PAGE)
    ParameterFactory(name="top_k")
    assert client.get(PAGE).content == before.content
    publish.announce(now=NOW)
    after = client.get(PAGE)
    assert b"top_k" in after.content
    assert after["ETag"] != before["ETag"]


def test_an_unchanged_refresh_moves_the_dates_of_confirmation(client: Client) -> None:
    before = queries.imprint()
    RunFactory(state="unchanged")
    assert queries.imprint() != before


def test_everybody_gets_the_same_bytes(client: Client) -> None:
    User.objects.create_superuser("ada", password="x")
    editor = Client()
    assert editor.login(username="ada", password="x")
    cache.clear()
    by_editor = editor.get(PAGE)
    cache.clear()
    by_reader = client.get(PAGE)
    assert by_editor.content == by_reader.content
    assert "ada" not in by_reader.content.decode()


@pytest.mark.parametrize(
    "path", ["/", "/models/", "/providers/", "/compare/", "/calendar/", "/sources/", PAGE]
)
def test_no_public_page_carries_a_cookie_or_a_token(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert b"csrfmiddlewaretoken" not in answer.content
    assert answer["Cache-Control"] == page_cache.FRESHNESS
    assert answer["ETag"]


def test_the_admin_is_never_kept() -> None:
    User.objects.create_superuser("ada", password="x")
    editor = Client()
    editor.login(username="ada", password="x")
    assert b"ada" in editor.get("/admin/").content.lower()
    assert Client().get("/admin/").status_code == 302


def test_a_reader_who_has_the_page_hears_304(client: Client) -> None:
    page = client.get(PAGE)
    again = client.get(PAGE, headers={"If-None-Match": page["ETag"]})
    assert again.status_code == 304 and again.content == b""
    dated = client.get(PAGE, headers={"If-Modified-Since": page["Last-Modified"]})
    assert dated.status_code == 304
    other = client.get(PAGE, headers={"If-None-Match": 'W/"other"'})
    assert other.status_code == 200


def test_head_says_what_get_would(client: Client) -> None:
    got, head = client.get(PAGE), client.head(PAGE)
    assert head.content == b""
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control"):
        assert head[name] == got[name]


def test_the_compressed_page_is_the_plain_one(client: Client) -> None:
    plain = client.get(PAGE)
    packed = client.get(PAGE, headers={"Accept-Encoding": "br, gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) == int(packed["Content-Length"]) < len(plain.content)
    assert "Accept-Encoding" in packed["Vary"]


def test_a_kept_page_keeps_its_content_security_policy(client: Client) -> None:
    first, second = client.get(PAGE), client.get(PAGE)
    assert second["Content-Security-Policy"] == first["Content-Security-Policy"]


def test_a_foreign_host_is_refused_although_the_page_is_kept(client: Client) -> None:
    client.get(PAGE)
    assert client.get(PAGE, headers={"Host": "evil.example"}).status_code == 400


def test_missing_pages_are_not_kept(client: Client) -> None:
    answer = client.get("/models/nobody/nothing/")
    assert answer.status_code == 404
    assert "ETag" not in answer


def test_the_order_of_parameters_does_not_matter_but_that_of_values_does() -> None:
    canonical = page_cache.canonical_query
    assert canonical("q=gpt&kind=chat") == canonical("kind=chat&q=gpt")
    assert canonical("model=a&model=b") != canonical("model=b&model=a")
    assert canonical("q=&page=1") != canonical("page=1")


def test_the_health_check_is_asked_each_time(client: Client) -> None:
    client.get("/healthz")
    with CaptureQueriesContext(connection) as asked:
        client.get("/healthz")
    assert any("SELECT 1" in query["sql"] for query in asked)


@pytest.mark.parametrize(
    "headers",
    [
        {"Vary": "Cookie"},
        {"Vary": "HX-Request"},
        {"Cache-Control": "private"},
        {"Cache-Control": "no-store"},
    ],
)
def test_what_belongs_to_one_reader_is_not_for_everyone(headers: dict[str, str]) -> None:
    assert page_cache.is_for_everyone(HttpResponse("x"))
    assert not page_cache.is_for_everyone(HttpResponse("x", headers=headers))


def test_what_sets_a_cookie_is_not_for_everyone() -> None:
    response = HttpResponse("x")
    response.set_cookie("theme", "dark")
    assert not page_cache.is_for_everyone(response)


def test_price_boundaries_are_read_once_until_the_next_has_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[datetime] = []
    soon = NOW + timedelta(hours=1)

    def boundaries(*, now: datetime) -> tuple[datetime, datetime]:
        asked.append(now)
        return (NOW, soon) if now < soon else (soon, soon + timedelta(days=1))

    monkeypatch.setattr(queries, "price_boundaries", boundaries)
    boundary = page_cache.Boundary()
    early = {boundary.before(NOW + timedelta(minutes=minute), "1") for minute in range(50)}
    assert early == {str(NOW)} and len(asked) == 1
    assert boundary.before(soon, "1") == str(soon)
    boundary.before(soon, "2")
    assert len(asked) == 3


def test_an_absurdly_long_query_is_answered_but_not_kept(client: Client) -> None:
    answer = client.get(PAGE, {"q": "x" * 5000})
    assert answer.status_code == 200
    assert "ETag" not in answer


def test_without_a_database_the_page_answers_for_itself(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> str:
        raise DatabaseError("gone")

    monkeypatch.setattr(queries, "imprint", broken)
    assert client.get("/healthz").status_code == 200


# -- pages and measurements -----------------------------------------------------------------------


@pytest.fixture
def model_page() -> tuple[str, Endpoint]:
    endpoint = EndpointFactory.create()
    ListingFactory.create(endpoint=endpoint, model=AIModelFactory.create(slug="gpt-9"))
    return "/models/openai/gpt-9/", endpoint


def turn() -> None:
    StatisticsEdition.objects.update_or_create(
        pk=1, defaults={"number": F("number") + 1}, create_defaults={"number": 1}
    )


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


def test_a_page_without_figures_is_not_printed_anew_for_them(client: Client) -> None:
    client.get(PAGE)
    turn()
    assert queries_of(client, PAGE) == 1


def test_a_page_that_waits_for_figures_is_looked_at_once_an_edition(
    client: Client, model_page: tuple[str, Endpoint]
) -> None:
    path, _ = model_page
    client.get(path)
    measured(EndpointFactory.create(), 1, Tally(ok=9))  # of another model
    turn()
    assert queries_of(client, path) == 2
    assert queries_of(client, path) == 1


def test_the_first_figure_prints_the_page_anew(
    client: Client, model_page: tuple[str, Endpoint]
) -> None:
    path, endpoint = model_page
    assert b"Nothing was measured here yet" in client.get(path).content
    measured(endpoint, 1, Tally(ok=9))
    turn()
    assert b"Nothing was measured here yet" not in client.get(path).content
    turn()
    assert queries_of(client, path) > 2  # it shows figures now, and turns with them
    assert queries_of(client, path) == 1


def test_figures_turn_with_the_hour_as_their_windows_do() -> None:
    half_past = NOW + timedelta(minutes=30)
    assert page_cache.stamp_of(3, NOW) == page_cache.stamp_of(3, half_past)
    assert page_cache.stamp_of(3, NOW) != page_cache.stamp_of(3, NOW + timedelta(hours=1))
    assert page_cache.stamp_of(3, NOW) != page_cache.stamp_of(4, NOW)


def test_one_prints_newer_figures_while_others_hand_out_the_page_before() -> None:
    printing = page_cache.Printing()
    assert printing.begin("a")
    assert not printing.begin("a")
    assert printing.begin("b")
    printing.end("a")
    assert printing.begin("a")
