"""The page of changes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from lxml import html

from catalog.pages import change_list
from catalog.pages.change_list import ChangeListPage
from tests.providers.market import offer, price, read, snapshot

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
FIRST = NOW - timedelta(days=20)


def states(days_later: int, *offers, source: str = "litellm") -> None:
    as_of = FIRST + timedelta(days=days_later)
    read(snapshot(*offers, as_of=as_of, source=source, covers=["openai", "azure"]))


def page(query: str = "") -> ChangeListPage:
    return change_list.build(QueryDict(query), now=NOW)


def moved(page: ChangeListPage) -> list[tuple[str, str, str, str, str]]:
    return [
        (block.native_id, one.label, one.was, one.becomes, one.percent)
        for block in page.blocks
        for one in block.moved
    ]


@pytest.fixture
def cheaper():
    """Small became cheaper at OpenAI, big dearer at Azure, and the context of small grew."""
    states(
        0,
        offer("small", price("0.15"), price("0.6", "output"), context_length=8000),
        offer("big", price("3"), provider="azure"),
    )
    states(
        10,
        offer("small", price("0.075"), price("0.3", "output"), context_length=16000),
        offer("big", price("4"), provider="azure"),
    )


def test_prices_stand_before_and_after_with_their_percentage_input_first(cheaper):
    assert moved(page()) == [
        ("small", "Input", "0.15", "0.075", "\u221250\N{NO-BREAK SPACE}%"),
        ("small", "Output", "0.60", "0.30", "\u221250\N{NO-BREAK SPACE}%"),
        ("big", "Input", "3.00", "4.00", "+33\N{NO-BREAK SPACE}%"),
    ]


def test_each_block_leads_to_its_model_and_names_who_says_so(cheaper):
    first = page().blocks[0]
    assert first.model.href == reverse("catalog:model", args=["openai", "small"])
    assert (first.mark.siglum, first.on) == ("L", (FIRST + timedelta(days=10)).date())


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("provider=azure", ["big"]),
        ("direction=down", ["small", "small"]),
        ("direction=up", ["big"]),
        ("component=output", ["small"]),
        ("author=openai", ["small", "small"]),
        ("author=nobody", []),
        ("to=2026-10-30", []),
        ("from=2026-11-05", []),
        ("from=2026-11-04&to=2026-11-04", ["small", "small", "big"]),
        ("from=2026-11-14&to=2026-10-15", ["small", "small", "big"]),
    ],
)
def test_it_narrows(cheaper, query, ids):
    assert [native_id for native_id, *_ in moved(page(query))] == ids


def test_counts_of_other_kinds_stay_beside_the_one_shown(cheaper):
    counts = {choice.text: choice.count for choice in (*page().market, *page().apart)}
    assert counts["Prices"] == 3
    assert counts["Limits"] == 1
    assert counts["Restatements"] == 0


def test_limits_read_in_words(cheaper):
    assert moved(page("kind=limits")) == [
        ("small", "Context", "8,000", "16,000", "+100\N{NO-BREAK SPACE}%")
    ]


def test_endpoints_that_came_or_went_share_a_line():
    states(0, offer("old", price("1")))
    states(1, *(offer(f"new-{n:02}", price("1")) for n in range(14)))
    (batch,) = page("kind=new").batches
    assert (len(batch.endpoints), batch.more) == (change_list.NAMES, 2)
    (gone,) = page("kind=gone").batches
    assert [one.native_id for one in gone.endpoints] == ["old"]


def test_a_correction_is_kept_apart():
    states(0, offer("small", price("1")))
    states(1, offer("small", price("1"), price("2", "output")))
    assert moved(page()) == []
    assert moved(page("kind=correction")) == [("small", "Output", "..", "2.00", "")]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=yesterday", "is no day"),
        ("to=2031-01-01", "changes end today"),
        ("kind=odd", "no kind of change"),
        ("from=2026-11-14&to=2026-10-15", "exchanged"),
        ("from=99999-01-01", "is no day"),
    ],
)
def test_nonsense_is_told_and_left_out(query, message):
    assert message in " ".join(page(query).messages)


def test_the_same_question_has_one_address(cheaper):
    asked = page("kind=price&from=2026-10-15&to=2026-11-14&provider=azure")
    assert asked.plain_href == reverse("catalog:changes")


def test_the_number_of_queries_does_not_grow(cheaper, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        page("kind=price")


def test_it_is_drawn_without_script_and_with_its_sources(client, cheaper, monkeypatch):
    monkeypatch.setattr("catalog.views._now", lambda: NOW)
    answer = client.get(reverse("catalog:changes"))
    tree = html.fromstring(answer.content)
    assert [th.text_content() for th in tree.cssselect("tbody th[scope=rowgroup]")] == [
        "Small",
        "big",
    ]
    assert tree.cssselect("#w-L")
    for kind in ("new", "gone", "limits", "dates", "restatement", "other-source"):
        assert client.get(reverse("catalog:changes"), {"kind": kind}).status_code == 200
