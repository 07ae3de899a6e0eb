"""Readers' suggestions as the editors' queue: beside what is stated now, answered, corrected."""

import pytest
from django.urls import reverse
from lxml import html

from providers import suggestions
from providers.models import Endpoint, Suggestion
from providers.suggestions import About, Words
from tests.factories import NOW, AIModelFactory
from tests.providers.market import offer, price, published, read, snapshot
from tests.staff import member

pytestmark = pytest.mark.django_db
LIST = "/admin/providers/suggestion/"


@pytest.fixture(autouse=True)
def _market(settings):
    settings.AFTER_PUBLISH = []
    read(snapshot(offer("small", price("0.15"), context_length=128_000)))


def reported(key="price.input", proposed="$0.14", **about) -> Suggestion:
    about = about or {"endpoint": Endpoint.objects.get(native_id="small").pk}
    words = Words("Look at their page", proposed, "https://a.example/prices")
    return suggestions.suggest(About(**about, key=key), words, address="192.0.2.1", now=NOW)


def page_of(client, row: Suggestion):
    return html.fromstring(client.get(f"{LIST}{row.pk}/change/").content)


def answer(client, row: Suggestion, verdict: str, why: str = ""):
    address = reverse("admin:providers_suggestion_answer", args=[row.pk])
    return client.post(address, {verdict: "", "answer": why}, follow=True)


def test_the_desk_counts_what_waits(client):
    reported()
    member(client, "content editor")
    assert "<b>1</b> report by readers" in client.get("/admin/").content.decode()


def test_those_that_wait_stand_first(client):
    old = reported()
    Suggestion.objects.filter(pk=old.pk).update(state="declined")
    reported("context_length")
    member(client, "pricing editor")
    states = html.fromstring(client.get(LIST).content).cssselect("td.field-state")
    assert [cell.text for cell in states] == ["Open", "Declined"]


def test_a_suggestion_stands_beside_what_every_source_says(client):
    member(client, "pricing editor")
    tree = page_of(client, reported())
    (row,) = tree.cssselect("table.claims tbody tr")
    assert "litellm: 0.15 USD per 1M tokens" in row.text_content()
    (link,) = tree.cssselect("a[href='https://a.example/prices']")
    assert "nofollow" in link.get("rel")


def test_its_correction_is_prefilled_with_value_and_reason(client):
    member(client, "pricing editor")
    row = reported()
    address = page_of(client, row).xpath("//a[text()='Correct it']")[0].get("href")
    (form,) = html.fromstring(client.get(address).content).cssselect("form.correct")
    typed = dict(form.form_values())
    assert typed["amount"] == "0.14" and typed["currency"] == "USD"
    assert typed["reason"].split() == (
        f"reported by a reader (suggestion {row.pk}), stated at https://a.example/prices".split()
    )
    assert client.post(address, typed).status_code == 302
    assert str(published("small").normalize()) == "0.14"


def test_words_that_are_no_amount_are_not_guessed_at(client):
    member(client, "pricing editor")
    address = page_of(client, reported(proposed="about a third less"))
    address = address.xpath("//a[text()='Correct it']")[0].get("href")
    (form,) = html.fromstring(client.get(address).content).cssselect("form.correct")
    assert dict(form.form_values())["amount"] == "0.15"


def test_only_who_may_correct_a_value_is_led_there(client):
    member(client, "content editor")
    assert not page_of(client, reported()).xpath("//a[text()='Correct it']")
    assert page_of(client, reported("context_length")).xpath("//a[text()='Correct it']")


def test_models_and_whole_pages_have_their_case_too(client):
    member(client, "content editor")
    model = AIModelFactory(slug="mini")
    tree = page_of(client, reported("knowledge_cutoff", model=f"{model.author.slug}/mini"))
    assert tree.xpath("//a[text()='Correct it']")
    assert "Nobody states anything" in tree.text_content()
    for row in (reported("", path="/sources/"), reported("x", model="gone/model")):
        assert not page_of(client, row).xpath("//a[text()='Correct it']")


@pytest.mark.parametrize(
    ("verdict", "why", "state"),
    [
        ("accepted", "", "accepted"),
        ("declined", "they say so", "declined"),
        ("declined", "", "open"),
    ],
)
def test_an_answer_is_kept_with_who_gave_it(client, verdict, why, state):
    editor, row = member(client, "pricing editor"), reported()
    page = answer(client, row, verdict, why).content.decode()
    row.refresh_from_db()
    assert (row.state, row.answer) == (state, why)
    assert row.answered_by == (None if state == "open" else editor)
    assert "say why" in page or state != "open"


def test_the_second_editor_is_told_that_it_was_answered(client):
    member(client, "pricing editor")
    row = reported()
    answer(client, row, "accepted")
    assert "already accepted by" in answer(client, row, "declined", "no").content.decode()


def test_many_are_declined_from_the_list(client):
    member(client, "pricing editor")
    rows = [reported(), reported("context_length")]
    chosen = {"action": "decline", "_selected_action": [row.pk for row in rows]}
    assert "Declined 2" in client.post(LIST, chosen, follow=True).content.decode()


def test_without_the_permission_nothing_is_answered(client):
    row = reported()
    assert "/login/" in client.post(f"{LIST}{row.pk}/answer/", {"accepted": ""})["Location"]
    user = member(client, "pricing editor")
    user.groups.first().permissions.filter(codename="answer_suggestion").delete()
    assert answer(client, row, "accepted").status_code == 403
    assert not page_of(client, row).cssselect("input[name=accepted]")
    assert Suggestion.objects.get().state == "open"
