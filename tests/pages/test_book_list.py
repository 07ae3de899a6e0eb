"""The page of a price book: for whom it is, what it sets beside what, and that nobody keeps it."""

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from catalog.pages import book_list
from catalog.pages.as_of import TODAY, AsOf
from catalog.pages.book.rows import Row
from catalog.pages.book_list import BookPage
from providers import pricing_desk
from providers.choices import Book, EditKind
from providers.claims import Edit
from providers.facts import WHOLE_CARD, Condition, Price, PriceRule
from providers.models import Endpoint, Subject
from tests.providers.market import offer, price, read, snapshot
from tests.reading import ReadPage

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 14, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CONTRACT, HOUSE = Book.CONTRACT.value, Book.HOUSE.value
MINI = "gpt-4o-mini"


@pytest.fixture(autouse=True)
def market(monkeypatch):
    monkeypatch.setattr("catalog.books._now", lambda: NOW)
    read(
        snapshot(
            offer(MINI, price("0.15"), price("0.6", "output"), price("0.075", "cache_read")),
            offer(MINI, price("0.2"), price("0.8", "output"), provider="azure"),
            covers=["openai", "azure"],
        )
    )


def person(*books: str, name: str = "ann") -> User:
    """Somebody who may see these books and nothing else; not even staff."""
    user = User.objects.create_user(name)
    codes = [f"see_{book}" for book in books]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


def client_of(*books: str) -> Client:
    client = Client()
    client.force_login(person(*books, name="-".join(books) or "nobody"))
    return client


def endpoint(provider: str = "openai") -> Endpoint:
    return Endpoint.objects.get(native_id=MINI, provider__slug=provider)


def about(provider: str = "openai") -> Subject:
    return Subject("endpoint", endpoint(provider).pk)


def costs(amount: str, component: str = "input", **condition) -> Price:
    return Price(component, Decimal(amount), condition=Condition(**condition))


def say(*edits: Edit, at: datetime = NOW - DAY, why: str = "as signed") -> None:
    ann, _ = User.objects.get_or_create(username="editor")
    pricing_desk.save(edits, kind=EditKind.BULK, by=ann, why=why, now=at)


def contract(amount: str, component: str = "input", provider: str = "openai", **rest) -> Edit:
    return Edit.of_price(about(provider), costs(amount, component, **rest), CONTRACT)


def house(rule: PriceRule, component: str = WHOLE_CARD, provider: str = "openai") -> Edit:
    return Edit.of_rule(about(provider), component, rule, HOUSE)


def page(book: str = CONTRACT, query: str = "", *, sees=(CONTRACT, HOUSE), on=None) -> BookPage:
    as_of = AsOf(on) if on else TODAY
    return book_list.build(book, QueryDict(query), sees=frozenset(sees), now=NOW, as_of=as_of)


def rows(found: BookPage) -> dict[str, Row]:
    return {row.what: row for block in found.blocks for row in block.rows}


# -- for whom --------------------------------------------------------------------------------------


@pytest.mark.parametrize("book", [CONTRACT, HOUSE])
@pytest.mark.parametrize("view", ["book", "book_csv"])
class TestWho:
    def test_strangers_are_asked_to_log_in(self, client, book, view):
        answer = client.get(reverse(f"catalog:{view}", args=[book]))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/?next=/books/")
        assert "no-store" in answer["Cache-Control"]

    def test_who_may_not_hears_no_and_is_written_down(self, book, view, caplog):
        other = HOUSE if book == CONTRACT else CONTRACT
        answer = client_of(other).get(reverse(f"catalog:{view}", args=[book]))
        assert answer.status_code == 403
        assert f"/books/{book}/" in caplog.text and other in caplog.text

    def test_an_editor_of_content_may_not(self, client, book, view):
        editor = User.objects.create_user("content", is_staff=True)
        editor.user_permissions.set(Permission.objects.exclude(codename__startswith="see_"))
        client.force_login(editor)
        assert client.get(reverse(f"catalog:{view}", args=[book])).status_code == 403

    def test_who_may_reads_it_and_nobody_keeps_it(self, book, view):
        say(contract("0.1"), house(PriceRule(times=Decimal(2))))
        answer = client_of(book).get(reverse(f"catalog:{view}", args=[book]))
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["X-Robots-Tag"] == "noindex"

    def test_it_is_only_read(self, book, view):
        assert client_of(book).post(reverse(f"catalog:{view}", args=[book])).status_code == 405


@pytest.mark.parametrize("book", ["public", "secret", "Contract"])
def test_there_are_two_such_books(book):
    answer = client_of(CONTRACT, HOUSE).get(f"/books/{book}/")
    assert answer.status_code == 404
    assert b"there are contract and house" in answer.content


def test_an_empty_book_says_how_a_price_gets_there():
    answer = client_of(CONTRACT).get("/books/contract/")
    said = ReadPage(answer.content).said()
    assert "Nothing in this book yet" in said and "rounded up to 0.01" in said


# -- what stands there -----------------------------------------------------------------------------


def test_a_contract_price_stands_beside_the_list_with_who_when_and_why():
    say(contract("0.12"), why="signed for a year")
    row = rows(page())["Input"]
    assert (row.own.amount, row.public.amount, row.percent) == (
        Decimal("0.12"), Decimal("0.15"), "−20\N{NO-BREAK SPACE}%",
    )  # fmt: skip
    assert (row.by, row.why, row.how, row.since) == (
        "editor", "signed for a year", "stated", NOW - DAY,
    )  # fmt: skip


def test_a_rule_is_told_in_words():
    say(house(PriceRule(times=Decimal("1.15"), step=Decimal("0.01"))))
    found = rows(page(HOUSE))
    assert found["Input"].how == "public × 1.15, rounded up to 0.01"
    assert found["Output"].own.amount == Decimal("0.69")


def test_a_rule_of_a_provider_says_that_it_is_for_all_it_sells():
    subject = Subject("provider", endpoint().provider_id)
    say(Edit.of_rule(subject, WHOLE_CARD, PriceRule(times=Decimal(2)), HOUSE))
    assert rows(page(HOUSE))["Input"].how == "public × 2, for all it sells"


def test_what_it_was_before_and_what_is_ahead():
    say(contract("0.14"), at=NOW - 9 * DAY)
    say(contract("0.13"), at=NOW - 5 * DAY)
    dated = Edit.of_price(
        about(), Price("input", Decimal("0.11"), effective_from=NOW + DAY), CONTRACT
    )
    say(contract("0.12"), dated, at=NOW - 2 * DAY)
    row = rows(page())["Input"]
    assert [(one.text, one.since, one.until) for one in row.earlier] == [
        ("0.13", NOW - 5 * DAY, NOW - 2 * DAY),
        ("0.14", NOW - 9 * DAY, NOW - 5 * DAY),
    ]
    assert (row.ahead, row.ahead_from) == ("0.11", NOW + DAY)


def test_a_price_that_was_dropped_keeps_its_past():
    say(contract("0.12"), at=NOW - 5 * DAY)
    say(Edit(about(), "price.input", book=CONTRACT), at=NOW - DAY)
    found = page()
    row = rows(found)["Input"]
    assert (found.endpoints, row.own.amount, row.since) == (0, None, None)
    assert row.earlier[0].until == NOW - DAY


def test_a_condition_is_set_beside_what_the_list_charges_there():
    say(contract("0.05", tier="batch"), contract("0.1", above_tokens=1000))
    found = rows(page())
    assert found["Input, batch"].public.amount == Decimal("0.15")
    assert found["Input, above 1,000 input tokens"].public.amount == Decimal("0.15")


def test_currencies_are_not_compared():
    yuan = Price("input", Decimal(1), currency="CNY")
    say(Edit.of_price(about(), yuan, CONTRACT))
    row = rows(page())["Input"]
    assert (row.percent, row.unit) == ("", "CNY")


def test_the_margin_is_house_less_contract_for_who_sees_both():
    say(contract("0.12"), house(PriceRule(times=Decimal("1.2"))))
    row = rows(page(HOUSE))["Input"]
    assert (row.own.amount, row.paid.amount, row.margin, row.loses) == (
        Decimal("0.18"), Decimal("0.12"), "0.06", False,
    )  # fmt: skip
    assert rows(page(HOUSE))["Output"].paid_is_public


def test_a_loss_is_told():
    say(contract("0.2"), house(PriceRule(times=Decimal(1))))
    row = rows(page(HOUSE))["Input"]
    assert (row.margin, row.loses) == ("−0.05", True)


def test_who_sees_the_house_book_alone_learns_nothing_of_the_contract():
    say(contract("0.12345"), house(PriceRule(times=Decimal("1.2"))))
    client = client_of(HOUSE)
    for query in ("", "?workload=chat", f"?workload=chat&bill={endpoint().pk}&of=contract"):
        answer = client.get("/books/house/" + query).content.decode()
        assert "0.12345" not in answer and "We pay" not in answer and "ontract" not in answer
    text = b"".join(client.get("/books/house/prices.csv").streaming_content).decode()
    assert "0.12345" not in text and "contract" not in text


def test_a_rule_over_the_contract_is_told_to_who_sees_the_contract():
    say(contract("0.12345"), house(PriceRule(over=CONTRACT, times=Decimal("1.37"))))
    assert rows(page(HOUSE))["Input"].how == "contract × 1.37"
    client = client_of(HOUSE)
    text = b"".join(client.get("/books/house/prices.csv").streaming_content)
    for answer in (client.get("/books/house/").content, text):
        assert b"by a rule" in answer
        assert not any(word in answer for word in (b"1.37", b"0.12345", b"ontract"))


def test_days_gone_by():
    say(contract("0.14"), at=NOW - 9 * DAY)
    say(contract("0.12"), at=NOW - 2 * DAY)
    then = page(on=(NOW - 5 * DAY).date())
    assert rows(then)["Input"].own.amount == Decimal("0.14")
    assert page(on=(NOW - 20 * DAY).date()).endpoints == 0


def test_filters_narrow_by_provider_and_by_name():
    say(contract("0.12"), contract("0.13", provider="azure"))
    assert page().matched == 2
    assert [block.provider.text for block in page(query="provider=azure").blocks] == [
        endpoint("azure").provider.name
    ]
    assert page(query="q=4o mini").matched == 2
    assert page(query="q=claude").matched == 0
    assert page(query="provider=nobody&page=9999999&q=%00").matched == 0


# -- workload --------------------------------------------------------------------------------------


def test_a_workload_costs_by_every_book_with_its_bill_one_click_away():
    say(contract("0.1"), house(PriceRule(times=Decimal(2))))
    query = f"workload=chat&bill={endpoint().pk}&of=contract"
    found = page(HOUSE, query).costs
    assert found.books == ("public", CONTRACT, HOUSE)
    [row] = found.rows
    assert [cell.chosen for cell in row.cells] == [False, True, False]
    assert row.against == "+100\N{NO-BREAK SPACE}%" and row.margin and not row.loses
    assert f"bill={endpoint().pk}" in row.cells[2].href and "of=house" in row.cells[2].href
    said = [line.said for part in found.bill.parts for line in part.lines]
    assert any("no contract price stated, public price" in one for one in said)


def test_a_bill_of_a_book_that_one_may_not_see_is_not_drawn():
    say(contract("0.1"), house(PriceRule(times=Decimal(2))))
    query = f"workload=chat&bill={endpoint().pk}&of=contract"
    found = page(HOUSE, query, sees=[HOUSE]).costs
    assert (found.books, found.bill_of, found.has_margin) == (("public", HOUSE), HOUSE, False)


# -- as a file -------------------------------------------------------------------------------------


def test_as_csv_every_price_and_no_formula():
    say(contract("0.12"), why='=HYPERLINK("https://evil.example")')
    answer = client_of(CONTRACT).get("/books/contract/prices.csv")
    assert "attachment" in answer["Content-Disposition"]
    head, row = csv.reader(b"".join(answer.streaming_content).decode().splitlines())
    told = dict(zip(head, row, strict=True))
    assert (told["price"], told["public"], told["percent_of_public"]) == ("0.12", "0.15", "-20.00")
    assert told["why"] == '\'=HYPERLINK("https://evil.example")'
    assert told["by"] == "editor"


def test_as_csv_with_the_margin_for_who_sees_both():
    say(contract("0.12"), house(PriceRule(times=Decimal("1.2"))))
    answer = client_of(CONTRACT, HOUSE).get("/books/house/prices.csv?provider=openai&q=mini")
    told = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))
    assert [(one["paid"], one["paid_book"], one["margin"]) for one in told][:2] == [
        ("0.12", CONTRACT, "0.06"),
        ("0.6", "public", "0.12"),
    ]


# -- cost ------------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_endpoints_or_history(django_assert_num_queries):
    say(contract("0.12"))
    with django_assert_num_queries(4):
        page(CONTRACT, "workload=chat")
    for days in range(20, 2, -1):
        amount = f"0.{days:02}"
        say(
            contract(amount),
            contract(amount, provider="azure"),
            contract(amount, "output", "azure"),
            at=NOW - timedelta(hours=days),
        )
    with django_assert_num_queries(4):
        page(CONTRACT, "workload=chat")


def test_the_page_prints_its_tables():
    say(contract("0.12"))
    say(house(PriceRule(times=Decimal("1.2"))))
    client = client_of(CONTRACT, HOUSE)
    read_page = ReadPage(client.get("/books/house/?workload=chat").content)
    assert read_page.table("prices")["Input"]["House"] == "0.18"
    assert read_page.table("prices")["Input"]["We pay"] == "0.12"
    [cost] = read_page.table("workload-costs").values()
    assert set(cost) >= {"List", "Contract", "House", "Margin"}
