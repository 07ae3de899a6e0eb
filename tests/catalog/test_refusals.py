"""Without permission: 403, nothing written, and an entry in the log of who asked for what."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from catalog.models import AIModel
from providers import tasks
from providers.models import Claim, Endpoint, Held, Job, Source
from tests.providers.market import SECOND, offer, price, read, snapshot
from tests.staff import member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def market(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.tick, "apply_async", lambda **options: None)
    read(snapshot(offer("gpt-4o-mini", price("0.15"), context_length=128_000)))
    read(snapshot(offer("gpt-4o-mini", price("15"), context_length=128_000), as_of=SECOND))


PRICE = {
    "component": "input", "state": "known", "amount": "0.14", "unit": "1M tokens",
    "currency": "USD", "reason": "their page",
}  # fmt: skip


def correction(key: str) -> str:
    return f"/admin/providers/endpoint/{Endpoint.objects.get().pk}/correct/?key={key}"


def action(name: str, row: Any) -> dict[str, Any]:
    return {"action": name, "_selected_action": [row.pk]}


def attempts() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Who, where, what: each may see the page and not do that."""
    held, source, model = Held.objects.get(), Source.objects.get(), AIModel.objects.get()
    yield "content editor", correction("price.input"), PRICE
    yield "content editor", "/admin/providers/held/", action("accept", held)
    yield "content editor", "/admin/providers/held/", action("refuse", held)
    yield "pricing editor", "/admin/providers/source/", action("refresh_now", source)
    yield "pricing editor", f"/admin/providers/source/{source.pk}/refresh/", {}
    yield "pricing editor", f"/admin/catalog/aimodel/{model.pk}/change/", {"name": "Mine"}
    yield "pricing editor", "/admin/auth/user/add/", {"username": "eve"}


@pytest.mark.parametrize("number", range(7))
def test_who_may_not_hears_so_and_the_log_says_who_it_was(
    client: Client, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    group, path, fields = list(attempts())[number]
    user = member(client, group)
    answer = client.post(path, fields)
    assert answer.status_code == 403
    assert "may not do this" in answer.content.decode()
    (entry,) = [record.msg for record in caplog.records if record.name == "catalog.refusals"]
    assert entry["event"] == "refused"
    assert (entry["user"], entry["method"]) == (user.username, "POST")
    assert entry["path"] == path.partition("?")[0]
    assert not Claim.objects.filter(source__slug="editor").exists()
    assert Held.objects.get().answer == ""
    assert not Job.objects.exists()


def test_what_one_may_is_not_stopped(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    member(client, "pricing editor")
    seen = client.get(correction("price.input")).context["seen"]
    assert client.post(correction("price.input"), PRICE | {"seen": seen}).status_code == 302
    assert (
        client.post("/admin/providers/held/", action("accept", Held.objects.get())).status_code
        == 302
    )
    assert Held.objects.get().answer == "accepted"
    assert not [record for record in caplog.records if record.name == "catalog.refusals"]


def test_a_form_without_its_token_is_logged_too(caplog: pytest.LogCaptureFixture) -> None:
    strict = Client(enforce_csrf_checks=True)
    member(strict, "pricing editor")
    assert strict.post(correction("price.input"), PRICE).status_code == 403
    assert [r.msg["user"] for r in caplog.records if r.name == "catalog.refusals"] == [
        "pricing-editor"
    ]


def test_a_stranger_is_asked_to_log_in_and_not_refused(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert client.post(correction("price.input"), PRICE).status_code == 302
    assert not [record for record in caplog.records if record.name == "catalog.refusals"]
