"""The health check."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client


@pytest.mark.django_db
def test_it_answers_ok(client: Client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_it_answers_503_when_the_database_does_not(client: Client, monkeypatch: pytest.MonkeyPatch):
    def refuse() -> None:
        raise DatabaseError("database is locked")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "database is locked"


@pytest.mark.django_db
def test_it_refuses_to_be_written_to(client: Client):
    assert client.post("/healthz").status_code == 405
