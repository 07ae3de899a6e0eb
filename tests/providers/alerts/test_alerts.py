"""Alerts are opened once, told until they are taken, closed and told so."""

import contextlib
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from providers import alerts, work
from providers.alerts import watching
from providers.choices import AlertKind
from providers.models import Alert, AlertRule, Endpoint, Job
from providers.stats.tally import Tally
from tests.factories import NOW, EndpointFactory, measured

from .conftest import Receiver, rule_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def endpoint() -> Endpoint:
    return EndpointFactory(provider__slug="openai", provider__name="OpenAI", native_id="gpt-9")


def minute(number: int) -> tuple[tuple[int, int], int]:
    now = NOW + number * MINUTE
    return alerts.check(now=now), alerts.tell(now=now)


def fails(endpoint: Endpoint) -> None:
    measured(endpoint, 0, Tally(ok=1, provider_error=9))


def recovers(endpoint: Endpoint) -> None:
    measured(endpoint, 0, Tally(ok=990))


def test_trouble_is_told_once_and_its_end_too(endpoint: Endpoint, receiver: Receiver) -> None:
    rule_of(AlertKind.FAILING, 95, to=receiver.url)
    fails(endpoint)
    assert minute(0) == ((1, 0), 1)
    assert minute(1) == ((0, 0), 0)
    recovers(endpoint)
    assert minute(2) == ((0, 1), 1)
    assert minute(3) == ((0, 0), 0)
    assert receiver.events() == ["opened", "closed"]
    opened, closed = (sent["alerts"][0] for sent in receiver.got)
    assert (opened["provider"], opened["endpoint"]) == ("openai", "gpt-9")
    assert closed["opened_at"] == NOW.isoformat()
    assert closed["closed_at"] == (NOW + 2 * MINUTE).isoformat()
    assert "Trouble: OpenAI gpt-9: uptime 10.0 %, 1 of 10 ok" in receiver.got[0]["text"]


def test_no_data_neither_opens_nor_closes(endpoint: Endpoint) -> None:
    rule = rule_of(AlertKind.FAILING, 95)
    fails(endpoint)
    assert alerts.check(now=NOW) == (1, 0)
    assert alerts.check(now=NOW + timedelta(hours=9)) == (0, 0)
    assert rule.alerts.filter(closed_at=None).count() == 1


@pytest.mark.parametrize("status", [404, 500, 302])
def test_what_was_not_taken_is_sent_again_later(
    endpoint: Endpoint, receiver: Receiver, status: int
) -> None:
    rule = rule_of(AlertKind.FAILING, 95, to=receiver.url)
    receiver.statuses = [status]
    fails(endpoint)
    assert minute(0) == ((1, 0), 0)
    rule.refresh_from_db()
    assert (rule.last_error, rule.tries) == (f"127.0.0.1 answered {status}", 1)
    assert alerts.tell(now=NOW + timedelta(seconds=59)) == 0
    assert alerts.tell(now=NOW + MINUTE) == 1
    rule.refresh_from_db()
    assert (rule.last_error, rule.tries, rule.next_try_at) == ("", 0, None)
    assert [sent["alerts"][0]["id"] for sent in receiver.got] == [
        receiver.got[0]["alerts"][0]["id"]
    ] * 2


def test_what_was_over_before_it_could_be_told_is_told_as_over(
    endpoint: Endpoint, receiver: Receiver
) -> None:
    rule_of(AlertKind.FAILING, 95, to=receiver.url)
    receiver.statuses = [503]
    fails(endpoint)
    minute(0)
    recovers(endpoint)
    minute(5)
    assert receiver.events() == ["opened", "closed"]  # of which the first was not taken


@pytest.mark.parametrize("address", ["http://169.254.169.254/", "http://10.0.0.9/x", "ftp://x/"])
def test_a_webhook_leads_only_where_it_may(endpoint: Endpoint, address: str) -> None:
    rule = rule_of(AlertKind.FAILING, 95, to=address)
    with pytest.raises(alerts.NotTold, match="may not be called"):
        alerts.test(rule, now=NOW)


def test_a_webhook_is_unreadable_in_the_database_and_under_another_key(
    receiver: Receiver, settings
) -> None:
    rule = rule_of(AlertKind.FAILING, 95, to=receiver.url)
    alerts.test(rule, now=NOW)
    assert receiver.got[0]["alerts"][0]["said"] == "This is a test."
    assert receiver.url not in rule.sealed_webhook
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(alerts.NotTold, match="enter it again"):
        alerts.test(rule, now=NOW)


def test_mail_names_each_and_how_many_more(endpoint: Endpoint, settings) -> None:
    settings.EMAIL_URL = "smtp://mail.example.org"
    rule = rule_of(AlertKind.STUCK, 1, emails="ops@example.org, ada@example.org")
    AlertRule.objects.filter(pk=rule.pk).update(name="Jobs\nBcc: eve@example.org")
    for number in range(25):
        Job.objects.create(name=f"n{number:02}", due_at=NOW, attempt=1, last_error="gone")
    assert minute(0) == ((25, 0), 25)
    (sent,) = mail.outbox
    assert sent.to == ["ops@example.org", "ada@example.org"]
    assert sent.subject == "[Model Almanac] Jobs Bcc: eve@example.org: 25"
    assert sent.body.count("Trouble: Job n") == 20 and sent.body.endswith("and 5 more")


def test_mail_that_nobody_would_send_is_not_told(endpoint: Endpoint, settings) -> None:
    settings.EMAIL_URL = ""
    rule = rule_of(AlertKind.FAILING, 95, emails="ops@example.org")
    fails(endpoint)
    assert minute(0) == ((1, 0), 0)
    rule.refresh_from_db()
    assert rule.last_error == "EMAIL_URL is not set any more"
    assert Alert.objects.get().told == ""


def test_a_rule_that_is_off_or_gone_says_no_more(endpoint: Endpoint, receiver: Receiver) -> None:
    rule = rule_of(AlertKind.FAILING, 95, to=receiver.url)
    fails(endpoint)
    alerts.check(now=NOW)
    AlertRule.objects.update(enabled=False)
    assert minute(1) == ((0, 0), 0)
    assert not Alert.objects.filter(closed_at=None).exists()
    AlertRule.objects.update(enabled=True)
    measured(endpoint, 0, Tally(ok=990))
    assert minute(2) == ((0, 0), 0)
    rule.delete()
    assert minute(3) == ((0, 0), 0)
    assert receiver.got == []


def test_a_job_that_is_gone_is_over() -> None:
    rule_of(AlertKind.STUCK, 1)
    Job.objects.create(name="refresh", due_at=NOW, attempt=4)
    assert alerts.check(now=NOW) == (1, 0)
    Job.objects.all().delete()
    assert alerts.check(now=NOW) == (0, 1)


def test_what_is_long_over_is_forgotten(endpoint: Endpoint) -> None:
    rule_of(AlertKind.FAILING, 95)
    fails(endpoint)
    alerts.check(now=NOW)
    recovers(endpoint)
    alerts.check(now=NOW)
    alerts.check(now=NOW + watching.KEPT)
    assert Alert.objects.count() == 1
    alerts.check(now=NOW + watching.KEPT + MINUTE)
    assert not Alert.objects.exists()


def test_every_site_looks_once_a_minute(endpoint: Endpoint, receiver: Receiver) -> None:
    rule_of(AlertKind.FAILING, 95, to=receiver.url)
    fails(endpoint)
    work.ensure_standing(now=NOW)
    job = Job.objects.get(name=alerts.JOB)
    Job.objects.filter(pk=job.pk).update(due_at=NOW)
    assert work.carry_out(job.pk, clock=lambda: NOW)
    job.refresh_from_db()
    assert job.message == "1 opened, 0 closed, 1 told"
    assert job.due_at - NOW < MINUTE


class Killed(BaseException):
    """The worker is gone."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("after", range(6))
def test_killed_anywhere_and_run_again_nothing_is_lost(
    endpoint: Endpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Each alert is open once, and was told at least once, under one id."""
    rule_of(AlertKind.FAILING, 95, to=receiver.url)
    rule_of(AlertKind.STUCK, 1, to=receiver.url)
    fails(endpoint)
    Job.objects.create(name="refresh", due_at=NOW, attempt=4)
    left = [after]

    def mortal(execute, sql, params, many, context):
        if sql.startswith(("INSERT", "UPDATE")):
            if not left[0]:
                raise Killed
            left[0] -= 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(mortal), contextlib.suppress(Killed):
        minute(0)
    minute(1)
    assert Alert.objects.filter(closed_at=None, told="opened").count() == 2
    ids = {alert["id"] for sent in receiver.got for alert in sent["alerts"]}
    assert ids == {f"{alert.pk}:opened" for alert in Alert.objects.all()}
