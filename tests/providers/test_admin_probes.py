"""Keys, plans and allowances in the admin: a key goes in and never comes out."""

import logging
from typing import Any

import pytest
from django.test import Client

from providers import vault
from providers.models import Credential, Endpoint, Job, ProbeAllowance, ProbePlan
from providers.probing.plans import secret_of
from tests.factories import EndpointFactory, PriceFactory
from tests.staff import member

pytestmark = pytest.mark.django_db

SECRET = "sk-typed-in-by-the-operator-9f3c"
KEYS = "/admin/providers/credential/"
PLANS = "/admin/providers/probeplan/"
ALLOWANCES = "/admin/providers/probeallowance/"


@pytest.fixture
def endpoint() -> Endpoint:
    endpoint = EndpointFactory()
    PriceFactory(endpoint=endpoint, component="input")
    PriceFactory(endpoint=endpoint, component="output")
    return endpoint


@pytest.fixture
def operator(client: Client) -> Client:
    member(client, "administrator")
    return client


def enter(client: Client, endpoint: Endpoint, address: str = f"{KEYS}add/", **fields: Any) -> Any:
    stated = {
        "provider": endpoint.provider_id,
        "label": "ours",
        "base": "https://api.provider.example/v1",
        "header": "",
        "secret": SECRET,
        "variable": "",
        **fields,
    }
    return client.post(address, stated)


def entered(client: Client, endpoint: Endpoint) -> Credential:
    enter(client, endpoint)
    return Credential.objects.get()


def change(credential: Credential) -> str:
    return f"{KEYS}{credential.pk}/change/"


# -- keys -----------------------------------------------------------------------------------------


def test_a_key_is_kept_sealed_and_shown_by_its_last_letters(
    operator: Client, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    credential = entered(operator, endpoint)
    assert secret_of(credential) == SECRET and SECRET not in credential.sealed
    pages = [operator.get(address) for address in (KEYS, change(credential), f"{PLANS}add/")]
    history = operator.get(f"{KEYS}{credential.pk}/history/")
    for page in [*pages, history]:
        assert page.status_code == 200
        assert (
            SECRET not in page.content.decode() and credential.sealed not in page.content.decode()
        )
    assert "…9f3c" in pages[0].content.decode()
    assert SECRET not in caplog.text


def test_a_refused_form_does_not_repeat_the_key(operator: Client, endpoint: Endpoint) -> None:
    page = enter(operator, endpoint, base="no address")
    assert page.status_code == 200 and SECRET not in page.content.decode()


def test_saving_without_a_key_keeps_the_old_one(operator: Client, endpoint: Endpoint) -> None:
    credential = entered(operator, endpoint)
    enter(operator, endpoint, change(credential), secret="", label="renamed")
    credential.refresh_from_db()
    assert credential.label == "renamed" and secret_of(credential) == SECRET


def test_a_kept_key_does_not_follow_to_another_host(operator: Client, endpoint: Endpoint) -> None:
    credential = entered(operator, endpoint)
    page = enter(operator, endpoint, change(credential), secret="", base="https://evil.example/v1")
    assert "enter the key again" in page.content.decode()
    credential.refresh_from_db()
    assert credential.base == "https://api.provider.example/v1"
    enter(operator, endpoint, change(credential), secret="", base="https://api.provider.example/v2")
    credential.refresh_from_db()
    assert credential.base == "https://api.provider.example/v2"


@pytest.mark.parametrize(
    "base",
    [
        *("api.openai.com/v1", "ftp://a.example", "https://user:pass@a.example/v1", "https://"),
        *("https://a.example/v1?x=1", "https://a.example/#x", "https://a.example\\@b.example"),
        *("https://A.EXAMPLE", "https://ä.example", "https://a.example/ v1", "javascript:alert(1)"),
    ],
)
def test_an_address_that_could_be_read_in_two_ways_is_refused(
    operator: Client, endpoint: Endpoint, base: str
) -> None:
    page = enter(operator, endpoint, base=base)
    assert page.status_code == 200 and not Credential.objects.exists()
    assert "write it like https://api.openai.com/v1" in page.content.decode()


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "probe_key_x", "PROBE_KEY_"]
)
def test_only_variables_meant_for_probes_may_be_named(
    operator: Client, endpoint: Endpoint, name: str
) -> None:
    page = enter(operator, endpoint, secret="", variable=name)
    assert "begins with PROBE_KEY_" in page.content.decode()
    assert not Credential.objects.exists()


def test_a_variable_takes_the_place_of_a_key(operator: Client, endpoint: Endpoint) -> None:
    credential = entered(operator, endpoint)
    enter(operator, endpoint, change(credential), secret="", variable="PROBE_KEY_OURS")
    credential.refresh_from_db()
    assert (credential.sealed, credential.hint, credential.shown) == ("", "", "PROBE_KEY_OURS")


@pytest.mark.parametrize(
    ("secret", "variable", "said"),
    [
        ("", "", "Give the key, or the name"),
        (SECRET, "PROBE_KEY_OURS", "not both"),
        ("short", "", "no key"),
        ("sk-with space inside", "", "no spaces"),
        ("sk-with-ünicode", "", "no key"),
    ],
)
def test_what_is_no_key_is_refused(
    operator: Client, endpoint: Endpoint, secret: str, variable: str, said: str
) -> None:
    page = enter(operator, endpoint, secret=secret, variable=variable)
    assert said in page.content.decode() and not Credential.objects.exists()


@pytest.mark.parametrize("group", ["pricing editor", "content editor"])
def test_editors_see_no_keys_and_plan_no_probes(
    client: Client, endpoint: Endpoint, group: str
) -> None:
    member(client, group)
    for address in (KEYS, f"{KEYS}add/", PLANS, ALLOWANCES):
        assert client.get(address).status_code == 403
    assert enter(client, endpoint).status_code == 403
    assert not Credential.objects.exists()


# -- plans ----------------------------------------------------------------------------------------


def plan(client: Client, endpoint: Endpoint, credential: Credential, **fields: Any) -> Any:
    stated = {
        "endpoint": endpoint.pk,
        "credential": credential.pk,
        "protocol": "openai-chat",
        "every": "00:30:00",
        "prompt_tokens": 200,
        "output_tokens": 64,
        "enabled": "on",
        **fields,
    }
    return client.post(f"{PLANS}add/", stated)


def test_a_plan_gets_its_job_and_loses_it_when_switched_off(
    operator: Client, endpoint: Endpoint
) -> None:
    assert plan(operator, endpoint, entered(operator, endpoint)).status_code == 302
    made = ProbePlan.objects.get()
    assert Job.objects.get(name="probe").argument == str(made.pk)
    operator.post(PLANS, {"action": "switch_off", "_selected_action": [made.pk]})
    assert not Job.objects.filter(name="probe").exists()
    operator.post(PLANS, {"action": "switch_on", "_selected_action": [made.pk]})
    assert Job.objects.filter(name="probe").exists()
    operator.post(f"{PLANS}{made.pk}/delete/", {"post": "yes"})
    assert not Job.objects.filter(name="probe").exists()


def test_a_plan_says_what_it_can_cost(operator: Client, endpoint: Endpoint) -> None:
    plan(operator, endpoint, entered(operator, endpoint))
    address = f"{PLANS}{ProbePlan.objects.get().pk}/change/"
    assert "has no allowance" in operator.get(address).content.decode()
    money = {"provider": endpoint.provider_id, "per_day": "0.5", "currency": "USD", "at_once": 1}
    assert operator.post(f"{ALLOWANCES}add/", money).status_code == 302
    assert "USD a probe, 0.0" in operator.get(address).content.decode()


def test_a_key_of_another_provider_is_refused(operator: Client, endpoint: Endpoint) -> None:
    credential = entered(operator, endpoint)
    page = plan(operator, EndpointFactory(), credential)
    assert "Choose a key of that provider" in page.content.decode()
    assert not ProbePlan.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("every", "00:00:10"),
        ("prompt_tokens", "-1"),
        ("prompt_tokens", "1000000000"),
        ("output_tokens", "0"),
        ("region", "Frank furt"),
        ("protocol", "telnet"),
    ],
)
def test_a_plan_has_bounds(operator: Client, endpoint: Endpoint, field: str, value: str) -> None:
    page = plan(operator, endpoint, entered(operator, endpoint), **{field: value})
    assert page.status_code == 200 and not ProbePlan.objects.exists()


def test_only_chat_is_probed(operator: Client, endpoint: Endpoint) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(operation="embedding")
    page = plan(operator, endpoint, entered(operator, endpoint))
    assert "Only chat endpoints" in page.content.decode()


def test_an_allowance_is_not_negative(operator: Client, endpoint: Endpoint) -> None:
    money = {"provider": endpoint.provider_id, "per_day": "-1", "currency": "USD", "at_once": 1}
    assert operator.post(f"{ALLOWANCES}add/", money).status_code == 200
    assert not ProbeAllowance.objects.exists()


def test_the_sealed_key_opens_with_this_sites_secret(operator: Client, endpoint: Endpoint) -> None:
    assert vault.unseal(entered(operator, endpoint).sealed) == SECRET
