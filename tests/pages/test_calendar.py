"""The calendar page and its feed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from icalendar import Calendar

from catalog.models import AIModel
from catalog.pages import calendar
from catalog.pages.calendar_feed import as_ics
from providers.models import Endpoint, Provider
from tests.factories import (
    CONFIRMED,
    NOW,
    AIModelFactory,
    AuthorFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    PriceFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def retiring(
    on: date,
    *,
    provider: str | Provider = "openai",
    model: str | AIModel = "gpt-4o-mini",
    native_id: str = "",
    **more: object,
) -> Endpoint:
    """A listed endpoint with a retirement stated by LiteLLM."""
    if isinstance(provider, str):
        provider = ProviderFactory.create(slug=provider)
    if isinstance(model, str):
        model = AIModelFactory.create(slug=model, name=model)
    endpoint = EndpointFactory.create(
        provider=provider, native_id=native_id or model.slug, retires_on=on, **more
    )
    claim = ClaimFactory.create(endpoint=endpoint, key="retires_on", says=on.isoformat())
    endpoint.provenance = {"retires_on": claim.pk}
    endpoint.save()
    ListingFactory.create(endpoint=endpoint, model=model)
    return endpoint


def entries(page: calendar.CalendarPage) -> list[calendar.Entry]:
    return [entry for month in page.months for day in month.days for entry in day.entries]


def test_days_come_by_month_soonest_first():
    for n, days in enumerate((40, 2, 41)):
        retiring(TODAY + timedelta(days=days), provider=f"p{n}", model=f"m{n}")
    page = calendar.build({}, now=NOW)
    assert [month.first for month in page.months] == [date(2026, 11, 1), date(2026, 12, 1)]
    assert [entry.model.text for entry in entries(page)] == ["m1", "m0", "m2"]
    assert page.count == 3


def test_today_is_still_ahead():
    retiring(TODAY)
    assert calendar.build({}, now=NOW).count == 1
    assert calendar.build({"past": "1"}, now=NOW).count == 0


def test_past_dates_show_on_request_with_endpoints_no_longer_listed():
    retiring(TODAY - timedelta(days=9), gone_since=CONFIRMED)
    assert calendar.build({}, now=NOW).count == 0
    [entry] = entries(calendar.build({"past": "1"}, now=NOW))
    assert entry.verb == "left"


def test_an_endpoint_that_no_source_lists_has_no_dates_ahead():
    retiring(TODAY + timedelta(days=9), gone_since=CONFIRMED)
    assert calendar.build({}, now=NOW).count == 0


def test_ids_of_one_model_and_provider_stand_together_with_who_says_so():
    provider = ProviderFactory.create(slug="azure", name="Azure")
    RunFactory.create(covers=["azure"])
    model = AIModelFactory.create(name="GPT-4o mini")
    for native_id in ("gpt-4o-mini", "eu/gpt-4o-mini"):
        retiring(date(2027, 4, 14), provider=provider, model=model, native_id=native_id)
    [entry] = entries(calendar.build({}, now=NOW))
    [place] = entry.places
    assert place.names == ("eu/gpt-4o-mini", "gpt-4o-mini")
    assert [mark.label for mark in place.marks] == ["stated by LiteLLM, 12 November 2026"]


def test_filters_keep_one_author_or_provider():
    retiring(date(2027, 1, 14), provider="openai", model="a")
    other = retiring(date(2027, 1, 14), provider="anthropic", model="b")
    other.listing.model.author = AuthorFactory.create(slug="anthropic")
    other.listing.model.save()
    assert calendar.build({"provider": "openai"}, now=NOW).count == 1
    [entry] = entries(calendar.build({"author": "anthropic"}, now=NOW))
    assert entry.model.text == "b"


def test_an_unknown_filter_shows_everything_and_says_so():
    retiring(date(2027, 1, 14))
    page = calendar.build({"provider": "nobody", "author": "none"}, now=NOW)
    assert page.count == 1
    assert page.messages == (
        "No author is called “none”; every author is shown.",
        "No provider is called “nobody”; every provider is shown.",
    )


# -- prices ---------------------------------------------------------------------------------------


def change_of_price(*, at: datetime, before: str, after: str) -> None:
    endpoint = EndpointFactory.create(name="GPT-4o mini")
    PriceFactory.create(endpoint=endpoint, amount=Decimal(before), valid_to=at)
    PriceFactory.create(
        endpoint=endpoint, amount=Decimal(after), valid_from=at, claim__effective_from=at
    )


def test_a_scheduled_price_shows_before_and_after():
    change_of_price(at=datetime(2027, 1, 1, tzinfo=UTC), before="0.15", after="0.30")
    [entry] = entries(calendar.build({}, now=NOW))
    [change] = entry.changes
    assert (change.before.amount, change.after.amount) == (Decimal("0.15"), Decimal("0.30"))


def test_a_new_claim_of_the_same_price_is_no_change():
    change_of_price(at=datetime(2027, 1, 1, tzinfo=UTC), before="0.15", after="0.15")
    assert calendar.build({}, now=NOW).count == 0


def test_a_price_that_ends_without_a_next_one_becomes_unknown():
    PriceFactory.create(valid_to=datetime(2027, 1, 1, tzinfo=UTC))
    [entry] = entries(calendar.build({}, now=NOW))
    assert entry.changes[0].after.amount is None


def test_changes_of_the_past_are_not_ahead():
    change_of_price(at=CONFIRMED + timedelta(days=1), before="0.15", after="0.30")
    assert calendar.build({}, now=NOW).count == 0


# -- the feed -------------------------------------------------------------------------------------


def feed(query: dict[str, str] | None = None) -> Calendar:
    return Calendar.from_ical(as_ics(calendar.build(query or {}, now=NOW), host="almanac.example"))


def test_the_feed_has_a_whole_day_event_for_each_endpoint():
    retiring(date(2027, 1, 14))
    [event] = feed().walk("VEVENT")
    assert event.decoded("dtstart") == date(2027, 1, 14)
    assert event.decoded("dtend") == date(2027, 1, 15)
    assert str(event["summary"]) == "gpt-4o-mini leaves Openai"
    assert str(event["uid"]).endswith("@almanac.example")


def test_an_identity_stays_when_the_date_moves():
    endpoint = retiring(date(2027, 1, 14))
    [before] = feed().walk("VEVENT")
    endpoint.retires_on = date(2027, 2, 1)
    endpoint.save()
    [after] = feed().walk("VEVENT")
    assert before["uid"] == after["uid"]
    assert before.decoded("dtstart") != after.decoded("dtstart")


def test_the_feed_is_the_same_at_any_moment_of_a_day():
    retiring(date(2027, 1, 14))
    RunFactory.create(covers=["openai"])
    later = NOW + timedelta(hours=3)
    first, second = (
        as_ics(calendar.build({}, now=now), host="almanac.example") for now in (NOW, later)
    )
    assert first == second


def test_identities_differ_between_providers_and_operations():
    provider = ProviderFactory.create(slug="azure")
    for n, operation in enumerate(("chat", "embedding")):
        retiring(
            date(2027, 1, 14), provider=provider, model=f"m{n}", native_id="a", operation=operation
        )
    retiring(date(2027, 1, 14), provider="openai", model="m2", native_id="a")
    assert len({str(event["uid"]) for event in feed().walk("VEVENT")}) == 3


def test_lines_are_escaped_and_folded_at_75_octets():
    retiring(date(2027, 1, 14), model="m", native_id="a,b;c\\d" + "ä" * 80)
    text = as_ics(calendar.build({}, now=NOW), host="almanac.example")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert r"a\,b\;c\\d" in text.replace("\r\n ", "")
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert "a,b;c\\d" + "ä" * 80 in str(event["description"])


# -- the page -------------------------------------------------------------------------------------


def test_the_page_and_its_feed_answer(client: Client):
    retiring(datetime.now(UTC).date() + timedelta(days=400))
    html = client.get("/calendar/").content.decode()
    assert "gpt-4o-mini</a> leaves" in html
    answer = client.get("/calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")


@pytest.mark.parametrize("query", ["?past=1", "?past=x&provider=%00", "?author=" + "a" * 3000])
def test_absurd_queries_still_give_a_page(client: Client, query: str):
    assert client.get(f"/calendar/{query}").status_code == 200


def test_the_number_of_queries_does_not_grow_with_dates(django_assert_max_num_queries):
    source = SourceFactory.create()
    for n in range(6):
        retiring(date(2027, 1, 14), provider=f"p{n}", model=f"m{n}")
        PriceFactory.create(source=source, valid_to=datetime(2027, 1, 1, tzinfo=UTC))
    with django_assert_max_num_queries(6):
        calendar.build({}, now=NOW)
