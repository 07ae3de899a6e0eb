from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from providers import senders
from providers.models import Quarantined, Sender
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def printed(*arguments: str, **options: object) -> str:
    out = StringIO()
    call_command("sender", *arguments, stdout=out, **options)
    return out.getvalue().strip()


def test_the_command_prints_a_token_that_is_kept_nowhere() -> None:
    token = printed("gateway")
    sender = senders.who(token)
    assert sender is not None and sender.name == "gateway"
    assert token not in str(Sender.objects.values().get())
    assert sender.token_hint == token[-4:]


def test_a_name_is_given_once_and_its_token_renewed_only_on_demand() -> None:
    first = printed("gateway")
    with pytest.raises(CommandError, match="--renew"):
        printed("gateway")
    second = printed("gateway", renew=True)
    assert senders.who(first) is None
    assert senders.who(second) is not None


def test_who_is_not_there_cannot_be_renewed() -> None:
    with pytest.raises(CommandError, match="no sender gateway"):
        printed("gateway", renew=True)


def test_a_sender_may_be_held_to_some_ways() -> None:
    printed("collector", inlets=["otlp"])
    assert Sender.objects.get().inlets == ["otlp"]


@pytest.fixture
def desk(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin", password="x"))
    return client


def test_the_admin_shows_a_new_token_once(desk: Client) -> None:
    address = reverse("admin:providers_sender_add")
    page = desk.post(address, {"name": "gateway", "inlets": ["push"], "paused": ""}, follow=True)
    said = page.content.decode()
    token = said.partition("this once: ")[2].split("<")[0].strip()
    sender = senders.who(token)
    assert sender is not None and sender.inlets == ["push"]
    assert token not in desk.get(reverse("admin:providers_sender_changelist")).content.decode()


def test_a_sender_keeps_its_name(desk: Client) -> None:
    senders.issue("gateway", now=NOW)
    sender = Sender.objects.get()
    address = reverse("admin:providers_sender_change", args=[sender.pk])
    desk.post(address, {"name": "other", "inlets": ["otlp"], "paused": "on"})
    sender.refresh_from_db()
    assert (sender.name, sender.inlets, sender.paused) == ("gateway", ["otlp"], True)


@pytest.mark.parametrize("action", ["pause", "go_on", "new_token"])
def test_steering_a_sender_needs_the_permission(client: Client, action: str) -> None:
    token = senders.issue("gateway", now=NOW)
    client.force_login(User.objects.create_user("reader", password="x", is_staff=True))
    chosen = {"action": action, "_selected_action": [Sender.objects.get().pk]}
    answer = client.post(reverse("admin:providers_sender_changelist"), chosen)
    assert answer.status_code == 403
    assert senders.who(token) == Sender.objects.get(paused=False)


def test_quarantined_names_are_listed_and_forgotten(desk: Client) -> None:
    row = Quarantined.objects.create(
        sender="gateway", provider="openai", model="gpt-4p", reason="no endpoint", count=3,
        first_seen_at=NOW, last_seen_at=NOW,
    )  # fmt: skip
    address = reverse("admin:providers_quarantined_changelist")
    assert "gpt-4p" in desk.get(address).content.decode()
    desk.post(address, {"action": "forget", "_selected_action": [row.pk]})
    assert not Quarantined.objects.exists()
