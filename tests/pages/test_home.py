from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from catalog.pages import home
from providers.models import Edition
from tests.factories import (
    NOW,
    OLD,
    AIModelFactory,
    AuthorFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
    price_value,
)
from tests.providers.market import offer, price, read, snapshot

pytestmark = pytest.mark.django_db
SOON = (NOW + timedelta(days=10)).date()


@pytest.fixture(autouse=True)
def source():
    source = SourceFactory()
    RunFactory(source=source, covers=["azure", "openai", "host"])
    return source


def leaving(name, provider, *, on=SOON):
    endpoint = EndpointFactory(provider=provider, retires_on=on, native_id=name)
    ListingFactory(endpoint=endpoint, model=AIModelFactory(name=name, slug=name.lower()))


def priced(endpoint, source, amount):
    ClaimFactory(
        endpoint=endpoint,
        source=source,
        key="price.input",
        says=price_value(Decimal(amount), state="known"),
    )


def lines(page):
    return [
        (
            [model.text for model in happening.models],
            happening.more,
            happening.verb,
            [place.text for place in happening.places],
        )
        for day in page.days
        for happening in day.happenings
    ]


def test_models_that_leave_one_provider_on_one_day_share_a_line():
    azure = ProviderFactory(slug="azure", name="Azure")
    leaving("o3", azure)
    leaving("GPT-5", azure)
    leaving("o1", ProviderFactory(slug="openai", name="OpenAI"))
    assert lines(home.build(now=NOW)) == [
        (["GPT-5", "o3"], 0, "leave", ["Azure"]),
        (["o1"], 0, "leaves", ["OpenAI"]),
    ]


def test_a_long_line_names_five_and_counts_the_rest():
    azure = ProviderFactory(slug="azure", name="Azure")
    for n in range(9):
        leaving(f"m{n}", azure)
    (models, more, *_), *_ = lines(home.build(now=NOW))
    assert (len(models), more) == (5, 4)


def test_only_the_next_days_are_shown_and_all_are_counted():
    azure = ProviderFactory(slug="azure")
    for n in range(12):
        leaving(f"m{n}", azure, on=SOON + timedelta(days=n))
    page = home.build(now=NOW)
    assert (len(page.days), page.dates_ahead) == (home.DAYS, 12)
    assert page.days[0].on == SOON


def test_new_models_stand_by_release_day_and_never_lie_ahead():
    AIModelFactory(name="Older", released_on="2026-01-05")
    AIModelFactory(name="Newer", released_on="2026-11-02")
    AIModelFactory(name="Ahead", released_on="2027-01-01")
    AIModelFactory(name="Some time in 2026", released_on="2026")
    assert [new.model.text for new in home.build(now=NOW).new] == ["Newer", "Older"]


def test_unexplained_differences_are_counted_by_provider(source):
    other = SourceFactory(slug="other", siglum="O")
    RunFactory(source=other, covers=["host"])
    host = ProviderFactory(slug="host", name="Host")
    for n in range(5):
        endpoint = EndpointFactory(provider=host)
        priced(endpoint, source, "1")
        priced(endpoint, other, "3" if n < 2 else "1")
    (found,) = home.build(now=NOW).differing
    assert (found.provider.text, found.both, found.differ, found.share) == ("Host", 5, 2, 40)


def test_an_older_copy_explains_a_difference(source):
    stale = SourceFactory(slug="stale", siglum="T")
    RunFactory(source=stale, covers=["host"], as_of=OLD)
    host = ProviderFactory(slug="host", name="Host")
    for _ in range(5):
        endpoint = EndpointFactory(provider=host)
        priced(endpoint, source, "1")
        priced(endpoint, stale, "3")
    page = home.build(now=NOW)
    assert page.differing == ()
    assert [one.both for one in page.agreeing] == [5]


def test_the_index_of_authors_runs_by_letter_with_the_number_of_models():
    openai = AuthorFactory()
    AIModelFactory.create_batch(2, author=openai)
    AIModelFactory(author=AuthorFactory(slug="01-ai", name="01.AI"))
    AIModelFactory(author=AuthorFactory(slug="ai21", name="ai21 Labs"))
    AuthorFactory(slug="idle", name="Idle")
    found = [(line.text, line.models) for line in home.build(now=NOW).index]
    assert found == [
        ("0–9", 0), ("01.AI", 1), ("A", 0), ("ai21 Labs", 1), ("O", 0), ("OpenAI", 2),
    ]  # fmt: skip


def test_an_empty_almanac_has_a_title_page(client):
    answer = client.get(reverse("catalog:home"))
    assert answer.status_code == 200
    assert b"Nothing published yet" in answer.content


def test_every_sign_leads_to_its_source(client):
    leaving("o3", ProviderFactory(slug="azure", name="Azure"), on=NOW.date() + timedelta(days=900))
    tree = html.fromstring(client.get(reverse("catalog:home")).content)
    signs = {sign.get("href").removeprefix("#") for sign in tree.cssselect("a.w")}
    assert signs <= {row.get("id") for row in tree.cssselect("[id]")}


def test_the_title_page_is_the_same_for_everyone(client):
    answer = client.get(reverse("catalog:home"))
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert b"csrf" not in answer.content.lower()


def test_queries_do_not_grow_with_the_market(client, source):
    def count():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("catalog:home"))
        return len(queries)

    azure = ProviderFactory(slug="azure")
    leaving("m", azure)
    few = count()
    for n in range(20):
        leaving(f"m{n}", azure)
    assert count() == few


def test_while_the_edition_stays_the_title_page_reads_once(client, django_assert_num_queries):
    Edition.objects.create(pk=1, number=61, changed_at=NOW)
    client.get(reverse("catalog:home"))
    with django_assert_num_queries(1):
        client.get(reverse("catalog:home"))


# -- prices that moved ----------------------------------------------------------------------------


def moves(days_ago, amount, *, names=("small",), component="output"):
    """A source states the prices of these models of one provider, so many days before NOW."""
    offers = [offer(name, price(amount, component)) for name in names]
    read(snapshot(*offers, as_of=NOW - timedelta(days=days_ago)))


def test_the_latest_moves_of_output_prices_stand_first_one_a_model():
    moves(60, "1")
    moves(30, "2")
    moves(10, "3")
    (one,) = home.build(now=NOW).moved.prices
    assert (one.model.text, one.was.amount, one.becomes.amount, one.percent) == ("Small", 2, 3, 50)
    assert one.on == (NOW - timedelta(days=10)).date()


def test_other_components_and_older_moves_are_left_to_the_page_of_changes():
    moves(200, "1")
    moves(100, "2")
    moves(99, "1", component="input")
    moves(9, "2", component="input")
    assert home.build(now=NOW).moved.prices == ()


def test_restatements_are_left_out_and_said():
    names = [f"small-{n}" for n in range(12)]
    moves(30, "1", names=names)
    moves(10, "2", names=names)
    moved = home.build(now=NOW).moved
    assert moved.prices == ()
    (restated,) = moved.restated
    assert (restated.provider.text, restated.prices) == ("OpenAI", 12)
    assert "kind=restatement" in moved.restated_href
