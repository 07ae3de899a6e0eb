"""What changed between two moments, read back from the ledger and from claims."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from providers import change_queries
from providers.change_queries import arrivals, departures, fact_steps, price_steps, stated_elsewhere
from providers.models import Endpoint
from tests.providers.market import offer, price, read, snapshot

pytestmark = pytest.mark.django_db
START = datetime(2026, 9, 1, tzinfo=UTC)
LONG = {"since": START - timedelta(days=1), "until": START + timedelta(days=400)}


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def only(number: int) -> dict[str, datetime]:
    """The day alone, as moments."""
    return {"since": day(number - 1), "until": day(number)}


def states(number: int, *offers, source: str = "litellm", **rest) -> None:
    read(snapshot(*offers, as_of=day(number), source=source, covers=["openai"], **rest))


def steps(**between) -> list[tuple[str, str | None, str]]:
    return [
        (
            step.component,
            None if step.before is None else str(step.before.amount),
            str(step.value.amount),
        )
        for step in price_steps(**(between or LONG))
    ]


def test_a_first_sighting_is_no_step():
    states(0, offer("small", price("3")))
    assert steps() == []


def test_a_new_endpoint_is_no_step():
    states(0, offer("small", price("3")))
    states(1, offer("small", price("3")), offer("big", price("30")))
    assert steps() == []


def test_a_step_knows_the_price_before_however_long_ago_that_began():
    states(0, offer("small", price("3")))
    states(9, offer("small", price("0.075")))
    assert steps(**only(9)) == [("input", "3", "0.075")]
    assert steps(**only(8)) == []


def test_both_ends_of_the_time_asked_for_are_kept():
    for number, amount in enumerate(["1", "2", "3", "4"]):
        states(number, offer("small", price(amount)))
    assert steps(since=day(1), until=day(2)) == [("input", "2", "3")]


def test_a_component_that_is_stated_later_is_a_step_from_nothing():
    states(0, offer("small", price("3")))
    states(1, offer("small", price("3"), price("0.3", "cache_read")))
    assert steps() == [("cache_read", None, "0.3")]


def test_a_step_names_both_sources():
    states(0, offer("small", price("3")), source="models_dev")
    states(1, offer("small", price("2")))
    (step,) = price_steps(**LONG)
    assert (step.source_before, step.source) == ("models_dev", "litellm")


def test_amounts_of_both_sides_are_as_stated():
    states(0, offer("small", price("0.10003")))
    states(1, offer("small", price("0.02002")))
    (step,) = price_steps(**LONG)
    assert step.before is not None
    assert [str(step.before.amount), str(step.value.amount)] == ["0.10003", "0.02002"]


def test_elsewhere_is_what_was_still_stated_then_or_since():
    states(0, offer("small", price("3")), source="models_dev")
    states(2, offer("small", price("2")), source="models_dev")
    states(3, offer("small", price("2")), source="genai_prices")
    pk = Endpoint.objects.get().pk
    found = {(one.source, one.value.amount) for one in stated_elsewhere([pk], since=day(2))}
    assert found == {("models_dev", Decimal(2)), ("genai_prices", Decimal(2))}


# -- facts ----------------------------------------------------------------------------------------


def facts(**between) -> list[tuple[str, object, object]]:
    return [(step.key, step.before, step.value) for step in fact_steps(**(between or LONG))]


def test_a_limit_that_a_source_states_anew_is_a_step():
    states(0, offer("small", context_length=8000))
    states(5, offer("small", context_length=16000))
    assert facts(**only(5)) == [("context_length", 8000, 16000)]


def test_what_two_sources_say_differently_is_no_step():
    states(0, offer("small", context_length=8000))
    states(5, offer("small", context_length=16000), source="models_dev")
    assert facts() == []


def test_a_limit_that_comes_back_as_it_was_is_no_step():
    states(0, offer("small", context_length=8000, max_output=1))
    states(1, offer("small", max_output=1))
    states(2, offer("small", context_length=8000, max_output=1))
    assert facts() == []


def test_a_date_is_news_when_it_is_first_stated_of_a_known_endpoint():
    states(0, offer("small", context_length=8000))
    states(1, offer("small", context_length=8000, max_output=5, retires_on="2026-12-01"))
    assert facts() == [("retires_on", None, "2026-12-01")]


# -- endpoints ------------------------------------------------------------------------------------


def came(**between) -> list[str]:
    found = arrivals(**(between or LONG))
    return sorted(Endpoint.objects.get(pk=one.endpoint_id).native_id for one in found)


def test_an_endpoint_that_a_list_did_not_have_before_is_new():
    states(0, offer("small", price("3")))
    states(5, offer("small", price("3")), offer("big", price("30")))
    assert came() == came(**only(5)) == ["big"]
    assert came(**only(4)) == []


def test_what_another_source_had_before_is_not_new():
    states(0, offer("small", price("3")))
    states(1, offer("big", price("30")), source="models_dev")
    states(2, offer("small", price("3")), offer("big", price("30")))
    assert came() == []


def test_a_first_look_says_nothing_is_new():
    states(0, offer("small", price("3")))
    assert came() == []


def test_an_endpoint_that_nobody_lists_any_more_is_gone():
    states(0, offer("small", price("3")), offer("big", price("30")))
    states(5, offer("small", price("3")))
    (gone,) = departures(**only(5))
    assert Endpoint.objects.get(pk=gone.endpoint_id).native_id == "big"
    assert departures(**only(4)) == []


def test_what_one_source_drops_and_another_lists_is_not_gone():
    states(0, offer("small", price("3")))
    states(1, offer("small", price("3")), source="models_dev")
    states(2)
    assert departures(**LONG) == []


def test_each_read_is_one_query(django_assert_num_queries):
    for number in range(4):
        states(number, offer("small", price(str(number + 1)), context_length=1000 * (number + 1)))
    for name in ("price_steps", "fact_steps", "arrivals", "departures"):
        with django_assert_num_queries(1):
            getattr(change_queries, name)(**LONG)
