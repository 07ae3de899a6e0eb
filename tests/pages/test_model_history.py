"""What a model cost before, on its page."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from lxml import html

from catalog.pages import model_detail
from catalog.pages.model.history import PriceHistory
from providers import publish
from providers.choices import Component
from providers.models import Claim, Price
from tests.providers.market import offer, price, read, snapshot

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
PATH = "openai/gpt-4o-mini"


def states(days_ago: int, source: str = "litellm", **prices: str) -> None:
    """Output prices by provider, as a source stated them so many days before NOW."""
    offers = [
        offer("gpt-4o-mini", price("0.1"), price(amount, Component.OUTPUT), provider=provider)
        for provider, amount in prices.items()
    ]
    read(snapshot(*offers, as_of=NOW - timedelta(days=days_ago), source=source))


def output() -> PriceHistory:
    """The history of output prices, step by step."""
    found = page("history=output").history
    assert found is not None
    return found


def page(query: str = "") -> model_detail.ModelDetailPage:
    found = model_detail.build(PATH, QueryDict(query), now=NOW)
    assert isinstance(found, model_detail.ModelDetailPage)
    return found


def labels(history: PriceHistory) -> list[str]:
    assert history.chart is not None
    return [drawn.line.label for drawn in history.chart.lines]


def test_the_author_comes_first_and_those_unlike_it_follow_by_how_much_they_moved():
    states(40, openai="0.6", azure="0.7", groq="0.5", fireworks="0.6")
    states(30, openai="0.5", azure="0.6", groq="0.5", fireworks="0.5")
    states(20, openai="0.5", azure="0.8", groq="0.5", fireworks="0.5")
    history = output()
    assert labels(history) == ["OpenAI", "Azure OpenAI", "Groq"]
    assert history.same == ("Fireworks",)


def test_four_lines_at_most():
    names = ("azure", "groq", "fireworks", "deepinfra", "novita")
    for n, days_ago in enumerate((40, 20)):
        amounts = {name: f"0.{k}{n + 1}" for k, name in enumerate(names, 2)}
        states(days_ago, openai=f"0.1{n + 1}", **amounts)
    assert len(labels(output())) == 4


def test_every_step_names_its_source_and_what_is_known_of_its_start():
    states(40, openai="0.6")
    states(20, openai="0.5")
    first, second = output().steps
    assert (first.amount, first.at_least, first.until) == (Decimal("0.6"), True, second.since)
    assert (second.amount, second.at_least, second.until) == (Decimal("0.5"), False, None)
    assert second.source.siglum == "L"


def test_where_only_the_source_changed_there_is_no_step():
    states(40, source="models_dev", openai="0.6")
    states(20, openai="0.6")
    history = output()
    assert history.chart is None
    assert len(history.steps) == 1
    assert "0.60" in history.spoken


def test_what_is_known_from_today_alone_has_no_history():
    states(0, openai="0.6")
    assert page().history is None


def test_the_component_that_moved_most_stands_first_and_leads_to_the_others():
    states(40, openai="0.6")
    states(20, openai="0.5")
    history = page("sort=name").history
    assert history is not None
    assert history.component == Component.OUTPUT
    assert [(link.text, link.href) for link in history.others] == [
        ("Input", "?sort=name&history=input#history")
    ]
    asked = page("history=input").history
    assert asked is not None
    assert asked.component == Component.INPUT


def test_steps_are_told_only_when_asked_for():
    states(40, openai="0.6")
    states(20, openai="0.5")
    history = page("history=nonsense").history
    assert history is not None
    assert (history.steps, history.steps_href) == ((), "?history=output#history")


@pytest.mark.parametrize("query", ["", "history=output", "as_of=2026-11-01"])
def test_five_hundred_changes_of_price_take_no_more_queries_than_one(client, monkeypatch, query):
    monkeypatch.setattr("catalog.views._now", lambda: NOW)
    states(60, openai="0.60", azure="0.61")
    states(1, openai="0.70", azure="0.71")
    one_change = queries_of(client, query)
    changes_its_price(500)
    assert (
        Price.objects.filter(endpoint__provider__slug="openai", component="output").count() == 502
    )
    assert queries_of(client, query) == one_change


def queries_of(client, query: str) -> int:
    """Of the page, once what is kept for an edition was read."""
    client.get(f"/models/{PATH}/?{query}")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/models/{PATH}/?{query}").status_code == 200
    return len(asked)


def changes_its_price(times: int) -> None:
    """So many prices of OpenAI's output that ended long ago, each with the claim behind it."""
    began = NOW - timedelta(days=60 + times)
    today = Claim.objects.filter(key="price.output", endpoint__provider__slug="openai").first()
    assert today is not None
    for number in range(times):
        today.pk, today.value = None, price(f"0.{number + 1:03}", Component.OUTPUT).value()
        today.stated_from = began + timedelta(days=number)
        today.ended_at = today.stated_from + timedelta(days=1)
        today.save()
    publish.publish(now=NOW, endpoints=[today.endpoint_id])


def test_the_chart_says_in_words_what_it_draws(client, monkeypatch):
    monkeypatch.setattr("catalog.views._now", lambda: NOW)
    states(40, openai="0.6")
    states(20, openai="0.5")
    tree = html.fromstring(client.get(f"/models/{PATH}/?history=output").content)
    (drawing,) = tree.cssselect("#history svg")
    assert drawing.get("aria-label") == "OpenAI 0.60, 0.50 from 25 October 2026"
    told = [row.cssselect("td")[0].text_content() for row in tree.cssselect("#history tbody tr")]
    assert told == ["0.60L", "0.50L"]
