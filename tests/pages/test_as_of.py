"""Pages as of a day gone by: prices and sellers as they were, and plainly said."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.test import Client
from lxml import html

from catalog.filters import Filter
from catalog.pages import as_of, compare, model_detail, model_list, provider_detail
from catalog.pages.as_of import TODAY, AsOf
from catalog.pages.model_detail import ModelDetailPage
from providers import queries
from tests.providers.market import offer, price, read, snapshot

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
MINI, LARGE = "gpt-4o-mini", "gpt-4o"
PATH = f"openai/{MINI}"


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def day(days: int) -> AsOf:
    return AsOf(ago(days).date())


def states(days_ago: int, *offers, source: str = "litellm") -> None:
    read(snapshot(*offers, as_of=ago(days_ago), source=source, covers=["openai", "azure", "groq"]))


@pytest.fixture(autouse=True)
def market(monkeypatch):
    """OpenAI halved its price 20 days ago; Azure stopped and Groq began selling then."""
    monkeypatch.setattr("catalog.views._now", lambda: NOW)
    states(40, sold("0.6"), sold("0.7", "azure"), offer(LARGE, price("5"), price("9", "output")))
    states(20, sold("0.3"), sold("0.2", "groq"))


def sold(amount: str, provider: str = "openai"):
    return offer(MINI, price(amount), price(amount, "output"), provider=provider)


# -- the day --------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["", "2026-11-14"])
def test_no_day_and_this_day_are_today(written):
    assert as_of.read(written, today=NOW.date()) == TODAY


@pytest.mark.parametrize("written", ["2026-11-15", "yesterday", "2026-02-30", "0001-01-01", "\x00"])
def test_what_cannot_be_is_told_and_means_today(written):
    day = as_of.read(written, today=NOW.date())
    assert day.on is None
    assert "This is today" in day.message


def test_a_day_ends_at_midnight_utc():
    assert AsOf(date(2026, 3, 1)).moment(NOW) == datetime(
        2026, 3, 1, 23, 59, 59, 999_999, tzinfo=UTC
    )


# -- the model page -------------------------------------------------------------------------------


def model(as_of: AsOf = TODAY, query: str = "") -> ModelDetailPage:
    page = model_detail.build(PATH, QueryDict(query), now=NOW, as_of=as_of)
    assert isinstance(page, ModelDetailPage)
    return page


def offers(page: ModelDetailPage) -> dict[str, Decimal | None]:
    """Input price by seller."""
    return {
        row.label: row.prices[0].money.amount
        for group in page.offers.groups
        for block in group.blocks
        for row in block.rows
    }


def test_today_and_then():
    assert offers(model()) == {"OpenAI": Decimal("0.3"), "Groq": Decimal("0.2")}
    assert offers(model(day(30))) == {"OpenAI": Decimal("0.6"), "Azure OpenAI": Decimal("0.7")}


def test_who_sold_it_then_is_no_former_seller_of_then():
    assert [one.name for one in model().formerly] == ["Azure OpenAI"]
    assert model(day(30)).formerly == ()


def test_before_anybody_listed_it_nobody_sold_it():
    assert offers(model(day(100))) == {}


def test_links_of_the_page_stay_on_the_day():
    hrefs = [sort.href for sort in model(day(30)).offers.sorts]
    assert all("as_of=2026-10-15" in href for href in hrefs)


def test_history_ends_on_the_day():
    history = model(day(30), "history=input").history
    assert history is not None
    assert {step.amount for step in history.steps} == {Decimal("0.6"), Decimal("0.7")}


# -- the other pages ------------------------------------------------------------------------------


def test_a_provider_sells_what_it_sold_then():
    def rows(as_of: AsOf) -> list[tuple[str, Decimal | None]]:
        page = provider_detail.build("openai", QueryDict(), now=NOW, as_of=as_of)
        assert page is not None
        return [(row.native_id, row.input.amount) for row in page.rows]

    assert rows(TODAY) == [(MINI, Decimal("0.3"))]
    assert sorted(rows(day(30))) == [(LARGE, 5), (MINI, Decimal("0.6"))]
    assert rows(day(100)) == []


def test_the_list_holds_what_was_sold_then():
    def rows(as_of: AsOf, **asked: str) -> list[tuple[str, Decimal | None]]:
        page = model_list.build(Filter(**asked), now=NOW, as_of=as_of)
        return sorted((row.path, row.input.amount) for row in page.rows)

    then = day(30)
    assert rows(then) == [(f"openai/{LARGE}", 5), (PATH, Decimal("0.6"))]
    assert (PATH, Decimal("0.3")) in rows(TODAY)
    assert rows(day(100)) == []


def test_a_list_of_then_leads_to_models_of_then_and_back_to_today():
    asked = Filter.from_query(QueryDict("q=mini&as_of=2026-10-15"))
    page = model_list.build(asked, now=NOW, as_of=day(30))
    assert page.rows[0].model.href.endswith("?as_of=2026-10-15")
    assert page.today == "/models/?q=mini"
    assert dict(page.kept)["as_of"] == "2026-10-15"


def test_a_comparison_is_of_then():
    page = compare.build(models=[PATH, f"openai/{LARGE}"], endpoints=[], now=NOW, as_of=day(30))
    drawn = repr(page.sections)
    assert "Decimal('0.6" in drawn
    assert "Decimal('0.3" not in drawn
    assert page.today.startswith("/compare/?model=")


def test_sources_are_as_old_as_they_were_then():
    then = queries.sources(when=day(30).moment(NOW))
    assert {row.as_of for row in then.values()} == {ago(40)}


@pytest.mark.parametrize(
    "path",
    [f"/models/{PATH}/", "/providers/openai/", "/models/", f"/compare/?model={PATH}"],
)
def test_every_such_page_says_so_before_anything_else(client: Client, path):
    joint = "&" if "?" in path else "?"
    tree = html.fromstring(client.get(f"{path}{joint}as_of=2026-10-15").content)
    (note,) = tree.cssselect("main > .as-of")
    assert "As of 15 October 2026" in note.text_content()
    tree = html.fromstring(client.get(f"{path}{joint}as_of=tomorrow").content)
    assert "is no day" in tree.cssselect("main > .message")[0].text_content()
    assert not html.fromstring(client.get(path).content).cssselect(".as-of")
