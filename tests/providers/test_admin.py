"""Corrections in the admin: each is a claim with a reason, and the page shows it at once."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from kombu.exceptions import OperationalError

from providers import tasks
from providers.models import Change, Claim, Endpoint, Held, Job, Price, Provider, Run, Source
from tests.staff import member

from .market import BATCH, SECOND, offer, price, published, read, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _market(settings):
    settings.AFTER_PUBLISH = []
    read(snapshot(offer("small", price("0.15"), context_length=128_000, open_weights=False)))


@pytest.fixture(autouse=True)
def rings(monkeypatch) -> list[str]:
    """Rings of the bell for workers; none goes to a real broker."""
    rung: list[str] = []
    monkeypatch.setattr(tasks.tick, "apply_async", lambda **options: rung.append("tick"))
    return rung


def correct(client, key: str, **fields):
    endpoint = Endpoint.objects.get(native_id="small")
    address = f"/admin/providers/endpoint/{endpoint.pk}/correct/?key={key}"
    fields.setdefault("seen", seen(client, address))
    return client.post(address, {"reason": "their page", **fields})


def seen(client, address: str) -> str:
    """What the form would carry of what stands there now; empty where there is no form."""
    page = client.get(address)
    return page.context["seen"] if page.status_code == 200 else ""


PRICE_FIELDS = {
    "component": "input", "state": "known", "amount": "0.14", "unit": "1M tokens",
    "currency": "USD",
}  # fmt: skip


def test_a_corrected_price_is_published_at_once(client):
    member(client, "pricing editor")
    assert correct(client, "price.input", **PRICE_FIELDS).status_code == 302
    assert str(published("small").normalize()) == "0.14"


def test_a_correction_keeps_author_reason_and_time(client):
    user = member(client, "pricing editor")
    correct(client, "context_length", value="64,000")
    claim = Claim.objects.get(source__slug="editor")
    assert (claim.editor, claim.reason, claim.value) == (user, "their page", "64000")
    assert claim.stated_from <= datetime.now(UTC)


def test_a_correction_survives_the_next_refresh(client):
    member(client, "pricing editor")
    correct(client, "context_length", value="64000")
    read(snapshot(offer("small", price("0.15"), context_length=256_000), as_of=SECOND))
    assert Endpoint.objects.get(native_id="small").context_length == 64_000


def test_a_dropped_correction_gives_the_sources_their_word_back(client):
    member(client, "pricing editor")
    correct(client, "context_length", value="64000")
    claim = Claim.objects.get(source__slug="editor")
    address = f"/admin/providers/endpoint/{claim.endpoint_id}/drop/{claim.pk}/"
    assert client.post(address, {"reason": ""}).status_code == 200
    assert client.post(address, {"reason": "they agree now"}).status_code == 302
    assert Endpoint.objects.get(native_id="small").context_length == 128_000


def test_the_page_of_an_endpoint_shows_who_states_what(client):
    member(client, "administrator")
    endpoint = Endpoint.objects.get(native_id="small")
    page = client.get(f"/admin/providers/endpoint/{endpoint.pk}/change/").content.decode()
    assert "0.15 USD per 1M tokens" in page
    assert "litellm" in page


def endpoint_page(client) -> str:
    endpoint = Endpoint.objects.get(native_id="small")
    return client.get(f"/admin/providers/endpoint/{endpoint.pk}/change/").content.decode()


def test_a_correction_stands_beside_the_sources_with_its_editor(client):
    member(client, "pricing editor")
    correct(client, "price.input", **PRICE_FIELDS)
    page = endpoint_page(client)
    assert "<strong>Editors of this site</strong>: 0.14 USD per 1M tokens" in page
    assert "litellm: 0.15 USD per 1M tokens" in page
    assert "pricing-editor: <em>their page</em>" in page


def test_conditions_are_told_in_words(client):
    member(client, "pricing editor")
    batch = price("0.07", condition=BATCH)
    read(snapshot(offer("small", price("0.15"), batch), as_of=SECOND))
    assert "tier batch" in endpoint_page(client)
    assert "{&quot;tier" not in endpoint_page(client)


@pytest.mark.parametrize(
    ("key", "fields", "message"),
    [
        ("context_length", {"value": "many"}, "not a number"),
        ("context_length", {"value": "-1"}, "not a number"),
        ("retires_on", {"value": "soon"}, "YYYY-MM-DD"),
        ("status_page", {"value": "javascript:alert(1)"}, "http"),
        ("open_weights", {"value": "maybe"}, "yes or no"),
        ("price.input", PRICE_FIELDS | {"amount": "-1"}, "negative"),
        ("price.input", PRICE_FIELDS | {"amount": ""}, "needs an amount"),
        ("price.input", PRICE_FIELDS | {"currency": "usd"}, "code like USD"),
        ("price.input", PRICE_FIELDS | {"effective_to": "2020-01-01"}, "ended already"),
        ("context_length", {"value": "64000", "reason": ""}, "required"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_mend(client, key, fields, message):
    member(client, "pricing editor")
    answer = correct(client, key, **fields)
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not Claim.objects.filter(source__slug="editor").exists()


def test_only_those_permitted_correct_prices(client):
    member(client, "content editor")
    assert correct(client, "price.input", **PRICE_FIELDS).status_code == 403
    assert correct(client, "context_length", value="64000").status_code == 302


def test_a_stranger_is_sent_to_the_login(client):
    assert "/login/" in correct(client, "context_length", value="1")["Location"]


def test_a_fact_without_a_room_is_not_found(client):
    member(client, "pricing editor")
    assert correct(client, "colour", value="red").status_code == 404


@pytest.mark.parametrize(
    "condition", ["garbage", "[]", "1", '{"above":"x"}', '{"zone":"Mars","minutes":[[0,1]]}']
)
def test_a_condition_that_nobody_states_is_not_found(client, condition):
    member(client, "pricing editor")
    query = urlencode({"key": "price.input", "condition": condition})
    endpoint = Endpoint.objects.get(native_id="small")
    address = f"/admin/providers/endpoint/{endpoint.pk}/correct/?{query}"
    assert client.get(address).status_code == 404


def test_a_price_under_a_condition_is_corrected_under_it(client):
    read(snapshot(offer("small", price("0.15"), price("0.07", condition=BATCH)), as_of=SECOND))
    member(client, "pricing editor")
    fields = PRICE_FIELDS | {"amount": "0.06", "tier": "batch"}
    correct(client, f"price.input&condition={quote(BATCH.key())}", **fields)
    assert str(published("small", condition=BATCH.key()).normalize()) == "0.06"
    assert str(published("small").normalize()) == "0.15"


def test_facts_of_providers_are_corrected_too(client):
    member(client, "pricing editor")
    provider = Provider.objects.get(slug="openai")
    client.post(
        f"/admin/providers/provider/{provider.pk}/correct/?key=headquarters",
        {"value": "US", "reason": "their imprint"},
    )
    provider.refresh_from_db()
    assert provider.headquarters == "US"


def test_a_held_price_is_accepted_from_the_list(client):
    read(snapshot(offer("small", price("15")), as_of=SECOND))
    member(client, "pricing editor")
    held = Held.objects.get()
    client.post("/admin/providers/held/", {"action": "accept", "_selected_action": [held.pk]})
    assert published("small") == 15


def test_a_held_price_is_answered_once(client):
    read(snapshot(offer("small", price("15")), as_of=SECOND))
    member(client, "pricing editor")
    held = Held.objects.get()
    for action in ("refuse", "accept"):
        answer = client.post(
            "/admin/providers/held/", {"action": action, "_selected_action": [held.pk]}, follow=True
        )
    assert "already refused" in answer.content.decode()
    assert str(published("small").normalize()) == "0.15"


# -- sources, jobs, runs --------------------------------------------------------------------------


def test_sources_are_read_again_from_the_list(client, rings):
    member(client, "administrator")
    client.post(
        "/admin/providers/source/",
        {"action": "refresh_now", "_selected_action": [Source.objects.get().pk]},
    )
    assert Job.objects.get(argument="litellm").due_at <= datetime.now(UTC)
    assert rings == ["tick"]


def test_a_source_is_read_again_from_its_page_and_followed(client, rings):
    member(client, "administrator")
    source = Source.objects.get()
    assert (
        "Read again now"
        in client.get(f"/admin/providers/source/{source.pk}/change/").content.decode()
    )
    answer = client.post(f"/admin/providers/source/{source.pk}/refresh/", follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[0][0] == f"/admin/providers/job/{Job.objects.get().pk}/change/"
    assert "data-live" in page and "Waits for a worker" in page
    assert rings == ["tick"]


def test_a_broker_that_is_away_does_not_stop_the_wish(client, monkeypatch):
    def nobody(**options: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.tick, "apply_async", nobody)
    member(client, "administrator")
    client.post(f"/admin/providers/source/{Source.objects.get().pk}/refresh/")
    assert Job.objects.get().due_at <= datetime.now(UTC)


def test_editors_are_no_source_to_be_read(client):
    member(client, "administrator")
    correct(client, "context_length", value="64000")
    editors = Source.objects.get(slug="editor")
    assert client.post(f"/admin/providers/source/{editors.pk}/refresh/").status_code == 404
    page = client.get(f"/admin/providers/source/{editors.pk}/change/").content.decode()
    assert "Read again now" not in page


@pytest.mark.parametrize("group", ["pricing editor", "content editor"])
def test_only_administrators_have_sources_read(client, group):
    member(client, group)
    source = Source.objects.get()
    assert client.post(f"/admin/providers/source/{source.pk}/refresh/").status_code == 403
    assert (
        "Read again now"
        not in client.get(f"/admin/providers/source/{source.pk}/change/").content.decode()
    )
    assert not Job.objects.exists()


def test_a_running_job_shows_how_far_it_is(client):
    member(client, "administrator")
    now = datetime.now(UTC)
    job = Job.objects.create(
        name="refresh", argument="litellm", due_at=now, leased_until=now + timedelta(minutes=5),
        lease="x", progress=42, message="recording",
    )  # fmt: skip
    page = client.get(f"/admin/providers/job/{job.pk}/change/").content.decode()
    assert "data-live" in page and "42 %" in page and "recording" in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_a_job_that_is_done_shows_its_readings_and_stays_still(client):
    member(client, "administrator")
    job = Job.objects.create(
        name="refresh", argument="litellm", due_at=datetime.now(UTC) + timedelta(hours=6),
        message="2 added, 0 changed",
    )  # fmt: skip
    page = client.get(f"/admin/providers/job/{job.pk}/change/").content.decode()
    assert "data-live" not in page and "2 added, 0 changed" in page
    assert f"/admin/providers/run/{Run.objects.get().pk}/change/" in page


def test_a_run_tells_what_it_refused_and_what_had_no_room(client):
    member(client, "pricing editor")
    run = Run.objects.get()
    run.report = {
        "added": 7, "held": 2, "seconds": 1.25, "without_room": {"rare": 1, "common": 41},
        "refused": [{"item": "search-1", "reason": "a search engine"}],
    }  # fmt: skip
    run.save()
    page = client.get(f"/admin/providers/run/{run.pk}/change/").content.decode()
    assert "<dt>added</dt><dd>7</dd>" in page and "<dt>without a room</dt><dd>42</dd>" in page
    assert "search-1" in page and "a search engine" in page
    assert page.index("common") < page.index(">rare<")
    listed = client.get("/admin/providers/run/").content.decode()
    assert "7 added, 2 held, 1 refused, 42 without a room" in listed


def test_a_run_that_never_ended_has_a_page(client):
    member(client, "pricing editor")
    run = Run.objects.create(source=Source.objects.get(), started_at=datetime.now(UTC))
    assert client.get(f"/admin/providers/run/{run.pk}/change/").status_code == 200


@pytest.mark.parametrize("model", ["endpoint", "provider", "price", "claim", "run", "source",
                                   "held", "job", "reading"])  # fmt: skip
def test_every_list_opens(client, model):
    member(client, "administrator")
    assert client.get(f"/admin/providers/{model}/").status_code == 200


def test_the_list_of_endpoints_does_not_query_by_the_row(client, django_assert_max_num_queries):
    member(client, "administrator")
    read(snapshot(*(offer(f"m{n}", price("1")) for n in range(60)), covers=[]))
    with django_assert_max_num_queries(12):
        client.get("/admin/providers/endpoint/")


def test_ledger_rows_are_not_typed(client):
    member(client, "administrator")
    row = Price.objects.first()
    assert client.post(f"/admin/providers/price/{row.pk}/change/", {}).status_code == 403


# -- two editors at once --------------------------------------------------------------------------


def correction_address(key: str) -> str:
    return f"/admin/providers/endpoint/{Endpoint.objects.get().pk}/correct/?key={key}"


@pytest.mark.parametrize(
    ("key", "theirs", "mine", "words"),
    [
        (
            "price.input",
            PRICE_FIELDS | {"amount": "0.13"},
            PRICE_FIELDS,
            ("0.15 USD", "0.13 USD", "0.14 USD"),
        ),
        ("context_length", {"value": "64000"}, {"value": "32000"}, ("128000", "64000", "32000")),
    ],
)
def test_the_second_editor_of_a_form_is_told_and_overwrites_nothing(
    client, key, theirs, mine, words
):
    member(client, "pricing editor")
    before = seen(client, correction_address(key))
    member(client, "administrator")
    correct(client, key, **theirs)
    first = Claim.objects.get(source__slug="editor", ended_at=None)
    answer = correct(client, key, seen=before, **mine)
    page = answer.content.decode()
    assert all(word in page for word in (*words, "administrator", "nothing was saved"))
    assert Claim.objects.get(source__slug="editor", ended_at=None) == first
    assert correct(client, key, seen=answer.context["seen"], **mine).status_code == 302


def test_a_refresh_while_the_form_is_open_is_told(client):
    member(client, "pricing editor")
    before = seen(client, correction_address("price.input"))
    read(snapshot(offer("small", price("0.25")), as_of=SECOND, covers=()))
    page = correct(client, "price.input", seen=before, **PRICE_FIELDS).content.decode()
    assert "0.25 USD" in page and "a source" in page


def test_a_refresh_that_says_the_same_disturbs_nobody(client):
    member(client, "pricing editor")
    before = seen(client, correction_address("price.input"))
    read(snapshot(offer("small", price("0.15"), context_length=1), as_of=SECOND, covers=()))
    assert correct(client, "price.input", seen=before, **PRICE_FIELDS).status_code == 302


@pytest.mark.parametrize("forged", ["", "x", "W10:x:y"])
def test_a_form_that_does_not_say_what_was_seen_overwrites_nothing(client, forged):
    member(client, "pricing editor")
    page = correct(client, "price.input", seen=forged, **PRICE_FIELDS).content.decode()
    assert "nothing was saved" in page
    assert not Claim.objects.filter(source__slug="editor").exists()


def test_a_price_written_under_another_name_than_the_form_was_opened_for_is_looked_at(client):
    read(snapshot(offer("small", price("0.15"), price("0.6", "output")), as_of=SECOND))
    member(client, "pricing editor")
    page = correct(client, "price.input", **PRICE_FIELDS | {"component": "output"})
    assert "0.6 USD" in page.content.decode()
    assert not Claim.objects.filter(source__slug="editor").exists()


def test_a_doubtful_price_needs_a_tick_for_the_very_price(client):
    member(client, "pricing editor")
    fields = PRICE_FIELDS | {"amount": "150"}
    page = correct(client, "price.input", **fields)
    assert "I am sure" in page.content.decode()
    sure = page.context["sure"]
    page = correct(client, "price.input", **fields | {"amount": "1500"}, sure=sure)
    assert "I am sure" in page.content.decode()
    assert correct(client, "price.input", **fields, sure=sure).status_code == 302
    assert published("small") == 150


def test_the_log_says_what_a_correction_of_a_fact_took_the_place_of(client):
    member(client, "pricing editor")
    correct(client, "context_length", value="64,000")
    assert Change.objects.get().before == "128000"
