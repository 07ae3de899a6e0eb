"""A workload in the address and back, and what it costs over a week."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.workload import PRESETS, Workload, cost
from providers.facts import Condition, Price, Schedule
from providers.pricing import Usage, price_at

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday


def asked(query):
    return Workload.from_query(dict(parse_qsl(query, keep_blank_values=True)))


def price(component, amount, *, state="known", currency="USD", **condition):
    amount = None if amount is None else Decimal(amount)
    return Price(
        component, amount, currency=currency, condition=Condition(**condition), state=state
    )


# -- the address ----------------------------------------------------------------------------------

HOURS = (
    st.tuples(st.integers(0, 23), st.integers(1, 24))
    .filter(lambda h: h[0] != h[1] and h != (0, 24))
    .map(lambda h: f"{h[0]}-{h[1]}")
)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,39}", fullmatch=True).filter(
    lambda name: name not in ("standard", "default")
)


@st.composite
def workloads(draw):
    cached = draw(st.integers(0, 100))
    return Workload(
        requests=draw(st.integers(1, 10**10)),
        input=draw(st.integers(0, 10**8)),
        cached=cached,
        written=draw(st.integers(0, 100 - cached)),
        output=draw(st.integers(0, 10**8)),
        images=draw(st.integers(0, 1000)),
        tier=draw(st.just("") | NAMES),
        region=draw(st.just("") | NAMES),
        hours=draw(st.just("") | HOURS),
    )


@given(workloads() | st.sampled_from([preset.workload for preset in PRESETS.values()]))
def test_a_workload_survives_its_address(workload):
    assert asked(workload.query()) == workload


FIELDS = ("workload", "requests", "input", "cached", "written", "output", "images", "tier")


@given(
    st.dictionaries(
        st.sampled_from((*FIELDS, "region", "hours")),
        st.text(max_size=60) | st.from_regex(r"[0-9.,]{1,30}[kmKM%]?|[0-9]{1,2}-[0-9]{1,2}"),
    )
)
def test_any_address_is_read_and_has_one_canonical_form(query):
    workload = Workload.from_query(query)
    if workload is not None:
        assert asked(workload.query()) == workload
        assert asked(workload.query()).query() == workload.query()
        workload.usage("chat")


def test_a_preset_is_called_by_its_name():
    for name, preset in PRESETS.items():
        assert preset.workload.query() == f"workload={name}"


def test_a_figure_changes_a_preset():
    assert asked("workload=rag&requests=7").requests == 7
    assert asked("workload=rag&requests=7").input == PRESETS["rag"].workload.input
    assert asked("workload=rag&requests=7").query() == "requests=7&input=6000&cached=20&output=400"


@pytest.mark.parametrize("query", ["", "workload=", "workload=nonsense", "requests=&input=", "q=1"])
def test_without_a_workload_there_is_none(query):
    assert asked(query) is None


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("requests=10,000", "requests", 10_000),
        ("requests=1.5M", "requests", 1_500_000),
        ("requests=0", "requests", None),
        ("input=2k", "input", 2000),
        ("input=-5", "input", None),
        ("input=٣", "input", None),
        ("input=1.5", "input", None),
        ("input=9999999999999", "input", 10**8),
        ("cached=40%", "cached", 40),
        ("cached=400", "cached", 100),
        ("tier=Batch", "tier", "batch"),
        ("tier=standard", "tier", ""),
        ("tier=<b>", "tier", None),
        ("region=us-east-1", "region", "us-east-1"),
        ("hours=9-17", "hours", "9-17"),
        ("hours=22-6", "hours", "22-6"),
        ("hours=0-24", "hours", ""),
        ("hours=9-9", "hours", None),
        ("hours=9-25", "hours", None),
    ],
)
def test_figures_are_read_as_people_write_them(query, field, value):
    workload = asked(query)
    assert value == (None if workload is None else getattr(workload, field))


def test_what_is_read_from_a_cache_is_not_written_to_it_as_well():
    assert asked("cached=90&written=50").written == 10


# -- usage ----------------------------------------------------------------------------------------


def test_every_token_of_the_input_stands_in_one_field():
    workload = Workload(input=1000, cached=85, written=10, output=50, images=2)
    assert workload.usage("chat") == Usage(
        input_tokens=50,
        input_characters=200,
        cache_read_tokens=850,
        cache_write_tokens=100,
        images_in=2,
        image_input_tokens=2000,
        output_tokens=50,
    )


@given(workloads(), st.sampled_from(("chat", "embedding")))
def test_no_token_is_lost(workload, kind):
    used = workload.usage(kind)
    text = used.input_tokens + used.cache_read_tokens + used.cache_write_tokens
    assert text == workload.input
    assert used.input_tokens >= 0


def test_an_embedding_answers_with_no_tokens():
    assert Workload(output=400, images=3).usage("embedding") == Usage(
        input_tokens=1500, input_characters=6000
    )


# -- cost -----------------------------------------------------------------------------------------


def test_a_month_costs_its_requests_exactly():
    workload = Workload(requests=3, input=1, cached=0, output=1)
    found = cost(workload, [price("input", "0.1"), price("output", "0.3")], when=NOON)
    assert found.is_complete
    assert found.per_request == {"USD": Decimal("0.0000004")}
    assert found.per_month == {"USD": Decimal("0.0000012")}


def test_a_cost_without_a_price_is_incomplete():
    found = cost(Workload(), [price("input", "1")], when=NOON)
    assert not found.is_complete
    assert [item.component for item in found.bill.refused] == ["output"]


def test_currencies_stay_apart():
    prices = [price("input", "1"), price("output", "8", currency="CNY")]
    assert cost(Workload(), prices, when=NOON).per_month.keys() == {"USD", "CNY"}


OFF_PEAK = Schedule("UTC", tuple((day * 1440 + 990, day * 1440 + 1440) for day in range(7)))
CARD = (price("input", "2"), price("output", "8"))


def test_a_price_of_the_hour_weighs_as_much_as_its_hours():
    prices = [*CARD, price("input", "1", schedule=OFF_PEAK)]
    workload = Workload(requests=1, input=10**6, cached=0, output=0)
    found = cost(workload, prices, when=NOON)
    assert [share.minutes for share in found.shares] == [7 * 990, 7 * 450]
    assert found.per_month == {"USD": Decimal("1.6875")}


def test_hours_of_the_workload_leave_the_other_prices_out():
    prices = [*CARD, price("input", "1", schedule=OFF_PEAK)]
    by_night = Workload(requests=1, input=10**6, cached=0, output=0, hours="18-24")
    assert cost(by_night, prices, when=NOON).per_month == {"USD": 1}
    over_midnight = Workload(requests=1, input=10**6, cached=0, output=0, hours="22-2")
    assert cost(over_midnight, prices, when=NOON).per_month == {"USD": Decimal("1.5")}


def test_every_day_of_a_week_costs_the_same():
    prices = [*CARD, price("input", "1", schedule=Schedule("Asia/Shanghai", ((0, 500),)))]
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    costs = {
        cost(Workload(), prices, when=monday + timedelta(hours=hour)).per_month["USD"]
        for hour in range(0, 168, 7)
    }
    assert len(costs) == 1


def minute_by_minute(workload, prices, monday):
    """The mean over every minute of the week at which the workload asks."""
    sum_, minutes = Fraction(0), 0
    first, last = (int(h) * 60 for h in (workload.hours or "0-24").split("-"))
    for minute in range(0, 7 * 1440, 5):
        of_day = minute % 1440
        inside = first <= of_day < last if first < last else of_day < last or of_day >= first
        if inside:
            bill = price_at(
                prices, when=monday + timedelta(minutes=minute), usage=workload.usage("chat")
            )
            sum_ += Fraction(bill.totals["USD"])
            minutes += 1
    return sum_ / minutes


EDGES = st.lists(st.integers(0, 2016), min_size=2, max_size=6, unique=True).map(
    lambda points: tuple((5 * a, 5 * b) for a, b in zip(*[iter(sorted(points))] * 2, strict=False))
)
SCHEDULES = st.builds(
    Schedule,
    st.sampled_from(("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu")),
    EDGES.filter(bool),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(SCHEDULES, SCHEDULES, st.just("") | HOURS, st.booleans())
def test_a_week_costs_what_its_minutes_do(one, other, hours, clocks_change):
    monday = datetime(2026, 10, 26 if clocks_change else 19, tzinfo=UTC)
    prices = [*CARD, price("input", "1", schedule=one), price("output", "3", schedule=other)]
    workload = Workload(hours=hours)
    found = cost(workload, prices, when=monday + timedelta(hours=50))
    slow = minute_by_minute(workload, prices, monday)
    assert abs(Fraction(found.per_request["USD"]) - slow) < Fraction(1, 10**40)
