"""Whatever an address says, the answer is a page, a redirect or a refusal, never a fault."""

from functools import lru_cache
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import urls
from catalog.pages import change_list

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_market")]

# Every public page, with names that are there and names that are not.
PATHS = (
    "/", "/models/", "/models/openai/gpt-4o-mini/", "/models/openai/nothing/", "/models/no/such/",
    "/authors/openai/", "/authors/nobody/", "/providers/", "/providers/azure/",
    "/providers/nobody/", "/compare/", "/calendar/", "/calendar.ics", "/changes/", "/sources/",
    "/disagreements/", "/parameters/", "/healthz", "/setup/no-token/", "/no/such/page",
    "/provenance/", "/report/", "/report/sent/", "/playground/",
    "/about/metrics/", "/about/sending/", "/rankings/", "/books/house/", "/books/house/prices.csv",
    "/models/openai/gpt-4o-mini/performance/", "/models/openai/nothing/performance/",
    "/models/openai/gpt-4o-mini/performance/figures.csv",
    "/models/openai/gpt-4o-mini/performance/uptime.svg",
)  # fmt: skip
# Those of them that read their query, small where there is a choice: each is asked often.
ASKED = (
    "/models/", "/models/openai/o1-mini/", "/authors/xai/", "/providers/", "/providers/scaleway/",
    "/compare/", "/calendar/", "/calendar.ics", "/changes/", "/disagreements/",
    "/report/", "/report/sent/",
)  # fmt: skip
KEYS = (
    "q", "kind", "author", "provider", "reads", "writes", "context", "input", "output", "parameter",
    "open", "protocol", "released", "tag", "order", "sort", "page", "limit", "model", "endpoint",
    "code", "fold", "group", "group_by", "from", "to", "as_of", "all", "key",
    "condition", "shown", "path", "format",
)  # fmt: skip
ABSURD = (
    "", " ", "0", "-1", "1e999", "NaN", "inf", "99999999999999999999999", "9" * 400, "0x10", "½",
    "٣", "\x00", "a\x00b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "\u202e",
    "🦜" * 50, "'; DROP TABLE x; --", "%", "%%", "_", "\\", "(", "[", "*", "..", "../../etc/passwd",
    "<script>alert(1)</script>", "{{ 7*7 }}", "true", "null", "[]", "openai/gpt-4o-mini",
    "a" * 10_000,
)  # fmt: skip
texts = st.one_of(st.sampled_from(ABSURD), st.text(max_size=40), st.integers().map(str))
queries = st.lists(st.tuples(st.sampled_from(KEYS), texts), max_size=6)
# The database is shared by the examples of a test, which only read it.
reading = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(autouse=True, scope="module")
def _changes_are_read_once():
    """Whatever an address says, most ask for the same days: the market itself stands still here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(change_list, "between", lru_cache(maxsize=4)(change_list.between))
        yield


def answer(path: str, method: str = "GET") -> int:
    """The status; a fault of ours is raised by the client, not answered."""
    return Client().generic(method, path).status_code


@pytest.mark.parametrize("path", ASKED)
def test_no_value_of_any_key_is_a_fault(path):
    for value in ABSURD:
        query = urlencode([(key, value) for key in KEYS])
        assert answer(f"{path}?{query}") in {200, 301, 302, 400, 404}, value


@pytest.mark.parametrize("subject", ["endpoint", "model", "provider"])
def test_no_subject_key_or_condition_of_a_value_is_a_fault(subject):
    """Asked one by one: several subjects at once are refused before they are looked at."""
    for value in ABSURD:
        for query in ({subject: value}, {"provider": "azure", "key": value},
                      {"endpoint": "1", "key": "price.input", "condition": value}):  # fmt: skip
            status = answer(f"/provenance/?{urlencode(query)}")
            assert status in {200, 400, 404}, (query, status)


@given(path=st.sampled_from(PATHS), query=queries)
@reading
def test_no_query_is_a_fault(path, query):
    assert answer(f"{path}?{urlencode(query)}") in {200, 301, 302, 400, 404}


@given(raw=st.binary(max_size=60))
@reading
def test_no_bytes_in_a_query_are_a_fault(raw):
    assert answer(f"/models/?q={quote(raw)}&page={quote(raw)}&kind={quote(raw)}") in {200, 400}


@given(
    start=st.sampled_from(
        ["/models/", "/models/openai/", "/authors/", "/providers/", "/setup/", "/"]
    ),
    rest=texts,
)
@reading
def test_no_path_is_a_fault(start, rest):
    assert answer(f"{start}{quote(rest)}/") in {200, 301, 302, 400, 404}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", PATHS)
def test_pages_are_only_read(path, method):
    is_form = path == "/report/" and method == "POST"  # an empty one is shown again
    assert answer(path, method) in ({200} if is_form else {403, 404, 405})


@pytest.mark.parametrize("path", PATHS)
def test_head_is_answered_like_get(path):
    assert answer(path, "HEAD") == answer(path)


@pytest.mark.parametrize("page", ["0", "-3", "99999999999999999999", "two", "1.5", "\x00"])
def test_a_page_number_out_of_range_becomes_one_that_is_there(page):
    answered = Client().get("/models/", {"page": page})
    assert answered.status_code == 200
    assert b"/models/openai/" in answered.content or b"<tbody>" in answered.content


def test_a_search_for_nothing_says_so_and_leads_out():
    content = Client().get("/models/", {"q": "no such thing at all"}).content.decode()
    assert "/models/" in content
    assert "no such thing at all" in content


@pytest.mark.parametrize("path", PATHS)
def test_what_is_typed_is_never_markup(path):
    typed = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    query = urlencode([(key, typed) for key in KEYS])
    content = Client().get(f"{path}?{query}").content.decode()
    assert "<script>alert" not in content
    assert "<img src=x" not in content


def test_every_address_of_the_site_is_tried():
    """A new page must be added to PATHS."""
    tried = {get_resolver().resolve(path).url_name for path in PATHS if path != "/no/such/page"}
    assert {pattern.name for pattern in urls.urlpatterns} <= tried
