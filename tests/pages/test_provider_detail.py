"""A provider's page."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from catalog.pages import provider_detail
from catalog.pages.as_of import AsOf
from catalog.pages.provider_detail import PAGE_SIZE, EndpointRow, ProviderDetailPage
from providers.choices import Group, State
from providers.models import Endpoint, OfficialStatus, Provider
from tests.factories import (
    CONFIRMED,
    NOW,
    OLD,
    AIModelFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def zenmux() -> Provider:
    return ProviderFactory.create(slug="zenmux", name="ZenMux", group=Group.GATEWAY.value)


def selling(provider: Provider, name: str = "GPT-4o mini", **more: object) -> Endpoint:
    endpoint = EndpointFactory.create(provider=provider, **more)
    ListingFactory.create(endpoint=endpoint, model=AIModelFactory.create(name=name))
    return endpoint


def build(slug: str = "zenmux", **query: str) -> ProviderDetailPage:
    page = provider_detail.build(slug, query, now=NOW)
    assert page is not None
    return page


def only_row(page: ProviderDetailPage) -> EndpointRow:
    [row] = page.rows
    return row


def test_an_unknown_provider_is_404(client: Client):
    assert client.get("/providers/nobody/").status_code == 404


@pytest.mark.parametrize("slug", ["%00", "a%00b", "%20", "x" * 3000, "é"])
def test_an_absurd_slug_is_404(client: Client, slug: str):
    assert client.get(f"/providers/{slug}/").status_code == 404


def test_an_endpoint_shows_plain_prices_and_counts_the_others(zenmux: Provider):
    endpoint = selling(zenmux, native_id="openai/gpt-4o-mini")
    PriceFactory.create(endpoint=endpoint, component="input", amount=Decimal("0.15"))
    PriceFactory.create(endpoint=endpoint, component="output", amount=Decimal("0.6"))
    PriceFactory.create(
        endpoint=endpoint, component="input", amount=Decimal(9), condition='{"tier":"batch"}'
    )
    row = only_row(build())
    assert (row.input.amount, row.output.amount) == (Decimal("0.15"), Decimal("0.6"))
    assert row.cached.state == State.UNKNOWN
    assert row.conditions == 1
    assert row.unit == ""


def test_a_price_that_is_not_per_million_tokens_says_its_unit(zenmux: Provider):
    PriceFactory.create(endpoint=selling(zenmux), component="audio_input", unit="hour")
    assert only_row(build()).unit == "per hour"


def test_a_limit_reads_as_its_source_rounds_it(zenmux: Provider):
    endpoint = selling(zenmux, max_output=16_380, context_length=128_000)
    claim = ClaimFactory.create(endpoint=endpoint, key="max_output", says=16_380, stated="16.38K")
    endpoint.provenance = {"max_output": claim.pk}
    endpoint.save()
    row = only_row(build())
    assert (row.max_output, row.context) == ("16.38K", "128,000")


def test_a_route_of_a_gateway_names_who_runs_it(zenmux: Provider):
    azure = ProviderFactory.create(slug="azure", name="Azure")
    selling(zenmux, native_id="openai/gpt-4o-mini", upstream=azure)
    row = only_row(build())
    assert row.upstream == "Azure"
    assert row.compare_href == "/compare/?endpoint=zenmux:openai/gpt-4o-mini@azure"


def test_old_statements_are_marked(zenmux: Provider):
    endpoint = selling(zenmux)
    RunFactory.create(covers=["zenmux"], as_of=OLD)
    ClaimFactory.create(endpoint=endpoint)
    standing = only_row(build()).standing
    assert standing.old
    assert standing.on == OLD


def test_what_nobody_has_matched_stands_apart(zenmux: Provider):
    EndpointFactory.create(provider=zenmux, native_id="mystery-7b")
    page = build()
    assert page.rows == ()
    assert [row.native_id for row in page.unmatched] == ["mystery-7b"]


def test_what_is_not_a_model_is_left_out_and_counted(zenmux: Provider):
    endpoint = EndpointFactory.create(provider=zenmux)
    ListingFactory.create(endpoint=endpoint, model=None, said_by="editor")
    page = build()
    assert (page.rows, page.unmatched, page.not_models) == ((), (), 1)


def test_what_is_gone_or_retired_was_formerly_sold(zenmux: Provider):
    selling(zenmux, "Gone", gone_since=CONFIRMED)
    selling(zenmux, "Retired", retires_on=NOW.date())
    selling(zenmux, "Leaving", retires_on=NOW.date() + timedelta(days=1))
    page = build()
    assert [row.model.text for row in page.rows] == ["Leaving"]
    assert [(row.model.text, row.retired) for row in page.former] == [
        ("Gone", False),
        ("Retired", True),
    ]
    assert page.former[1].since == date(2026, 11, 14)


def test_facts_name_their_sources_and_those_who_say_otherwise(zenmux: Provider):
    zenmux.retention_days = 0
    zenmux.headquarters = "Singapore"
    zenmux.save()
    other = SourceFactory.create(slug="models_dev", name="models.dev", siglum="M")
    about = {"endpoint": None, "provider": zenmux, "key": "retention_days"}
    ClaimFactory.create(says=0, **about)
    ClaimFactory.create(says=30, source=other, **about)
    facts = {row.key: row for row in build().facts}
    assert facts["retention_days"].text == "not kept"
    assert [mark.siglum for mark in facts["retention_days"].marks] == ["L"]
    assert [rival.text for rival in facts["retention_days"].rivals] == ["30 days"]
    assert "status page" in build().unstated


def test_branches_and_plans_of_the_company_are_linked(zenmux: Provider):
    plan = ProviderFactory.create(slug="zenmux-plan", company=zenmux, group=Group.PLAN.value)
    site = ProviderFactory.create(slug="zenmux-cn", company=zenmux)
    assert {link.text for link in build().branches} == {plan.name, site.name}
    page = build("zenmux-plan")
    assert {link.text for link in page.branches} == {"ZenMux", site.name}
    assert page.company is not None


def test_routing_modes_and_suffixes_are_tables(zenmux: Provider):
    zenmux.routing_modes = [
        {"effect": "least latency", "name": "Fast", "send": "{id}:fast"},
        {"name": "Cheap"},
    ]
    zenmux.save()
    [table] = build().records
    assert table.title == "Routing modes"
    assert table.columns == ("Name", "Send", "Effect")
    fast, cheap = ([field.text for field in row] for row in table.rows)
    assert fast == ["Fast", "{id}:fast", "least latency"]
    assert cheap == ["Cheap", "", ""]
    assert [field.is_code for field in table.rows[0]] == [False, True, False]


def test_long_lists_come_in_pages(zenmux: Provider, client: Client):
    model = AIModelFactory.create()
    for n in range(PAGE_SIZE + 1):
        endpoint = EndpointFactory.create(provider=zenmux, native_id=f"id-{n:03}")
        ListingFactory.create(endpoint=endpoint, model=model)
    assert len(build().rows) == PAGE_SIZE
    assert [row.native_id for row in build(page="2").rows] == ["id-100"]
    assert "There is no page 9" in client.get("/providers/zenmux/?page=9").content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "９", "1e9", "9" * 400, ""])
def test_an_absurd_page_number_still_gives_a_page(client: Client, zenmux: Provider, page: str):
    selling(zenmux)
    assert client.get("/providers/zenmux/", {"page": page}).status_code == 200


def test_the_number_of_queries_does_not_grow_with_endpoints(
    zenmux: Provider, django_assert_max_num_queries
):
    for n in range(6):
        endpoint = selling(zenmux, upstream=ProviderFactory.create(slug=f"up-{n}"))
        PriceFactory.create(endpoint=endpoint)
        EndpointFactory.create(provider=zenmux)
    with django_assert_max_num_queries(9):
        build()


# -- its own status page --------------------------------------------------------------------------


def says(provider: Provider, words: str, first: int, last: int) -> None:
    """Read on its status page from so many minutes ago to so many."""
    OfficialStatus.objects.create(
        provider=provider,
        page="https://status.zenmux.example",
        indicator="none",
        words=words,
        first_read_at=NOW - timedelta(minutes=first),
        confirmed_at=NOW - timedelta(minutes=last),
    )


def test_a_status_page_that_was_never_read_is_not_mentioned(zenmux: Provider, client: Client):
    assert build().status is None
    assert "Official status" not in client.get("/providers/zenmux/").content.decode()


def test_the_official_word_stands_with_its_times_and_page(
    zenmux: Provider, client: Client, monkeypatch: pytest.MonkeyPatch
):
    says(zenmux, "All Systems Operational", 600, 200)
    says(zenmux, "Partial <b>Outage</b>", 195, 5)
    status = build().status
    assert status is not None and not status.is_stale
    assert status.now.words == "Partial <b>Outage</b>"
    assert [said.words for said in status.earlier] == ["All Systems Operational"]
    monkeypatch.setattr("catalog.views._now", lambda: NOW)
    text = client.get("/providers/zenmux/").content.decode()
    assert "Partial &lt;b&gt;Outage" in text and 'href="https://status.zenmux.example"' in text
    assert "not measured" in text


def test_a_word_that_was_read_long_ago_is_not_called_todays(zenmux: Provider):
    says(zenmux, "All Systems Operational", 600, 180)
    status = build().status
    assert status is not None and status.is_stale


def test_words_older_than_the_window_are_left_out(zenmux: Provider):
    says(zenmux, "All Systems Operational", 60 * 24 * 40, 60 * 24 * 31)
    assert build().status is None


def test_a_page_of_a_past_day_has_no_status_of_today(zenmux: Provider):
    says(zenmux, "All Systems Operational", 600, 5)
    past = provider_detail.build("zenmux", {}, now=NOW, as_of=AsOf(on=date(2026, 11, 1)))
    assert past is not None and past.status is None
