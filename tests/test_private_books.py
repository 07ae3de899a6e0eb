"""Contract and house prices reach nobody who may not see them: not a page, a count, a date, a byte.

Every address of the site is read before and after such prices are written; nothing may differ.
"""

import gzip
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urljoin

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.db.models import F
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from lxml import html

from catalog import page_cache
from providers import change_queries, pricing_desk, queries
from providers.admin.books import may_save
from providers.choices import Book, EditKind
from providers.claims import Edit
from providers.facts import WHOLE_CARD, Condition, Price, PriceRule
from providers.models import ChangeSet, Claim, Edition, Endpoint, Subject
from providers.models import Price as LedgerPrice
from tests.pages_of_site import MAIN_PAGES
from tests.providers.market import FIRST, NOW, SECOND, offer, price, read, snapshot

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINI = "gpt-4o-mini"
BOOKS = ("/books/contract/", "/books/house/", "/books/contract/prices.csv")
# Words and figures that stand in no public fact.
CONTRACT, LATER, REASON, NAME = "31.4159265", "27.1828182", "because of Zanzibar", "quillon"
FACTOR = Decimal("7.7712345")
FLEX = '&key=price.input&condition={"tier":"flex"}'  # which only a book has


def card(amount: str) -> tuple[Price, ...]:
    return (price(amount), price("0.6", "output"), price("0.07", "input", condition=BATCH))


BATCH = Condition(tier="batch")


@pytest.fixture(autouse=True)
def market(monkeypatch) -> None:
    """Several sellers, sources that differ, a change, a scheduled price, a public correction."""
    for module in ("views", "books"):
        monkeypatch.setattr(f"catalog.{module}._now", lambda: NOW)
    sold = [
        offer(MINI, *card("0.15"), context_length=128_000),
        offer(MINI, *card("0.16"), provider="azure", name="GPT-4o mini"),
        offer("openai/gpt-oss-120b", *card("0.1"), provider="groq"),
        offer("o4-mini", *card("1.1")),
        offer("text-embedding-3-small", price("0.02")),
    ]
    covers = ["openai", "azure", "groq"]
    read(snapshot(*sold, as_of=FIRST, covers=covers))
    read(snapshot(offer(MINI, *card("0.3")), source="models_dev", as_of=FIRST, covers=["openai"]))
    sold[0] = offer(MINI, *card("0.14"), context_length=128_000)
    read(snapshot(*sold, as_of=SECOND, covers=covers))
    ahead = price("0.12", "output", effective_from=NOW + HOUR)
    say(Edit.of_price(about(), ahead), by="ann", why="announced")


def about(native_id: str = MINI, provider: str = "openai") -> Subject:
    return Subject("endpoint", endpoint(native_id, provider).pk)


def endpoint(native_id: str = MINI, provider: str = "openai") -> Endpoint:
    return Endpoint.objects.get(native_id=native_id, provider__slug=provider)


def say(*edits: Edit, by: str = NAME, why: str = REASON) -> ChangeSet:
    who, _ = User.objects.get_or_create(username=by)
    return pricing_desk.save(edits, kind=EditKind.BULK, by=who, why=why, now=NOW - HOUR)


def write_books() -> list[ChangeSet]:
    """Prices, rules, dates and their end, in every place that holds such things."""
    provider = Subject("provider", endpoint().provider_id)
    rule = PriceRule(times=FACTOR)
    dated = [
        Price("input", Decimal(LATER), effective_from=NOW + 2 * HOUR),
        Price("cache_read", Decimal(CONTRACT), effective_to=NOW + 3 * HOUR),
        Price("input", Decimal(CONTRACT), condition=Condition(tier="flex")),
    ]
    first = say(
        *(Edit.of_price(about(), one, Book.CONTRACT.value) for one in dated),
        Edit.of_price(about(), price(CONTRACT), Book.CONTRACT.value),
        Edit.of_price(about("openai/gpt-oss-120b", "groq"), price(CONTRACT), Book.CONTRACT.value),
        Edit.of_rule(provider, WHOLE_CARD, rule, Book.HOUSE.value),
        Edit.of_rule(provider, "output", rule, Book.HOUSE.value, effective_from=NOW + 5 * HOUR),
        Edit.of_rule(provider, "output", rule, Book.CONTRACT.value, effective_to=NOW + HOUR),
    )
    return [first, pricing_desk.undo(say(*_again()), by=_quillon(), why=REASON, now=NOW)]


def _again() -> list[Edit]:
    return [Edit.of_price(about("o4-mini"), price(CONTRACT), Book.CONTRACT.value)]


def _quillon() -> User:
    return User.objects.get(username=NAME)


def secrets() -> set[str]:
    """Every amount that only a book holds, as a page might print it."""
    public = set(LedgerPrice.objects.public().values_list("amount", flat=True))
    kept = LedgerPrice.objects.exclude(book="public").exclude(amount=None)
    amounts = {one.amount for one in kept if one.amount not in public}
    assert len(amounts) > 3
    return {f"{amount.normalize():f}" for amount in amounts} | {REASON, NAME, str(FACTOR)}


def leaked(content: bytes) -> set[str]:
    text = content.decode(errors="replace")
    return {secret for secret in secrets() if secret in text}


def addresses() -> list[str]:
    """Every page that tests look at, all about the priced endpoints, and every plain address."""
    pk = endpoint().pk
    named = [
        f"/report/?endpoint={pk}&key=price.input",
        f"/compare/?endpoint=openai:{MINI}&endpoint=azure:{MINI}&workload=chat",
        f"/models/openai/{MINI}/?workload=chat&bill={pk}&of=contract&book=contract",
        f"/models/?q={CONTRACT}",
        f"/models/?q={NAME}&book=contract",
        "/providers/openai/",
        "/providers/groq/",
        "/changes/?from=2026-11-01&to=2026-11-14&book=contract",
        "/disagreements/?of=any&cause=any&provider=openai",
    ]
    subjects = (f"endpoint={pk}", "provider=openai", f"model=openai/{MINI}")
    keys = ("", "&key=price.input", "&key=price.output&condition=", "&key=price.*", FLEX)
    stated = [
        f"/provenance/?{subject}{key}{form}&book=contract"
        for subject in subjects
        for key in keys
        for form in ("", "&format=json")
    ]
    return [*MAIN_PAGES, *named, *stated, *plain_addresses()]


def plain_addresses() -> list[str]:
    """Routes without a parameter, so that a new one is tried without being named here."""
    return sorted(set(_routes(get_resolver(), "/")))


def _routes(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if "<" in route or "(" in route or route.startswith("/admin"):
            continue
        if isinstance(one, URLResolver):
            yield from _routes(one, route)
        elif isinstance(one, URLPattern):
            yield route


# -- public pages ----------------------------------------------------------------------------------


def printed(client: Client) -> dict[str, tuple[int, bytes]]:
    """What a stranger reads at every address, but for the number of the edition."""
    found = {}
    for address in addresses():
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
        plain = re.sub(rb"(?i)edition[^0-9<]{0,20}\d+", b"edition", content)
        plain = re.sub(rb'(csrfmiddlewaretoken" value)="\w+"', rb"\1", plain)
        found[address] = (answer.status_code, plain)
    return found


def test_every_address_answers_the_same_bytes_with_the_books_and_without(client):
    before = printed(client)
    write_books()
    # As after a refresh: what pages keep in memory is made anew.
    Edition.objects.update(number=F("number") + 1)
    after = printed(client)
    assert [one for one in before if before[one] != after[one]] == []
    found = {address: leaked(content) for address, (_, content) in after.items()}
    # What was asked for is echoed.
    assert not {one: what for one in found if (what := {w for w in found[one] if w not in one})}
    assert sum(status == 200 for status, _ in after.values()) > 25


def test_a_book_makes_no_edition_and_turns_no_page():
    """Not even when one of its prices begins can be told from outside."""
    seen = (queries.imprint(), queries.price_boundaries(now=NOW))
    later = [NOW + hours * HOUR for hours in range(7)]
    turns = [page_cache.Boundary().before(at, "") for at in later]
    write_books()
    assert (queries.imprint(), queries.price_boundaries(now=NOW)) == seen
    assert [page_cache.Boundary().before(at, "") for at in later] == turns


def test_a_public_price_beside_them_is_a_new_edition():
    before = queries.imprint()
    say(
        Edit.of_price(about(), price("0.13")),
        Edit.of_price(about(), price(CONTRACT), Book.CONTRACT.value),
    )
    assert queries.imprint() != before


def test_reads_that_pages_are_made_of_hold_public_rows_alone():
    write_books()
    ids = list(Endpoint.objects.values_list("pk", flat=True))
    private = set(Claim.objects.exclude(book="public").values_list("pk", flat=True))
    stated = queries.claims_about(
        endpoints=ids, providers=[endpoint().provider_id], models=[f"openai/{MINI}"]
    )
    claims = [
        one.id
        for found in (stated.endpoints, stated.providers)
        for c in found.values()
        for one in c
    ]
    rows = [row for found in queries.prices_at(None, when=NOW).values() for row in found]
    rows += [row for found in queries.prices_until(ids, when=NOW).values() for row in found]
    assert private.isdisjoint([*claims, *(row.claim_id for row in rows)])
    assert {row.book for row in rows} == {"public"}
    steps = change_queries.price_steps(since=FIRST - HOUR, until=NOW + 9 * HOUR)
    assert not leaked(repr(steps).encode())
    assert not leaked(repr(queries.price_changes_ahead(now=NOW)).encode())


# -- caches ----------------------------------------------------------------------------------------


@pytest.fixture
def kept_pages(settings) -> Iterator[None]:
    settings.PAGE_CACHE = True
    cache.clear()
    yield
    cache.clear()


def may_see(*books: str, name: str = "reader", **rest) -> User:
    user = User.objects.create_user(name, **rest)
    codes = [f"see_{book}" for book in books]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


ASKED_LIKE = [
    {},
    {"HTTP_ACCEPT_ENCODING": "gzip"},
    {"HTTP_IF_NONE_MATCH": "*"},
    {"HTTP_IF_MODIFIED_SINCE": "Fri, 20 Nov 2037 00:00:00 GMT"},
    {"HTTP_HX_REQUEST": "true"},
    {"HTTP_COOKIE": "sessionid=stolen"},
    {"HTTP_X_FORWARDED_HOST": "testserver"},
]


@pytest.mark.usefixtures("kept_pages")
@pytest.mark.parametrize("address", [*BOOKS, "/books/house/?workload=chat", "/books/house/?q=mini"])
@pytest.mark.parametrize("method", ["get", "head"])
def test_what_one_may_read_is_given_to_nobody_else(address, method):
    write_books()
    reader = logged_in(may_see("contract", "house"))
    for _ in range(2):
        mine = reader.get(address)
        content = b"".join(mine) if mine.streaming else mine.content
        assert mine.status_code == 200 and leaked(content)
        assert "ETag" not in mine and mine["Cache-Control"] == "private, no-store"
        for headers in ASKED_LIKE:
            theirs = getattr(Client(), method)(address, **headers)
            assert theirs.status_code == 302
            assert not leaked(theirs.content)
            assert not leaked(gzip.decompress(theirs.content) if _is_gzip(theirs.content) else b"")
    assert not leaked(everything_kept())


def _is_gzip(content: bytes) -> bool:
    return content[:2] == b"\x1f\x8b"


def everything_kept() -> bytes:
    """All that the cache holds, as text."""
    kept = [cache.get(key.split(":", 2)[2]) for key in list(cache._cache)]  # type: ignore[attr-defined]
    return b"".join(
        gzip.decompress(one.body) for one in kept if isinstance(one, page_cache.KeptPage)
    )


@pytest.mark.usefixtures("kept_pages")
@pytest.mark.parametrize("address", BOOKS)
def test_a_refusal_is_not_kept_for_who_may_read(address):
    write_books()
    assert Client().get(address).status_code == 302
    assert logged_in(may_see("contract", "house")).get(address).status_code == 200
    assert logged_in(may_see(name="nobody")).get(address).status_code == 403
    assert Client().head(address).status_code == 302


@pytest.mark.usefixtures("kept_pages")
@pytest.mark.parametrize(
    "address", ["/", f"/models/openai/{MINI}/", "/providers/openai/", "/changes/"]
)
def test_a_reader_of_the_books_leaves_nothing_in_the_public_pages_kept(address):
    write_books()
    mine = logged_in(may_see("contract", "house")).get(address)
    theirs = Client().get(address)
    assert theirs.content == mine.content
    assert everything_kept()
    assert not leaked(everything_kept())


# -- the admin -------------------------------------------------------------------------------------


def editor_without(*barred: str) -> Client:
    """Staff with every permission but some."""
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(codename__in=barred))
    return logged_in(user)


def editor_of_all_but_books() -> Client:
    return editor_without("see_contract", "see_house", "edit_books")


def crawl(client: Client, start: str) -> Iterator[tuple[str, bytes]]:
    """Every page of the admin that links lead to; of one list each kind of question once."""
    seen, waiting = {_kind_of(start)}, [start]
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
        yield address, content
        if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
            continue
        for link in html.fromstring(content).xpath("//a/@href | //form/@action"):
            there = urljoin(address, link).partition("#")[0]
            inside = there.startswith("/admin/") and "logout" not in there
            if inside and (kind := _kind_of(there)) not in seen:
                seen.add(kind)
                waiting.append(there)


def _kind_of(address: str) -> tuple[str, tuple[str, ...]]:
    """Path and names of parameters; those that only sort or remember a list are no question."""
    path, _, query = address.partition("?")
    names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    return path, tuple(sorted(names - {"o", "_changelist_filters", "_facets"}))


def test_the_admin_shows_nothing_of_a_book_to_who_may_not_see_it():
    write_books()
    pages = dict(crawl(editor_of_all_but_books(), "/admin/"))
    assert len(pages) > 100
    # Who may see accounts knows the names of editors.
    assert {one: what for one in pages if (what := leaked(pages[one]) - {NAME})} == {}


def test_an_editor_of_the_house_book_learns_nothing_of_the_contract():
    """A rule over the contract would give it away beside the price that it makes."""
    write_books()
    rule = PriceRule(over=Book.CONTRACT.value, times=Decimal("1.37"))
    mini = about("openai/gpt-oss-120b", "groq")
    say(Edit.of_rule(mini, WHOLE_CARD, rule, Book.HOUSE.value), why="our share")
    client = editor_without("see_contract")
    pages = dict(crawl(client, "/admin/"))
    # Their own prices are theirs to see.
    made = Decimal(CONTRACT) * Decimal("1.37")
    assert any(f"{made.normalize():f}" in content.decode() for content in pages.values())
    telling = (CONTRACT, LATER, "1.37", "our share")
    found = {one: [w for w in telling if w in pages[one].decode()] for one in pages}
    assert {one: what for one, what in found.items() if what} == {}
    edits = [Edit.of_rule(mini, "output", rule, Book.HOUSE.value)]
    assert not may_save(User.objects.get(username="staff"), edits)


def test_the_admin_shows_the_books_to_who_may_see_them():
    """So the test above is one that can fail."""
    write_books()
    everybody = User.objects.create_superuser("root")
    answer = logged_in(everybody).get("/admin/providers/claim/")
    assert {CONTRACT, LATER} <= leaked(answer.content)


def test_no_count_of_the_admin_tells_of_a_book():
    client = editor_of_all_but_books()
    paths = ("", "providers/pricing/", "providers/source/", "providers/judgement/queue/",
             "providers/changeset/", "providers/claim/", "providers/endpoint/",
             f"providers/endpoint/{endpoint().pk}/change/",
             f"providers/provider/{endpoint().provider_id}/change/", "providers/job/")  # fmt: skip
    addresses = [f"/admin/{path}" for path in paths]
    addresses.append(reverse("admin:providers_pricing_worklist"))
    before = {one: without_tokens(client.get(one)) for one in addresses}
    write_books()
    assert [one for one in addresses if without_tokens(client.get(one)) != before[one]] == []


def without_tokens(answer) -> bytes:
    assert answer.status_code == 200
    return re.sub(rb'csrfmiddlewaretoken" value="\w+"', b"", answer.content)


def test_links_to_the_books_are_for_those_who_may_see_them():
    assert b"/books/" not in editor_of_all_but_books().get("/admin/").content
    buyer = logged_in(may_see("contract", name="buyer", is_staff=True)).get("/admin/").content
    assert b"/books/contract/" in buyer and b"/books/house/" not in buyer


def objects_of_books() -> list[object]:
    claims = Claim.objects.exclude(book="public")
    prices = LedgerPrice.objects.exclude(book="public")
    return [
        *claims[:4],
        *prices[:4],
        *ChangeSet.objects.filter(changes__begun__in=claims).distinct(),
    ]


@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_addresses_of_hidden_rows_lead_nowhere(page):
    write_books()
    client = editor_of_all_but_books()
    hidden = [one for one in objects_of_books() if type(one) in site._registry]
    assert len(hidden) > 5
    for one in hidden:
        name = f"admin:{one._meta.app_label}_{one._meta.model_name}_{page}"
        answer = client.get(reverse(name, args=[one.pk]))
        assert answer.status_code in (302, 403, 404), (name, one.pk)
        assert not leaked(answer.content)


@pytest.mark.parametrize(
    "asked",
    [
        "claim/?book__exact=contract",
        "claim/?book=house",
        "claim/?q=price",
        f"claim/?value__contains={CONTRACT}",
        f"claim/?reason__contains={REASON}",
        "price/?book__exact=contract",
        f"price/?amount={CONTRACT}",
        f"endpoint/?prices__amount={CONTRACT}",
        f"endpoint/?claims__value__contains={CONTRACT}",
        f"endpoint/?q={CONTRACT}",
        f"provider/?endpoints__prices__amount={CONTRACT}",
        f"changeset/?q={REASON}",
        "changeset/?changes__begun__book=contract",
    ],
)
def test_lists_of_the_admin_find_nothing_hidden_however_they_are_asked(asked):
    client = editor_of_all_but_books()
    without = client.get(f"/admin/providers/{asked}")
    write_books()
    answer = client.get(f"/admin/providers/{asked}")
    assert rows_listed(answer) == rows_listed(without)
    assert leaked(answer.content) <= {secret for secret in secrets() if secret in asked}


def rows_listed(answer) -> list[str]:
    if answer.status_code != 200:
        return [str(answer.status_code)]
    tree = html.fromstring(answer.content)
    return [link.text_content() for link in tree.xpath("//*[@id='result_list']//tbody//th")]


def test_an_editor_without_permission_writes_in_no_book():
    """Whoever may correct public prices gets nowhere near the others with what they post."""
    write_books()
    before = list(Claim.objects.exclude(book="public").values_list("pk", "ended_at"))
    client = editor_of_all_but_books()
    pk = endpoint().pk
    for claim in Claim.objects.exclude(book="public").filter(ended_at=None):
        client.post(f"/admin/providers/endpoint/{pk}/drop/{claim.pk}/", {"reason": "mine"})
    client.post(
        f"/admin/providers/endpoint/{pk}/correct/?key=price.input",
        {
            **{"component": "input", "state": "known", "amount": "1", "unit": "1M tokens"},
            **{"currency": "USD", "reason": "mine", "book": "contract", "sure": "on"},
        },
    )
    assert list(Claim.objects.exclude(book="public").values_list("pk", "ended_at")) == before
