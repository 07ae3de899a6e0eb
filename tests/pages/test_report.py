"""“Report this”: a form without an account, which no cache keeps and which loses nothing typed."""

from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from lxml import html

from catalog import reporting
from providers import suggestions
from providers.models import Suggestion
from tests.factories import AIModelFactory, EndpointFactory, ListingFactory, ProviderFactory

pytestmark = pytest.mark.django_db
PAGE = "/report/"
HIDDEN = {"visibility": "hidden"}
SAID = {"note": "It costs more", "proposed": "0.20", "link": "https://a.example/prices"}


def address(**asked) -> str:
    return f"{PAGE}?{urlencode(asked)}"


def words(answer) -> str:
    return " ".join(html.fromstring(answer.content).cssselect("main")[0].text_content().split())


def test_the_form_says_what_is_reported(client):
    endpoint = EndpointFactory(provider=ProviderFactory(name="Azure"), native_id="gpt-4o")
    asked = {"endpoint": endpoint.pk, "key": "price.input", "shown": "$0.15", "path": "/models/"}
    answer = client.get(address(**asked, condition='{"tier":"batch"}'))
    assert "Input price, batch of Azure: gpt-4o: the page says $0.15" in words(answer)
    back = html.fromstring(answer.content).cssselect("form.account a")[0]
    assert back.get("href") == "/models/"


def test_what_is_sent_reaches_the_editors(client):
    endpoint = EndpointFactory()
    asked = address(endpoint=endpoint.pk, key="context_length", shown="128,000", path="/models/")
    answer = client.post(asked, SAID, follow=True)
    assert "Sent to the editors" in words(answer)
    kept = Suggestion.objects.get()
    assert (kept.endpoint, kept.key, kept.shown) == (endpoint, "context_length", "128,000")
    assert (kept.note, kept.link) == (SAID["note"], SAID["link"])


def test_models_providers_and_whole_pages_are_reported_too(client):
    model, provider = AIModelFactory(slug="mini"), ProviderFactory(slug="azure")
    client.post(address(model="openai/mini", key="knowledge_cutoff"), SAID)
    client.post(address(provider="azure", key="headquarters"), SAID)
    client.post(address(path="/sources/"), SAID)
    subjects = set(Suggestion.objects.values_list("model", "provider", "path"))
    assert subjects == {
        (f"{model.author.slug}/mini", None, ""),
        ("", provider.pk, ""),
        ("", None, "/sources/"),
    }


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"endpoint": "999"}, "No endpoint has the number 999"),
        ({"endpoint": "9" * 60}, "No endpoint has the number"),
        ({"endpoint": "x"}, "No endpoint has the number x"),
        ({"provider": "nobody"}, "No provider is called nobody"),
        ({"model": "no/such"}, "No model is called no/such"),
        ({"key": "k" * 500}, "too long"),
        ({"key": "price.input", "condition": "garbage"}, "No price has the condition"),
        ({"key": "price.input", "condition": "[" * 400}, "No price has the condition"),
        ({"shown": "a\x00b"}, "cannot be shown"),
    ],
)
def test_what_no_page_shows_is_not_found_in_words(client, asked, says):
    answer = client.get(address(**asked))
    assert answer.status_code == 404
    assert says.lower() in answer.content.decode().lower()


def test_endpoints_of_hidden_models_are_not_named(client):
    listing = ListingFactory(model=AIModelFactory(slug="secret", **HIDDEN))
    assert client.get(address(endpoint=listing.endpoint.pk)).status_code == 404
    assert client.get(address(model="openai/secret")).status_code == 404


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_never_leads_elsewhere(client, path):
    for asked in (address(path=path), f"{PAGE}sent/?{urlencode({'path': path})}"):
        assert "evil" not in client.get(asked).content.decode()
        assert "alert(1)" not in client.get(asked).content.decode()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"note": ""}, "required"),
        ({"note": "x" * 3000}, "at most 2000"),
        ({"link": "javascript:alert(1)"}, "http"),
        ({"link": "https://" + "a" * 600}, "at most 500"),
        ({reporting.TRAP: "https://spam.example"}, "Leave the field"),
    ],
)
def test_a_refused_form_keeps_what_was_typed(client, fields, says):
    answer = client.post(PAGE, SAID | fields)
    assert answer.status_code == 200 and not Suggestion.objects.exists()
    assert says in words(answer)
    assert SAID["proposed"] in answer.content.decode()


def test_a_link_without_a_scheme_is_taken_for_https(client):
    client.post(PAGE, SAID | {"link": "a.example/prices"})
    assert Suggestion.objects.get().link == "https://a.example/prices"


def test_a_flood_is_refused_and_loses_nothing(client):
    for number in range(suggestions.PER_HOUR):
        client.post(PAGE, SAID | {"note": f"no. {number}"})
    answer = client.post(PAGE, SAID | {"note": "the sixth"})
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert "was not sent" in words(answer) and "60 minutes" in words(answer)
    assert "the sixth" in answer.content.decode()
    assert Suggestion.objects.count() == suggestions.PER_HOUR


def test_a_sender_cannot_choose_another_address(client):
    for number in range(suggestions.PER_HOUR + 1):
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        answer = client.post(PAGE, SAID | {"note": f"no. {number}"}, headers=headers)
    assert answer.status_code == 429


def test_behind_our_proxy_its_own_entry_counts(client, settings):
    settings.BEHIND_TLS_PROXY = True
    for number in range(suggestions.PER_HOUR):
        headers = {"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.5"}
        client.post(PAGE, SAID | {"note": f"no. {number}"}, headers=headers, secure=True)
    answers = [
        client.post(PAGE, SAID, headers={"X-Forwarded-For": f"192.0.2.1, {last}"}, secure=True)
        for last in ("203.0.113.5", "203.0.113.6")
    ]
    assert [answer.status_code for answer in answers] == [429, 302]


def test_a_post_without_a_token_is_refused_in_words():
    answer = Client(enforce_csrf_checks=True).post(PAGE, SAID)
    assert answer.status_code == 403 and "what you typed is still there" in words(answer)
    assert not Suggestion.objects.exists()


def test_the_token_of_the_form_is_enough():
    reader = Client(enforce_csrf_checks=True)
    page = html.fromstring(reader.get(PAGE).content)
    (token,) = page.cssselect("form.account [name=csrfmiddlewaretoken]")
    answer = reader.post(PAGE, SAID | {"csrfmiddlewaretoken": token.get("value")})
    assert answer.status_code == 302


@pytest.mark.parametrize("path", [PAGE, "/report/sent/"])
def test_no_cache_keeps_it_and_no_index_names_it(client, settings, path):
    settings.PAGE_CACHE = True
    cache.clear()
    answer = client.get(path)
    assert "no-store" in answer["Cache-Control"] and "ETag" not in answer
    assert answer["X-Robots-Tag"] == "noindex"
    assert html.fromstring(answer.content).cssselect("meta[name=robots][content=noindex]")
    if path == PAGE:
        assert client.get(path).content != Client().get(path).content  # a token each


def test_opening_it_costs_one_query(client, django_assert_num_queries):
    endpoint = EndpointFactory()
    with django_assert_num_queries(2):  # and the edition in the frame
        client.get(address(endpoint=endpoint.pk, key="price.input"))
