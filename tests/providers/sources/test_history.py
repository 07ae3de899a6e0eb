"""Histories: what is kept of earlier releases, and that it can be read back."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from providers.choices import State
from providers.facts import Fact, Offer, Price, Snapshot
from providers.sources import history, recordings
from providers.sources.history import Turn, Weaver
from providers.sources.registry import SOURCES
from tests.providers.market import offer, price, snapshot

START = datetime(2026, 1, 1, tzinfo=UTC)
INPUT = ("price.input", "")


def week(number: int) -> datetime:
    return START + timedelta(weeks=number)


def woven(*weeks: tuple[Offer, ...]) -> history.History:
    """The history of releases a week apart, seen from the last of them."""
    weaver = Weaver("litellm")
    *earlier, today = [
        snapshot(*offers, as_of=week(n), version=f"1.{n}", covers=["openai"])
        for n, offers in enumerate(weeks)
    ]
    for one in earlier:
        weaver.add(one)
    return weaver.history_before(today)


def turns(past: history.History, slot: tuple[str, str] = INPUT) -> list[tuple[int, str | None]]:
    (endpoint,) = past.endpoints
    return [
        (turn.release, None if turn.value is None else json.loads(turn.value)["amount"])
        for turn in endpoint.facts[slot]
    ]


def test_only_turns_are_kept():
    past = woven(
        (offer("small", price("1")),),
        (offer("small", price("1")),),
        (offer("small", price("2")),),
        (offer("small", price("2")),),
    )
    assert turns(past) == [(0, "1"), (2, "2")]


def test_what_is_no_longer_listed_ends():
    past = woven((offer("small", price("1")),), (), (offer("small", price("1")),), ())
    assert turns(past) == [(0, "1"), (1, None), (2, "1")]


def test_a_list_of_others_says_nothing_of_what_it_does_not_cover():
    weaver = Weaver("litellm")
    weaver.add(snapshot(offer("small", price("1")), as_of=week(0)))
    weaver.add(snapshot(as_of=week(1), covers=["azure"]))
    assert turns(weaver.history_before(snapshot(as_of=week(2)))) == [(0, "1")]


def test_today_is_no_release_of_the_past():
    past = woven((offer("small", price("1")),), (offer("small", price("2")),))
    assert [release.version for release in past.releases] == ["1.0"]
    assert turns(past) == [(0, "1")]


def test_a_broken_item_says_nothing_of_what_was_before():
    weaver = Weaver("litellm")
    weaver.add(snapshot(offer("small", price("1")), as_of=week(0)))
    broken = frozenset({("openai", "small")})
    weaver.add(snapshot(as_of=week(1), covers=["openai"], unreadable=broken))
    past = weaver.history_before(snapshot(offer("small", price("1")), as_of=week(2)))
    assert turns(past) == [(0, "1")]


def test_a_slip_of_the_past_gives_way_to_the_price_before_it():
    past = woven(
        (offer("small", price("0.15")),),
        (offer("small", price("1500")),),
        (offer("small", price("0.16")),),
        (offer("small", price("0.16")),),
    )
    assert turns(past) == [(0, "0.15"), (2, "0.16")]


def test_a_price_that_today_would_be_held_against_is_not_kept():
    """Else the next reading would hold the right price, a hundredfold away, for an editor."""
    past = woven((offer("small", price("0.00015")),), (offer("small", price("0.15")),))
    assert past.endpoints == ()


def test_names_and_other_facts_without_a_past_are_left_out():
    past = woven((offer("small", name="Small", context_length=8000),), ())
    (endpoint,) = past.endpoints
    assert endpoint.facts == {("context_length", ""): (Turn(0, "8000"),)}


def test_prices_with_dates_of_their_own_are_left_out():
    dated = price("1", effective_from=week(0))
    assert woven((offer("small", dated),), ()).endpoints == ()


def test_releases_must_come_in_order_of_time():
    weaver = Weaver("litellm")
    weaver.add(snapshot(as_of=week(1)))
    with pytest.raises(ValueError, match="is not after"):
        weaver.add(snapshot(as_of=week(0)))


def test_what_is_written_reads_the_same():
    past = woven(
        (offer("small", price("1"), Price("output", None, state=State.FREE), max_output=4096),),
        (offer("small", price("0.075", unit="image"), status="deprecated"),),
        (),
    )
    assert history.from_json(recordings.normalised(history.to_json(past))) == past


def test_a_history_replays_what_it_was_woven_from():
    given = [
        (offer("small", price("1"), context_length=8000), offer("big", price("3"))),
        (offer("small", price("2"), context_length=8000),),
        (offer("small", price("2")), offer("big", price("4"))),
    ]
    past = woven(*given, ())
    assert [stated(one) for one in history.replayed(past)] == [
        {one.identity(): (set(one.facts), set(one.prices)) for one in offers} for offers in given
    ]


def stated(one: Snapshot) -> dict[object, tuple[set[Fact], set[Price]]]:
    return {offer.identity(): (set(offer.facts), set(offer.prices)) for offer in one.offers}


# -- those that are shipped -----------------------------------------------------------------------


@pytest.mark.parametrize("slug", sorted(recordings.manifest(folder=history.FOLDER)))
def test_a_shipped_history_ends_before_the_recording_that_goes_on_from_it(slug: str):
    past = history.kept(slug)
    assert past is not None
    assert past.source == slug
    assert slug in SOURCES
    days = [release.as_of for release in past.releases]
    assert days == sorted(days)
    assert days[-1] < recordings.recorded(slug).as_of


def test_a_source_without_a_history_has_none():
    assert history.kept("zenmux") is None


def test_the_histories_are_small_enough_to_ship():
    size = sum(path.stat().st_size for path in history.FOLDER.glob("*.xz"))
    assert size <= 1_500_000
