"""A history becomes the rows that reading each release on its day would have made."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers import backfill, publish, refresh
from providers.choices import RunState
from providers.facts import BadSnapshot, Offer, Snapshot
from providers.models import Claim, Endpoint, Price, Provider, Run, Source
from providers.sources import history
from providers.sources.history import History, Weaver
from tests.providers.market import NOW, offer, price, published, read, snapshot, start, tables

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)


def week(number: int) -> datetime:
    return START + timedelta(weeks=number)


def releases(*weeks: tuple[Offer, ...]) -> list[Snapshot]:
    """Complete lists of every provider, a week apart."""
    return [
        snapshot(*offers, as_of=week(n), version=f"1.{n}", covers=("azure", "openai"))
        for n, offers in enumerate(weeks)
    ]


def history_of(*snapshots: Snapshot) -> History:
    weaver = Weaver("litellm")
    *earlier, today = snapshots
    for one in earlier:
        weaver.add(one)
    return weaver.history_before(today)


def backfilled(*snapshots: Snapshot) -> dict[str, list[tuple[Any, ...]]]:
    """The tables after the history was recorded and today's snapshot read."""
    backfill.record(history_of(*snapshots), now=NOW)
    read(snapshots[-1])
    return tables()


def forget_everything() -> None:
    for model in (Price, Claim, Run, Endpoint, Provider, Source):
        model.objects.all().delete()


PRICES = st.sampled_from(["0.1", "0.15", "0.2", "0.25"])
OFFERS = st.tuples(
    st.sampled_from(["openai", "azure"]),
    st.sampled_from(["small", "big"]),
    st.lists(PRICES, max_size=1),
    st.sampled_from([None, 8000, 16000]),
)
WEEKS = st.lists(
    st.lists(OFFERS, max_size=4, unique_by=lambda one: one[:2]), min_size=2, max_size=6
)


def as_offers(week_of: list[tuple[str, str, list[str], int | None]]) -> tuple[Offer, ...]:
    return tuple(
        offer(name, *(price(one) for one in prices), provider=provider,
              **({"context_length": limit} if limit else {}))
        for provider, name, prices, limit in week_of
    )  # fmt: skip


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(weeks=WEEKS)
def test_it_equals_reading_every_release_on_its_day(weeks):
    given_releases = releases(*map(as_offers, weeks))
    past = history_of(*given_releases)
    forget_everything()
    for one in (*history.replayed(past), given_releases[-1]):
        read(one)
    day_by_day = tables()
    forget_everything()
    assert backfilled(*given_releases) == day_by_day


def test_nothing_shows_before_the_source_is_read():
    past = history_of(*releases((offer("small", price("1")),), ()))
    assert backfill.record(past, now=NOW) == 1
    publish.publish_everything(now=NOW)
    assert published() is None
    assert [run.state for run in Run.objects.all()] == [RunState.RECORDED]


def test_an_unchanged_price_keeps_its_early_date():
    backfilled(*releases((offer("small", price("1")),), (offer("small", price("1")),)))
    row = Price.objects.get()
    assert (row.valid_from, row.valid_to) == (week(0), None)
    assert Claim.objects.get().at_least


def test_a_changed_price_ends_where_the_next_begins():
    backfilled(
        *releases(
            (offer("small", price("1")),),
            (offer("small", price("2")),),
            (offer("small", price("3")),),
        )
    )
    rows = Price.objects.order_by("valid_from").values_list("amount", "valid_from", "valid_to")
    assert [(int(amount), *dates) for amount, *dates in rows] == [
        (1, week(0), week(1)),
        (2, week(1), week(2)),
        (3, week(2), None),
    ]


def test_a_fact_that_has_no_past_is_a_first_sighting():
    early, late = offer("small", price("1")), offer("small", price("1"), name="Small")
    backfilled(*releases((early,), (late,)))
    assert Claim.objects.get(key="name").at_least


def test_an_endpoint_that_came_after_the_history_is_new():
    old, new = offer("old", price("1")), offer("new", price("2"))
    backfilled(*releases((old,), (old, new)))
    assert not Claim.objects.get(endpoint__native_id="new").at_least


def test_its_runs_are_published_with_the_next_reading():
    backfilled(*releases((offer("small", price("1")),), (offer("small", price("2")),)))
    assert {run.state for run in Run.objects.all()} == {RunState.PUBLISHED}
    first = Run.objects.earliest("as_of")
    assert (first.version, first.covers, first.report["added"]) == ("1.0", ["azure", "openai"], 1)


def test_a_second_time_nothing_is_written():
    past = history_of(*releases((offer("small", price("1")),), ()))
    backfill.record(past, now=NOW)
    before = tables()
    assert backfill.record(past, now=NOW) == 0
    assert tables() == before


def test_a_source_that_was_read_has_no_room_for_a_past():
    read(snapshot(offer("small", price("1")), as_of=week(5)))
    past = history_of(*releases((offer("small", price("2")),), ()))
    assert backfill.record(past, now=NOW) == 0
    assert published() == 1


@pytest.mark.parametrize("writes_before_death", range(5))
def test_killed_anywhere_and_repeated_it_loses_and_doubles_nothing(
    writes_before_death, monkeypatch
):
    given_releases = releases(
        tuple(offer(f"m{n}", price("1")) for n in range(10)),
        tuple(offer(f"m{n}", price("2")) for n in range(10)),
        (),
    )
    expected = backfilled(*given_releases)
    forget_everything()
    monkeypatch.setattr(backfill, "CHUNK", 4)
    left = iter(range(writes_before_death))
    create = Claim.objects.bulk_create

    def dying(rows: list[Claim], **options: Any) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return create(rows, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Claim.objects, "bulk_create", dying)
        with pytest.raises(KeyboardInterrupt):
            backfill.record(history_of(*given_releases), now=NOW)
    assert not Claim.objects.exists()
    assert backfilled(*given_releases) == expected


def test_an_answer_older_than_a_waiting_history_is_refused():
    backfill.record(history_of(*releases((), (offer("small", price("1")),), ())), now=NOW)
    with pytest.raises(BadSnapshot, match="is older than"):
        refresh._refuse_older(start(snapshot(as_of=week(0))))


def test_the_command_says_what_it_recorded_and_that_it_need_not_again(monkeypatch, capsys):
    past = history_of(*releases((offer("small", price("1")),), ()))
    monkeypatch.setattr(history, "kept", {"litellm": past}.get)
    call_command("load_history")
    assert capsys.readouterr().out == "litellm: 1 claims of the past\n"
    call_command("load_history", "litellm")
    assert "speaks here already" in capsys.readouterr().out
    with pytest.raises(CommandError, match="No source is called nobody"):
        call_command("load_history", "nobody")
