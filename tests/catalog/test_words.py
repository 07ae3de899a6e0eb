from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import words
from catalog.pages.decimals import pads
from providers.choices import Component, Kind, State
from providers.facts import Condition, Schedule

D = Decimal
SP = words.NO_BREAK


def weekly(days: range, start: int, end: int) -> tuple[tuple[int, int], ...]:
    return tuple((day * 1440 + start, day * 1440 + end) for day in days)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (D("0.15"), "0.15"),
        (D("0.6"), "0.60"),
        (D("0.6000000000"), "0.60"),
        (D("0.075"), "0.075"),
        (D("0.09375"), "0.09375"),
        (D(60), "60.00"),
        (D("6E+1"), "60.00"),
        (D("1234567.5"), "1,234,567.50"),
        (D("0.0000000001"), "0.0000000001"),
    ],
)
def test_a_price_keeps_every_stated_digit_and_at_least_two_places(
    amount: Decimal, shown: str
) -> None:
    assert words.price(amount) == shown


@given(st.decimals(min_value="0.0000000001", max_value=10**9, places=10))
def test_a_price_reads_back_as_the_same_amount(amount: Decimal) -> None:
    assert Decimal(words.price(amount).replace(",", "")) == amount


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (State.FREE, "free"),
        (State.PLAN, "plan"),
        (State.VARIES, "varies"),
        (State.UNKNOWN, ".."),
        (State.NOT_APPLICABLE, "—"),
    ],
)
def test_a_state_is_a_word_and_never_a_zero(state: State, shown: str) -> None:
    assert words.price(None, state=state, currency="USD") == shown
    assert words.state_title(state)


def test_zero_never_reads_as_a_figure() -> None:
    assert words.price(D(0)) == "free"
    assert words.price(None) == ".."


def test_a_currency_is_shown_only_where_asked() -> None:
    assert words.price(D("0.6"), currency="USD") == "$0.60"
    assert words.price(D(4), currency="CNY") == "CN¥4.00"
    assert words.price(D(4), currency="CHF") == f"CHF{SP}4.00"


def test_every_state_kind_and_component_has_words() -> None:
    for kind in Kind:
        assert words.kind_label(kind)[0].isupper()
    for component in Component:
        assert "_" not in words.component_label(component)
    assert words.kind_label("ocr") == "OCR"
    assert words.component_label("cache_write_5m") == "Cache write 5m"
    assert words.component_label("song_minutes") == "Song minutes"


def test_limits_are_exact_or_as_stated() -> None:
    assert words.tokens(128000) == "128,000"
    assert words.tokens("16.38K") == "16.38K"
    assert words.tokens(None) == ".."


def test_percentages_and_changes() -> None:
    assert words.percent(D("87.2000")) == f"87.2{SP}%"
    assert words.percent(D(82), 1) == f"82.0{SP}%"
    assert words.percent(None) == ".."
    assert words.change(D("66.7")) == f"+67{SP}%"
    assert words.change(-50) == f"−50{SP}%"
    assert words.change(D("-0.3")) == f"−<1{SP}%"
    assert words.change(0) == "="


def test_dates_read_at_the_precision_stated() -> None:
    assert words.day("2024-07-18") == words.day(date(2024, 7, 18)) == "18 July 2024"
    assert words.day("2023-10") == words.short_day("2023-10") == "Oct 2023"
    assert words.day("2024") == "2024"
    assert words.short_day("2024-07-08") == "8 Jul 2024"
    assert words.iso("2023-10") == "2023-10"


def test_moments_are_told_in_utc() -> None:
    shanghai = timezone(timedelta(hours=8))
    at = datetime(2026, 11, 13, 6, 5, tzinfo=shanghai)
    assert words.moment(at) == "12 Nov 2026, 22:05 UTC"
    assert words.day(at) == "12 November 2026"
    assert words.iso(datetime(2026, 11, 12, tzinfo=UTC)) == "2026-11-12"


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        (Condition(), ""),
        (Condition(above_tokens=200_000), "above 200,000 input tokens"),
        (Condition(tier="batch"), "batch"),
        (Condition(tier="provisioned_hourly"), "provisioned hourly"),
        (Condition(region="eu"), "EU region"),
        (Condition(region="global"), "global"),
        (Condition(region="us-east-1"), "region us-east-1"),
        (
            Condition(tier="flex", region="us", above_tokens=8),
            "flex, US region, above 8 input tokens",
        ),
        (
            Condition(named=(("size", "1024x1024"), ("image_quality", "high"))),
            "image quality high, size 1024x1024",
        ),
    ],
)
def test_a_condition_reads_in_words(condition: Condition, shown: str) -> None:
    assert words.condition_words(condition) == shown


@pytest.mark.parametrize(
    ("ranges", "shown"),
    [
        (weekly(range(5), 0, 60), "Mon–Fri 00:00–01:00 UTC"),
        (weekly(range(7), 990, 1440), "daily 16:30–24:00 UTC"),
        (weekly(range(5, 7), 0, 1440), "Sat–Sun all day UTC"),
        (((0, 120), (1440, 1560), (4320, 4440)), "Mon–Tue, Thu 00:00–02:00 UTC"),
        (((540, 720), (840, 1080)), "Mon 09:00–12:00 and 14:00–18:00 UTC"),
        (((6840, 10080),), "Fri 18:00–Mon 00:00 UTC"),
        # Every night from 22:00 to 02:00: cut at the week's end only.
        (
            ((0, 120), *weekly(range(6), 1320, 1560), (9960, 10080)),
            "daily 22:00–02:00 UTC",
        ),
    ],
)
def test_a_schedule_reads_as_days_and_hours(
    ranges: tuple[tuple[int, int], ...], shown: str
) -> None:
    assert words.schedule_words(Schedule("UTC", ranges)) == shown


def test_a_schedule_names_its_zone() -> None:
    schedule = Schedule("Asia/Shanghai", weekly(range(5), 30, 510))
    assert words.schedule_words(schedule) == "Mon–Fri 00:30–08:30 Asia/Shanghai"


def test_lists_read_as_sentences() -> None:
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"


def test_padding_brings_a_column_onto_one_point() -> None:
    assert pads([D("0.15"), D("0.6"), D("0.09375"), None]) == [3, 3, 0, 3]
    assert pads([D(1), None]) == [0, 0]
    assert pads([]) == []


def test_one_absurdly_long_amount_does_not_part_the_others() -> None:
    assert pads([D("0.0000000001"), D("0.15"), D("0.075")]) == [0, 5, 4]


def test_hours_are_said_in_the_fewer_words():
    peak = [(day * 1440 + 60, day * 1440 + 240) for day in range(5)]
    rest = tuple(
        zip([0, *(end for _, end in peak)], [*(start for start, _ in peak), 10080], strict=True)
    )
    assert words.schedule_words(Schedule("UTC", tuple(peak))) == "Mon–Fri 01:00–04:00 UTC"
    assert words.schedule_words(Schedule("UTC", rest)) == "outside Mon–Fri 01:00–04:00 UTC"
    assert words.schedule_words(Schedule("UTC", ((0, 10080),))) == "daily all day UTC"


def test_times_of_the_week_read_by_day():
    times = [60, 240, 1500, 1680, 4380, 4560, 8640]
    assert words.week_times(times) == "Mon–Tue, Thu at 01:00 and 04:00; Sun at 00:00"
    assert words.week_times(range(60, 10080, 1440)) == "daily at 01:00"
