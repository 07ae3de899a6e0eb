"""Readers' suggestions are kept, counted per sender and for the site, and answered once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection

from providers import suggestions
from providers.facts import BadFact
from providers.models import Suggestion
from providers.suggestions import About, TooMany, Words
from tests.factories import NOW, EndpointFactory

pytestmark = pytest.mark.django_db
HOME = "198.51.100.7"


def send(note="wrong", *, address=HOME, now=NOW, about=About(path="/models/"), **words):  # noqa: B008  frozen
    return suggestions.suggest(about, Words(note, **words), address=address, now=now)


def test_a_suggestion_is_kept_whole():
    endpoint = EndpointFactory()
    about = About(endpoint=endpoint.pk, key="price.input", shown="$0.15", path="/models/a/b/")
    send("too low", about=about, proposed="0.20", link="https://a.example/", contact="ada")
    kept = Suggestion.objects.get()
    assert (kept.endpoint, kept.key, kept.shown) == (endpoint, "price.input", "$0.15")
    assert (kept.note, kept.proposed, kept.link) == ("too low", "0.20", "https://a.example/")
    assert (kept.contact, kept.path, kept.state) == ("ada", "/models/a/b/", "open")


def test_the_address_itself_is_not_kept():
    send()
    kept = Suggestion.objects.values().get()
    assert HOME not in str(kept) and len(kept["sender"]) == 64


def test_a_sender_has_five_in_an_hour_and_is_told_when_the_next_one_fits():
    for number in range(suggestions.PER_HOUR):
        send(f"no. {number}", now=NOW + timedelta(minutes=number))
    later = NOW + timedelta(minutes=10)
    with pytest.raises(TooMany) as refused:
        send("one more", now=later)
    assert refused.value.wait == timedelta(minutes=50)
    assert Suggestion.objects.count() == suggestions.PER_HOUR
    send("one more", now=later + refused.value.wait)


def test_a_sender_has_twenty_in_a_day_also_over_midnight():
    for number in range(suggestions.PER_DAY):
        send(f"no. {number}", now=NOW + number * timedelta(minutes=61))
    evening = NOW + timedelta(hours=23)
    assert evening.date() != NOW.date()
    with pytest.raises(TooMany, match="within a day"):
        send("one more", now=evening)
    send("one more", now=evening, address="203.0.113.9")


def test_neighbours_in_one_ipv6_network_are_one_sender():
    for number in range(suggestions.PER_HOUR):
        send(f"no. {number}", address=f"2001:db8::{number:x}")
    with pytest.raises(TooMany):
        send("one more", address="2001:db8::ffff:1")
    send("one more", address="2001:db8:0:1::1")


def test_all_senders_together_have_a_limit(monkeypatch):
    monkeypatch.setattr(suggestions, "SITE_PER_DAY", 3)
    for number in range(3):
        send(address=f"198.51.100.{number}")
    with pytest.raises(TooMany, match="more reports today"):
        send(address="203.0.113.9")


def test_the_same_words_sent_twice_are_kept_once():
    assert send() == send()
    assert send("other words") != send()
    assert Suggestion.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_senders_at_once_do_not_slip_past_the_limit():
    def one(number: int) -> bool:
        try:
            send(f"no. {number}")
        except TooMany:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        kept = sum(pool.map(one, range(24)))
    assert Suggestion.objects.count() == kept <= suggestions.PER_HOUR


def test_the_first_answer_stands():
    ada, eve = (User.objects.create_user(name) for name in ("ada", "eve"))
    row, same = send(), Suggestion.objects.get()
    suggestions.answer(row, accept=True, by=ada, why="", now=NOW)
    with pytest.raises(BadFact, match="already accepted by ada"):
        suggestions.answer(same, accept=False, by=eve, why="no", now=NOW)
    assert Suggestion.objects.get().answered_by == ada


def test_declining_needs_a_reason():
    with pytest.raises(BadFact, match="say why"):
        suggestions.answer(send(), accept=False, by=User.objects.create(), why=" ", now=NOW)
