"""What rules find wrong, in order, and what they cannot tell."""

from datetime import timedelta

import pytest

from providers.alerts.findings import find
from providers.choices import AlertKind, Inlet
from providers.models import Endpoint, Job, ProbePlan, Sender
from providers.stats.histogram import Histogram
from providers.stats.tally import Tally
from tests.factories import NOW, EndpointFactory, measured

from .conftest import rule_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def endpoint() -> Endpoint:
    return EndpointFactory(provider__slug="openai", provider__name="OpenAI", native_id="gpt-9")


def told(rule) -> dict[str, tuple[bool, str]]:
    return {one.subject: (one.is_wrong, one.said) for one in find(rule, now=NOW)}


def test_uptime_is_of_the_newest_hour_with_enough_requests(endpoint: Endpoint) -> None:
    measured(endpoint, 1, Tally(ok=1, provider_error=9))
    measured(endpoint, 0, Tally(ok=5))
    rule = rule_of(AlertKind.FAILING, 95)
    assert told(rule) == {
        f"endpoint:{endpoint.pk}:probe": (
            False,
            "OpenAI gpt-9: uptime 100.0 %, 5 of 5 ok, in the hour from 12:00 UTC, "
            "source: our probes",
        )
    }
    rule.least = 6
    assert told(rule)[f"endpoint:{endpoint.pk}:probe"] == (
        True,
        "OpenAI gpt-9: uptime 10.0 %, 1 of 10 ok, in the hour from 11:00 UTC, source: our probes",
    )


def test_too_few_requests_say_nothing(endpoint: Endpoint) -> None:
    measured(endpoint, 0, Tally(provider_error=4))
    measured(endpoint, 2, Tally(provider_error=400))
    assert told(rule_of(AlertKind.FAILING, 95)) == {}


def test_rate_limits_and_callers_errors_are_no_part_of_uptime(endpoint: Endpoint) -> None:
    measured(endpoint, 0, Tally(ok=5, rate_limited=50, caller_error=50))
    assert [one.is_wrong for one in find(rule_of(AlertKind.FAILING, 95), now=NOW)] == [False]


def test_ways_of_measuring_are_judged_apart(endpoint: Endpoint) -> None:
    measured(endpoint, 0, Tally(ok=10))
    measured(endpoint, 0, Tally(provider_error=10), inlet=Inlet.PUSH)
    wrong = {one.subject for one in find(rule_of(AlertKind.FAILING, 95), now=NOW) if one.is_wrong}
    assert wrong == {f"endpoint:{endpoint.pk}:push"}


def test_a_rule_reaches_only_its_provider_and_endpoint(endpoint: Endpoint) -> None:
    other = EndpointFactory(provider__slug="azure")
    for one in (endpoint, other):
        measured(one, 0, Tally(provider_error=10))
    every = rule_of(AlertKind.FAILING, 95)
    assert {one.endpoint for one in find(every, now=NOW)} == {endpoint.pk, other.pk}
    every.provider = other.provider
    assert {one.endpoint for one in find(every, now=NOW)} == {other.pk}
    every.provider, every.endpoint = None, endpoint
    assert {one.endpoint for one in find(every, now=NOW)} == {endpoint.pk}


def test_slow_is_a_median_above_the_limit(endpoint: Endpoint) -> None:
    seconds = Histogram.of([0.2] * 2 + [0.9] * 5)
    measured(endpoint, 0, Tally(ok=7, ttft=seconds))
    (one,) = find(rule_of(AlertKind.SLOW, 800), now=NOW)
    assert one.is_wrong and "TTFT p50 900 ms, n = 7, in the hour from 12:00" in one.said
    (one,) = find(rule_of(AlertKind.SLOW, 1000), now=NOW)
    assert not one.is_wrong
    assert find(rule_of(AlertKind.SLOW, 801, least=8), now=NOW) == []


def test_senders_that_fell_silent(endpoint: Endpoint) -> None:
    for name, minutes in (("quick", 3), ("quiet", 61)):
        Sender.objects.create(
            name=name,
            token_hash=name,
            token_hint="",
            created_at=NOW,
            last_seen_at=NOW - minutes * MINUTE,
        )
    Sender.objects.create(name="new", token_hash="n", token_hint="", created_at=NOW)
    found = [(one.said, one.is_wrong) for one in find(rule_of(AlertKind.SILENT, 60), now=NOW)]
    assert found == [
        ("Sender quick: nothing for 3 minutes, the last at 2026-11-14 11:57 UTC", False),
        ("Sender quiet: nothing for 61 minutes, the last at 2026-11-14 10:59 UTC", True),
    ]


def test_a_probe_is_silent_after_twice_its_interval_at_the_earliest(endpoint: Endpoint) -> None:
    credential = endpoint.provider.credentials.create(
        label="k", base="https://api.openai.com/v1", variable="PROBE_KEY_X"
    )
    plan = ProbePlan.objects.create(
        endpoint=endpoint,
        credential=credential,
        protocol="openai-chat",
        every=30 * MINUTE,
        last_at=NOW - 59 * MINUTE,
    )
    rule = rule_of(AlertKind.SILENT, 10)
    assert [one.is_wrong for one in find(rule, now=NOW)] == [False]
    assert [one.is_wrong for one in find(rule, now=NOW + 2 * MINUTE)] == [True]
    ProbePlan.objects.filter(pk=plan.pk).update(enabled=False)
    assert find(rule, now=NOW) == []


def test_jobs_that_fail_again_and_again(endpoint: Endpoint) -> None:
    for name, attempt in (("refresh", 2), ("prune", 3)):
        Job.objects.create(name=name, due_at=NOW, attempt=attempt, last_error="no room")
    wrong = [one.said for one in find(rule_of(AlertKind.STUCK, 3), now=NOW) if one.is_wrong]
    assert wrong == ["Job prune: failed 3 times in a row, at last with: no room"]


def test_queries_do_not_grow_with_endpoints(endpoint: Endpoint, django_assert_max_num_queries):
    rules = [rule_of(AlertKind.FAILING, 95), rule_of(AlertKind.SLOW, 100)]
    for one in EndpointFactory.create_batch(20):
        measured(one, 0, Tally(ok=9, ttft=Histogram.of([1.0] * 9)))
    with django_assert_max_num_queries(2 + 1 + len(Inlet)):
        for rule in rules:
            assert len(find(rule, now=NOW)) == 20
