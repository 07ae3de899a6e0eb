from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client

from catalog import setup

pytestmark = pytest.mark.django_db
ANSWERS = {
    "username": "ada",
    "password1": "Analytical-Engine-1843",
    "password2": "Analytical-Engine-1843",
}


@pytest.fixture(autouse=True)
def nonce_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "setup-nonce"
    monkeypatch.setattr(setup, "NONCE_FILE", path)
    yield path


def test_the_link_creates_an_administrator_who_is_logged_in(client: Client) -> None:
    answer = client.post(setup.issue_link(), ANSWERS)
    assert answer.status_code == 302
    user = User.objects.get()
    assert user.username == "ada" and user.is_superuser and user.is_staff
    assert client.get("/admin/").status_code == 200


def test_the_page_names_its_fields(client: Client) -> None:
    page = client.get(setup.issue_link()).content.decode()
    assert all(f'name="{field}"' in page for field in ANSWERS)


def test_a_weak_password_is_refused_with_a_reason(client: Client) -> None:
    answer = client.post(setup.issue_link(), ANSWERS | {"password1": "12345", "password2": "12345"})
    assert answer.status_code == 200
    assert "too short" in answer.content.decode()
    assert not User.objects.exists()


def test_a_link_works_once(client: Client) -> None:
    link = setup.issue_link()
    client.post(link, ANSWERS)
    assert Client().post(link, ANSWERS | {"username": "eve"}).status_code == 404


def test_a_used_link_stays_void_when_the_administrator_is_gone(client: Client) -> None:
    link = setup.issue_link()
    client.post(link, ANSWERS)
    User.objects.all().delete()
    assert Client().get(link).status_code == 404


def test_a_new_link_voids_the_one_before(client: Client) -> None:
    old, new = setup.issue_link(), setup.issue_link()
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_an_expired_link_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    link = setup.issue_link()
    later = signing.time.time() + setup.LIFETIME.total_seconds() + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert client.get(link).status_code == 404


def test_a_link_lives_a_day(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    link = setup.issue_link()
    later = signing.time.time() + (setup.LIFETIME - timedelta(minutes=1)).total_seconds()
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert client.get(link).status_code == 200


def test_no_link_works_beside_a_superuser(client: Client) -> None:
    link = setup.issue_link()
    User.objects.create_superuser("root", password="x")
    assert client.get(link).status_code == 404
    assert client.post(link, ANSWERS).status_code == 404


@pytest.mark.parametrize("token", ["x", "1:2", "a:b:c", "%00", "é"])
def test_a_made_up_link_is_refused(client: Client, token: str) -> None:
    setup.issue_link()
    assert client.get(f"/setup/{token}/").status_code == 404


def test_without_a_link_issued_nothing_is_accepted(client: Client) -> None:
    assert client.get("/setup/anything/").status_code == 404


def test_the_nonce_is_for_its_owner_alone(nonce_file: Path) -> None:
    setup.issue_link()
    assert nonce_file.stat().st_mode & 0o077 == 0
