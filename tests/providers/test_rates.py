"""Exchange rates: exact conversion through the euro, and what is refused with which words."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import ecb
from providers.facts import BadFact
from providers.rates import CURRENCIES, ECB, EDITOR, Rate, convert

DAY = date(2026, 10, 30)
TODAY = date(2026, 11, 14)
RATES = {
    "USD": Rate("USD", Decimal("1.1172"), DAY, ECB),
    "CNY": Rate("CNY", Decimal("7.4326"), DAY, ECB),
}
AMOUNTS = st.decimals(min_value=Decimal("0.0001"), max_value=10**6, places=4)
PER_EURO = st.decimals(min_value=Decimal("0.01"), max_value=10**5, places=4)


def test_an_amount_goes_through_the_euro_and_names_its_rate():
    found = convert(Decimal(1), "CNY", "USD", RATES)
    assert abs(found.amount * Decimal("7.4326") - Decimal("1.1172")) < Decimal("1e-20")
    assert round(found.rate, 4) == Decimal("6.6529")  # CNY for one USD
    assert (found.day, found.by) == (DAY, "ECB")


def test_the_euro_needs_no_rate_of_its_own():
    assert convert(Decimal(2), "EUR", "USD", RATES).amount == Decimal("2.2344")
    assert convert(Decimal("7.4326"), "CNY", "EUR", RATES).amount == 1


@given(AMOUNTS, PER_EURO, PER_EURO)
def test_there_and_back_is_the_same_amount(amount, first, second):
    rates = {
        "CNY": Rate("CNY", first, DAY, ECB),
        "USD": Rate("USD", second, DAY, ECB),
    }
    there = convert(amount, "CNY", "USD", rates)
    back = convert(there.amount, "USD", "CNY", rates)
    assert abs(back.amount - amount) < Decimal("1e-40")
    assert abs(there.rate * back.rate - 1) < Decimal("1e-40")


def test_without_a_rate_nothing_is_converted():
    assert convert(Decimal(1), "JPY", "USD", RATES) is None
    assert convert(Decimal(1), "CNY", "JPY", RATES) is None
    assert convert(Decimal(1), "USD", "USD", RATES) is None, "no conversion at all"


def test_of_two_days_the_older_is_named_and_both_sources():
    rates = RATES | {"CNY": Rate("CNY", Decimal(7), date(2026, 11, 2), EDITOR)}
    found = convert(Decimal(1), "CNY", "USD", rates)
    assert (found.day, found.by) == (DAY, "ECB and an editor")


@pytest.mark.parametrize(
    ("currency", "per_euro", "said"),
    [
        ("XYZ", "1", "ISO 4217"),
        ("cny", "1", "ISO 4217"),
        ("EUR", "1", "leave EUR out"),
        ("CNY", "0", "above 0"),
        ("CNY", "-7", "above 0"),
        ("CNY", "NaN", "above 0"),
        ("CNY", "Infinity", "above 0"),
        ("CNY", "1e12", "absurd"),
        ("CNY", "1e-10", "absurd"),
        ("CNY", "7.12345678901", "at most 10 decimals"),
    ],
)
def test_what_is_no_rate_is_refused(currency, per_euro, said):
    with pytest.raises(BadFact, match=said):
        Rate(currency, Decimal(per_euro), DAY, EDITOR)


def test_currencies_are_codes_of_three_letters():
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    assert {"USD", "EUR", "CNY", "INR", "KRW"} <= CURRENCIES


# -- the file -------------------------------------------------------------------------------------

HISTORY = """Date,USD,CYP,CNY,
2026-10-30,1.1172,N/A,7.4326,
2026-10-29,1.113,N/A,7.4144,
"""
ONE_DAY = """Date, USD, CNY,
30 October 2026, 1.1172, 7.4326,
"""


def read(text: str) -> ecb.Read:
    return ecb.read(text.splitlines(), today=TODAY)


def test_both_forms_of_the_file_are_read():
    history, one_day = read(HISTORY), read(ONE_DAY)
    assert history.faults == one_day.faults == ()
    assert len(history.rates) == 4
    assert set(one_day.rates) == set(RATES.values())
    assert set(one_day.rates) < set(history.rates)


def test_every_fault_is_told_by_line():
    found = read(
        "Date,USD,XYZ,USD,CNY\n"
        "2026-10-30,1.1,1,1.1,7.4\n"
        "2026-13-01,1.1,1,1.1,7.4\n"
        "2026-10-30,1.1,1,1.1,7.4\n"
        "2027-01-01,1.1,N/A,N/A,7.4\n"
        "2026-10-28,0,N/A,N/A,seven\n"
        "2026-10-27,-1,N/A,N/A,7.4\n"
        "\n"
    )
    said = [str(fault) for fault in found.faults]
    for line, words in (
        (1, "'XYZ' is not a currency in use"),
        (1, "USD stands twice"),
        (3, "'2026-13-01' is not a day"),
        (4, "2026-10-30 stands in line 2 too"),
        (5, "2027-01-01 has not come"),
        (6, "USD: a rate of 0"),
        (6, "CNY: 'seven' is not a rate"),
        (7, "USD: a rate of -1"),
    ):
        assert any(text.startswith(f"line {line}: ") and words in text for text in said), words


@pytest.mark.parametrize("text", ["", "<html>", "USD,1.1\n", "Date,USD\n"])
def test_what_is_no_such_file_is_refused(text):
    found = read(text)
    assert found.rates == ()
    assert found.faults
