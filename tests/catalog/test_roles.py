import pytest
from django.contrib.auth.models import Group

from catalog import roles, setup
from catalog.management.commands import serve

pytestmark = pytest.mark.django_db
GROUPS = {"pricing editor", "content editor", "administrator"}


def permissions() -> dict[str, set[str]]:
    return {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }


def test_making_the_groups_again_changes_nothing():
    roles.ensure()
    first = permissions()
    roles.ensure()
    assert permissions() == first
    assert set(first) == GROUPS


def test_prices_and_prose_are_for_different_people():
    roles.ensure()
    may = permissions()
    assert "correct_price" in may["pricing editor"] - may["content editor"]
    assert "change_aimodel" in may["content editor"] - may["pricing editor"]
    assert not {"change_user", "change_source", "change_price"} & (
        may["pricing editor"] | may["content editor"]
    )


def test_a_site_that_is_prepared_has_the_groups(monkeypatch):
    monkeypatch.setattr(serve, "SOURCES", {})
    monkeypatch.setattr(serve, "when_changed", lambda *args, **options: None)
    serve.Command().prepare()
    assert set(Group.objects.values_list("name", flat=True)) == GROUPS


def test_the_first_administrator_finds_the_groups(client, tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "NONCE_FILE", tmp_path / "nonce")
    answers = {"username": "ada", "password1": "Engine-of-1843", "password2": "Engine-of-1843"}
    client.post(setup.issue_link(), answers)
    assert set(Group.objects.values_list("name", flat=True)) == GROUPS
