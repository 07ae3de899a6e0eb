"""Rules and alerts in the admin: a webhook's address goes in and never comes out."""

from typing import Any

import pytest
from django.test import Client

from providers import alerts, vault
from providers.models import Alert, AlertRule
from providers.stats.tally import Tally
from tests.factories import NOW, EndpointFactory, measured
from tests.staff import member

pytestmark = pytest.mark.django_db

RULES = "/admin/providers/alertrule/"
ALERTS = "/admin/providers/alert/"
HOOK = "https://chat.example.org/hooks/T0SECRET"


@pytest.fixture
def operator(client: Client) -> Client:
    member(client, "administrator")
    return client


def enter(client: Client, address: str = f"{RULES}add/", **fields: Any) -> Any:
    stated = {
        "name": "down",
        "kind": "failing",
        "threshold": "95",
        "least": "5",
        "provider": "",
        "endpoint": "",
        "webhook": HOOK,
        "emails": "",
        "enabled": "on",
        **fields,
    }
    return client.post(address, {name: value for name, value in stated.items() if value != ""})


def entered(client: Client, **fields: Any) -> AlertRule:
    assert enter(client, **fields).status_code == 302
    return AlertRule.objects.get()


def errors(answer: Any) -> str:
    return str(answer.context["errors"])


def test_a_webhooks_address_is_kept_sealed_and_shown_by_its_host(operator: Client) -> None:
    rule = entered(operator)
    assert vault.unseal(rule.sealed_webhook) == HOOK
    for address in (RULES, f"{RULES}{rule.pk}/change/", f"{RULES}{rule.pk}/history/"):
        page = operator.get(address).content.decode()
        assert "T0SECRET" not in page and rule.sealed_webhook not in page
    assert "chat.example.org" in operator.get(RULES).content.decode()


def test_an_empty_field_keeps_the_webhook_and_a_box_forgets_it(operator: Client) -> None:
    rule = entered(operator)
    change = f"{RULES}{rule.pk}/change/"
    enter(operator, change, webhook="", threshold="90")
    rule.refresh_from_db()
    assert (rule.threshold, vault.unseal(rule.sealed_webhook)) == (90, HOOK)
    enter(operator, change, webhook="", forget_webhook="on")
    rule.refresh_from_db()
    assert (rule.sealed_webhook, rule.webhook_host) == ("", "")


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"threshold": "101"}, "at most 100 percent"),
        ({"threshold": "0"}, "greater than or equal to 1"),
        ({"webhook": "chat.example.org/x"}, "the whole address"),
        ({"webhook": "https://me:pw@chat.example.org/x"}, "without a user name"),
        ({"webhook": "", "emails": "a@example.org"}, "before EMAIL_URL is set"),
        ({"kind": "quiet"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(
    operator: Client, fields: dict[str, str], error: str
) -> None:
    assert error in errors(enter(operator, **fields))
    assert not AlertRule.objects.exists()


def test_addresses_need_a_mail_server_and_must_be_some(operator: Client, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://localhost"
    assert "valid email" in errors(enter(operator, webhook="", emails="ada@example.org, ada"))
    assert "one way" in errors(enter(operator, emails="ada@example.org"))
    assert entered(operator, webhook="", emails="a@example.org, b@example.org").way


def test_an_endpoint_must_be_its_providers(operator: Client) -> None:
    one, other = EndpointFactory(), EndpointFactory()
    refused = enter(operator, provider=one.provider_id, endpoint=other.pk)
    assert "is not sold by" in errors(refused)
    refused = enter(operator, kind="stuck", threshold="3", provider=one.provider_id)
    assert "Jobs are not an endpoint" in errors(refused)


def test_a_rule_that_looks_elsewhere_drops_what_it_had_open(operator: Client) -> None:
    rule = entered(operator)
    measured(EndpointFactory(), 0, Tally(provider_error=9))
    alerts.check(now=NOW)
    change = f"{RULES}{rule.pk}/change/"
    enter(operator, change, webhook="", name="renamed")
    assert Alert.objects.filter(closed_at=None).exists()
    enter(operator, change, webhook="", provider=str(EndpointFactory().provider_id))
    assert not Alert.objects.filter(closed_at=None).exists()


def test_a_test_says_why_it_was_not_taken(operator: Client) -> None:
    rule = entered(operator, webhook="http://127.0.0.1:9/x")
    answer = operator.post(RULES, {"action": "send_test", "_selected_action": rule.pk}, follow=True)
    assert "may not be called" in answer.content.decode()


def test_alerts_are_listed_and_closed_by_hand(operator: Client) -> None:
    entered(operator)
    measured(EndpointFactory(native_id="gpt-9"), 0, Tally(provider_error=9))
    alerts.check(now=NOW)
    assert "<b>1</b> open alert" in operator.get("/admin/").content.decode()
    assert "gpt-9: uptime 0.0 %, 0 of 9 ok" in operator.get(f"{ALERTS}?open=1").content.decode()
    chosen = {"action": "close", "_selected_action": Alert.objects.get().pk}
    operator.post(ALERTS, chosen)
    assert "gpt-9" not in operator.get(f"{ALERTS}?open=1").content.decode()
    assert "gpt-9" in operator.get(f"{ALERTS}?open=0").content.decode()


def test_editors_have_no_say_in_them(client: Client) -> None:
    member(client, "pricing editor")
    assert client.get(RULES).status_code == client.get(ALERTS).status_code == 403
    assert enter(client).status_code == 403
