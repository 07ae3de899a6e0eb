"""A closed site answers nobody who has not logged in, whatever the page cache holds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

import providers.urls
from catalog import setup
from tests.factories import AIModelFactory, EndpointFactory, ListingFactory, ProviderFactory

pytestmark = pytest.mark.django_db
PAGES = (
    "/", "/models/", "/models/openai/mini/", "/authors/openai/", "/providers/", "/providers/azure/",
    "/compare/", "/calendar/", "/calendar.ics", "/changes/", "/sources/", "/disagreements/",
    "/parameters/", "/report/", "/report/sent/", "/provenance/?provider=azure", "/about/metrics/",
    "/no/such/page/", "/admin/",
)  # fmt: skip
KEPT = "/models/openai/mini/"


@pytest.fixture(autouse=True)
def closed_site(settings) -> Iterator[None]:
    settings.SITE_ACCESS = "login"
    settings.PAGE_CACHE = True
    cache.clear()
    endpoint = EndpointFactory(provider=ProviderFactory(slug="azure", name="Azure"))
    ListingFactory(endpoint=endpoint, model=AIModelFactory(slug="mini", name="Secret Mini"))
    yield
    cache.clear()


@pytest.fixture
def reader() -> Client:
    """Somebody with an account and no permission."""
    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True))
    return client


def is_closed(answer) -> bool:
    return (
        answer.status_code == 302
        and answer["Location"].startswith("/admin/login/?next=")
        and answer.content == b""
        and "ETag" not in answer
        and "no-store" in answer["Cache-Control"]
    )


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
def test_nothing_is_answered_before_the_login(client, path, method):
    assert is_closed(client.generic(method, path))


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/admin/"])
def test_what_a_reader_left_in_the_cache_is_for_readers_alone(client, reader, path):
    kept = reader.get(path)
    assert kept.status_code == (404 if path.startswith("/no") else 200)
    assert is_closed(client.get(path))
    assert is_closed(client.head(path))
    assert is_closed(client.get(path, headers={"Accept-Encoding": "gzip"}))
    tags = {"If-None-Match": kept.get("ETag", "*")}
    dates = {"If-Modified-Since": kept.get("Last-Modified", "Sat, 01 Jan 2050 00:00:00 GMT")}
    for conditional in (tags, dates, tags | dates):
        assert is_closed(client.get(path, headers=conditional))
        assert is_closed(client.head(path, headers=conditional))


def test_readers_are_served_from_the_cache(reader, django_assert_num_queries):
    first = reader.get(KEPT)
    assert "Secret Mini" in first.content.decode()
    with django_assert_num_queries(3):  # session, user, imprint
        second = reader.get(KEPT)
    assert second.content == first.content
    assert reader.get(KEPT, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_nothing_on_the_way_to_a_reader_may_keep_a_page(reader):
    for _ in range(2):
        answer = reader.get(KEPT)
        assert "private" in answer["Cache-Control"] and "public" not in answer["Cache-Control"]
        assert "Cookie" in answer["Vary"]


def test_the_login_leads_back(client):
    User.objects.create_user("ada", password="Engine-of-1843", is_staff=True)
    answer = client.get("/models/?q=gpt&kind=chat", follow=True)
    assert answer.status_code == 200 and "Secret" not in answer.content.decode()
    fields = {"username": "ada", "password": "Engine-of-1843", "next": "/models/?q=mini"}
    back = client.post(answer.redirect_chain[-1][0], fields, follow=True)
    assert back.redirect_chain[-1][0] == "/models/?q=mini"
    assert "Secret Mini" in back.content.decode()


def test_who_logs_out_or_loses_the_account_reads_no_more(reader):
    assert reader.get(KEPT).status_code == 200
    User.objects.update(is_active=False)
    assert is_closed(reader.get(KEPT))
    User.objects.update(is_active=True)
    assert reader.get(KEPT).status_code == 200
    reader.post("/admin/logout/")
    assert is_closed(reader.get(KEPT))


@pytest.mark.parametrize("cookie", ["", "x", "a" * 32, "../../etc/passwd", "0" * 5000])
def test_a_made_up_session_opens_nothing(client, cookie):
    client.cookies["sessionid"] = cookie
    assert is_closed(client.get(KEPT))


@pytest.mark.parametrize("path", ["/api/v1/models", "/api/", "/api/v1/no/such"])
def test_programs_hear_of_it_as_data(client, path):
    answer = client.get(path)
    assert answer.status_code == 401 and answer["WWW-Authenticate"]
    assert "Log in" in answer.json()["error"] and "no-store" in answer["Cache-Control"]


def test_health_and_the_first_administrators_link_stay_open(client, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(setup, "NONCE_FILE", tmp_path / "nonce")
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get(setup.issue_link()).status_code == 200
    assert client.get("/setup/no-token/").status_code == 404


@pytest.mark.parametrize("door", [door.name for door in providers.urls.urlpatterns])
def test_senders_of_measurements_show_their_own_token(client, door):
    path = reverse(f"providers:{door}")
    answer = client.post(path, b"[]", content_type="application/json")
    assert answer.status_code == 401 and "Bearer" in answer["WWW-Authenticate"]


@pytest.mark.parametrize(
    "path", ["/healthz/../models/", "//healthz", "/healthz?/models/", "/setup/", "/admin/login/x/"]
)
def test_no_spelling_of_an_open_path_opens_another(client, path):
    answer = client.get(path)
    assert is_closed(answer) or answer.content == b'{"status": "ok"}'


def test_an_open_site_asks_nobody(client, settings, django_assert_num_queries):
    settings.SITE_ACCESS = "open"
    assert client.get(KEPT).status_code == 200
    with django_assert_num_queries(1):
        assert "public" in client.get(KEPT)["Cache-Control"]
