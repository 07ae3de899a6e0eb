import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from catalog.filters import FREE, MAX_VALUES, SEVERAL, SORTS, Filter

KEYS = [*SEVERAL, "q", "context", "input", "output", "open", "sort", "page", "nonsense"]
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from([*SORTS, "free", "yes", "no", "relevance", "-1", "1e999", "NaN", "sNaN", "0"]),
    st.integers().map(str),
    st.decimals(allow_nan=True).map(str),
)


def read(query: str) -> Filter:
    return Filter.from_query(QueryDict(query))


@given(st.text())
def test_no_query_string_raises(query):
    read(query).query()


@given(st.lists(st.tuples(st.sampled_from(KEYS), VALUES), max_size=30))
def test_what_was_read_is_written_and_read_again(pairs):
    query = QueryDict(mutable=True)
    for key, value in pairs:
        query.appendlist(key, value)
    asked = Filter.from_query(query)
    assert read(asked.query()) == asked
    assert read(asked.query()).query() == asked.query()


def test_the_plain_list_has_an_empty_query():
    assert Filter().query() == ""
    assert read("page=1&sort=newest&q=&unknown=1") == Filter()


def test_values_of_a_facet_come_once_and_in_order():
    assert read("kind=image&kind=chat&kind=image").kind == ("chat", "image")


def test_a_facet_takes_no_more_values_than_a_page_can_show():
    query = "&".join(f"tag={n}" for n in range(200))
    assert len(read(query).tag) == MAX_VALUES


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("0.50", "0.5"),
        ("10", "10"),
        ("0", FREE),
        ("free", FREE),
        ("-1", ""),
        ("NaN", ""),
        ("1e9", ""),
        ("0.15; DROP", ""),
    ],
)
def test_a_price_is_a_plain_number_or_free(stated, kept):
    query = QueryDict(mutable=True)
    query["input"] = stated
    assert Filter.from_query(query).input == kept


@pytest.mark.parametrize("stated", ["0", "-3", "x", "1.5", "٣", "9" * 400, ""])
def test_an_absurd_page_is_the_first(stated):
    assert read(f"page={stated}").page == 1


def test_a_search_is_ordered_by_relevance_until_told_otherwise():
    assert read("q=gpt").order() == "relevance"
    assert read("q=gpt&sort=newest").order() == "newest"
    assert read("").order() == "newest"


def test_toggling_a_value_twice_changes_nothing():
    asked = read("author=openai&q=gpt")
    assert asked.toggled("author", "google").author == ("google", "openai")
    assert asked.toggled("author", "google").toggled("author", "google") == asked
    assert asked.toggled("context", "128000").toggled("context", "128000") == asked


def test_a_changed_filter_starts_on_the_first_page():
    asked = read("page=7")
    assert asked.toggled("kind", "chat").page == 1
    assert asked.sorted_by("name").page == 1
    assert asked.searching("gpt").page == 1


def test_control_characters_never_reach_the_page():
    assert read("q=a%00b%0Ac%7F").q == "a b c"
