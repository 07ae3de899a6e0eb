"""/metrics: closed unless allowed, never kept, and true."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from django.core.cache import cache
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from providers import senders
from providers.choices import Inlet, Outcome
from providers.models import Job
from providers.stats import rollup
from providers.stats.observation import Observation as Seen
from providers.stats.record import record
from tests.factories import EndpointFactory

from .market import offer, price, read, snapshot

pytestmark = pytest.mark.django_db
TOKEN = "t" * 20
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _token(settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.AFTER_PUBLISH = []


def scraped(client: Client) -> dict[tuple[str, frozenset], float]:
    """Every sample by name and labels, as Prometheus itself would read it."""
    answer = client.get("/metrics", headers=SHOWN)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def sample(client: Client, metric: str, /, **labels: str) -> float:
    return scraped(client).get((metric, frozenset(labels.items())), 0.0)


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_it_is_closed_without_the_token(client: Client, headers: dict[str, str]) -> None:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 403
    assert "METRICS_TOKEN" in answer.content.decode() and b"almanac_jobs" not in answer.content
    assert answer["Cache-Control"] == "no-store"


def test_no_token_set_is_no_token_that_opens(client: Client, settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_a_network_is_allowed_only_in_person(client: Client, settings) -> None:
    settings.METRICS_ALLOWED = [ip_network("10.1.0.0/16")]
    assert client.get("/metrics", REMOTE_ADDR="10.1.2.3").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.2.0.1").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="not an address").status_code == 403
    through_a_proxy = {"X-Forwarded-For": "10.1.2.3"}
    answer = client.get("/metrics", REMOTE_ADDR="10.1.2.3", headers=through_a_proxy)
    assert answer.status_code == 403


def test_it_is_never_kept_and_open_where_the_site_is_closed(client: Client, settings) -> None:
    settings.PAGE_CACHE, settings.SITE_ACCESS = True, "login"
    cache.clear()
    before = sample(client, "almanac_jobs", name="nap", state="due")
    Job.objects.create(name="nap", due_at=datetime.now(UTC) - HOUR)
    assert (before, sample(client, "almanac_jobs", name="nap", state="due")) == (0, 1)
    assert client.get("/metrics").status_code == 403


def test_jobs_are_told_by_state_with_failures_and_delay(client: Client) -> None:
    now = datetime.now(UTC)
    Job.objects.create(name="refresh", argument="a", due_at=now - HOUR)
    Job.objects.create(name="refresh", argument="b", due_at=now + HOUR, attempt=2)
    found = scraped(client)
    assert found["almanac_jobs", frozenset({"name": "refresh", "state": "put off"}.items())] == 1
    label = frozenset({"name": "refresh"}.items())
    assert found["almanac_jobs_failing", label] == 1
    assert 3600 <= found["almanac_job_overdue_seconds", label] < 3700


def test_the_age_of_a_source_is_that_of_its_content(client: Client) -> None:
    as_of = datetime.now(UTC) - 5 * HOUR
    read(snapshot(offer("small", price("0.15")), as_of=as_of))
    age = sample(client, "almanac_source_age_seconds", source="litellm")
    assert 5 * 3600 <= age < 5 * 3600 + 100


def seen(name: str, at: datetime, model: str = "gpt-4o") -> Seen:
    return Seen(id=name, at=at, outcome=Outcome.OK, provider="openai", model=model)


def test_what_came_in_is_counted_by_what_became_of_it(client: Client) -> None:
    EndpointFactory(provider__slug="openai", native_id="gpt-4o")
    became = ("accepted", "duplicate", "refused", "quarantined")

    def counts() -> list[float]:
        name = "almanac_observations_total"
        return [sample(client, name, inlet="litellm", became=one) for one in became]

    before, now = counts(), datetime.now(UTC)
    batch = [seen("1", now), seen("1", now), seen("2", now - 30 * 24 * HOUR), seen("3", now, "?")]
    record([*batch, seen("4", now)], sender="gateway", inlet=Inlet.LITELLM, now=now)
    assert [after - old for after, old in zip(counts(), before, strict=True)] == [2, 1, 1, 1]
    assert sample(client, "almanac_observations_last_hour", inlet="litellm") == 2
    assert sample(client, "almanac_quarantined_observations") == 1
    assert sample(client, "almanac_deliveries_uncounted") == 1
    rollup.fold_all(now=now)
    assert sample(client, "almanac_deliveries_uncounted") == 0


def test_a_broken_item_of_a_push_is_counted_as_refused(client: Client) -> None:
    token = senders.issue("gateway", now=datetime.now(UTC))
    name, labels = "almanac_observations_total", {"inlet": "push", "became": "refused"}
    before = sample(client, name, **labels)
    client.post(
        "/api/v1/observations",
        '[{"id": 7}]',
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert sample(client, name, **labels) == before + 1


def test_requests_are_counted_by_view(client: Client) -> None:
    labels = {"view": "catalog:healthz", "transport": "http", "method": "GET"}
    name = "django_http_requests_total_by_view_transport_method_total"
    before = sample(client, name, **labels)
    client.get("/healthz")
    assert sample(client, name, **labels) == before + 1


def test_a_scrape_asks_the_database_few_questions(
    client: Client, django_assert_max_num_queries
) -> None:
    for number in range(30):
        Job.objects.create(name="details", argument=f"x:{number}", due_at=datetime.now(UTC))
    with django_assert_max_num_queries(6):
        client.get("/metrics", headers=SHOWN)
