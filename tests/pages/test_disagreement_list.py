"""The page of disagreements: what it lists, how it narrows, and that its sums add up."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalog.pages import disagreement_list
from catalog.pages.disagreement import index as indexes
from catalog.pages.disagreement.asked import GROUPS, LEAGUES, SORTS, Asked
from catalog.pages.disagreement_list import DisagreementListPage
from providers import bounds, disputes, judging
from providers.claims.subjects import endpoint_ids
from providers.disagreement import (
    Disagreement,
    Known,
    Statement,
    disagreements,
    factors,
    is_comparable,
    is_rolling,
)
from providers.facts import ANY, Fact, Price, Snapshot
from providers.ledger import PRICE
from providers.models import Edition, Endpoint
from providers.sources import recordings
from providers.sources.registry import SOURCES
from tests.factories import (
    CONFIRMED,
    NOW,
    OLD,
    AIModelFactory,
    AuthorFactory,
    ClaimFactory,
    EndpointFactory,
    ListingFactory,
    ProviderFactory,
    RunFactory,
    SourceFactory,
    price_value,
)

pytestmark = pytest.mark.django_db
COVERED = ["host", "azure"]


def source(slug: str, as_of: Any = CONFIRMED) -> Any:
    row = SourceFactory(slug=slug, name=slug.title(), siglum=slug[0].upper())
    RunFactory(source=row, covers=COVERED, as_of=as_of)
    return row


@pytest.fixture
def sources():
    return {slug: source(slug) for slug in ("litellm", "genai_prices")} | {
        "models_dev": source("models_dev", OLD)
    }


def sold(native_id: str, provider: str = "host", author: str = "openai") -> Endpoint:
    host = ProviderFactory._meta.model.objects.filter(slug=provider).first()
    host = host or ProviderFactory(slug=provider, name=provider.title())
    endpoint = EndpointFactory(provider=host, native_id=native_id)
    model = AIModelFactory(
        author=AuthorFactory(slug=author, name=author.title()), slug=native_id, name=native_id
    )
    ListingFactory(endpoint=endpoint, model=model)
    return endpoint


def priced(endpoint: Endpoint, sources: Any, component: str = "input", **amounts: str) -> None:
    for slug, amount in amounts.items():
        ClaimFactory(
            endpoint=endpoint,
            source=sources[slug],
            key=f"price.{component}",
            says=price_value(Decimal(amount), state="known"),
        )


def stated(endpoint: Endpoint, sources: Any, key: str, **values: Any) -> None:
    for slug, value in values.items():
        ClaimFactory(endpoint=endpoint, source=sources[slug], key=key, says=value)


@pytest.fixture
def market(sources):
    """Four differences: two unexplained prices, an older copy, a limit; and one agreement."""
    small, large = sold("small"), sold("large", "azure", "mistral")
    priced(small, sources, litellm="1", genai_prices="1.5")
    priced(large, sources, litellm="2", genai_prices="8")
    priced(large, sources, "output", litellm="4", models_dev="5")
    stated(small, sources, "context_length", litellm=128_000, genai_prices=200_000)
    priced(sold("agreed"), sources, litellm="3", genai_prices="3", models_dev="3")
    return small, large


def page(query: str = "") -> DisagreementListPage:
    return disagreement_list.build(QueryDict(query), now=NOW)


def rows(query: str = "") -> list[tuple[str, str]]:
    return [(row.subject.text, row.fact) for row in page(query).rows]


# -- what it lists --------------------------------------------------------------------------------


def test_it_opens_on_unexplained_prices_the_largest_first(market):
    assert rows() == [("large", "Input"), ("small", "Input")]


def test_each_side_stands_with_its_sources_and_dates(market):
    text = " ".join(Client().get("/disagreements/").content.decode().split())
    assert '<dt>$8.00</dt><dd><span class="wit"><a href="#w-G"' in text
    assert "12 Nov 2026" in text
    assert "×4" in text


def test_explained_differences_wait_behind_their_cause(market):
    assert rows("cause=explained") == [("large", "Output")]
    [row] = page("cause=older-copy").rows
    assert (row.cause, row.size) == ("older copy", "+25\N{NO-BREAK SPACE}%")
    assert [side.said[0].mark.old for side in row.sides] == [False, True]


def test_everything_is_one_link_away(market):
    everything = page(urlsplit(page().everything).query)
    assert (everything.total, everything.every, everything.unexplained) == (4, 4, 3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("of=limits", [("small", "Context")]),
        ("of=any", [("large", "Input"), ("small", "Context"), ("small", "Input")]),
        ("provider=azure", [("large", "Input")]),
        ("provider=azure&provider=host", [("large", "Input"), ("small", "Input")]),
        ("author=openai", [("small", "Input")]),
        ("source=models_dev&cause=any", [("large", "Output")]),
        ("fact=price.output&cause=any", [("large", "Output")]),
        ("size=50", [("small", "Input")]),
        ("size=900", [("large", "Input")]),
        ("model=openai/small&of=any", [("small", "Context"), ("small", "Input")]),
        ("of=any&sort=model", [("large", "Input"), ("small", "Context"), ("small", "Input")]),
        ("of=any&sort=fact", [("large", "Input"), ("small", "Input"), ("small", "Context")]),
        ("sort=provider", [("large", "Input"), ("small", "Input")]),
        ("provider=nobody", []),
    ],
)
def test_the_address_narrows_and_orders(market, query, found):
    assert rows(query) == found


def test_a_row_leads_to_the_sheet_of_its_endpoint(market):
    small, _ = market
    link = page("author=openai").rows[0].subject.href
    assert link == f"/models/openai/small/?endpoint={small.pk}#sheet"


def test_what_no_source_lists_any_more_is_left_out(market):
    Endpoint.objects.filter(native_id="large").update(gone_since=CONFIRMED)
    assert rows() == [("small", "Input")]


def test_an_endpoint_without_a_model_goes_by_its_own_name(sources):
    endpoint = EndpointFactory(provider=ProviderFactory(slug="host"), native_id="odd-7b")
    priced(endpoint, sources, litellm="1", genai_prices="3")
    [row] = page().rows
    assert (row.subject.text, row.subject.href) == ("odd-7b", "")


def test_an_empty_market_has_a_page_too():
    assert Client().get("/disagreements/").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=99", "page=x", "cause=%00", "of=nothing&sort=nothing&league=nothing",
     "provider=" + "x" * 5000, "size=&fact=&model=", "fact=price.", "model=a/b/c",
     "&".join(f"provider=p{n}" for n in range(300))],
)  # fmt: skip
def test_nonsense_in_the_address_is_no_error(market, query):
    assert Client().get(f"/disagreements/?{query}").status_code == 200


def test_a_page_beyond_the_last_becomes_the_last(market):
    found = page("page=7")
    assert (found.pager.number, len(found.rows)) == (1, 2)
    assert "There is no page 7" in found.pager.message


# -- editors --------------------------------------------------------------------------------------


def case_of(endpoint: Endpoint, key: str) -> disputes.Case:
    subject = disputes.Subject("endpoint", endpoint.pk)
    [case] = [c for c in disputes.of_subject(subject, now=NOW) if c.found.key == key]
    return case


def test_what_an_editor_finds_right_on_both_sides_is_explained(market):
    editor = User.objects.create_user("ada")
    judging.both_right(case_of(market[0], "price.input"), by=editor, why="two plans", now=NOW)
    assert rows() == [("large", "Input")]
    assert rows("cause=both-right-says-an-editor") == [("small", "Input")]


def test_what_an_editor_puts_off_stays_unexplained(market):
    editor = User.objects.create_user("ada")
    judging.snooze(case_of(market[0], "price.input"), by=editor, why="asked them", now=NOW)
    assert rows() == [("large", "Input"), ("small", "Input")]


# -- its costs ------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_disagreements(market, sources):
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            page("of=any&cause=any")
        return len(queries)

    before = counted()
    for number in range(30):
        priced(sold(f"m{number}"), sources, litellm="1", genai_prices=f"{number + 2}")
    assert counted() == before <= 14


def test_while_the_edition_stays_one_query_answers(market, django_assert_num_queries):
    Edition.objects.create(number=7, changed_at=NOW)
    page()
    with django_assert_num_queries(1):
        assert page("of=any&cause=any").total == 4


# -- the address ----------------------------------------------------------------------------------

some = st.lists(st.text(max_size=20), max_size=3)
asked = st.builds(
    Asked.from_query,
    st.fixed_dictionaries(
        {
            "of": st.sampled_from([*GROUPS, ""]),
            "cause": st.text(max_size=20),
            "model": st.text(max_size=20),
            "sort": st.sampled_from([*SORTS, ""]),
            "league": st.sampled_from([*LEAGUES, ""]),
            "page": st.integers(-1, 200_000).map(str),
        }
    ).flatmap(
        lambda ones: st.fixed_dictionaries(
            {name: some for name in ("provider", "author", "source", "fact", "size")}
        ).map(lambda several: _query(ones, several))
    ),
)


def _query(ones: dict[str, str], several: dict[str, list[str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in ones.items():
        query[name] = value
    for name, values in several.items():
        query.setlist(name, values)
    return query


@given(asked)
def test_the_address_holds_the_whole_question(question: Asked):
    assert Asked.from_query(QueryDict(question.query())) == question


@given(st.text(max_size=200))
def test_any_address_is_understood_the_same_way_twice(query: str):
    first = Asked.from_query(QueryDict(query))
    assert Asked.from_query(QueryDict(first.query())) == first


def test_the_page_as_it_opens_has_the_plain_address():
    assert Asked().query() == ""


# -- the league, small ----------------------------------------------------------------------------


def league(query: str = "") -> dict[str, dict[str, tuple[int, int, int, int]]]:
    found = page(query).league
    return {
        group.title.text: {
            line.source.text: (line.states, line.shared, line.differ, line.unexplained)
            for line in group.lines
        }
        for group in (found.total, *found.groups)
    }


def test_the_league_counts_what_each_source_states_shares_and_disputes(market):
    assert league()["Input"] == {
        "Litellm": (3, 3, 2, 2),
        "Genai_Prices": (3, 3, 2, 2),
        "Models_Dev": (1, 1, 0, 0),
    }
    assert league()["Output"] == {"Litellm": (1, 1, 1, 0), "Models_Dev": (1, 1, 1, 0)}


@pytest.mark.parametrize(
    "query", ["", "of=any", "league=provider", "league=every&of=any", "provider=azure"]
)
def test_the_league_adds_up(market, sources, query):
    stated(market[0], sources, "max_output", litellm=4_096)
    assert_adds_up(query)


def assert_adds_up(query: str) -> None:
    """Each source's lines make up its line of the sum."""
    lines = league(query)
    total = lines.pop("Together")
    summed: dict[str, Counter[int]] = defaultdict(Counter)
    for group in lines.values():
        for who, counts in group.items():
            summed[who].update(dict(enumerate(counts)))
    assert {who: tuple(counts[n] for n in range(4)) for who, counts in summed.items()} == total


def test_the_best_source_of_a_group_stands_first(market):
    assert next(iter(league()["Input"])) == "Models_Dev"


# -- the real market ------------------------------------------------------------------------------

Line = tuple[str, str, str]
Identity = tuple[str, str, str, str]
COLUMNS = ("states", "shared", "differ", "unexplained")


@cache
def raw_statements() -> tuple[tuple[Identity, Statement], ...]:
    return tuple(_raw_statements())


def _raw_statements() -> Iterator[tuple[Identity, Statement]]:
    """Every statement, straight from the recorded files, but for prices held for an editor.

    A provider stands as (slug, "", "", ""), a model as ("", author/slug, "", "").
    """
    for slug in recordings.manifest():
        recording = recordings.recorded(slug)
        read: Snapshot = SOURCES[slug].parse(recording.data, as_of=recording.as_of)
        for offer in read.offers:
            yield from ((offer.identity(), said(read, fact)) for fact in offer.facts)
            slots = {(p.component, p.condition, p.effective_from): p for p in offer.prices}
            for price in slots.values():
                if bounds.doubt(PRICE + price.component, price.value(), None) is None:
                    yield offer.identity(), asked_price(read, price)
        for provider in read.providers:
            yield from (((provider.provider, "", "", ""), said(read, f)) for f in provider.facts)
        for model in read.models:
            yield from ((("", model.model, "", ""), said(read, fact)) for fact in model.facts)


Figures = dict[str, tuple[Any, ...]]  # by source


@cache
def all_figures() -> dict[tuple[Identity, str], list[Statement]]:
    """What is stated of each fact of each endpoint by two sources or more."""
    stated: dict[tuple[Identity, str], list[Statement]] = defaultdict(list)
    for identity, statement in raw_statements():
        if identity[2]:
            stated[identity, statement.key].append(statement)
    return {
        about: those for about, those in stated.items() if len({one.source for one in those}) > 1
    }


def plain_figures() -> Iterator[tuple[tuple[Identity, str], Figures]]:
    """Those where nothing but a figure is said: no condition, date, wording, list or text."""
    for about, those in all_figures().items():
        figures = {one.source: figure(one) for one in those}
        measures = {one[1:] for one in figures.values() if one and len(one) > 1 and one[1]}
        if len(figures) == len(those) and all(figures.values()) and len(measures) < 2:
            yield about, {source: one[:1] for source, one in figures.items() if one}


def figure(one: Statement) -> tuple[Any, ...]:
    """The figure of a statement, of a price with its measure; empty where more is said."""
    if one.condition != ANY or one.effective_from or one.effective_to or one.stated:
        return ()
    if one.key.startswith(PRICE):
        amount = one.value.get("amount")
        if one.value["state"] not in {"known", "free", "plan"}:
            return ()
        measure = (one.value["unit"], one.value["currency"]) if amount else ("", "")
        return ((one.value["state"], amount), *measure)
    return (one.value,) if isinstance(one.value, int) and is_comparable(one.key) else ()


def by_endpoint(figures: Iterable[tuple[Identity, str]]) -> set[Identity]:
    return {identity for identity, _ in figures}


def said(read: Snapshot, fact: Fact) -> Statement:
    return Statement(0, read.source, fact.key, ANY, fact.value, fact.stated, read.as_of)


def asked_price(read: Snapshot, price: Price) -> Statement:
    key, value = PRICE + price.component, json.loads(price.value())
    return Statement(
        0, read.source, key, price.condition, value, "", read.as_of,
        price.effective_from, price.effective_to,
    )  # fmt: skip


def recounted() -> dict[Line, tuple[int, ...]]:
    """The league as anybody would count it who has the files."""
    said: dict[Identity, list[Statement]] = defaultdict(list)
    for identity, statement in raw_statements():
        said[identity].append(statement)
    by_provider: dict[str, list[Identity]] = defaultdict(list)
    for identity in said:
        by_provider[identity[0]].append(identity)
    counts: dict[Line, Counter[str]] = defaultdict(Counter)
    for provider, identities in by_provider.items():
        blind = {one: disagreements(said[one], now=NOW) for one in identities}
        apart = factors((one, each) for one, those in blind.items() for each in those)
        for identity in identities:
            rolling = is_rolling(identity[1]) and bool(identity[2])
            known = Known(rolling=rolling, factors=apart if provider else ())
            found = disagreements(said[identity], now=NOW, known=known)
            for key, column, who in columns(said[identity], found):
                for source in who:
                    counts[provider, key, source][column] += 1
    return {line: tuple(four[column] for column in COLUMNS) for line, four in counts.items()}


def columns(
    statements: list[Statement], found: Iterable[Disagreement]
) -> Iterator[tuple[str, str, set[str]]]:
    """Of one subject: fact, column of the league, and the sources that count there."""
    speakers: dict[str, set[str]] = defaultdict(set)
    for statement in statements:
        if statement.holds(NOW) and is_comparable(statement.key):
            speakers[statement.key].add(statement.source)
    for key, who in speakers.items():
        yield key, "states", who
        if len(who) > 1:
            yield key, "shared", who
        for column, counted in (("differ", True), ("unexplained", False)):
            those = [one for one in found if one.key == key and (counted or not one.explained)]
            yield key, column, {source for one in those for source in one.sources()}


@pytest.mark.usefixtures("real_market")
class TestTheRealMarket:
    def test_the_league_is_what_the_recorded_files_say(self):
        tallies = disputes.market(now=NOW).tallies
        shown = {
            (tally.provider, tally.key, tally.source): (
                tally.states, tally.shared, tally.differ, tally.unexplained,
            )
            for tally in tallies
        }  # fmt: skip
        assert shown == recounted()

    def test_who_only_looks_whether_figures_are_equal_finds_the_same_differences(self):
        """Without a line of ours: of prices without conditions, of limits, of yes and no."""
        plain = dict(plain_figures())
        differing = {said for said, figures in plain.items() if len(set(figures.values())) > 1}
        ids = {pk: identity for identity, pk in endpoint_ids([*by_endpoint(plain)]).items()}
        cases = disputes.market(now=NOW).cases
        of_endpoints = [one for one in cases if one.subject.kind == "endpoint"]
        found = {(ids.get(int(one.subject.id)), one.found.key) for one in of_endpoints}
        assert found & plain.keys() == differing
        assert len(differing) > len(found) / 2 > 500

    def test_each_source_is_counted_where_its_figure_is_not_everybodys(self):
        """The league of input prices, summed by hand from the figures in the files."""
        key = PRICE + "input"
        plain = {who: figures for (who, fact), figures in plain_figures() if fact == key}
        every = {who for (who, fact) in all_figures() if fact == key}
        by_hand: Counter[tuple[str, str, str]] = Counter()
        for (provider, *_), figures in plain.items():
            for source in figures:
                by_hand[provider, source, "shared"] += 1
                by_hand[provider, source, "differ"] += len(set(figures.values())) > 1
        conditioned = {who[0] for who in every - plain.keys()}
        shown = Counter[tuple[str, str, str]]()
        for tally in disputes.market(now=NOW).tallies:
            if tally.key == key:
                shown[tally.provider, tally.source, "shared"] += tally.shared
                shown[tally.provider, tally.source, "differ"] += tally.differ
        simple = {line for line in shown if line[0] not in conditioned}
        assert {line: shown[line] for line in simple} == {line: by_hand[line] for line in simple}
        assert len({provider for provider, *_ in simple}) > 50

    def test_the_league_of_the_whole_market_adds_up(self):
        for query in ("", "of=any", "league=every", "league=every&of=any", "provider=openrouter"):
            assert_adds_up(query)

    def test_every_count_on_a_facet_is_what_its_link_lists(self):
        for query in ("", "of=any&cause=any", "of=limits&cause=explained"):
            opened = page(query)
            for facet in opened.facets:
                for choice in (*facet.choices, *facet.more):
                    if not choice.active:
                        assert page(urlsplit(choice.href).query).total == choice.count, choice

    def test_no_disagreement_is_lost_over_the_pages(self):
        first = page("of=any&cause=any")
        seen = [
            row
            for number in range(1, first.pager.count + 1)
            for row in page(f"of=any&cause=any&page={number}").rows
        ]
        assert len(seen) == first.total == first.every > 1_000

    def test_only_what_nobody_explains_is_red(self):
        text = Client().get("/disagreements/?of=any&cause=explained").content.decode()
        assert '<b class="gone">unexplained</b></td>' not in text
        assert "older copy" in text

    def test_euros_written_as_dollars_are_recognised(self):
        found = page("provider=ovhcloud&cause=another-currency&fact=price.input")
        assert found.total >= 5

    def test_a_source_that_knows_two_media_denies_no_third(self):
        """Where pi-ai alone stands against one other, they differ on text or image."""
        for entry in indexes.current(now=NOW).entries:
            if entry.case.found.key == "input_modalities" and "pi_ai" in entry.sources:
                said = [set(side.value) & {"text", "image"} for side in entry.case.found.sides]
                assert len(entry.sources) > 2 or said[0] != said[1]
